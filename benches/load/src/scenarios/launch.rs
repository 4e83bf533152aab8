// SPDX-License-Identifier: Apache-2.0

//! A storm of short tasks: frameworks use every offer at once, agents say
//! RUNNING and, when that is acknowledged, FINISHED. A task is done when its
//! agent has the acknowledgement of its end.

use std::time::Instant;

use anyhow::{Result, ensure};
use serde::Deserialize;

use super::{Bench, PATIENCE};
use crate::{
    cluster,
    fleet::Tasks,
    framework::{Framework, Manner},
    histogram::Histogram,
    launcher::{Launcher, Supply, When},
};

/// How much of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    agents: usize,
    frameworks: usize,
    /// All tasks together.
    tasks: usize,
    tasks_per_accept: usize,
}

/// Runs it.
pub async fn run(parameters: &Parameters, bench: &mut Bench) -> Result<()> {
    let Parameters { agents, frameworks, tasks, tasks_per_accept } = *parameters;
    let (master, fleet, _progress) = bench.cluster(agents, Tasks::Finish).await?;
    fleet.register(1..agents + 1);
    fleet.until(PATIENCE, "all agents", |counts| counts.admitted >= agents).await?;

    let supply = Supply::new(tasks as u64);
    let before = master.meter()?;
    let start = Instant::now();
    let mut launchers = Vec::new();
    for number in 0..frameworks {
        let info = cluster::framework_info(&cluster::framework_name(number), None);
        let framework = Framework::subscribe(master.address(), info, false, Manner::Prompt).await?;
        let when = When::Eager { tasks_per_accept };
        launchers.push(Launcher::start(framework, when, supply.clone()));
    }
    fleet.until(PATIENCE, "all tasks", |counts| counts.ended >= tasks).await?;
    let seconds = start.elapsed().as_secs_f64();
    let after = master.meter()?;

    bench.report.figure("tasks_per_s", tasks as f64 / seconds);
    bench.cpu_each("task", &before, &after, tasks);
    let mut running = Histogram::default();
    let mut finished = 0;
    for launcher in &launchers {
        launcher.check()?;
        running.merge(&launcher.progress().running);
        finished += launcher.progress().finished;
    }
    ensure!(finished == tasks as u64, "{finished} of {tasks} tasks finished");
    bench.report.durations("accept_to_running_at_full_load", running);
    bench.report.figure("peak_resident_mb", after.peak as f64 / 1e6);
    Ok(())
}
