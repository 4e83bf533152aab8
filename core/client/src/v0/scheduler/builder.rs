// SPDX-License-Identifier: Apache-2.0

//! What can be set before a scheduler driver starts, and what `start` makes of it.

use std::{fmt, time::Duration};

use base64::Engine;
use mesos_driver::{
    Error,
    scheduler::{Acknowledgement, Config},
    v0::scheduler::Driver,
};
use mesos_proto::v1::{Credential, FrameworkInfo};

use super::{Scheduler, SchedulerDriver, environment};
use crate::{ContentType, clock, detector::Detector, identity, master, transport::Target};

/// The longest delay between two attempts to subscribe, as in Mesos's driver.
const BACKOFF_MAX: Duration = Duration::from_secs(60);

/// A scheduler driver that has not been made.
#[must_use]
pub struct SchedulerDriverBuilder {
    settings: Settings,
}

pub(super) struct Settings {
    /// Until the driver starts.
    pub(super) scheduler: Option<Box<dyn Scheduler>>,
    framework: FrameworkInfo,
    master: String,
    credential: Option<Credential>,
    pub(super) implicit_acknowledgements: bool,
    suppressed_roles: Vec<String>,
    /// What was wrong with the arguments.
    problem: Option<String>,
}

/// What the machine's thread begins with.
pub(super) struct Prepared {
    pub(super) driver: Driver,
    pub(super) detector: Detector,
    pub(super) target: Target,
}

impl SchedulerDriverBuilder {
    pub(super) fn new(
        scheduler: Box<dyn Scheduler>,
        framework: FrameworkInfo,
        master: String,
    ) -> Self {
        SchedulerDriverBuilder {
            settings: Settings {
                scheduler: Some(scheduler),
                framework,
                master,
                credential: None,
                implicit_acknowledgements: true,
                suppressed_roles: Vec::new(),
                problem: None,
            },
        }
    }

    /// Authenticates with HTTP Basic.
    pub fn credential(mut self, credential: Credential) -> Self {
        self.settings.credential = Some(credential);
        self
    }

    /// Whether the driver acknowledges an update when its callback has returned (the default), or
    /// leaves that to `acknowledge_status_update`.
    pub fn implicit_acknowledgements(mut self, implicit: bool) -> Self {
        self.settings.implicit_acknowledgements = implicit;
        self
    }

    /// Begins with these roles suppressed.
    pub fn suppressed_roles(mut self, roles: impl IntoIterator<Item = String>) -> Self {
        self.settings.suppressed_roles = roles.into_iter().collect();
        self
    }

    /// Something is wrong already; `start` will tell. The first problem counts.
    pub(super) fn problem(&mut self, problem: String) {
        self.settings.problem.get_or_insert(problem);
    }

    /// Makes the driver, which does nothing before it is started.
    #[must_use]
    pub fn build(self) -> SchedulerDriver {
        SchedulerDriver::new(self.settings)
    }
}

impl Settings {
    /// Everything that can go wrong before there is a thread.
    pub(super) fn prepare(&self) -> Result<Prepared, String> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        let mut framework = self.framework.clone();
        identity::fill_in(&mut framework)?;
        let master = master::parse(&self.master).map_err(|error| self.no_detector(&error))?;
        let mut config = Config::new(framework);
        config.suppressed_roles.clone_from(&self.suppressed_roles);
        config.acknowledgement = if self.implicit_acknowledgements {
            Acknowledgement::Implicit
        } else {
            Acknowledgement::Explicit
        };
        config.connection_delay_max = Duration::ZERO;
        config.backoff_max = BACKOFF_MAX;
        config.outstanding_calls_max = usize::MAX;
        environment::read(|name| std::env::var(name).ok(), &mut config)?;
        // The last thing that can go wrong: it may start a cluster.
        let detector = Detector::start(master).map_err(|error| self.no_detector(&error))?;
        Ok(Prepared {
            driver: Driver::new(config, clock::seed()),
            detector,
            target: Target {
                path: "/api/v1/scheduler".to_owned(),
                content_type: ContentType::Protobuf,
                authorization: self.credential.as_ref().map(basic),
            },
        })
    }

    fn no_detector(&self, error: &Error) -> String {
        let master = master::shown(&self.master);
        format!("Failed to create a master detector for '{master}': {error}")
    }
}

fn basic(credential: &Credential) -> String {
    let secret = credential.secret.as_deref().unwrap_or_default();
    let pair = format!("{}:{secret}", credential.principal);
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

impl fmt::Debug for SchedulerDriverBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SchedulerDriverBuilder").field(&self.settings).finish()
    }
}

/// Without the credential.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("framework", &self.framework)
            .field("master", &master::shown(&self.master))
            .field("implicit_acknowledgements", &self.implicit_acknowledgements)
            .field("suppressed_roles", &self.suppressed_roles)
            .field("problem", &self.problem)
            .finish_non_exhaustive()
    }
}
