// SPDX-License-Identifier: Apache-2.0

//! When a check runs: first after its delay, then an interval after each result.

use std::time::Duration;

use mesos_core::time::Time;
use mesos_proto::v1::{CheckInfo, HealthCheck, check_info, health_check, network_info::Protocol};

use super::Surroundings;
use crate::{key::ProbeKey, output::Probe};

/// The least time between two runs, whatever the check says.
const LEAST_INTERVAL: Duration = Duration::from_millis(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting(Time),
    Running(ProbeKey),
}

/// One check of a task.
#[derive(Debug)]
pub(crate) struct Prober {
    what: Probe,
    interval: Duration,
    timeout: Option<Duration>,
    state: State,
}

impl Prober {
    /// A check; `None` if its type is unknown or what it needs is missing (the master refuses
    /// such tasks).
    pub(crate) fn of_check(now: Time, check: &CheckInfo, around: &Surroundings) -> Option<Self> {
        let what = match check.r#type() {
            check_info::Type::Unknown => return None,
            check_info::Type::Command => around.command(&check.command.as_ref()?.command),
            check_info::Type::Http => Probe::HttpCheck(check.http.clone()?),
            check_info::Type::Tcp => Probe::Tcp { port: check.tcp.as_ref()?.port, ipv6: false },
        };
        Some(Prober {
            what,
            interval: seconds(check.interval_seconds()).max(LEAST_INTERVAL),
            timeout: timeout(check.timeout_seconds()),
            state: State::Waiting(now + seconds(check.delay_seconds())),
        })
    }

    /// A health check; `None` as for a check.
    pub(crate) fn of_health_check(
        now: Time,
        check: &HealthCheck,
        around: &Surroundings,
    ) -> Option<Self> {
        let what = match check.r#type() {
            health_check::Type::Unknown => return None,
            health_check::Type::Command => around.command(check.command.as_ref()?),
            health_check::Type::Http => Probe::HttpHealth(check.http.clone()?),
            health_check::Type::Tcp => {
                let tcp = check.tcp.as_ref()?;
                Probe::Tcp { port: tcp.port, ipv6: tcp.protocol() == Protocol::IPv6 }
            }
        };
        Some(Prober {
            what,
            interval: seconds(check.interval_seconds()).max(LEAST_INTERVAL),
            timeout: timeout(check.timeout_seconds()),
            state: State::Waiting(now + seconds(check.delay_seconds())),
        })
    }

    /// Starts a run if one is due, and says what to do.
    pub(crate) fn start(&mut self, now: Time, probe: ProbeKey) -> Option<Probe> {
        match self.state {
            State::Waiting(at) if at <= now => {
                self.state = State::Running(probe);
                Some(self.what.clone())
            }
            State::Waiting(_) | State::Running(_) => None,
        }
    }

    /// Whether `probe` is the present run; if so it is over now.
    pub(crate) fn finished(&mut self, now: Time, probe: ProbeKey) -> bool {
        if self.state != State::Running(probe) {
            return false;
        }
        self.state = State::Waiting(now + self.interval);
        true
    }

    /// When the next run is due.
    pub(crate) fn due(&self) -> Option<Time> {
        match self.state {
            State::Waiting(at) => Some(at),
            State::Running(_) => None,
        }
    }

    /// When a run is to be given up.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.timeout
    }
}

/// Seconds as protobufs have them; negative ones and nonsense are nothing, too many are for ever.
pub(crate) fn seconds(seconds: f64) -> Duration {
    if seconds > 0.0 {
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    } else {
        Duration::ZERO
    }
}

/// Zero means no timeout.
fn timeout(value: f64) -> Option<Duration> {
    Some(seconds(value)).filter(|timeout| !timeout.is_zero())
}
