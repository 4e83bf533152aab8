// SPDX-License-Identifier: Apache-2.0

//! Agents with running tasks and history register again: with a master that
//! has never heard of them, then with one that has the registry of the first.
//! The frameworks subscribe again at the same time.

use std::time::Instant;

use anyhow::Result;
use bytes::Bytes;
use serde::Deserialize;

use super::{Bench, PATIENCE};
use crate::{
    cluster::{self, Population},
    fleet::{Fleet, Tasks},
    framework::{Framework, Manner},
    master::Master,
    progress,
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
}

/// Runs it.
pub async fn run(parameters: &Parameters, bench: &mut Bench) -> Result<()> {
    let Parameters { agents, tasks, completed, labels, frameworks } = *parameters;
    let population = Population { tasks, completed, labels, frameworks };
    let (mut master, fleet, _progress) = bench.cluster(agents, Tasks::Run).await?;
    let messages = fleet.prepare_reregistration(&population);
    let bytes: usize = messages.iter().map(Bytes::len).sum();
    bench.report.figure("messages_mb", bytes as f64 / 1e6);

    round("fresh", &master, &fleet, &messages, parameters, bench).await?;
    master.fail_over().await?;
    fleet.reconnect().await?;
    let _progress = progress::watch(master.process(), &fleet);
    round("failover", &master, &fleet, &messages, parameters, bench).await
}

async fn round(
    name: &str,
    master: &Master,
    fleet: &Fleet,
    messages: &[Bytes],
    parameters: &Parameters,
    bench: &mut Bench,
) -> Result<()> {
    let agents = parameters.agents;
    let before = master.meter()?;
    let start = Instant::now();
    fleet.reset_counts();
    fleet.reregister(messages);
    let mut frameworks = Vec::new();
    for number in 0..parameters.frameworks {
        let id = Some(cluster::framework_id(number));
        let info = cluster::framework_info(&cluster::framework_name(number), id);
        let subscribed = Framework::subscribe(master.address(), info, true, Manner::Prompt).await?;
        frameworks.push(subscribed);
    }
    bench.report.figure(format!("{name}_subscribed_s"), start.elapsed().as_secs_f64());
    fleet.until(PATIENCE, "all agents", |counts| counts.admitted >= agents).await?;
    let last = fleet.counts().last_admitted.unwrap_or(start);
    bench.report.figure(format!("{name}_registered_s"), (last - start).as_secs_f64());
    let after = master.meter()?;
    bench.cpu_each(&format!("{name}_agent"), &before, &after, agents);
    bench.bytes_each(&format!("{name}_agent"), &before, &after, agents);
    let admission = fleet.counts().admission.clone();
    bench.report.durations(&format!("{name}_admission"), admission);
    Ok(())
}
