// SPDX-License-Identifier: Apache-2.0

//! `true` on one real agent: as many as it can take with so many at once, then
//! one after the other on an idle machine. Everything is real: launcher, shell,
//! sandbox, checkpoints, the acknowledged end.
//!
//! The CPU time of a task is told apart by whose it is: the agent's, that of the
//! containers (launcher, shell and what it runs), and the master's.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use mesos_proto::v1::FrameworkInfo;
use serde::Deserialize;

use super::{Bench, PATIENCE};
use crate::{
    agent::Agent,
    cluster,
    framework::{Framework, Manner},
    launcher::{Launcher, Supply, When},
    master::Master,
    process::Reading,
};

/// An agent that is idle for so long is measured.
const REST: Duration = Duration::from_secs(2);

/// How much of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Tasks at full load.
    tasks: usize,
    /// Tasks that fit on the agent.
    at_once: usize,
    /// Tasks one after the other.
    one_by_one: usize,
    /// Whether the framework wants its tasks to outlive the agent.
    checkpoint: bool,
}

/// Runs it.
pub async fn run(parameters: &Parameters, bench: &mut Bench) -> Result<()> {
    let master = Master::start(&bench.binary, &bench.flags).await?;
    let each = cluster::task_resources();
    let room: Vec<String> = ["cpus", "mem"]
        .map(|name| {
            let amount = cluster::amount(&each, name) * parameters.at_once as f64;
            format!("{name}:{amount:.3}")
        })
        .to_vec();
    let agent = Agent::start(&bench.binary, master.address(), &room.join(";"), &[])?;
    tokio::time::sleep(REST).await;
    bench.report.figure("agent_idle_resident_mb", agent.meter()?.resident as f64 / 1e6);
    one_after_the_other(parameters, bench, &master).await?;
    at_full_load(parameters, bench, &master, &agent).await?;
    tokio::time::sleep(REST).await;
    bench.report.figure("agent_resident_afterwards_mb", agent.meter()?.resident as f64 / 1e6);
    Ok(())
}

fn framework(parameters: &Parameters, number: usize) -> FrameworkInfo {
    let info = cluster::framework_info(&cluster::framework_name(number), None);
    FrameworkInfo { checkpoint: Some(parameters.checkpoint), ..info }
}

async fn at_full_load(
    parameters: &Parameters,
    bench: &mut Bench,
    master: &Master,
    agent: &Agent,
) -> Result<()> {
    let tasks = parameters.tasks;
    let info = framework(parameters, 1);
    let framework = Framework::subscribe(master.address(), info, false, Manner::Prompt).await?;
    let before = (agent.meter()?, master.meter()?);
    let start = Instant::now();
    let when = When::Eager { tasks_per_accept: parameters.at_once };
    let launcher = Launcher::start(framework, when, Supply::new(tasks as u64));
    launcher.until_finished(tasks as u64, PATIENCE).await?;
    let seconds = start.elapsed().as_secs_f64();
    launcher.check()?;
    let after = (agent.meter()?, master.meter()?);
    bench.report.figure("tasks_per_s", tasks as f64 / seconds);
    bench.cpu_each("agent_per_task", &before.0, &after.0, tasks);
    let children = |reading: &Reading| reading.children.as_secs_f64() * 1e6 / tasks as f64;
    let containers = children(&after.0) - children(&before.0);
    bench.report.figure("containers_per_task_cpu_us", containers);
    bench.cpu_each("master_per_task", &before.1, &after.1, tasks);
    let running = launcher.progress().running.clone();
    bench.report.durations("accept_to_running_at_full_load", running);
    Ok(())
}

async fn one_after_the_other(
    parameters: &Parameters,
    bench: &mut Bench,
    master: &Master,
) -> Result<()> {
    let tasks = parameters.one_by_one as u64;
    let info = framework(parameters, 0);
    let framework = Framework::subscribe(master.address(), info, false, Manner::Prompt).await?;
    let launcher = Launcher::start(framework, When::Held, Supply::new(tasks));
    for number in 1..=tasks {
        launcher.until_offers(1, PATIENCE).await?;
        ensure!(launcher.launch(Instant::now()), "an offer that was held is gone");
        launcher.until_finished(number, PATIENCE).await?;
    }
    launcher.check()?;
    bench.report.durations("accept_to_running_alone", launcher.progress().running.clone());
    Ok(())
}
