// SPDX-License-Identifier: Apache-2.0

//! New agents: all at once, then one after the other.

use std::time::Instant;

use anyhow::Result;
use serde::Deserialize;

use super::{Bench, PATIENCE};
use crate::fleet::Tasks;

/// How much of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Agents that come at once.
    pub agents: usize,
    /// Agents that come afterwards, each when the one before is admitted.
    pub more: usize,
}

/// Runs it.
pub async fn run(parameters: &Parameters, bench: &mut Bench) -> Result<()> {
    let agents = parameters.agents;
    let (master, fleet, _progress) = bench.cluster(agents, Tasks::Run).await?;
    let before = master.meter()?;
    bench.report.figure("idle_resident_mb", before.resident as f64 / 1e6);

    let start = Instant::now();
    fleet.register(1..agents + 1);
    fleet.until(PATIENCE, "all agents", |counts| counts.admitted >= agents).await?;
    let last = fleet.counts().last_admitted.unwrap_or(start);
    bench.report.figure("all_admitted_s", (last - start).as_secs_f64());
    let after = master.meter()?;
    bench.cpu_each("admitted_agent", &before, &after, agents);
    bench.bytes_each("bare_agent", &before, &after, agents);
    let admission = fleet.counts().admission.clone();
    bench.report.durations("admission_in_the_burst", admission);

    fleet.reset_counts();
    for done in 0..parameters.more {
        let number = fleet.grow();
        fleet.register(number..number + 1);
        fleet.until(PATIENCE, "one more agent", |counts| counts.admitted > done).await?;
    }
    let admission = fleet.counts().admission.clone();
    bench.report.durations("one_more", admission);
    bench.cpu_each("one_more", &after, &master.meter()?, parameters.more);
    Ok(())
}
