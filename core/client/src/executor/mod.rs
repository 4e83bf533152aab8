// SPDX-License-Identifier: Apache-2.0

//! The executor client: what a Rust executor holds in its hands.

mod builder;
pub(crate) mod environment;
mod task;
pub(crate) mod wire;

use bytes::Bytes;
use mesos_driver::{Error, ErrorKind, executor::Event};
use mesos_proto::v1::TaskStatus;
use tokio::sync::{mpsc, oneshot};

pub use self::builder::ExecutorBuilder;

/// What the two halves tell the task that runs the driver.
#[derive(Debug)]
pub(super) enum Command {
    Update { status: Box<TaskStatus>, answer: oneshot::Sender<Result<(), Error>> },
    Message { data: Bytes, answer: oneshot::Sender<Result<(), Error>> },
    Stop { answer: oneshot::Sender<Result<(), Error>> },
}

/// What the task tells the reading half.
#[derive(Debug)]
pub(super) enum Told {
    Event(Event),
    Ended(Result<(), Error>),
}

/// Reports for an executor. Clones share one executor.
///
/// When every client is dropped, it stops.
#[derive(Clone, Debug)]
pub struct ExecutorClient {
    commands: mpsc::Sender<Command>,
}

/// The events of an executor, in order.
#[derive(Debug)]
pub struct ExecutorEvents {
    told: mpsc::Receiver<Told>,
    ended: bool,
}

impl ExecutorClient {
    /// Reads the environment that an agent gives to its executors.
    ///
    /// # Errors
    /// A variable that is missing or malformed: this process was not started by an agent.
    pub fn from_environment() -> Result<ExecutorBuilder, Error> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// The same, from variables that are kept elsewhere.
    ///
    /// # Errors
    /// As [`ExecutorClient::from_environment`].
    pub fn from_variables(get: impl Fn(&str) -> Option<String>) -> Result<ExecutorBuilder, Error> {
        environment::read(get)
    }

    /// Reports the state of a task. The update is repeated until the scheduler has
    /// acknowledged it, also to an agent that restarts meanwhile.
    ///
    /// `uuid`, `timestamp`, `source`, `executor_id` and `agent_id` are filled in.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidCall`] for TASK_STAGING or an empty task id, what the agent said
    /// when it refuses the update, [`ErrorKind::Stopped`] when the agent is gone for good.
    pub async fn update(&self, status: TaskStatus) -> Result<(), Error> {
        let (answer, answered) = oneshot::channel();
        let command = Command::Update { status: Box::new(status), answer };
        self.commands.send(command).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    /// Sends a message to the scheduler. It can be lost without a word.
    ///
    /// # Errors
    /// [`ErrorKind::Disconnected`] while the agent is away; see [`ErrorKind`] for the rest.
    pub async fn message(&self, data: impl Into<Bytes>) -> Result<(), Error> {
        let (answer, answered) = oneshot::channel();
        let command = Command::Message { data: data.into(), answer };
        self.commands.send(command).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    /// Ends, after the agent has answered what was sent.
    ///
    /// # Errors
    /// Why the executor had to end, when it was not by its own choice.
    pub async fn stop(&self) -> Result<(), Error> {
        let (answer, answered) = oneshot::channel();
        self.commands.send(Command::Stop { answer }).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

impl ExecutorEvents {
    /// The next event; `None` after a stop.
    ///
    /// May be dropped while waiting without losing an event.
    ///
    /// # Errors
    /// Once, when the agent had no use for this executor.
    pub async fn next(&mut self) -> Result<Option<Event>, Error> {
        if self.ended {
            return Ok(None);
        }
        match self.told.recv().await {
            Some(Told::Event(event)) => Ok(Some(event)),
            Some(Told::Ended(result)) => {
                self.ended = true;
                result.map(|()| None)
            }
            None => {
                self.ended = true;
                Err(stopped())
            }
        }
    }
}

pub(super) fn stopped() -> Error {
    Error::new(ErrorKind::Stopped, "the executor client has ended")
}
