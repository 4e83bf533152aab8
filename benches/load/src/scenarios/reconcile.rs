// SPDX-License-Identifier: Apache-2.0

//! A framework asks for the state of many tasks: of ones nobody knows, each
//! named in one call, as in Mesos's own benchmark; and of all it has.

use std::time::Instant;

use anyhow::Result;
use mesos_proto::v1::TaskId;
use serde::Deserialize;

use super::{Bench, PATIENCE};
use crate::{
    cluster::{self, Population},
    fleet::Tasks,
    framework::{Framework, Manner},
    master::Master,
};

/// How much of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Agents with tasks of the framework.
    agents: usize,
    /// Tasks of each.
    tasks: usize,
    /// Unknown tasks to ask for.
    unknown: usize,
}

/// Runs it.
pub async fn run(parameters: &Parameters, bench: &mut Bench) -> Result<()> {
    let Parameters { agents, tasks, unknown } = *parameters;
    let (master, fleet, _progress) = bench.cluster(agents, Tasks::Run).await?;
    let population = Population { tasks, completed: 0, labels: 0, frameworks: 1 };
    fleet.populate(&population, PATIENCE).await?;
    let info = cluster::framework_info(&cluster::framework_name(0), Some(cluster::framework_id(0)));
    let mut framework = Framework::subscribe(master.address(), info, true, Manner::Prompt).await?;

    let ids = (0..unknown).map(|number| (TaskId { value: format!("unknown-{number}") }, None));
    let before = master.meter()?;
    let start = Instant::now();
    framework.caller.reconcile(ids);
    updates(&mut framework, unknown, &master, "unknown", start, bench).await?;
    bench.cpu_each("unknown_task", &before, &master.meter()?, unknown);

    let known = agents * tasks;
    let before = master.meter()?;
    let start = Instant::now();
    framework.caller.reconcile(std::iter::empty());
    updates(&mut framework, known, &master, "implicit", start, bench).await?;
    bench.cpu_each("known_task", &before, &master.meter()?, known);

    let agent_of = |number: usize| number % agents.max(1) + 1;
    let ids = (0..known).map(|it| {
        let agent = agent_of(it);
        (cluster::task_id(agent, it / agents.max(1)), Some(cluster::former_id(agent)))
    });
    let start = Instant::now();
    framework.caller.reconcile(ids);
    updates(&mut framework, known, &master, "explicit", start, bench).await?;
    framework.caller.check()
}

async fn updates(
    framework: &mut Framework,
    count: usize,
    master: &Master,
    name: &str,
    start: Instant,
    bench: &mut Bench,
) -> Result<()> {
    let mut seen = 0;
    while seen < count {
        if framework.next(PATIENCE).await?.update.is_some() {
            seen += 1;
        }
        framework.caller.check()?;
    }
    bench.report.figure(format!("{name}_s"), start.elapsed().as_secs_f64());
    bench.report.figure(format!("{name}_resident_mb"), master.meter()?.resident as f64 / 1e6);
    Ok(())
}
