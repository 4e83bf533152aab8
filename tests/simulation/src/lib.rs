// SPDX-License-Identifier: Apache-2.0

//! The real state machines on a simulated network, clock, disk and registry.
//!
//! A seed decides everything that happens in a run: how many agents and schedulers
//! there are, how long each message takes, which processes crash when and come back,
//! which connections break, which directions of the network stop working, how tasks
//! end. The master, the agents and the scheduler drivers are the ones that the
//! daemons run; only their shells are replaced.
//!
//! After every step:
//! - what is used and on offer of an agent fits into what it has, and is the sum of
//!   its tasks, executors and offers;
//! - no task is started twice;
//! - a framework hears only of tasks that it launched, and of nothing after an end
//!   that an agent reported;
//! - the master moves no task out of a terminal state;
//! - what a framework hears of a task is what its executor made known, in order.
//!
//! Then nothing goes wrong any more, and within an hour every task has to be over in
//! the eyes of its framework, the master and its agent, and nothing be in use.
//!
//! A run that fails prints its seed, and the same seed fails again, with its story.

mod agent_host;
mod app;
mod container;
pub mod coverage;
mod debts;
mod disk;
mod event;
mod executor_host;
mod faults;
mod master_host;
mod network;
mod observer;
mod packet;
mod queue;
mod registry;
mod reports;
mod scheduler_host;
mod trace;
mod workload;
mod world;

use std::{
    fmt,
    panic::{self, AssertUnwindSafe},
};

use crate::world::World;

/// What a run that went well was like.
#[derive(Clone, Debug)]
pub struct Summary {
    /// How many things happened.
    pub events: u64,
    /// How much time passed in the cluster.
    pub seconds: f64,
    /// How many tasks were started.
    pub tasks: usize,
    /// What happened, line by line; empty if it was not asked for.
    pub trace: Vec<String>,
}

/// A run that went wrong.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which run.
    pub seed: u64,
    /// When, counted from its start.
    pub seconds: f64,
    /// What is wrong.
    pub what: String,
    /// What led to it, line by line; empty if it was not asked for.
    pub trace: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}, after {:.3} s: {}", self.seed, self.seconds, self.what)
    }
}

/// Runs one seed; with `traced`, a failure tells its story.
pub fn run(seed: u64, traced: bool) -> Result<Summary, Failure> {
    let caught = panic::catch_unwind(AssertUnwindSafe(|| World::new(seed, traced).run(seed)));
    caught.unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let what = format!("panic: {}", text.unwrap_or_default());
        Err(Failure { seed, seconds: f64::NAN, what, trace: Vec::new() })
    })
}

/// Runs a seed, and once more with its story if it fails.
pub fn run_and_explain(seed: u64) -> Result<Summary, Failure> {
    run(seed, false).or_else(|_| run(seed, true))
}

/// The seeds that once failed, and are run first ever since.
pub fn kept_seeds() -> Vec<u64> {
    let lines = include_str!("../seeds/kept.txt").lines();
    let lines = lines.map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter_map(|line| line.parse().ok()).collect()
}
