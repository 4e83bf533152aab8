// SPDX-License-Identifier: Apache-2.0

//! A master and its agents in one process.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    mesos_cli::local::main(&arguments, &environment)
}
