// SPDX-License-Identifier: Apache-2.0

//! The scheduler client: what a Rust framework holds in its hands.

mod builder;
mod calls;
mod task;
pub(crate) mod wire;

use mesos_driver::{
    CallKey, Error, ErrorKind,
    scheduler::{Accepted, Event, Stopped, UpdateKey},
};
use mesos_proto::v1::scheduler;
use tokio::sync::{mpsc, oneshot};

pub use self::builder::SchedulerBuilder;

/// What the two halves tell the task that runs the driver.
#[derive(Debug)]
pub(super) enum Command {
    Call { call: Box<scheduler::Call>, answer: oneshot::Sender<Result<Accepted, Error>> },
    Handled(UpdateKey),
    Stop { failover: bool, answer: oneshot::Sender<Result<Stopped, Error>> },
}

/// What the task tells the reading half.
#[derive(Debug)]
pub(super) enum Told {
    Event { event: Box<Event>, handled: Option<Box<UpdateKey>> },
    Ended(Result<Stopped, Error>),
}

/// Makes calls for a framework. Clones share one framework.
///
/// Each method waits for the master's answer, which means only that the call
/// was understood (202); what comes of it arrives as events. Calls are sent in
/// the order in which the methods are polled first.
///
/// Without a subscription, `suppress`, `revive` and `update_framework` take
/// effect with the next one; everything else fails with
/// [`ErrorKind::Disconnected`].
///
/// When its events are dropped, it goes on without anybody hearing of them. When
/// every client is dropped too, it stops, and the framework is left to its
/// failover timeout.
#[derive(Clone, Debug)]
pub struct SchedulerClient {
    commands: mpsc::Sender<Command>,
}

/// The events of a framework, in order.
#[derive(Debug)]
pub struct SchedulerEvents {
    told: mpsc::Receiver<Told>,
    commands: mpsc::Sender<Command>,
    /// The update that was returned last, acknowledged when the next event is asked for.
    handled: Option<Box<UpdateKey>>,
    ended: bool,
}

impl SchedulerClient {
    /// Prepares a framework for the master at `master`: `host:port`, or `file:///path`
    /// to a file that holds one.
    ///
    /// With `framework.id` set, it takes over from whichever scheduler has that id. An empty user
    /// or hostname is filled in.
    pub fn builder(
        master: impl Into<String>,
        framework: mesos_proto::v1::FrameworkInfo,
    ) -> SchedulerBuilder {
        SchedulerBuilder::new(master.into(), framework)
    }

    /// Makes any call. The framework id is filled in, and in a description of the framework the
    /// user and hostname it has, where they are empty.
    ///
    /// # Errors
    /// See [`ErrorKind`]; SUBSCRIBE and TEARDOWN are refused, as the client makes them itself.
    pub async fn call(&self, call: scheduler::Call) -> Result<Accepted, Error> {
        let (answer, answered) = oneshot::channel();
        let command = Command::Call { call: Box::new(call), answer };
        self.commands.send(command).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    /// Ends the framework: the master kills its tasks and forgets it.
    ///
    /// # Errors
    /// [`ErrorKind::Stopped`] when it has ended already; what the master said when it refused.
    pub async fn stop(&self) -> Result<Stopped, Error> {
        self.end(false).await
    }

    /// Ends this client but not the framework, for another scheduler to take over.
    ///
    /// # Errors
    /// [`ErrorKind::Stopped`] when it has ended already.
    pub async fn stop_for_failover(&self) -> Result<Stopped, Error> {
        self.end(true).await
    }

    async fn end(&self, failover: bool) -> Result<Stopped, Error> {
        let (answer, answered) = oneshot::channel();
        let command = Command::Stop { failover, answer };
        self.commands.send(command).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

impl SchedulerEvents {
    /// The next event; `None` after a stop.
    ///
    /// Asking for the next event says that the one before is handled: with implicit
    /// acknowledgement, an update is acknowledged then, and not before.
    /// May be dropped while waiting without losing an event.
    ///
    /// # Errors
    /// Once, when the framework cannot go on: it was refused, failed over or removed.
    pub async fn next(&mut self) -> Result<Option<Event>, Error> {
        if self.ended {
            return Ok(None);
        }
        if let Some(key) = &self.handled {
            let permit = self.commands.reserve().await;
            if let Ok(permit) = permit {
                permit.send(Command::Handled((**key).clone()));
            }
            self.handled = None;
        }
        match self.told.recv().await {
            Some(Told::Event { event, handled }) => {
                self.handled = handled;
                Ok(Some(*event))
            }
            Some(Told::Ended(result)) => {
                self.ended = true;
                result.map(|_| None)
            }
            None => {
                self.ended = true;
                Err(stopped())
            }
        }
    }
}

pub(super) fn stopped() -> Error {
    Error::new(ErrorKind::Stopped, "the scheduler client has ended")
}

/// Numbers the calls of one client.
#[derive(Debug, Default)]
pub(super) struct Keys(u64);

impl Keys {
    pub(super) fn next(&mut self) -> CallKey {
        self.0 += 1;
        CallKey(self.0)
    }
}
