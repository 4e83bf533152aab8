// SPDX-License-Identifier: Apache-2.0

//! A simulated agent: on the real wire, but its tasks do nothing.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use anyhow::{Context, Result};
use http::StatusCode;
use mesos_integration::until;
use mesos_net::{Reply, Request, Server, Settings};
use mesos_proto::{
    internal::{
        PongSlaveMessage, RegisterSlaveMessage, ReregisterSlaveMessage, RunTaskMessage,
        ShutdownMessage, SlaveRegisteredMessage, SlaveReregisteredMessage, StatusUpdate,
        StatusUpdateAcknowledgementMessage, StatusUpdateMessage, UnregisterSlaveMessage,
    },
    v1::{AgentId, AgentInfo, Resource, TaskState, TaskStatus, agent_info, task_status, value},
};
use mesos_wire::{Incoming, Peers, Upid, WireMessage, classify};
use prost::Message;
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
};

/// An agent that serves its port until it is dropped.
pub struct Agent {
    /// Its process.
    pub upid: Upid,
    /// The master's process.
    pub master: Upid,
    /// What it sends with.
    pub peers: Peers,
    told: Arc<Mutex<Told>>,
    _stop: oneshot::Sender<()>,
}

/// What an agent was told.
#[derive(Clone, Debug, Default)]
struct Told {
    id: Option<AgentId>,
    shut_down: Option<String>,
}

/// What all connections of an agent share.
#[derive(Clone)]
struct Shared {
    upid: Upid,
    master: Upid,
    peers: Peers,
    told: Arc<Mutex<Told>>,
}

/// So much of a scalar resource.
pub fn scalar(name: &str, value: f64) -> Resource {
    Resource {
        name: name.to_owned(),
        r#type: value::Type::Scalar.into(),
        scalar: Some(value::Scalar { value }),
        ..Default::default()
    }
}

/// What a simulated agent says of itself.
pub fn info(hostname: &str, port: u16, id: Option<AgentId>) -> AgentInfo {
    AgentInfo {
        hostname: hostname.to_owned(),
        port: Some(i32::from(port)),
        resources: vec![scalar("cpus", 8.0), scalar("mem", 8192.0)],
        id,
        ..Default::default()
    }
}

/// What it can do.
pub fn capabilities() -> Vec<agent_info::Capability> {
    use agent_info::capability::Type;
    [Type::MultiRole, Type::HierarchicalRole, Type::ReservationRefinement]
        .map(|it| agent_info::Capability { r#type: Some(it.into()) })
        .to_vec()
}

/// RegisterSlaveMessage.
pub fn registration(hostname: &str, port: u16) -> RegisterSlaveMessage {
    RegisterSlaveMessage {
        agent: info(hostname, port, None),
        version: Some("1.11.0".to_owned()),
        agent_capabilities: capabilities(),
        ..Default::default()
    }
}

/// ReregisterSlaveMessage.
pub fn reregistration(hostname: &str, port: u16, id: AgentId) -> ReregisterSlaveMessage {
    ReregisterSlaveMessage {
        agent: info(hostname, port, Some(id)),
        version: Some("1.11.0".to_owned()),
        agent_capabilities: capabilities(),
        ..Default::default()
    }
}

impl Agent {
    /// One that serves a free port of `127.0.0.<last>` and has not registered.
    ///
    /// # Errors
    /// There is no port.
    pub fn serve(last: u8, master: SocketAddr) -> Result<Self> {
        let address = (Ipv4Addr::new(127, 0, 0, last), 0).into();
        let server = Server::bind(address, Settings::default())?;
        let upid = Upid::new("slave(1)", server.address());
        let (broken, _) = mpsc::channel(1);
        let shared = Shared {
            upid: upid.clone(),
            master: Upid::new("master", master),
            peers: Peers::new(mesos_wire::Settings::default(), broken),
            told: Arc::default(),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let handler_shared = shared.clone();
        let handler = move |request| {
            let shared = handler_shared.clone();
            async move { shared.receive(&request) }
        };
        tokio::spawn(server.serve(handler, async {
            // Resolves too when the other half is dropped.
            let _ = stopped.await;
        }));
        let Shared { master, peers, told, .. } = shared;
        Ok(Agent { upid, master, peers, told, _stop: stop })
    }

    /// One that has registered.
    ///
    /// # Errors
    /// It is not admitted.
    pub async fn register(last: u8, hostname: &str, master: SocketAddr) -> Result<Self> {
        let agent = Self::serve(last, master)?;
        agent.send(&registration(hostname, agent.upid.address.port()))?;
        until("an agent to be admitted", async || agent.id()).await?;
        Ok(agent)
    }

    /// Sends the master a message.
    ///
    /// # Errors
    /// Too much is waiting.
    pub fn send<M: WireMessage>(&self, message: &M) -> Result<()> {
        Ok(self.peers.send(&self.upid, &self.master, message)?)
    }

    /// Says that it ends.
    ///
    /// # Errors
    /// It has not registered.
    pub fn leave(&self) -> Result<()> {
        let agent_id = self.id().context("not registered")?;
        self.send(&UnregisterSlaveMessage { agent_id })
    }

    /// The id it was given.
    pub fn id(&self) -> Option<AgentId> {
        self.told().id
    }

    /// Why it was told to shut down, if it was.
    pub fn shut_down(&self) -> Option<String> {
        self.told().shut_down
    }

    fn told(&self) -> Told {
        self.told.lock().expect("no panic while it was locked").clone()
    }
}

impl Shared {
    fn receive(&self, request: &Request) -> Reply {
        if let Incoming::Message(envelope) =
            classify(&request.method, &request.path, &request.headers)
            && let Some(from) = envelope.from
            && let Err(error) = self.take(&envelope.name, from, &request.body)
        {
            return Reply::text(StatusCode::BAD_REQUEST, error.to_string());
        }
        Reply::empty(StatusCode::ACCEPTED)
    }

    fn take(&self, name: &str, from: Upid, body: &[u8]) -> Result<()> {
        let mut told = self.told.lock().expect("no panic while it was locked");
        match name {
            SlaveRegisteredMessage::NAME => {
                told.id = Some(SlaveRegisteredMessage::decode(body)?.agent_id);
            }
            SlaveReregisteredMessage::NAME => {
                told.id = Some(SlaveReregisteredMessage::decode(body)?.agent_id);
            }
            ShutdownMessage::NAME => {
                told.shut_down = Some(ShutdownMessage::decode(body)?.message.unwrap_or_default());
            }
            "mesos.internal.PingSlaveMessage" => {
                self.peers.send(&self.upid, &from, &PongSlaveMessage::default())?;
            }
            RunTaskMessage::NAME => {
                let run = RunTaskMessage::decode(body)?;
                let framework = run.framework.id.context("a framework without an id")?;
                let (agent, task) = (run.task.agent_id, run.task.task_id.value);
                for (number, state) in
                    [TaskState::TaskRunning, TaskState::TaskFinished].into_iter().enumerate()
                {
                    let update = update(&framework.value, &agent.value, &task, state, number as u8);
                    self.peers.send(&self.upid, &self.master, &update)?;
                }
            }
            StatusUpdateAcknowledgementMessage::NAME => {}
            _ => {}
        }
        Ok(())
    }
}

/// A status update.
pub fn update(
    framework: &str,
    agent: &str,
    task: &str,
    state: TaskState,
    number: u8,
) -> StatusUpdateMessage {
    let uuid: bytes::Bytes = vec![number; 16].into();
    let agent_id = AgentId { value: agent.to_owned() };
    StatusUpdateMessage {
        update: StatusUpdate {
            framework_id: mesos_proto::v1::FrameworkId { value: framework.to_owned() },
            agent_id: Some(agent_id.clone()),
            status: TaskStatus {
                task_id: mesos_proto::v1::TaskId { value: task.to_owned() },
                state: state.into(),
                agent_id: Some(agent_id),
                source: Some(task_status::Source::Executor.into()),
                uuid: Some(uuid.clone()),
                ..Default::default()
            },
            timestamp: 1.0,
            uuid: Some(uuid),
            latest_state: Some(state.into()),
            executor_id: None,
        },
        pid: None,
    }
}

/// A connection for messages of senders that do not exist.
///
/// # Errors
/// It is refused.
pub async fn wire(master: SocketAddr) -> Result<TcpStream> {
    crate::raw::connect_from(66, master).await
}

/// A message from `from`, as bytes.
pub fn message<M: WireMessage>(from: &str, master: SocketAddr, message: &M) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    mesos_wire::encode(&from.parse()?, &Upid::new("master", master), message, &mut bytes);
    Ok(bytes)
}
