// SPDX-License-Identifier: Apache-2.0

//! What will happen later, in order of time.

use std::{collections::BTreeMap, time::Duration};

use mesos_allocator::{AgentKey, FrameworkKey};
use mesos_core::time::Time;

use crate::change::OfferKey;

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// Ping an agent, and count the ping before as missed if it had no pong.
    Ping(AgentKey),
    /// A disconnected agent did not come back.
    AgentReregister(AgentKey),
    /// The rate limit lets the next agent be marked unreachable.
    Removal,
    /// Agents of the registry that did not come back are unreachable.
    Recovered,
    /// Forget old unreachable and gone agents.
    RegistryGc,
    /// Send HEARTBEAT to a framework.
    Heartbeat(FrameworkKey),
    /// A framework did not come back.
    Failover(FrameworkKey),
    /// An offer was not used.
    Offer(OfferKey),
}

impl Timer {
    fn name(self) -> &'static str {
        match self {
            Timer::Ping(_) => "agent ping",
            Timer::AgentReregister(_) => "agent re-register timeout",
            Timer::Removal => "agent removal rate limit",
            Timer::Recovered => "recovered agents timeout",
            Timer::RegistryGc => "registry gc",
            Timer::Heartbeat(_) => "heartbeat",
            Timer::Failover(_) => "framework failover timeout",
            Timer::Offer(_) => "offer timeout",
        }
    }
}

/// The name of a timer that was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TimerId(Time, u64);

/// All timers that are set.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    queue: BTreeMap<TimerId, Timer>,
    set: u64,
}

impl Timers {
    /// Sets a timer to fire at `at`.
    pub(crate) fn set_at(&mut self, at: Time, timer: Timer) -> TimerId {
        self.set += 1;
        let id = TimerId(at, self.set);
        self.queue.insert(id, timer);
        id
    }

    /// Sets a timer to fire `after` from `now`.
    pub(crate) fn set(&mut self, now: Time, after: Duration, timer: Timer) -> TimerId {
        self.set_at(now + after, timer)
    }

    /// Unsets a timer; nothing happens when it has fired.
    pub(crate) fn cancel(&mut self, id: Option<TimerId>) {
        if let Some(id) = id {
            self.queue.remove(&id);
        }
    }

    /// Takes the next timer that is due.
    pub(crate) fn pop_due(&mut self, now: Time) -> Option<Timer> {
        let (id, _) = self.queue.first_key_value().filter(|(id, _)| id.0 <= now)?;
        let id = *id;
        self.queue.remove(&id)
    }

    /// When the next timer fires, and what it is.
    pub(crate) fn next(&self) -> Option<(Time, &'static str)> {
        self.queue.first_key_value().map(|(id, timer)| (id.0, timer.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_fire_in_order_and_not_when_cancelled() {
        let second = Duration::from_secs(1);
        let mut timers = Timers::default();
        timers.set(Time::EPOCH, 2 * second, Timer::Removal);
        let cancelled = timers.set(Time::EPOCH, second, Timer::RegistryGc);
        timers.set(Time::EPOCH, second, Timer::Recovered);
        timers.cancel(Some(cancelled));
        assert_eq!(timers.next(), Some((Time::EPOCH + second, "recovered agents timeout")));
        assert_eq!(timers.pop_due(Time::EPOCH), None);
        let later = Time::EPOCH + 3 * second;
        assert_eq!(timers.pop_due(later), Some(Timer::Recovered));
        assert_eq!(timers.pop_due(later), Some(Timer::Removal));
        assert_eq!(timers.pop_due(later), None);
    }
}
