// SPDX-License-Identifier: Apache-2.0

//! Timers: how long something took, last and over a bounded history.

use std::{collections::VecDeque, time::Duration};

use super::Values;

/// Samples that the percentiles are made of, as in Mesos.
const HISTORY: usize = 1000;

/// The name's last part and the share of samples that are not above.
const PERCENTILES: [(&str, f64); 6] =
    [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999), ("p9999", 0.9999)];

/// Durations of one kind of event, in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Timer {
    samples: VecDeque<f64>,
}

/// All timers of a master.
#[derive(Clone, Debug, Default)]
pub struct Timers {
    /// `allocator/mesos/allocation_run_ms`.
    pub allocation_run: Timer,
    /// `registrar/state_store_ms`.
    pub state_store: Timer,
}

impl Timer {
    /// Adds one duration.
    pub fn add(&mut self, duration: Duration) {
        if self.samples.len() == HISTORY {
            self.samples.pop_front();
        }
        self.samples.push_back(duration.as_secs_f64() * 1e3);
    }

    /// Writes the last value under `name`, and what the history says below it.
    /// Without a sample there is nothing, as in Mesos.
    fn write(&self, name: &str, values: &mut Values) {
        let Some(last) = self.samples.back() else {
            return;
        };
        let mut sorted: Vec<f64> = self.samples.iter().copied().collect();
        sorted.sort_by(f64::total_cmp);
        values.insert(name.to_owned(), *last);
        values.insert(format!("{name}/count"), sorted.len() as f64);
        values.insert(format!("{name}/min"), sorted[0]);
        values.insert(format!("{name}/max"), sorted[sorted.len() - 1]);
        for (part, share) in PERCENTILES {
            values.insert(format!("{name}/{part}"), percentile(&sorted, share));
        }
    }
}

impl Timers {
    /// Adds the metrics of all timers. Allocation starts as soon as it is
    /// wanted, so its latency is the time of the run itself.
    pub(super) fn add(&self, values: &mut Values) {
        self.allocation_run.write("allocator/mesos/allocation_run_ms", values);
        self.allocation_run.write("allocator/mesos/allocation_run_latency_ms", values);
        self.state_store.write("registrar/state_store_ms", values);
    }
}

/// The value at a share of sorted samples, interpolated between neighbours.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len() - 1) as f64;
    let (low, rest) = (position.floor(), position.fract());
    let at = |index: f64| sorted[(index as usize).min(sorted.len() - 1)];
    at(low) + (at(low + 1.0) - at(low)) * rest
}
