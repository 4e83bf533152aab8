// SPDX-License-Identifier: Apache-2.0

//! The program of the Rust crate's README, which the examples compile.

use super::cluster::{Cluster, Wanted, greets};
use crate::chores::{bin_dir, cargo, succeed};
use anyhow::{Context, Result};
use std::process::Command;

/// It must end well, and have been subscribed before.
pub fn check(cluster: &Cluster) -> Result<()> {
    succeed(cargo(&["build", "--quiet", "--package", "hello", "--bin", "hello-of-readme"]))?;
    let mut hello = Command::new(bin_dir().join("hello-of-readme"));
    greets(hello.arg(cluster.address()), &Wanted::Saying("Subscribed"))
        .context("the program of the README")
}
