// SPDX-License-Identifier: Apache-2.0

//! One framework fills every agent with one task; others wait for offers that
//! cannot come. Tasks end at a steady rate, and each end is timed from the
//! agent's message to the offer of that agent to a waiting framework.

use std::{
    cell::RefCell,
    collections::HashMap,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use mesos_proto::v1::{TaskId, TaskState};
use serde::Deserialize;
use tokio::time::{sleep, sleep_until};

use super::{Bench, PATIENCE};
use crate::{
    cluster,
    fleet::{Fleet, Tasks},
    framework::{Framework, Manner},
    histogram::{Histogram, Pace},
};

/// How much of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    agents: usize,
    /// Frameworks that wait for offers.
    waiting: usize,
    /// Tasks that end.
    ends: usize,
    ends_per_second: f64,
}

/// Whose end was said when, until its resources are offered; and the times.
#[derive(Default)]
struct Freed {
    said: HashMap<String, Instant>,
    times: Histogram,
}

/// The task that fills one agent.
struct Filling {
    agent: usize,
    agent_id: String,
    task: TaskId,
}

/// Runs it.
pub async fn run(parameters: &Parameters, bench: &mut Bench) -> Result<()> {
    let Parameters { agents, waiting, ends, ends_per_second } = *parameters;
    ensure!(ends <= agents, "each agent has one task: ends must be at most agents");
    let (master, fleet, _progress) = bench.cluster(agents, Tasks::Run).await?;
    fleet.register(1..agents + 1);
    fleet.until(PATIENCE, "all agents", |counts| counts.admitted >= agents).await?;
    let info = cluster::framework_info("filler", None);
    let mut filler = Framework::subscribe(master.address(), info, false, Manner::Prompt).await?;
    let filled = fill(&mut filler, &fleet, agents).await?;
    filler.caller.suppress();

    let freed = Rc::new(RefCell::new(Freed::default()));
    for number in 0..waiting {
        let info = cluster::framework_info(&cluster::framework_name(number), None);
        let mut framework =
            Framework::subscribe(master.address(), info, false, Manner::Prompt).await?;
        let freed = freed.clone();
        // The task ends with the scenario; offers are kept, as by someone who needs them.
        tokio::task::spawn_local(async move {
            while let Some(event) = framework.events.recv().await {
                for offer in event.offers.map(|it| it.offers).unwrap_or_default() {
                    let mut freed = freed.borrow_mut();
                    if let Some(said) = freed.said.remove(&offer.agent_id.value) {
                        freed.times.record(said.elapsed());
                    }
                }
            }
        });
    }
    let framework_id = filler.caller.id.clone();
    let acknowledging = filler.caller.clone();
    tokio::task::spawn_local(async move {
        while let Some(event) = filler.events.recv().await {
            if let Some(update) = event.update {
                acknowledging.acknowledge(&update.status);
            }
        }
    });

    let before = master.meter()?;
    let mut pace = Pace::new(ends_per_second);
    for filling in filled.into_iter().take(ends) {
        let due = pace.next_due();
        sleep_until(due.into()).await;
        freed.borrow_mut().said.insert(filling.agent_id, Pace::timed_from(due));
        fleet.report(filling.agent, &framework_id, &filling.task, TaskState::TaskFinished);
    }
    let deadline = Instant::now() + Duration::from_secs(30);
    while freed.borrow().times.count() < ends as u64 && Instant::now() < deadline {
        sleep(Duration::from_millis(10)).await;
    }
    let offered = freed.borrow().times.count();
    ensure!(offered == ends as u64, "only {offered} of {ends} freed agents were offered");
    bench.cpu_each("end", &before, &master.meter()?, ends);
    let times = freed.borrow().times.clone();
    bench.report.durations("freed_to_offered", times);
    Ok(())
}

/// Launches one task on all of every agent and waits until all run.
async fn fill(filler: &mut Framework, fleet: &Fleet, agents: usize) -> Result<Vec<Filling>> {
    let mut filled = Vec::new();
    let mut running = 0;
    while running < agents {
        let event = filler.next(PATIENCE).await.context("filling the agents")?;
        for offer in event.offers.map(|it| it.offers).unwrap_or_default() {
            let each = [
                cluster::scalar("cpus", cluster::amount(&offer.resources, "cpus")),
                cluster::scalar("mem", cluster::amount(&offer.resources, "mem")),
            ];
            let number = filled.len() as u64;
            let launch = cluster::launch(&offer.agent_id, number, 1, &each);
            let agent = cluster::agent_number(&offer);
            filled.push(Filling {
                agent: agent.context("an offer of a host that is not ours")?,
                agent_id: offer.agent_id.value,
                task: TaskId { value: format!("load-{number}") },
            });
            filler.caller.accept(offer.id, vec![launch]);
        }
        if let Some(update) = event.update {
            filler.caller.acknowledge(&update.status);
            ensure!(update.status.state() == TaskState::TaskRunning, "{:?}", update.status);
            running += 1;
        }
    }
    ensure!(fleet.counts().launched == agents, "an agent was given more than one task");
    filler.caller.check()?;
    Ok(filled)
}
