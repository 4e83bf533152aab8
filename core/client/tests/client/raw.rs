// SPDX-License-Identifier: Apache-2.0

//! The raw connections.

use std::time::Duration;

use mesos_client::{
    ErrorKind, MasterDetector,
    raw::{Connection, Peer, SchedulerConnection, SchedulerProtocol},
    v0::CallbackResult,
    v1::scheduler::{Call, Event, call, event},
};
use prost::Message;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::spawn_blocking,
    time::timeout,
};

use crate::fake_server::FakeServer;

struct Recorder(UnboundedSender<String>);

impl Peer<SchedulerProtocol> for Recorder {
    fn connected(&mut self, connection: &Connection<SchedulerProtocol>) -> CallbackResult {
        let _ = self.0.send("connected".into());
        let subscribe = of(call::Type::Subscribe);
        connection.send(subscribe).expect("the connection is there");
        Ok(())
    }

    fn disconnected(&mut self, _: &Connection<SchedulerProtocol>) -> CallbackResult {
        let _ = self.0.send("disconnected".into());
        Ok(())
    }

    fn received(
        &mut self,
        _: &Connection<SchedulerProtocol>,
        events: Vec<Event>,
    ) -> CallbackResult {
        for event in events {
            let _ = self.0.send(event.r#type().as_str_name().into());
        }
        Ok(())
    }
}

fn of(kind: call::Type) -> Call {
    Call { r#type: Some(kind.into()), ..Default::default() }
}

async fn next(hearing: &mut UnboundedReceiver<String>) -> String {
    timeout(Duration::from_secs(20), hearing.recv())
        .await
        .expect("a callback comes in time")
        .expect("the peer is there")
}

#[tokio::test]
async fn calls_and_events_pass_through_and_a_lost_connection_is_opened_anew() {
    let mut server = FakeServer::start().await;
    let (heard, mut hearing) = unbounded_channel();
    let builder = SchedulerConnection::builder(&server.address).unwrap();
    let connection = builder.credential("me", "pass").open(Recorder(heard)).unwrap();
    assert_eq!(next(&mut hearing).await, "connected");
    let request = server.request().await;
    assert_eq!(request.header("authorization"), Some("Basic bWU6cGFzcw=="));
    let headers = [("Content-Type", "application/x-protobuf"), ("Mesos-Stream-Id", "s")];
    let stream = request.stream(&headers);
    let heartbeat = Event { r#type: Some(event::Type::Heartbeat.into()), ..Default::default() };
    stream.send(&heartbeat.encode_to_vec());
    assert_eq!(next(&mut hearing).await, "HEARTBEAT");

    let calling = connection.clone();
    let kill = spawn_blocking(move || calling.call(of(call::Type::Kill)));
    let request = server.request().await;
    assert_eq!(request.header("mesos-stream-id"), Some("s"));
    request.respond(400, &[], "why");
    let answer = kill.await.unwrap().unwrap();
    assert_eq!((answer.status, &answer.body[..]), (400, &b"why"[..]));

    let calling = connection.clone();
    let reconcile = of(call::Type::ReconcileOperations);
    let reconcile = spawn_blocking(move || calling.call(reconcile));
    server.request().await.respond_bytes(200, b"\x0a\x02\xff\xfe");
    let answer = reconcile.await.unwrap().unwrap();
    assert_eq!((answer.status, &answer.body[..]), (200, &b"\x0a\x02\xff\xfe"[..]));

    stream.hang_up();
    assert_eq!(next(&mut hearing).await, "disconnected");
    assert_eq!(next(&mut hearing).await, "connected");
    let refused = server.request().await;
    refused.respond(400, &[], "no such framework");
    assert_eq!(next(&mut hearing).await, "ERROR");
    assert_eq!(next(&mut hearing).await, "disconnected");
    let garbage = connection.send_serialized(b"\xff").unwrap_err();
    assert_eq!(garbage.kind, ErrorKind::InvalidCall);

    spawn_blocking(move || {
        connection.close();
        let error = connection.send(of(call::Type::Kill)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Stopped);
    })
    .await
    .unwrap();
    while let Some(heard) = hearing.recv().await {
        assert!(["connected", "disconnected"].contains(&heard.as_str()), "{heard}");
    }
}

#[tokio::test]
async fn a_master_with_a_known_address_is_detected_once() {
    let (heard, mut hearing) = unbounded_channel();
    let detector = MasterDetector::open("10.1.2.3:5050", move |master| {
        let master = master.expect("it is known");
        let address = master.address.as_ref().unwrap();
        let _ = heard.send(format!("{} {}", master.pid(), address.ip()));
        Ok(())
    });
    assert_eq!(next(&mut hearing).await, "master@10.1.2.3:5050 10.1.2.3");
    spawn_blocking(move || drop(detector)).await.unwrap();
    assert_eq!(hearing.recv().await, None);
}

#[tokio::test]
async fn a_detection_that_fails_is_not_tried_again_and_says_why() {
    let (heard, mut hearing) = unbounded_channel();
    let detector = MasterDetector::open("10.1.2.3:5050", move |_| {
        let _ = heard.send("detected".to_owned());
        panic!("I do not like masters");
    })
    .unwrap();
    assert_eq!(next(&mut hearing).await, "detected");
    assert_eq!(hearing.recv().await, None);
    spawn_blocking(move || {
        detector.close();
        assert!(detector.failure().unwrap().contains("I do not like masters"));
    })
    .await
    .unwrap();
}
