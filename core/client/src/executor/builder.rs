// SPDX-License-Identifier: Apache-2.0

//! What can be set before an executor client starts.

use mesos_driver::{
    Error,
    executor::{Config, Driver},
};
use tokio::sync::mpsc;

use super::{ExecutorClient, ExecutorEvents, task};
use crate::{ContentType, clock, transport::Target};

/// How many commands wait for the task that runs the driver.
const COMMANDS_WAITING_MAX: usize = 1024;

/// How many events wait for the executor; beyond it, the connection is not read.
pub(super) const EVENTS_WAITING_MAX: usize = 1024;

/// An executor client that has not started.
#[derive(Clone)]
#[must_use]
pub struct ExecutorBuilder {
    pub(crate) agent: String,
    pub(crate) config: Config,
    pub(crate) target: Target,
    pub(super) kill_group_when_overdue: bool,
}

impl ExecutorBuilder {
    /// Speaks JSON instead of protobuf, or the other way round.
    pub fn content_type(mut self, content_type: ContentType) -> Self {
        self.target.content_type = content_type;
        self
    }

    /// Whether the process group is killed when the shutdown grace is over and the
    /// executor has not stopped; it is, unless told otherwise.
    pub fn kill_group_when_overdue(mut self, kill: bool) -> Self {
        self.kill_group_when_overdue = kill;
        self
    }

    /// Starts, on the current tokio runtime.
    ///
    /// # Errors
    /// None at the moment; the signature is that of the scheduler's.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(self) -> Result<(ExecutorClient, ExecutorEvents), Error> {
        let (commands, receiver) = mpsc::channel(COMMANDS_WAITING_MAX);
        let (teller, told) = mpsc::channel(EVENTS_WAITING_MAX);
        let driver = Driver::new(self.config, clock::seed());
        let overdue = self.kill_group_when_overdue;
        tokio::spawn(task::run(driver, self.agent, self.target, overdue, receiver, teller));
        Ok((ExecutorClient { commands }, ExecutorEvents { told, ended: false }))
    }
}

impl std::fmt::Debug for ExecutorBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExecutorBuilder")
            .field("agent", &self.agent)
            .field("config", &self.config)
            .field("content_type", &self.target.content_type)
            .finish_non_exhaustive()
    }
}
