// SPDX-License-Identifier: Apache-2.0

//! Agents leave and others come, frameworks come and go without a word, some
//! of either dawdle, repeat themselves or fall silent; meanwhile a framework
//! launches tasks at a steady rate, and none of that may be its concern.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use mesos_proto::v1::Offer;
use serde::Deserialize;
use tokio::time::sleep_until;

use super::{Bench, PATIENCE};
use crate::{
    cluster,
    fleet::{Fleet, Mood, Tasks},
    framework::{Framework, Manner},
    histogram::Pace,
    launcher::{Launcher, Supply, When},
    master::Master,
};

/// How much of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    agents: usize,
    /// So many of the agents answer late, say everything twice, or nothing.
    slow: usize,
    repeating: usize,
    silent: usize,
    /// Agents that leave, and as many that come.
    agents_per_second: usize,
    /// Frameworks that come; each goes a second later, half of them without a word.
    frameworks_per_second: usize,
    launches_per_second: f64,
    seconds: u64,
}

/// How late a slow agent is.
const SLOW: Duration = Duration::from_millis(500);

/// Runs it.
pub async fn run(parameters: &Parameters, bench: &mut Bench) -> Result<()> {
    let Parameters { agents, slow, repeating, silent, .. } = *parameters;
    ensure!(slow + repeating + silent <= agents, "there are not so many agents");
    let (master, fleet, _progress) = bench.cluster(agents, Tasks::Finish).await?;
    fleet.set_mood(1..slow + 1, Mood::Slow(SLOW));
    fleet.set_mood(slow + 1..slow + repeating + 1, Mood::Repeating);
    fleet.register(1..agents + 1);
    fleet.until(PATIENCE, "all agents", |counts| counts.admitted >= agents).await?;
    let first_silent = slow + repeating + 1;
    fleet.set_mood(first_silent..first_silent + silent, Mood::Silent);
    let info = cluster::framework_info("launcher", None);
    let framework = Framework::subscribe(master.address(), info, false, Manner::Prompt).await?;
    let launcher = Launcher::start(framework, When::Held, Supply::new(u64::MAX));
    launcher.until_offers(agents, PATIENCE).await?;

    let before = master.meter()?;
    let end = Instant::now() + Duration::from_secs(parameters.seconds);
    let mut pace = Pace::new(parameters.launches_per_second);
    let mut leaving = first_silent + silent;
    let mut next_second = Instant::now();
    let mut guests = Vec::new();
    loop {
        let due = pace.next_due();
        if due >= end {
            break;
        }
        sleep_until(due.into()).await;
        // What slow and silent agents do with a task says nothing about the master,
        // and those that are about to leave would take it along.
        let stays = leaving + 2 * parameters.agents_per_second;
        let healthy = |offer: &Offer| cluster::agent_number(offer).is_some_and(|it| it >= stays);
        let launched = launcher.launch_where(Pace::timed_from(due), healthy);
        ensure!(launched, "there is no offer to launch on");
        if Instant::now() >= next_second {
            next_second += Duration::from_secs(1);
            // Half of them say that they leave; all of them hang up.
            guests.iter().step_by(2).for_each(|guest: &Framework| guest.caller.teardown());
            guests = visit(parameters, &master).await?;
            leaving = exchange(&fleet, leaving, parameters.agents_per_second);
        }
    }
    drop(guests);
    let after = master.meter()?;
    let busy = (after.cpu - before.cpu).as_secs_f64() / (after.at - before.at).as_secs_f64();
    bench.report.figure("busy_percent_of_a_core", busy * 100.0);
    let grown = (after.resident as f64 - before.resident as f64) / 1e6;
    bench.report.figure("grown_mb", grown);
    let progress = launcher.progress();
    bench.report.figure("tasks_finished", progress.finished as f64);
    bench.report.figure("tasks_lost", progress.failed as f64);
    bench.report.durations("accept_to_running", progress.running.clone());
    let admitted = fleet.counts().admission.clone();
    bench.report.durations("admission", admitted);
    bench.report.figure("agents_told_to_shut_down", fleet.counts().shut_down as f64);
    Ok(())
}

/// The agents that have been there longest leave, and as many come.
fn exchange(fleet: &Fleet, leaving: usize, count: usize) -> usize {
    for number in leaving..leaving + count {
        fleet.unregister(number);
        let new = fleet.grow();
        fleet.register(new..new + 1);
    }
    leaving + count
}

/// Frameworks that take no offers and hang up when the next ones come.
async fn visit(parameters: &Parameters, master: &Master) -> Result<Vec<Framework>> {
    let mut guests = Vec::new();
    for number in 0..parameters.frameworks_per_second {
        let info = cluster::framework_info(&format!("guest-{number}"), None);
        let manner = match number % 4 {
            0 => Manner::Slow(SLOW),
            1 => Manner::Stalled,
            2 => Manner::Repeating,
            _ => Manner::Prompt,
        };
        let guest = Framework::subscribe(master.address(), info, true, manner).await?;
        guests.push(guest);
    }
    Ok(guests)
}
