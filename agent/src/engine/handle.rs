// SPDX-License-Identifier: Apache-2.0

//! How others talk to the engine.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use mesos_agent_state::{ConnectionKey, FromMaster, Input, RequestKey};
use mesos_net::{EventStream, MediaType};
use mesos_proto::v1::executor;
use tokio::sync::{mpsc, oneshot};

use super::command::Command;

/// The engine has ended: the agent is about to exit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the agent is shutting down")]
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
    Started(EventStream),
    /// No stream.
    Refused(Answer),
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

    /// Hands over a message that came in on the wire.
    pub async fn master_message(&self, from: String, message: FromMaster) -> Result<(), Closed> {
        let message = Box::new(message);
        self.send(Command::Input(Input::MasterMessage { from, message })).await
    }

    /// Asks the agent to unregister, end its executors and exit.
    pub async fn shut_down(&self, reason: &str) -> Result<(), Closed> {
        self.send(Command::Input(Input::Shutdown { reason: reason.to_owned() })).await
    }

    /// Hands over a SUBSCRIBE of an executor.
    pub async fn subscribe(
        &self,
        call: executor::Call,
        media: MediaType,
    ) -> Result<Subscription, Closed> {
        let connection = ConnectionKey(self.key());
        let input = Input::ExecutorSubscribe { connection, call: Box::new(call) };
        let (answer, waiting) = oneshot::channel();
        self.send(Command::Subscribe { connection, input, media, answer }).await?;
        waiting.await.map_err(|_| Closed)
    }

    /// Hands over any other call of an executor.
    pub async fn executor_call(&self, call: executor::Call) -> Result<Answer, Closed> {
        let request = RequestKey(self.key());
        let input = Input::ExecutorCall { request, call: Box::new(call) };
        let (answer, waiting) = oneshot::channel();
        self.send(Command::Request { request, input, answer }).await?;
        waiting.await.map_err(|_| Closed)
    }

    async fn send(&self, command: Command) -> Result<(), Closed> {
        self.commands.send(command).await.map_err(|_| Closed)
    }

    fn key(&self) -> u64 {
        self.next_key.fetch_add(1, Ordering::Relaxed)
    }
}
