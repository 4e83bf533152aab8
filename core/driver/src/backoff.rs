// SPDX-License-Identifier: Apache-2.0

//! How long to wait before the next attempt: exponential, with full jitter.

use std::time::Duration;

use mesos_core::rng::Rng;

/// A growing limit below which each delay is drawn at random.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    max: Duration,
    limit: Duration,
}

impl Backoff {
    /// Delays below `first`, then below twice as much, and so on up to `max`.
    pub fn new(first: Duration, max: Duration) -> Self {
        Backoff { first: first.min(max), max, limit: first.min(max) }
    }

    /// The next delay; never zero progress: the limit doubles with every call.
    pub fn next(&mut self, rng: &mut Rng) -> Duration {
        let delay = rng.duration_below(self.limit);
        self.limit = (self.limit * 2).min(self.max);
        delay
    }

    /// Starts over, after a success.
    pub fn reset(&mut self) {
        self.limit = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_the_maximum_and_start_over_after_a_success() {
        let mut rng = Rng::new(1);
        let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(15));
        for limit_ms in [500, 1000, 2000, 4000, 8000, 15000, 15000] {
            assert_eq!(backoff.limit, Duration::from_millis(limit_ms));
            assert!(backoff.next(&mut rng) < Duration::from_millis(limit_ms));
        }
        backoff.reset();
        assert_eq!(backoff.limit, Duration::from_millis(500));
    }

    #[test]
    fn a_maximum_below_the_first_delay_wins() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_millis(10));
        assert!(backoff.next(&mut Rng::new(9)) < Duration::from_millis(10));
    }
}
