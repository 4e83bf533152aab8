// SPDX-License-Identifier: Apache-2.0

//! The time that the drivers see: the wall clock at start, and from then on
//! what the monotonic clock adds to it.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use mesos_core::time::Time;

/// A clock that never goes back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    started: Instant,
    epoch: Time,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Clock { started: Instant::now(), epoch: Time::EPOCH + wall }
    }

    pub(crate) fn now(&self) -> Time {
        self.epoch + self.started.elapsed()
    }

    /// The same instant for the runtime's timers.
    pub(crate) fn instant(&self, time: Time) -> tokio::time::Instant {
        (self.started + time.since(self.epoch)).into()
    }
}

/// A seed that differs from run to run.
pub(crate) fn seed() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0
}
