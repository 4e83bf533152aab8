// SPDX-License-Identifier: Apache-2.0

//! An agent that is nothing but its end of the wire.

use std::net::SocketAddr;

use http::StatusCode;
use mesos_core::resources::Resources;
use mesos_master::VERSION;
use mesos_net::{Reply, Request, Server, Settings};
use mesos_proto::{Described, internal, v1};
use mesos_wire::{Envelope, Incoming, Peers, Upid, WireMessage, classify};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::daemon::{Daemon, PATIENCE};

/// A message that the master sent.
#[derive(Debug)]
pub struct Received {
    pub envelope: Envelope,
    pub body: bytes::Bytes,
}

/// Sends and receives messages as `slave(1)`.
pub struct Agent {
    pub upid: Upid,
    master: Upid,
    peers: Peers,
    received: mpsc::UnboundedReceiver<Received>,
    /// The server ends, with its connections, when this is dropped.
    _server: oneshot::Sender<()>,
}

impl Agent {
    /// Listens on a free port; the master hears nothing of it yet.
    pub async fn start(master: &Daemon) -> Self {
        let loopback: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let server = Server::bind(loopback, Settings::default()).expect("a free port");
        let upid = Upid::new("slave(1)", server.address());
        let (arrived, received) = mpsc::unbounded_channel();
        let handler = move |request: Request| {
            let arrived = arrived.clone();
            async move {
                let found = classify(&request.method, &request.path, &request.headers);
                if let Incoming::Message(envelope) = found {
                    let _ = arrived.send(Received { envelope, body: request.body });
                }
                Reply::empty(StatusCode::ACCEPTED)
            }
        };
        let (running, dropped) = oneshot::channel::<()>();
        tokio::spawn(server.serve(handler, async {
            let _ = dropped.await;
        }));
        let (broken, _) = mpsc::channel(1);
        Agent {
            upid,
            master: Upid::new("master", master.address),
            peers: Peers::new(mesos_wire::Settings::default(), broken),
            received,
            _server: running,
        }
    }

    /// Starts an agent and waits until it is registered; gives its id too.
    pub async fn registered(master: &Daemon) -> (Self, String) {
        let mut agent = Agent::start(master).await;
        agent.send(&agent.registration());
        let answer: internal::SlaveRegisteredMessage = agent.expect().await;
        let id = answer.agent_id.value;
        agent.send(&internal::UpdateSlaveMessage {
            agent_id: v1::AgentId { value: id.clone() },
            update_oversubscribed_resources: Some(false),
            ..Default::default()
        });
        (agent, id)
    }

    pub fn info(&self) -> v1::AgentInfo {
        let resources = "cpus:4;mem:4096;disk:10240;ports:[31000-32000]";
        v1::AgentInfo {
            hostname: "127.0.0.1".to_owned(),
            port: Some(i32::from(self.upid.address.port())),
            resources: Resources::parse(resources, "*").expect("resources").to_proto(),
            attributes: mesos_core::attributes::parse("rack:r1;size:4").expect("attributes"),
            ..Default::default()
        }
    }

    pub fn registration(&self) -> internal::RegisterSlaveMessage {
        use v1::agent_info::{Capability, capability::Type};
        let capabilities = [Type::MultiRole, Type::HierarchicalRole, Type::ReservationRefinement];
        internal::RegisterSlaveMessage {
            agent: self.info(),
            version: Some(VERSION.to_owned()),
            agent_capabilities: capabilities
                .map(|one| Capability { r#type: Some(one.into()) })
                .to_vec(),
            ..Default::default()
        }
    }

    pub fn send<M: WireMessage>(&self, message: &M) {
        self.peers.send(&self.upid, &self.master, message).expect("room");
    }

    /// The next message of a kind; pings are answered, others skipped.
    pub async fn expect<M: WireMessage + Described>(&mut self) -> M {
        let waiting = async {
            loop {
                let received = self.received.recv().await.expect("still listening");
                if received.envelope.name == M::NAME {
                    return mesos_proto::decode(&received.body).expect("a valid message");
                }
            }
        };
        let found = timeout(PATIENCE, waiting).await;
        found.unwrap_or_else(|_| panic!("no {} in time", M::NAME))
    }

    /// The next message, whatever it is.
    pub async fn next(&mut self) -> Received {
        let next = timeout(PATIENCE, self.received.recv()).await;
        next.expect("a message in time").expect("still listening")
    }

    /// Reports a status of a task.
    pub fn update(&self, framework_id: &str, agent_id: &str, task_id: &str, state: v1::TaskState) {
        let uuid = bytes::Bytes::copy_from_slice(uuid::Uuid::new_v4().as_bytes());
        let agent_id = v1::AgentId { value: agent_id.to_owned() };
        let status = v1::TaskStatus {
            task_id: v1::TaskId { value: task_id.to_owned() },
            state: state.into(),
            agent_id: Some(agent_id.clone()),
            timestamp: Some(1_795_402_646.5),
            uuid: Some(uuid.clone()),
            source: Some(v1::task_status::Source::Executor.into()),
            ..Default::default()
        };
        self.send(&internal::StatusUpdateMessage {
            update: internal::StatusUpdate {
                framework_id: v1::FrameworkId { value: framework_id.to_owned() },
                agent_id: Some(agent_id),
                status,
                timestamp: 1_795_402_646.5,
                uuid: Some(uuid),
                latest_state: Some(state.into()),
                ..Default::default()
            },
            pid: Some(self.upid.to_string()),
        });
    }
}
