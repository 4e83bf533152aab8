// SPDX-License-Identifier: Apache-2.0

//! What can be set before a scheduler client starts.

use std::time::Duration;

use base64::Engine;
use mesos_driver::{
    Error, ErrorKind,
    scheduler::{Acknowledgement, Config, Driver},
};
use mesos_proto::v1::{FrameworkInfo, scheduler::OfferConstraints};
use tokio::sync::mpsc;

use super::{SchedulerClient, SchedulerEvents, task};
use crate::{ContentType, clock, detector::Detector, identity, master, transport::Target};

/// How many commands wait for the task that runs the driver.
const COMMANDS_WAITING_MAX: usize = 1024;

/// How many events wait for the scheduler; beyond it, the connection is not read.
pub(super) const EVENTS_WAITING_MAX: usize = 1024;

/// A scheduler client that has not started.
#[derive(Clone)]
#[must_use]
pub struct SchedulerBuilder {
    master: String,
    config: Config,
    content_type: ContentType,
    authorization: Option<String>,
}

impl SchedulerBuilder {
    pub(super) fn new(master: String, framework: FrameworkInfo) -> Self {
        SchedulerBuilder {
            master,
            config: Config::new(framework),
            content_type: ContentType::default(),
            authorization: None,
        }
    }

    /// Speaks JSON instead of protobuf, or the other way round.
    pub fn content_type(mut self, content_type: ContentType) -> Self {
        self.content_type = content_type;
        self
    }

    /// Authenticates with HTTP Basic.
    pub fn credential(mut self, principal: &str, secret: &str) -> Self {
        let pair = format!("{principal}:{secret}");
        let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
        self.authorization = Some(format!("Basic {encoded}"));
        self
    }

    /// Begins with these roles suppressed.
    pub fn suppressed_roles(mut self, roles: impl IntoIterator<Item = String>) -> Self {
        self.config.suppressed_roles = roles.into_iter().collect();
        self
    }

    /// Asks for offers of some agents only.
    pub fn offer_constraints(mut self, constraints: OfferConstraints) -> Self {
        self.config.offer_constraints = Some(constraints);
        self
    }

    /// Sets who acknowledges status updates; the client does, unless told otherwise.
    pub fn acknowledgement(mut self, acknowledgement: Acknowledgement) -> Self {
        self.config.acknowledgement = acknowledgement;
        self
    }

    /// The first connection waits for a random part of this (default: 500 ms), so that
    /// thousands of frameworks do not reach a new master at the same moment.
    pub fn connection_delay_max(mut self, max: Duration) -> Self {
        self.config.connection_delay_max = max;
        self
    }

    /// Starts, on the current tokio runtime.
    ///
    /// With the master `local`, it blocks until that has started, and its end blocks the task in
    /// which the client lives.
    ///
    /// # Errors
    /// An address that names no master, a local one that does not start, or no user where the
    /// user of this process has no name.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(mut self) -> Result<(SchedulerClient, SchedulerEvents), Error> {
        identity::fill_in(&mut self.config.framework)
            .map_err(|message| Error::new(ErrorKind::Configuration, message))?;
        let detector = Detector::start(master::parse(&self.master)?)?;
        let (commands, receiver) = mpsc::channel(COMMANDS_WAITING_MAX);
        let (teller, told) = mpsc::channel(EVENTS_WAITING_MAX);
        let target = Target {
            path: "/api/v1/scheduler".to_owned(),
            content_type: self.content_type,
            authorization: self.authorization,
        };
        let driver = Driver::new(self.config, clock::seed());
        tokio::spawn(task::run(driver, detector, target, receiver, teller));
        let client = SchedulerClient { commands: commands.clone() };
        let events = SchedulerEvents { told, commands, handled: None, ended: false };
        Ok((client, events))
    }
}

impl std::fmt::Debug for SchedulerBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SchedulerBuilder")
            .field("master", &master::shown(&self.master))
            .field("config", &self.config)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}
