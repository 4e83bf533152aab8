// SPDX-License-Identifier: Apache-2.0

//! Rust: its crate is part of the workspace, so cargo builds and tests it with the rest.

use super::Language;
use crate::chores::{bin_dir, cargo, succeed};
use anyhow::Result;
use std::process::Command;

/// See the module.
pub const LANGUAGE: Language = Language { name: "Rust", build, test, framework };

fn build() -> Result<()> {
    let packages = ["--package", "test-framework", "--package", "hello"];
    let mut command = cargo(&["build", "--quiet", "--bins"]);
    command.args(packages);
    succeed(command)
}

/// The step "tests" has run them.
fn test() -> Result<()> {
    Ok(())
}

fn framework(master: &str) -> Result<Command> {
    let mut command = Command::new(bin_dir().join("test-framework"));
    command.arg(format!("--master={master}"));
    Ok(command)
}
