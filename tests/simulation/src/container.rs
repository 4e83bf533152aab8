// SPDX-License-Identifier: Apache-2.0

//! Containers: processes on an agent's machine that outlive the agent's process.

use std::time::Duration;

use mesos_agent_state::LaunchSpec;
use mesos_core::rng::Rng;

/// The status of a process that ended by SIGKILL.
pub(crate) const KILLED: i32 = 9;
const TERMINATED: i32 = 15;

/// Where a container is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Starting,
    Running,
    /// With this wait status.
    Ended(i32),
}

#[derive(Debug)]
pub(crate) struct Container {
    pub(crate) spec: Box<LaunchSpec>,
    pub(crate) phase: Phase,
    pub(crate) pid: u32,
    /// Whether it ends on SIGTERM.
    heeds_signals: bool,
    /// It is being killed.
    pub(crate) doomed: bool,
}

impl Container {
    pub(crate) fn new(spec: Box<LaunchSpec>, pid: u32, rng: &mut Rng) -> Self {
        Container {
            spec,
            phase: Phase::Starting,
            pid,
            heeds_signals: rng.below(4) > 0,
            doomed: false,
        }
    }

    pub(crate) fn is_alive(&self) -> bool {
        match self.phase {
            Phase::Starting | Phase::Running => true,
            Phase::Ended(_) => false,
        }
    }

    /// What a signal does: the status that the process ends with, and when.
    pub(crate) fn signal(&self, signal: i32, rng: &mut Rng) -> Option<(i32, Duration)> {
        match signal {
            KILLED => Some((KILLED, Duration::from_millis(1 + rng.below(50)))),
            TERMINATED if self.heeds_signals => {
                Some((TERMINATED, Duration::from_millis(1 + rng.below(2000))))
            }
            _ => None,
        }
    }

    /// How a task ends that is left alone, and when: a wait status. A service goes on
    /// for longer than any run.
    pub(crate) fn natural_end(services: bool, rng: &mut Rng) -> (i32, Duration) {
        if services && rng.below(8) == 0 {
            return (0, Duration::from_secs(24 * 3600));
        }
        let status = match rng.below(20) {
            0..16 => 0,
            16..18 => 1 << 8,
            18 => 11,
            _ => 42 << 8,
        };
        let seconds = match rng.below(10) {
            0..3 => rng.below(3),
            3..8 => rng.below(60),
            _ => rng.below(600),
        };
        (status, Duration::from_millis(seconds * 1000 + rng.below(1000)))
    }
}
