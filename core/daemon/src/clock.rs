// SPDX-License-Identifier: Apache-2.0

//! The clock of a daemon.
//!
//! Invariant: never runs backwards, whatever happens to the wall clock, which
//! is read once.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mesos_core::time::Time;

/// Wall-clock time at the start, plus what has passed since.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Time,
    origin: Instant,
}

impl Clock {
    /// Starts at the wall clock's time.
    pub fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Clock { start: Time::EPOCH + since_epoch, origin: Instant::now() }
    }

    /// The time now.
    pub fn now(&self) -> Time {
        self.start + self.origin.elapsed()
    }

    /// When the clock was started.
    pub fn started(&self) -> Time {
        self.start
    }

    /// The moment at which the clock shows `time`, to be waited for; in the past if it has
    /// shown it already.
    pub fn moment(&self, time: Time) -> Instant {
        // Beyond this (a year) a later wake-up does just as well.
        const FAR: Duration = Duration::from_secs(365 * 24 * 3600);
        self.origin + time.since(self.start).min(self.origin.elapsed() + FAR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_as_far_away_as_its_time() {
        let clock = Clock::start();
        let hour = Duration::from_secs(3600);
        assert_eq!(clock.moment(clock.started() + hour), clock.moment(clock.started()) + hour);
        assert!(clock.now() >= clock.started());
        assert!(clock.moment(Time::NEVER) > Instant::now() + hour);
    }
}
