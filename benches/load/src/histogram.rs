// SPDX-License-Identifier: Apache-2.0

//! Durations, counted in buckets whose width grows with their value, so that
//! every percentile is right to within one percent whatever its size.
//!
//! Correction for coordinated omission is the recorder's: a paced operation is
//! timed from the moment it was *due* ([`Pace`]), so that one long stall counts
//! for every operation it delayed, and not once.

use std::time::{Duration, Instant};

/// Buckets for each doubling: 128, so a bucket is at most 0.8 % wide.
const PRECISION_BITS: u32 = 7;
const BUCKETS: usize = 1 << PRECISION_BITS;

/// Counts of durations, in nanoseconds.
#[derive(Clone)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        let rows = (u64::BITS - PRECISION_BITS + 1) as usize;
        Histogram { counts: vec![0; rows * BUCKETS], total: 0, max: 0 }
    }
}

impl Histogram {
    /// Counts one duration.
    pub fn record(&mut self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.counts[bucket(nanos)] += 1;
        self.total += 1;
        self.max = self.max.max(nanos);
    }

    /// Counts all that another has counted.
    pub fn merge(&mut self, other: &Histogram) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
        self.max = self.max.max(other.max);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.total
    }

    /// The longest, exactly.
    pub fn max(&self) -> Duration {
        Duration::from_nanos(self.max)
    }

    /// The duration that `percent` of all do not exceed; zero when there are none.
    pub fn percentile(&self, percent: f64) -> Duration {
        let rank = ((percent / 100.0 * self.total as f64).ceil() as u64).max(1);
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Duration::from_nanos(upper_end(index).min(self.max));
            }
        }
        Duration::ZERO
    }
}

fn bucket(value: u64) -> usize {
    let row = (u64::BITS - value.leading_zeros()).saturating_sub(PRECISION_BITS + 1);
    let row = row + u32::from(value >= BUCKETS as u64);
    // Row 0 holds the values below 128 one by one; each further row one doubling.
    let shift = row.saturating_sub(1);
    row as usize * BUCKETS + ((value >> shift) as usize % BUCKETS)
}

/// The largest value of a bucket.
fn upper_end(index: usize) -> u64 {
    let (row, column) = (index / BUCKETS, (index % BUCKETS) as u64);
    if row == 0 {
        return column;
    }
    let shift = (row - 1) as u32;
    let first = (BUCKETS as u64 + column) << shift;
    first + ((1_u64 << shift) - 1)
}

/// When the operations of an open loop are due, however long each takes.
pub struct Pace {
    start: Instant,
    interval: Duration,
    number: u32,
}

/// The clocks of the runtimes wake at whole milliseconds; being late by no more
/// is not the master's doing.
const GRANULARITY: Duration = Duration::from_millis(2);

impl Pace {
    /// So many a second from now on.
    pub fn new(per_second: f64) -> Self {
        let interval = Duration::from_secs_f64(1.0 / per_second);
        Pace { start: Instant::now(), interval, number: 0 }
    }

    /// When the next one is due.
    pub fn next_due(&mut self) -> Instant {
        let due = self.start + self.interval * self.number;
        self.number += 1;
        due
    }

    /// From when an operation is timed that was due at `due` and can start now.
    pub fn timed_from(due: Instant) -> Instant {
        let now = Instant::now();
        if now.saturating_duration_since(due) <= GRANULARITY { now } else { due }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_a_bucket_that_is_hardly_larger() {
        let values = (0..63).flat_map(|bit| [1_u64 << bit, (1 << bit) + 1, (1 << bit) * 2 - 1]);
        for value in values.chain(0..10_000) {
            let upper = upper_end(bucket(value));
            assert!(upper >= value && upper - value <= value / 100, "{value}: {upper}");
        }
        assert!(bucket(u64::MAX) < Histogram::default().counts.len());
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_values() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.percentile(50.0), Duration::ZERO);
        (1..=1000).for_each(|ms| histogram.record(Duration::from_millis(ms)));
        for percent in [1.0, 50.0, 90.0, 99.0, 100.0] {
            let exact = percent * 10.0;
            let found = histogram.percentile(percent).as_secs_f64() * 1000.0;
            assert!((found - exact).abs() <= exact / 100.0, "{percent} %: {found} ms");
        }
        assert_eq!(histogram.max(), Duration::from_secs(1));
    }

    #[test]
    fn an_operation_that_starts_late_is_timed_from_when_it_was_due() {
        let now = Instant::now();
        let past = now.checked_sub(Duration::from_secs(5)).expect("the machine is up for longer");
        assert_eq!(Pace::timed_from(past), past);
        assert!(Pace::timed_from(now) >= now);
    }
}
