// SPDX-License-Identifier: Apache-2.0

//! The scheduler API on the level of HTTP, and a scheduler for other tests.

use bytes::Bytes;
use http::{Method, StatusCode};
use mesos_core::recordio::Decoder;
use mesos_net::client::{Connection, Response};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::daemon::{Answer, Daemon, PATIENCE, header_list};

const PATH: &str = "/api/v1/scheduler";

/// A scheduler with its stream.
pub struct Scheduler {
    pub framework_id: String,
    pub stream_id: String,
    pub subscribed: Value,
    _connection: Connection,
    response: Response,
    decoder: Decoder,
}

impl Scheduler {
    pub async fn subscribe(master: &Daemon, framework_info: Value) -> Self {
        let call = json!({
            "type": "SUBSCRIBE",
            "framework_id": framework_info.get("id"),
            "subscribe": {"framework_info": framework_info},
        });
        let headers =
            header_list(&[("content-type", "application/json"), ("accept", "application/json")]);
        let mut connection = master.connect().await;
        let sent = connection.post(PATH, &headers, Bytes::from(call.to_string()));
        let response = timeout(PATIENCE, sent).await.expect("in time").expect("an answer");
        assert_eq!(response.status, StatusCode::OK);
        assert_eq!(response.header("content-type"), Some("application/json"));
        assert_eq!(response.header("transfer-encoding"), Some("chunked"));
        let stream_id = response.header("mesos-stream-id").expect("a stream id").to_owned();
        let mut scheduler = Scheduler {
            framework_id: String::new(),
            stream_id,
            subscribed: Value::Null,
            _connection: connection,
            response,
            decoder: Decoder::new(64 << 20),
        };
        scheduler.subscribed = scheduler.next().await;
        if let Some(id) = scheduler.subscribed["subscribed"]["framework_id"]["value"].as_str() {
            scheduler.framework_id = id.to_owned();
        }
        scheduler
    }

    /// A scheduler of a plain framework.
    pub async fn plain(master: &Daemon) -> Self {
        Scheduler::subscribe(master, json!({"user": "root", "name": "golden"})).await
    }

    /// The next event; panics at the end of the stream.
    pub async fn next(&mut self) -> Value {
        self.next_or_end().await.expect("an event")
    }

    /// The next event, or `None` at the end of the stream.
    pub async fn next_or_end(&mut self) -> Option<Value> {
        loop {
            if let Some(record) = self.decoder.next_record().expect("RecordIO") {
                return Some(serde_json::from_slice(&record).expect("JSON"));
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.expect("data in time");
            self.decoder.feed(&chunk.expect("data")?);
        }
    }

    /// The next event of a type; others are skipped.
    pub async fn expect(&mut self, kind: &str) -> Value {
        loop {
            let event = self.next().await;
            if event["type"] == kind {
                return event;
            }
        }
    }

    /// Makes a call and gives its answer.
    pub async fn call(&self, master: &Daemon, kind: &str, part: Value) -> Answer {
        let name = kind.to_ascii_lowercase();
        let body = json!({
            "framework_id": {"value": self.framework_id},
            "type": kind,
            name: part,
        });
        let headers =
            [("content-type", "application/json"), ("mesos-stream-id", self.stream_id.as_str())];
        master.send(Method::POST, PATH, &headers, body.to_string().into()).await
    }
}

#[tokio::test]
async fn a_subscription_starts_with_subscribed_and_a_heartbeat() {
    let master = Daemon::start().await;
    let mut scheduler = Scheduler::plain(&master).await;
    let subscribed = &scheduler.subscribed["subscribed"];
    assert_eq!(scheduler.framework_id, format!("{}-0000", master.id));
    assert_eq!(subscribed["heartbeat_interval_seconds"], 15.0);
    let info = &subscribed["master_info"];
    assert_eq!(info["pid"], format!("master@{}", master.address));
    assert_eq!(info["ip"], 16_777_343);
    let capabilities = json!([{"type": "AGENT_UPDATE"}, {"type": "AGENT_DRAINING"}, {}]);
    assert_eq!(info["capabilities"], capabilities);
    assert_eq!(scheduler.next().await, json!({"type": "HEARTBEAT"}));
    let revived = scheduler.call(&master, "REVIVE", json!({})).await;
    assert_eq!((revived.status, revived.text()), (StatusCode::ACCEPTED, ""));
    assert!(!revived.headers.contains_key("content-type"));
    master.stop().await;
}

#[tokio::test]
async fn a_refused_subscription_is_an_error_event_and_the_end() {
    let master = Daemon::start().await;
    let info = json!({"user": "root", "name": "golden", "role": "a b"});
    let mut scheduler = Scheduler::subscribe(&master, info).await;
    assert_eq!(scheduler.subscribed["type"], "ERROR");
    assert_eq!(scheduler.next_or_end().await, None);
}

#[tokio::test]
async fn the_older_stream_of_a_framework_ends() {
    let master = Daemon::start().await;
    let mut first = Scheduler::plain(&master).await;
    let info = json!({
        "user": "root",
        "name": "golden",
        "id": {"value": first.framework_id},
    });
    let second = Scheduler::subscribe(&master, info).await;
    assert_eq!(second.framework_id, first.framework_id);
    let error = first.expect("ERROR").await;
    assert_eq!(error["error"]["message"], "Framework failed over");
    assert_eq!(first.next_or_end().await, None);
    let stale = first.call(&master, "REVIVE", json!({})).await;
    assert_eq!(stale.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_framework_whose_client_goes_away_is_disconnected() {
    let master = Daemon::start().await;
    let info = json!({"user": "root", "name": "golden", "failover_timeout": 1000.0});
    let scheduler = Scheduler::subscribe(&master, info).await;
    drop(scheduler);
    let state =
        master.wait_for("/state", |state| state["frameworks"][0]["connected"] == false).await;
    assert_eq!(state["frameworks"][0]["active"], false);
}

#[tokio::test]
async fn malformed_calls_get_mesos_status_and_text() {
    let master = Daemon::start().await;
    let json = [("content-type", "application/json")];
    let post = async |headers: &[(&'static str, &str)], body: &'static str| {
        let answer = master.send(Method::POST, PATH, headers, Bytes::from(body)).await;
        (answer.status.as_u16(), answer.text().to_owned())
    };
    let subscribe =
        r#"{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"x"}}}"#;
    let expected = [
        (post(&[], subscribe).await, 400, "Expecting 'Content-Type' to be present"),
        (
            post(&[("content-type", "application/json; charset=utf-8")], subscribe).await,
            415,
            "Expecting 'Content-Type' of application/json or application/x-protobuf",
        ),
        (
            post(&[("content-type", "application/json"), ("accept", "text/html")], subscribe).await,
            406,
            "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'",
        ),
        (
            post(&[("content-type", "application/json"), ("mesos-stream-id", "")], subscribe).await,
            400,
            "Subscribe calls should not include the 'Mesos-Stream-Id' header",
        ),
        (
            post(&json, "").await,
            400,
            "Failed to parse body into JSON: syntax error at line 1 near: ",
        ),
        (
            post(&json, "{}").await,
            400,
            "Failed to validate scheduler::Call: Expecting 'type' to be present",
        ),
        (
            post(&json, r#"{"type":"KILL","framework_id":{"value":"x"}}"#).await,
            400,
            "Failed to validate scheduler::Call: Expecting 'kill' to be present",
        ),
        (
            post(&json, r#"{"type":"REVIVE","framework_id":{"value":"x"}}"#).await,
            400,
            "Framework cannot be found",
        ),
        (
            post(&[("content-type", "application/x-protobuf")], "{").await,
            400,
            "Failed to parse body into Call protobuf",
        ),
    ];
    for ((status, text), expected_status, expected_text) in expected {
        assert_eq!((status, text.as_str()), (expected_status, expected_text));
    }
    let got = master.get("/master/api/v1/scheduler/below").await;
    assert_eq!(got.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(got.headers["allow"], "POST");
}
