// SPDX-License-Identifier: Apache-2.0

//! Dashboards: clients that poll `/state` as fast as they are answered, while
//! others ask for `/health` and a framework launches tasks at a steady rate.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde::Deserialize;
use tokio::time::sleep_until;

use super::{Bench, PATIENCE};
use crate::{
    cluster::{self, Population},
    fleet::Tasks,
    framework::{Framework, Manner},
    histogram::Pace,
    launcher::{Launcher, Supply, When},
    probe::Probes,
};

/// How much of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    agents: usize,
    tasks: usize,
    labels: usize,
    /// Clients that poll `/state`.
    pollers: usize,
    launches_per_second: f64,
    healths_per_second: f64,
    /// How long, without pollers and then with them.
    seconds: u64,
}

/// Runs it.
pub async fn run(parameters: &Parameters, bench: &mut Bench) -> Result<()> {
    let Parameters { agents, tasks, labels, .. } = *parameters;
    let (master, fleet, _progress) = bench.cluster(agents, Tasks::Finish).await?;
    let population = Population { tasks, completed: 0, labels, frameworks: 1 };
    fleet.populate(&population, PATIENCE).await?;
    let info = cluster::framework_info("launcher", None);
    let framework = Framework::subscribe(master.address(), info, false, Manner::Prompt).await?;
    let launcher = Launcher::start(framework, When::Held, Supply::new(u64::MAX));
    launcher.until_offers(agents, PATIENCE).await?;

    for (name, pollers) in [("quiet", 0), ("polled", parameters.pollers)] {
        launcher.reset_times();
        let before = master.meter()?;
        let polling = Probes::eager(master.address(), "/state", pollers);
        let health = Probes::paced(master.address(), "/health", parameters.healths_per_second);
        pace(parameters, &launcher).await?;
        let health = health.finish().await?;
        bench.report.durations(&format!("{name}_health"), health);
        let running = launcher.progress().running.clone();
        bench.report.durations(&format!("{name}_accept_to_running"), running);
        let after = master.meter()?;
        let busy = (after.cpu - before.cpu).as_secs_f64() / (after.at - before.at).as_secs_f64();
        bench.report.figure(format!("{name}_cores"), busy);
        let polled = polling.finish().await?;
        if pollers > 0 {
            let rate = polled.count() as f64 / (after.at - before.at).as_secs_f64();
            bench.report.figure("states_per_s", rate);
            bench.report.durations("state", polled);
            bench.report.figure("peak_resident_mb", after.peak as f64 / 1e6);
        }
    }
    launcher.check()
}

async fn pace(parameters: &Parameters, launcher: &Launcher) -> Result<()> {
    let end = Instant::now() + Duration::from_secs(parameters.seconds);
    let mut pace = Pace::new(parameters.launches_per_second);
    loop {
        let due = pace.next_due();
        if due >= end {
            return Ok(());
        }
        sleep_until(due.into()).await;
        ensure!(launcher.launch(Pace::timed_from(due)), "there is no offer to launch on");
    }
}
