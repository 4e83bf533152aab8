// SPDX-License-Identifier: Apache-2.0

//! `mesos-load`: thousands of simulated agents on the real wire and frameworks
//! on the v1 API, against one real master that it starts and measures.
//!
//! It works with any master that takes Mesos's flags. All traffic is on
//! loopback, on free ports; the master's folder is temporary. The simulated
//! cluster lives on one thread, so it takes at most one core; clients that
//! only read have threads of their own.

mod arguments;
mod cluster;
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

use std::{env, process::ExitCode};

use anyhow::{Context, Result};
use tokio::{runtime, task::LocalSet};

use arguments::Arguments;
use report::Report;
use scenario::Scenario;
use scenarios::Bench;

fn main() -> ExitCode {
    match arguments::parse(env::args().skip(1)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mesos-load: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    for path in &arguments.scenarios {
        let scenario = scenario::read(path, &arguments.changes)?;
        run_one(&arguments, &scenario).with_context(|| format!("scenario {}", scenario.name))?;
    }
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
