// SPDX-License-Identifier: Apache-2.0

//! What can be done to a master, one file each.
//!
//! | program | what is measured |
//! |---|---|
//! | `register` | many new agents at once; one more when they are there |
//! | `failover` | agents with tasks and history register again with a fresh master |
//! | `launch` | tasks from ACCEPT to the acknowledged end, as many as the master can take |
//! | `launch-real` | `true` on one real agent: tasks a second, accept to running, CPU time of a task |
//! | `freed` | from the end of a task to the offer of its resources to another framework |
//! | `reconcile` | unknown tasks, and all tasks |
//! | `state` | `/state` when nothing is prepared, when nothing and when little changed |
//! | `pollers` | `/health` and launches while clients poll `/state` |
//! | `streams` | many event streams, some of which nobody reads |
//! | `churn` | agents and frameworks that come, go, dawdle, repeat themselves and fall silent |
//! | `memory` | bytes for each agent and task |

mod churn;
mod failover;
mod freed;
mod launch;
mod launch_real;
mod memory;
mod pollers;
mod reconcile;
mod register;
mod state;
mod streams;

use std::{path::PathBuf, time::Duration};

use anyhow::Result;
use serde::Deserialize;

use crate::{
    cluster::Population,
    fleet::{Fleet, Tasks},
    master::Master,
    process::Reading,
    progress::{self, Progress},
    report::Report,
};

/// Whatever a scenario waits for, it does not wait longer.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a scenario needs.
pub struct Bench {
    /// The master's program.
    pub binary: PathBuf,
    /// Its further flags.
    pub flags: Vec<String>,
    /// What is found.
    pub report: Report,
}

impl Bench {
    /// A running master, and agents that have not said anything yet.
    async fn cluster(&self, agents: usize, tasks: Tasks) -> Result<(Master, Fleet, Progress)> {
        let master = Master::start(&self.binary, &self.flags).await?;
        let fleet = Fleet::new(master.address(), agents, tasks).await?;
        let progress = progress::watch(master.process(), &fleet);
        Ok((master, fleet, progress))
    }

    /// The same after a failover to a master that expects these agents and then
    /// took over their tasks and history, never of more than `batch` at once; and
    /// what the first master took before it had any agents.
    async fn populated(
        &self,
        agents: usize,
        tasks: Tasks,
        population: &Population,
        batch: usize,
    ) -> Result<(Master, Fleet, Progress, Reading)> {
        let (mut master, fleet, _progress) = self.cluster(agents, tasks).await?;
        let idle = master.meter()?;
        let nothing = Population { tasks: 0, completed: 0, ..*population };
        fleet.populate_by(usize::MAX, &nothing, PATIENCE).await?;
        master.fail_over().await?;
        fleet.reconnect().await?;
        let progress = progress::watch(master.process(), &fleet);
        fleet.populate_by(batch, population, PATIENCE).await?;
        Ok((master, fleet, progress, idle))
    }

    /// The master's CPU time between two readings, for each of so many operations.
    fn cpu_each(&mut self, name: &str, from: &Reading, to: &Reading, operations: usize) {
        let cpu = (to.cpu - from.cpu).as_secs_f64();
        self.report.figure(format!("{name}_cpu_us"), cpu * 1e6 / operations.max(1) as f64);
    }

    /// The master's growth between two readings, for each of so many things.
    fn bytes_each(&mut self, name: &str, from: &Reading, to: &Reading, things: usize) {
        let bytes = to.resident as f64 - from.resident as f64;
        self.report.figure(format!("{name}_bytes"), bytes / things.max(1) as f64);
    }
}

/// A program and its parameters.
#[derive(Debug, Deserialize)]
#[serde(tag = "scenario", rename_all = "kebab-case")]
pub enum Program {
    /// See `register.rs`; so on for the others.
    Register(register::Parameters),
    #[allow(missing_docs)]
    Failover(failover::Parameters),
    #[allow(missing_docs)]
    Launch(launch::Parameters),
    #[allow(missing_docs)]
    LaunchReal(launch_real::Parameters),
    #[allow(missing_docs)]
    Freed(freed::Parameters),
    #[allow(missing_docs)]
    Reconcile(reconcile::Parameters),
    #[allow(missing_docs)]
    State(state::Parameters),
    #[allow(missing_docs)]
    Pollers(pollers::Parameters),
    #[allow(missing_docs)]
    Streams(streams::Parameters),
    #[allow(missing_docs)]
    Churn(churn::Parameters),
    #[allow(missing_docs)]
    Memory(memory::Parameters),
}

impl Program {
    /// Does it all.
    pub async fn run(&self, bench: &mut Bench) -> Result<()> {
        match self {
            Program::Register(parameters) => register::run(parameters, bench).await,
            Program::Failover(parameters) => failover::run(parameters, bench).await,
            Program::Launch(parameters) => launch::run(parameters, bench).await,
            Program::LaunchReal(parameters) => launch_real::run(parameters, bench).await,
            Program::Freed(parameters) => freed::run(parameters, bench).await,
            Program::Reconcile(parameters) => reconcile::run(parameters, bench).await,
            Program::State(parameters) => state::run(parameters, bench).await,
            Program::Pollers(parameters) => pollers::run(parameters, bench).await,
            Program::Streams(parameters) => streams::run(parameters, bench).await,
            Program::Churn(parameters) => churn::run(parameters, bench).await,
            Program::Memory(parameters) => memory::run(parameters, bench).await,
        }
    }
}
