// SPDX-License-Identifier: Apache-2.0

//! Builds the daemons and the load generator and lets one put load on the others.

use crate::{
    chores::{cargo, root, succeed, target},
    figures,
};
use anyhow::Result;
use std::process::Command;

/// A scenario, the values of its parameter `agents` besides that of its file,
/// and what else is changed to keep the run short.
type Series = (&'static str, &'static [u32], &'static [&'static str]);

/// What is measured at several sizes, for the plots.
const SERIES: [Series; 6] = [
    ("failover", &[1_000, 2_000, 5_000, 20_000, 50_000], &[]),
    ("memory", &[1_000, 5_000, 20_000, 50_000], &["completed=0"]),
    ("register", &[1_000, 5_000, 20_000, 50_000], &[]),
    ("state", &[500, 1_000, 2_000, 10_000, 20_000], &[]),
    ("launch", &[5_000, 20_000, 50_000], &["tasks=20_000"]),
    ("freed", &[1_000, 5_000, 20_000, 50_000], &["ends=1_000"]),
];

/// Runs `mesos-load` with the options given, against the master of this
/// workspace unless they name another.
pub fn load(options: &[&str]) -> Result<()> {
    match options {
        ["--table"] => figures::write_tables(),
        ["--series", options @ ..] => {
            build(options)?;
            let runs = SERIES.iter().flat_map(|(scenario, sizes, changes)| {
                sizes.iter().map(move |agents| (*scenario, format!("agents={agents}"), *changes))
            });
            let outcomes = runs.map(|(scenario, agents, changes)| {
                let mut words = vec![scenario, "--set", agents.as_str()];
                changes.iter().for_each(|change| words.extend(["--set", change]));
                words.extend(options);
                run(&words)
            });
            // One that fails shall not keep the others from being measured.
            let outcomes: Vec<Result<()>> = outcomes.collect();
            outcomes.into_iter().collect()
        }
        _ => {
            build(options)?;
            let outcome = run(options);
            if options.contains(&"--all") {
                figures::show_tables()?;
            }
            outcome
        }
    }
}

fn is_other_master(options: &[&str]) -> bool {
    options.contains(&"--master-binary")
}

fn build(options: &[&str]) -> Result<()> {
    let mut arguments = vec!["build", "--quiet", "--release", "--package", "mesos-load"];
    if !is_other_master(options) {
        for daemon in ["mesos-master", "mesos-agent", "mesos-launcher"] {
            arguments.extend(["--package", daemon]);
        }
    }
    succeed(cargo(&arguments))
}

fn run(options: &[&str]) -> Result<()> {
    let target = target();
    let mut command = Command::new(target.join("release/mesos-load"));
    command.current_dir(root()).arg("--results").arg(target.join("load"));
    if !is_other_master(options) {
        command.arg("--master-binary").arg(target.join("release/mesos-master"));
    }
    command.args(options);
    succeed(command)
}
