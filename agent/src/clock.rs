// SPDX-License-Identifier: Apache-2.0

//! The clock of the state machine: wall-clock time that never runs backwards.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use mesos_core::time::Time;

/// Looks at the wall clock once; after that, only the monotonic clock counts.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Time,
    at: Instant,
}

impl Clock {
    /// A clock that shows the wall clock's time now.
    pub fn start() -> Clock {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let nanos = u64::try_from(wall.as_nanos()).unwrap_or(u64::MAX);
        Clock { started: Time::from_nanos(nanos), at: Instant::now() }
    }

    /// The time now.
    pub fn now(&self) -> Time {
        self.started + self.at.elapsed()
    }

    /// When the clock was started.
    pub fn started(&self) -> Time {
        self.started
    }

    /// The moment that the monotonic clock has at `time`; now, if that has passed.
    pub fn instant(&self, time: Time) -> Instant {
        self.at + time.since(self.started)
    }
}
