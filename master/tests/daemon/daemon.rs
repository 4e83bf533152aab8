// SPDX-License-Identifier: Apache-2.0

//! Starts masters and asks them things.

use std::{fs, net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use mesos_flags::{Loaded, Source};
use mesos_master::{MasterFlags, RunError};
use mesos_net::client::{Connection, Tls};
use serde_json::Value;
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};

/// Longer than anything takes; only a failing test waits this long.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A master that runs until it is dropped or stopped.
pub struct Daemon {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its id.
    pub id: String,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), RunError>>,
}

/// What a request was answered.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }
}

pub fn flags(arguments: &[&str]) -> MasterFlags {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let loaded = mesos_flags::load(&Source {
        program: "mesos-master",
        arguments: &arguments,
        environment: &[],
        prefix: "MESOS_",
        read_file: &|path| fs::read_to_string(path),
    });
    match loaded.expect("valid flags") {
        Loaded::Flags(flags, _) => flags,
        Loaded::Help(_) | Loaded::Version => panic!("no flags"),
    }
}

impl Daemon {
    /// Starts a master that keeps its registry in memory.
    pub async fn start() -> Self {
        Daemon::with(&["--registry=in_memory"]).await
    }

    /// Starts a master on a free port with more flags.
    pub async fn with(arguments: &[&str]) -> Self {
        let mut all = vec!["--ip=127.0.0.1", "--port=0", "--hostname=127.0.0.1"];
        all.extend(arguments);
        let running = mesos_master::start(flags(&all)).await.expect("a master");
        let (address, id) = (running.address, running.master_id.clone());
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(running.run(async {
            let _ = stopped.await;
        }));
        Daemon { address, id, stop, task }
    }

    /// Ends the master and waits for it.
    pub async fn stop(self) {
        self.stop.send(()).expect("still running");
        let ended = timeout(PATIENCE, self.task).await.expect("ended in time");
        ended.expect("no panic").expect("a clean end");
    }

    pub async fn connect(&self) -> Connection {
        let endpoint = self.address.to_string().parse().expect("an endpoint");
        Connection::open(&endpoint, &Tls::none(), PATIENCE).await.expect("connected")
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    /// Posts JSON and takes JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        let headers = [("content-type", "application/json"), ("accept", "application/json")];
        self.send(Method::POST, path, &headers, body.to_string().into()).await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Bytes,
    ) -> Answer {
        let headers = header_list(headers);
        let mut connection = self.connect().await;
        let sent = timeout(PATIENCE, connection.send(method, path, &headers, body)).await;
        let response = sent.expect("an answer in time").expect("an answer");
        let (status, headers) = (response.status, response.headers.clone());
        let body = response.bytes(64 << 20).await.expect("a body");
        Answer { status, headers, body }
    }

    /// Asks for a path until the answer satisfies a condition.
    pub async fn wait_for(&self, path: &str, condition: impl Fn(&Value) -> bool) -> Value {
        let asking = async {
            loop {
                let json = self.get(path).await.json();
                if condition(&json) {
                    return json;
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, asking).await.expect("the condition in time")
    }
}

pub fn header_list(headers: &[(&'static str, &str)]) -> Vec<(HeaderName, HeaderValue)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = HeaderValue::from_str(value).expect("a header value");
            (HeaderName::from_static(name), value)
        })
        .collect()
}
