// SPDX-License-Identifier: Apache-2.0

//! `mesos-load`: thousands of simulated agents on the real wire and frameworks
//! on the v1 API, against one real master that it starts and measures.
//!
//! It works with any master that takes Mesos's flags. All traffic is on
//! loopback, on free ports; the master's folder is temporary. The simulated
//! cluster lives on one thread, so it takes at most one core; clients that
//! only read have threads of their own.

mod agent;
mod arguments;
pub mod cluster;
mod fleet;
mod framework;
mod histogram;
mod http;
mod launcher;
mod master;
mod probe;
mod process;
mod progress;
mod report;
mod scenario;
mod scenarios;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use tokio::{runtime, task::LocalSet};

use arguments::Arguments;
use report::Report;
use scenario::Scenario;
use scenarios::Bench;

/// Does what the words of a command line say.
///
/// # Errors
/// When they say nothing that can be done, or it goes wrong.
pub fn main(words: impl Iterator<Item = String>) -> Result<()> {
    let arguments = arguments::parse(words)?;
    // All are read before the first is run: a mistake shall not show after an hour.
    let read = |path: &PathBuf| scenario::read(path, &arguments.changes);
    let scenarios: Vec<Scenario> = arguments.scenarios.iter().map(read).collect::<Result<_>>()?;
    let mut failed = Vec::new();
    for scenario in &scenarios {
        if let Err(error) = run_one(&arguments, scenario) {
            eprintln!("{}: {error:#}", scenario.name);
            failed.push(scenario.name.as_str());
        }
    }
    ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
    Ok(())
}

fn run_one(arguments: &Arguments, scenario: &Scenario) -> Result<()> {
    eprintln!("{}", scenario.name);
    let mut bench = Bench {
        binary: arguments.master_binary.clone(),
        flags: scenario.master_flags.clone(),
        report: Report::default(),
    };
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(LocalSet::new().run_until(scenario.program.run(&mut bench)))?;
    bench.report.print(scenario)?;
    bench.report.write(scenario, &arguments.results, arguments::machine(&arguments.master_binary))
}
