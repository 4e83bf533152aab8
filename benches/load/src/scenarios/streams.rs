// SPDX-License-Identifier: Apache-2.0

//! Many frameworks with streams of events; some never read theirs. All have
//! tasks whose agents report; those who read launch tasks, too.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use mesos_proto::v1::TaskState;
use serde::Deserialize;
use tokio::time::sleep_until;

use super::{Bench, PATIENCE};
use crate::{
    cluster::{self, Population},
    fleet::Tasks,
    framework::{Framework, Manner},
    histogram::{Histogram, Pace},
    launcher::{Launcher, Supply, When},
};

/// How much of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    agents: usize,
    streams: usize,
    /// So many of them are never read.
    stalled: usize,
    /// Tasks that are launched, over all frameworks that read.
    launches_per_second: f64,
    /// Updates for each of the frameworks that do not, in a second.
    stalled_updates_per_second: usize,
    seconds: u64,
}

/// Runs it.
pub async fn run(parameters: &Parameters, bench: &mut Bench) -> Result<()> {
    let Parameters { agents, streams, stalled, stalled_updates_per_second, .. } = *parameters;
    ensure!(stalled < streams, "some streams must be read");
    let (master, fleet, _progress) = bench.cluster(agents, Tasks::Finish).await?;
    // Each agent has one task of each framework that will not read.
    let population = Population { tasks: stalled, completed: 0, labels: 0, frameworks: stalled };
    fleet.populate(&population, PATIENCE).await?;
    let mut silent = Vec::new();
    for number in 0..stalled {
        let id = Some(cluster::framework_id(number));
        let info = cluster::framework_info(&cluster::framework_name(number), id);
        silent.push(Framework::subscribe(master.address(), info, true, Manner::Stalled).await?);
    }
    let supply = Supply::new(u64::MAX);
    let mut launchers = Vec::new();
    for number in stalled..streams {
        let mut info = cluster::framework_info(&cluster::framework_name(number), None);
        info.roles = vec!["readers".to_owned()];
        // Only some need offers; the others just listen, as most frameworks do.
        let suppressed = number > stalled;
        let framework =
            Framework::subscribe(master.address(), info, suppressed, Manner::Prompt).await?;
        launchers.push(Launcher::start(framework, When::Held, supply.clone()));
    }
    let launcher = &launchers[0];
    launcher.until_offers(agents, PATIENCE).await?;

    let before = master.meter()?;
    let end = Instant::now() + Duration::from_secs(parameters.seconds);
    let mut pace = Pace::new(parameters.launches_per_second);
    let each = (stalled * stalled_updates_per_second) as f64 / parameters.launches_per_second;
    let (mut owed, mut updates) = (0.0, 0);
    loop {
        let due = pace.next_due();
        if due >= end {
            break;
        }
        sleep_until(due.into()).await;
        ensure!(launcher.launch(Pace::timed_from(due)), "there is no offer to launch on");
        owed += each;
        while owed >= 1.0 {
            owed -= 1.0;
            let (agent, number) = (updates / stalled % agents + 1, updates % stalled);
            let task = cluster::task_id(agent, number);
            fleet.report(agent, &cluster::framework_id(number), &task, TaskState::TaskRunning);
            updates += 1;
        }
    }
    let after = master.meter()?;
    let busy = (after.cpu - before.cpu).as_secs_f64() / (after.at - before.at).as_secs_f64();
    bench.report.figure("busy_percent_of_a_core", busy * 100.0);
    let grown = (after.resident as f64 - before.resident as f64) / 1e6;
    bench.report.figure("grown_mb", grown);
    bench.report.figure("stalled_updates", updates as f64);
    let mut running = Histogram::default();
    for launcher in &launchers {
        launcher.check()?;
        running.merge(&launcher.progress().running);
    }
    bench.report.durations("accept_to_running", running);
    Ok(())
}
