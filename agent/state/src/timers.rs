// SPDX-License-Identifier: Apache-2.0

//! The machine's alarm clock: what is to happen when.

use std::collections::BTreeMap;

use mesos_core::time::Time;

use crate::key::{ConnectionKey, ContainerId};

/// What an alarm is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// Register, or try again.
    Register,
    /// No ping came from the master.
    PingMissing,
    /// An executor has not subscribed.
    ExecutorRegistration(ContainerId),
    /// An executor has not ended after SHUTDOWN.
    ExecutorShutdown(ContainerId),
    /// An executor's stream wants a HEARTBEAT.
    ExecutorHeartbeat(ConnectionKey),
    /// A command task has something due.
    CommandTask(ContainerId),
    /// Executors have had their time to come back after a restart of the agent.
    Recovery,
    /// Look how full the disk is.
    DiskWatch,
}

impl Timer {
    fn reason(&self) -> &'static str {
        match self {
            Timer::Register => "register with the master",
            Timer::PingMissing => "no ping from the master",
            Timer::ExecutorRegistration(_) => "executor registration timeout",
            Timer::ExecutorShutdown(_) => "executor shutdown grace period",
            Timer::ExecutorHeartbeat(_) => "executor heartbeat",
            Timer::CommandTask(_) => "command task",
            Timer::Recovery => "executor reregistration timeout",
            Timer::DiskWatch => "disk watch",
        }
    }
}

/// Names one alarm that was set.
pub(crate) type TimerKey = (Time, u64);

/// All alarms, earliest first; those of one instant in the order they were set.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    set: BTreeMap<TimerKey, Timer>,
    next: u64,
}

impl Timers {
    /// Sets an alarm.
    pub(crate) fn set(&mut self, at: Time, timer: Timer) -> TimerKey {
        let key = (at, self.next);
        self.next += 1;
        self.set.insert(key, timer);
        key
    }

    /// Forgets an alarm; one that has gone off is no matter.
    pub(crate) fn cancel(&mut self, key: Option<TimerKey>) {
        if let Some(key) = key {
            self.set.remove(&key);
        }
    }

    /// Takes the next alarm that is due.
    pub(crate) fn pop_due(&mut self, now: Time) -> Option<Timer> {
        let entry = self.set.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }

    /// When the next alarm is due, and what for.
    pub(crate) fn next(&self) -> Option<(Time, &'static str)> {
        self.set.first_key_value().map(|(key, timer)| (key.0, timer.reason()))
    }
}
