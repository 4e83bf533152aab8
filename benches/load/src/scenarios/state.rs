// SPDX-License-Identifier: Apache-2.0

//! `/state` of a large cluster, on its own.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use mesos_proto::v1::TaskState;
use serde::Deserialize;

use super::Bench;
use crate::{
    cluster::{self, Population},
    fleet::Tasks,
    histogram::Histogram,
    probe::{self, Answer},
};

/// How much of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    agents: usize,
    tasks: usize,
    completed: usize,
    labels: usize,
    frameworks: usize,
    /// Further requests, before each of which that many tasks report something.
    changed_tasks: usize,
    further: usize,
}

/// Runs it.
pub async fn run(parameters: &Parameters, bench: &mut Bench) -> Result<()> {
    let Parameters { agents, tasks, completed, labels, frameworks, changed_tasks, further } =
        *parameters;
    let population = Population { tasks, completed, labels, frameworks };
    let (master, fleet, _progress, _) =
        bench.populated(agents, Tasks::Run, &population, usize::MAX).await?;
    let before = master.meter()?;
    let cold = ask(master.address()).await?;
    let after = master.meter()?;
    bench.report.figure("size_mb", cold.bytes as f64 / 1e6);
    bench.report.figure("cold_s", cold.took.as_secs_f64());
    bench.cpu_each("cold", &before, &after, 1);
    bench.report.figure("cached_mb", (after.resident as f64 - before.resident as f64) / 1e6);

    let (mut same, mut changed) = (Histogram::default(), Histogram::default());
    for round in 0..further {
        same.record(ask(master.address()).await?.took);
        for number in 0..changed_tasks {
            let agent = (round * changed_tasks + number) % agents.max(1) + 1;
            let task = cluster::task_id(agent, 0);
            fleet.report(agent, &cluster::framework_id(0), &task, TaskState::TaskRunning);
        }
        // The wire has no answers: leave the master the time to take the updates.
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        changed.record(ask(master.address()).await?.took);
    }
    bench.report.durations("unchanged", same);
    bench.report.durations("little_changed", changed);
    bench.report.figure("peak_resident_mb", master.meter()?.peak as f64 / 1e6);
    Ok(())
}

async fn ask(master: SocketAddr) -> Result<Answer> {
    let answer = tokio::task::spawn_blocking(move || probe::get(master, "/state")).await??;
    ensure!(answer.status == 200, "/state answered {}", answer.status);
    Ok(answer)
}
