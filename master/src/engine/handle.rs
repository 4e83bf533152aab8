// SPDX-License-Identifier: Apache-2.0

//! How others talk to the engine.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use mesos_master_state::{FromAgent, Gauges, Input, Metrics, OperatorCall, RequestKey, StreamKey};
use mesos_net::{EventStream, MediaType};
use mesos_proto::v1::scheduler;
use tokio::sync::{mpsc, oneshot};

use super::command::Command;
use crate::metrics::Timers;

/// The engine has ended: the master is about to exit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the master is shutting down")]
pub struct Closed;

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// The answer to a SUBSCRIBE.
#[derive(Debug)]
pub enum Subscription {
    /// Events follow.
    Started {
        /// The header `Mesos-Stream-Id`.
        stream_id: String,
        /// The events.
        events: EventStream,
    },
    /// No stream.
    Refused(Answer),
}

/// What the engine counts.
#[derive(Clone, Debug)]
pub struct Counted {
    /// Of the state machine.
    pub metrics: Metrics,
    /// What there is now.
    pub gauges: Gauges,
    /// How long things took.
    pub timers: Timers,
    /// Writes of the registry that are not durable yet.
    pub queued_writes: usize,
}

/// Talks to the engine; cheap to clone. All methods wait while the engine's
/// queue is full.
#[derive(Clone)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
    /// Names for requests and streams.
    next_key: Arc<AtomicU64>,
}

impl Handle {
    pub(super) fn new(commands: mpsc::Sender<Command>) -> Self {
        Handle { commands, next_key: Arc::new(AtomicU64::new(1)) }
    }

    /// Hands over a message of an agent, which is decoded when there is room for
    /// it: while ten thousand agents come back at once, few of their messages
    /// exist in any other form than as they arrived.
    pub async fn agent_message<E>(
        &self,
        pid: String,
        decode: impl FnOnce() -> Result<FromAgent, E>,
    ) -> Result<Result<(), E>, Closed> {
        let room = self.commands.reserve().await.map_err(|_| Closed)?;
        let handed = decode().map(|message| {
            room.send(Command::Input(Input::AgentMessage { pid, message }));
        });
        Ok(handed)
    }

    /// Tells which hostnames may be offered.
    pub async fn whitelist(&self, hostnames: Option<Vec<String>>) -> Result<(), Closed> {
        self.send(Command::Input(Input::WhitelistChanged { hostnames })).await
    }

    /// Hands over a SUBSCRIBE.
    pub async fn subscribe(
        &self,
        call: scheduler::Call,
        stream_id: Option<String>,
        media: MediaType,
    ) -> Result<Subscription, Closed> {
        let stream = StreamKey(self.key());
        let input = Input::Subscribe { stream, call: Box::new(call), stream_id, principal: None };
        let (answer, waiting) = oneshot::channel();
        self.send(Command::Subscribe { stream, input, media, answer }).await?;
        waiting.await.map_err(|_| Closed)
    }

    /// Hands over any other call of a scheduler.
    pub async fn scheduler_call(
        &self,
        call: scheduler::Call,
        stream_id: Option<String>,
    ) -> Result<Answer, Closed> {
        let call = Box::new(call);
        self.ask(|request| Input::SchedulerCall { request, stream_id, call, principal: None }).await
    }

    /// Hands over what an operator wants.
    pub async fn operator(&self, call: OperatorCall) -> Result<Answer, Closed> {
        self.ask(|request| Input::Operator { request, call }).await
    }

    /// The counters and what there is now.
    pub async fn metrics(&self) -> Result<Counted, Closed> {
        let (answer, waiting) = oneshot::channel();
        self.send(Command::Metrics(answer)).await?;
        waiting.await.map_err(|_| Closed)
    }

    async fn ask(&self, input: impl FnOnce(RequestKey) -> Input) -> Result<Answer, Closed> {
        let request = RequestKey(self.key());
        let (answer, waiting) = oneshot::channel();
        self.send(Command::Request { request, input: input(request), answer }).await?;
        waiting.await.map_err(|_| Closed)
    }

    async fn send(&self, command: Command) -> Result<(), Closed> {
        self.commands.send(command).await.map_err(|_| Closed)
    }

    fn key(&self) -> u64 {
        self.next_key.fetch_add(1, Ordering::Relaxed)
    }
}
