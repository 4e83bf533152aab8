// SPDX-License-Identifier: Apache-2.0

//! What a scheduler driver is told before it starts.

use std::time::Duration;

use mesos_proto::v1::{FrameworkInfo, scheduler::OfferConstraints};

/// How status updates are acknowledged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acknowledgement {
    /// By the driver, once the scheduler has handled the event.
    #[default]
    Implicit,
    /// By the scheduler, with ACKNOWLEDGE calls.
    Explicit,
}

/// The settings of a scheduler driver.
#[derive(Clone, Debug)]
pub struct Config {
    /// The framework; with `id` set, it fails over to that id.
    pub framework: FrameworkInfo,
    /// The roles it wants no offers for, to begin with.
    pub suppressed_roles: Vec<String>,
    /// Which agents it wants offers of.
    pub offer_constraints: Option<OfferConstraints>,
    /// Who acknowledges status updates.
    pub acknowledgement: Acknowledgement,
    /// The first connection waits for a random part of this. Default: 500 ms.
    pub connection_delay_max: Duration,
    /// The second attempt waits for a random part of this, and each later one for a part of twice
    /// as much. Default: 500 ms.
    pub backoff_first: Duration,
    /// The longest delay between two attempts. Default: 15 s; a tenth of the
    /// framework's failover timeout where that is less.
    pub backoff_max: Duration,
    /// How long an attempt may take until SUBSCRIBED has arrived. Default: 15 s.
    pub subscribe_timeout: Duration,
    /// This many heartbeats missed in a row mean that the master is lost. Default: 5.
    pub missed_heartbeats_max: u32,
    /// How many calls may wait for their answer. Default: 10 000.
    pub outstanding_calls_max: usize,
    /// How long `stop` waits for the answer to TEARDOWN. Default: 5 s.
    pub teardown_timeout: Duration,
}

impl Config {
    /// The defaults for `framework`.
    pub fn new(framework: FrameworkInfo) -> Self {
        Config {
            framework,
            suppressed_roles: Vec::new(),
            offer_constraints: None,
            acknowledgement: Acknowledgement::default(),
            connection_delay_max: Duration::from_millis(500),
            backoff_first: Duration::from_millis(500),
            backoff_max: Duration::from_secs(15),
            subscribe_timeout: Duration::from_secs(15),
            missed_heartbeats_max: 5,
            outstanding_calls_max: 10_000,
            teardown_timeout: Duration::from_secs(5),
        }
    }

    /// The back-off limit that leaves several attempts before the framework times out.
    pub(super) fn effective_backoff_max(&self) -> Duration {
        let seconds = self.framework.failover_timeout.unwrap_or(0.0);
        if seconds.is_finite() && seconds > 0.0 {
            let tenth = Duration::try_from_secs_f64(seconds / 10.0).unwrap_or(Duration::MAX);
            self.backoff_max.min(tenth)
        } else {
            self.backoff_max
        }
    }
}
