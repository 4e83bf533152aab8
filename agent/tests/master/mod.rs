// SPDX-License-Identifier: Apache-2.0

//! A master that does what a test says, on the real wire.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::{collections::VecDeque, net::SocketAddr, sync::Arc, time::Duration};

use http::{Method, StatusCode};
use mesos_net::{
    Reply, Request, Server, Settings,
    client::{Connection, Endpoint, Tls},
};
use mesos_proto::{
    internal::{
        PingSlaveMessage, RegisterSlaveMessage, ReregisterSlaveMessage, RunTaskMessage,
        SlaveRegisteredMessage, SlaveReregisteredMessage, StatusUpdateAcknowledgementMessage,
        StatusUpdateMessage,
    },
    v1::{
        AgentId, CommandInfo, FrameworkId, FrameworkInfo, Resource, TaskId, TaskInfo, TaskStatus,
        value,
    },
};
use mesos_wire::{Envelope, Incoming, Peers, Upid, WireMessage, classify};
use tokio::sync::mpsc;

pub const DEADLINE: Duration = Duration::from_secs(30);
pub const FRAMEWORK: &str = "framework-1";
pub const AGENT: &str = "agent-S0";

pub struct Master {
    pub address: SocketAddr,
    pub pid: Upid,
    peers: Peers,
    /// Held while messages are not to be read.
    gate: Arc<tokio::sync::RwLock<()>>,
    closed: Option<tokio::sync::OwnedRwLockWriteGuard<()>>,
    messages: mpsc::UnboundedReceiver<(Envelope, bytes::Bytes)>,
    seen: VecDeque<(Envelope, bytes::Bytes)>,
}

impl Master {
    pub async fn start() -> Master {
        let server = Server::bind("127.0.0.1:0".parse().unwrap(), Settings::default()).unwrap();
        let address = server.address();
        let (sender, messages) = mpsc::unbounded_channel();
        let sender = Arc::new(sender);
        let gate = Arc::new(tokio::sync::RwLock::new(()));
        let open = gate.clone();
        let take = move |request: Request| {
            let (sender, open) = (sender.clone(), open.clone());
            async move {
                // A connection's next request is not read before this one is answered.
                let _open = open.read().await;
                match classify(&request.method, &request.path, &request.headers) {
                    Incoming::Message(envelope) => {
                        let _ = sender.send((envelope, request.body));
                        Reply::empty(StatusCode::ACCEPTED)
                    }
                    Incoming::Malformed(_) | Incoming::NotAMessage => Reply::not_found(),
                }
            }
        };
        tokio::spawn(server.serve(take, std::future::pending()));
        let (broken, _) = mpsc::channel(16);
        let peers = Peers::new(mesos_wire::Settings::default(), broken);
        let pid = Upid::new("master", address);
        Master { address, pid, peers, gate, closed: None, messages, seen: VecDeque::new() }
    }

    /// The next message of this kind, and its sender; others wait for their turn.
    pub async fn expect<M: WireMessage + mesos_proto::Described>(&mut self) -> (Upid, M) {
        let is_wanted = |one: &(Envelope, bytes::Bytes)| one.0.name == M::NAME;
        let (envelope, body) = loop {
            if let Some(index) = self.seen.iter().position(is_wanted) {
                break self.seen.remove(index).unwrap();
            }
            let message = tokio::time::timeout(DEADLINE, self.messages.recv()).await;
            let message = message.unwrap_or_else(|_| panic!("no {} came", M::NAME));
            self.seen.push_back(message.unwrap());
        };
        (envelope.from.unwrap(), mesos_proto::decode(&body).unwrap())
    }

    /// Reads nothing any more from now on.
    pub async fn stop_reading(&mut self) {
        self.closed = Some(self.gate.clone().write_owned().await);
    }

    /// Reads all that has come meanwhile.
    pub fn go_on_reading(&mut self) {
        self.closed = None;
    }

    /// Whether a message of this name has come that nobody asked for.
    pub fn has_seen(&mut self, name: &str) -> bool {
        while let Ok(message) = self.messages.try_recv() {
            self.seen.push_back(message);
        }
        self.seen.iter().any(|(envelope, _)| envelope.name == name)
    }

    pub fn send<M: WireMessage>(&self, to: &Upid, message: &M) {
        self.peers.send(&self.pid, to, message).unwrap();
    }

    fn ping(&self, to: &Upid) {
        let observer = Upid::new("slave-observer(1)", self.address);
        self.peers.send(&observer, to, &PingSlaveMessage { connected: true }).unwrap();
    }

    /// Takes an agent in, and returns where it is.
    pub async fn register(&mut self) -> Upid {
        let (agent, _) = self.expect::<RegisterSlaveMessage>().await;
        let agent_id = AgentId { value: AGENT.to_owned() };
        self.send(
            &agent,
            &SlaveRegisteredMessage {
                agent_id,
                connection: Some(mesos_proto::internal::MasterSlaveConnection {
                    total_ping_timeout_seconds: Some(75.0),
                }),
            },
        );
        self.ping(&agent);
        agent
    }

    /// Takes an agent back that has been here before.
    pub async fn reregister(&mut self) -> (Upid, ReregisterSlaveMessage) {
        let (agent, message) = self.expect::<ReregisterSlaveMessage>().await;
        self.send(
            &agent,
            &SlaveReregisteredMessage {
                agent_id: AgentId { value: AGENT.to_owned() },
                ..SlaveReregisteredMessage::default()
            },
        );
        self.ping(&agent);
        (agent, message)
    }

    pub fn run_task(&self, agent: &Upid, framework: FrameworkInfo, task: TaskInfo) {
        self.send(
            agent,
            &RunTaskMessage {
                framework,
                task,
                pid: Some("@0.0.0.0:0".to_owned()),
                ..RunTaskMessage::default()
            },
        );
    }

    /// The next status of a task, acknowledged.
    pub async fn status(&mut self, agent: &Upid) -> TaskStatus {
        self.status_of(FRAMEWORK, agent).await
    }

    /// The next status of a task of a framework, acknowledged; those of others are left alone.
    pub async fn status_of(&mut self, framework: &str, agent: &Upid) -> TaskStatus {
        let update = loop {
            let (_, message) = self.expect::<StatusUpdateMessage>().await;
            if message.update.framework_id.value == framework {
                break message.update;
            }
        };
        let status = update.status;
        self.send(
            agent,
            &StatusUpdateAcknowledgementMessage {
                agent_id: AgentId { value: AGENT.to_owned() },
                framework_id: update.framework_id,
                task_id: status.task_id.clone(),
                uuid: status.uuid.clone().expect("updates of an agent carry a uuid"),
            },
        );
        status
    }
}

pub fn framework(checkpoint: bool) -> FrameworkInfo {
    FrameworkInfo {
        user: "root".to_owned(),
        name: "test".to_owned(),
        id: Some(FrameworkId { value: FRAMEWORK.to_owned() }),
        checkpoint: Some(checkpoint),
        ..FrameworkInfo::default()
    }
}

pub fn resource(name: &str, amount: f64) -> Resource {
    Resource {
        name: name.to_owned(),
        scalar: Some(value::Scalar { value: amount }),
        allocation_info: Some(mesos_proto::v1::resource::AllocationInfo {
            role: Some("*".to_owned()),
        }),
        ..Resource::default()
    }
}

pub fn task(id: &str, script: &str) -> TaskInfo {
    TaskInfo {
        name: "test-task".to_owned(),
        task_id: TaskId { value: id.to_owned() },
        agent_id: AgentId { value: AGENT.to_owned() },
        resources: vec![resource("cpus", 0.1), resource("mem", 32.0)],
        command: Some(CommandInfo { value: Some(script.to_owned()), ..CommandInfo::default() }),
        ..TaskInfo::default()
    }
}

/// An answer's status and body.
pub async fn request(
    address: SocketAddr,
    method: Method,
    path: &str,
    headers: &[(http::HeaderName, http::HeaderValue)],
    body: &'static str,
) -> (StatusCode, String) {
    let endpoint: Endpoint = address.to_string().parse().unwrap();
    let mut connection = Connection::open(&endpoint, &Tls::none(), DEADLINE).await.unwrap();
    let answer = connection.send(method, path, headers, body.into()).await.unwrap();
    let status = answer.status;
    let body = answer.bytes(16 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

pub async fn get(address: SocketAddr, path: &str) -> serde_json::Value {
    let (status, body) = request(address, Method::GET, path, &[], "").await;
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}
