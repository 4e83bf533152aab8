// SPDX-License-Identifier: Apache-2.0

//! What can be set before an executor driver starts, and what `start` makes of it.

use std::{collections::BTreeMap, fmt};

use mesos_driver::v0::executor::Driver;

use super::{Executor, ExecutorDriver};
use crate::{clock, executor::environment, transport::Target};

/// An executor driver that has not been made.
#[must_use]
pub struct ExecutorDriverBuilder {
    settings: Settings,
}

pub(super) struct Settings {
    /// Until the driver starts.
    pub(super) executor: Option<Box<dyn Executor>>,
    /// Instead of the environment of this process.
    environment: Option<BTreeMap<String, String>>,
}

/// What the machine's thread begins with.
pub(super) struct Prepared {
    pub(super) driver: Driver,
    pub(super) agent: String,
    pub(super) target: Target,
    pub(super) kill_when_overdue: bool,
}

impl ExecutorDriverBuilder {
    pub(super) fn new(executor: Box<dyn Executor>) -> Self {
        ExecutorDriverBuilder { settings: Settings { executor: Some(executor), environment: None } }
    }

    /// Reads these variables instead of the environment of this process.
    pub fn environment(mut self, variables: BTreeMap<String, String>) -> Self {
        self.settings.environment = Some(variables);
        self
    }

    /// Makes the driver, which does nothing before it is started.
    #[must_use]
    pub fn build(self) -> ExecutorDriver {
        ExecutorDriver::new(self.settings)
    }
}

impl Settings {
    /// Everything that can go wrong before there is a thread.
    pub(super) fn prepare(&self) -> Result<Prepared, String> {
        let get = |name: &str| match &self.environment {
            Some(variables) => variables.get(name).cloned(),
            None => std::env::var(name).ok(),
        };
        let read = environment::read_native(get).map_err(|error| error.to_string())?;
        Ok(Prepared {
            driver: Driver::new(read.builder.config, read.agent_id, clock::seed()),
            agent: read.builder.agent,
            target: read.builder.target,
            kill_when_overdue: !read.local,
        })
    }
}

impl fmt::Debug for ExecutorDriverBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExecutorDriverBuilder")
    }
}

/// Without the variables, one of which is a token.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings")
    }
}
