// SPDX-License-Identifier: Apache-2.0

//! Every scenario of the table, in C and in Rust.

use std::{env, process::Command};

use mesos_integration::scenarios::act_out;

use crate::{compile::compile, rust_scenarios};

#[tokio::test]
async fn every_scenario_ends_as_said_in_c() {
    let program = compile("scenarios", &["-fsanitize=address"]);
    act_out("", |name, master| {
        let mut command = Command::new(&program.path);
        command.args([name, master]);
        command
    })
    .await;
}

/// Tells this program to act out a scenario, and where.
const SCENARIO: &str = "MESOS_TEST_SCENARIO";
const MASTER: &str = "MESOS_TEST_MASTER";

/// Sets its lines apart from those of the test runner.
const MARK: &str = "scenario: ";

#[tokio::test]
async fn every_scenario_ends_as_said_in_rust() {
    act_out(MARK, |name, master| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "scenarios::the_scenario_of_the_environment"]);
        command.arg("--nocapture");
        command.env(SCENARIO, name).env(MASTER, master);
        command
    })
    .await;
}

#[test]
#[ignore = "run by another test"]
fn the_scenario_of_the_environment() {
    let (Ok(scenario), Ok(master)) = (env::var(SCENARIO), env::var(MASTER)) else { return };
    for line in rust_scenarios::act(&scenario, &master).lines() {
        println!("{MARK}{line}");
    }
}
