// SPDX-License-Identifier: Apache-2.0

//! Lets clients that mean harm loose on a master, at full size.

use crate::chores::{cargo, succeed, target};
use anyhow::Result;

/// Runs the attacks whose names contain one of `wanted`, or all of them, and
/// shows what each costs those who live beside it.
pub fn hostile(wanted: &[&str]) -> Result<()> {
    let packages = ["--package", "mesos-master", "--package", "mesos-hostile"];
    let mut build = cargo(&["build", "--quiet", "--release", "--bins"]);
    build.args(packages);
    succeed(build)?;
    let programs = target().join("release");
    let mut command = std::process::Command::new(programs.join("mesos-hostile"));
    command.args(wanted).env("MESOS_TEST_BINARIES", programs);
    succeed(command)
}
