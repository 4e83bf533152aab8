// SPDX-License-Identifier: Apache-2.0

//! Resident bytes for each agent, running task and completed task: a master
//! with each more than the one before. Few agents come at once, so what is
//! measured is what is kept; what a burst takes is for the failover to show.

use std::time::Duration;

use anyhow::Result;
use serde::Deserialize;

use super::Bench;
use crate::{cluster::Population, fleet::Tasks, process::Reading};

/// How much of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    agents: usize,
    tasks: usize,
    completed: usize,
    labels: usize,
    frameworks: usize,
}

/// Agents that come at once.
const BATCH: usize = 50;

/// Until what was needed only for the moment is given back.
const SETTLING: Duration = Duration::from_secs(3);

/// Runs it.
pub async fn run(parameters: &Parameters, bench: &mut Bench) -> Result<()> {
    let Parameters { agents, tasks, completed, labels, frameworks } = *parameters;
    let population = Population { tasks, completed, labels, frameworks };
    let nothing = Population { tasks: 0, completed: 0, ..population };
    let (idle, bare) = resident(bench, agents, &nothing).await?;
    let (_, running) = resident(bench, agents, &Population { completed: 0, ..population }).await?;
    bench.report.figure("idle_resident_mb", idle.resident as f64 / 1e6);
    bench.bytes_each("bare_agent", &idle, &bare, agents);
    bench.bytes_each("agent_with_tasks", &idle, &running, agents);
    bench.bytes_each("running_task", &bare, &running, agents * tasks);
    bench.report.figure("with_tasks_resident_mb", running.resident as f64 / 1e6);
    if completed > 0 {
        let (_, all) = resident(bench, agents, &population).await?;
        bench.bytes_each("completed_task", &running, &all, agents * completed);
    }
    let peak = running.peak as f64 - running.resident as f64;
    bench.report.figure("peak_over_resident_mb", peak / 1e6);
    Ok(())
}

async fn resident(
    bench: &Bench,
    agents: usize,
    population: &Population,
) -> Result<(Reading, Reading)> {
    let (master, _fleet, _progress, before) =
        bench.populated(agents, Tasks::Run, population, BATCH).await?;
    tokio::time::sleep(SETTLING).await;
    Ok((before, master.meter()?))
}
