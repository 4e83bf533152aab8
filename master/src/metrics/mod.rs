// SPDX-License-Identifier: Apache-2.0

//! All metrics, under Mesos's names.
//!
//! Counters and numbers of things come from the state machine, amounts of
//! resources from the views, the rest from the process and the machine. A name
//! that Mesos always has is always there; what this master does not do (yet)
//! counts zero.

mod cluster;
mod counters;
mod framework;
mod machine;
mod timer;

use std::collections::BTreeMap;

use mesos_daemon::clock::Clock;

pub use self::timer::{Timer, Timers};
use crate::{
    engine::{Closed, Handle},
    views::Views,
};

/// Names and values, sorted by name.
pub type Values = BTreeMap<String, f64>;

/// Where metrics come from besides the engine and the views.
#[derive(Clone, Debug)]
pub struct Sources {
    /// Since when the master runs.
    pub clock: Clock,
    /// `--publish_per_framework_metrics`.
    pub per_framework: bool,
}

impl Sources {
    /// All metrics as they are now.
    pub async fn collect(&self, engine: &Handle, views: &Views) -> Result<Values, Closed> {
        let counted = engine.metrics().await?;
        let snapshot = views.snapshot().await?;
        let mut values = Values::new();
        counters::add(&mut values, &counted.metrics);
        counters::add_gauges(&mut values, &counted.gauges);
        counted.timers.add(&mut values);
        let queued = counted.queued_writes as f64;
        values.insert("registrar/queued_operations".to_owned(), queued);
        cluster::add(&mut values, &snapshot);
        if self.per_framework {
            framework::add(&mut values, &snapshot);
        }
        let uptime = self.clock.now().since(self.clock.started());
        values.insert("master/uptime_secs".to_owned(), uptime.as_secs_f64());
        values.insert("master/elected".to_owned(), 1.0);
        machine::add(&mut values);
        Ok(values)
    }
}

#[cfg(test)]
mod tests;
