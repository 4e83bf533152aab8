// SPDX-License-Identifier: Apache-2.0

//! Builds the master and the load generator and lets one put load on the other.

use crate::chores::{cargo, root, succeed, target};
use anyhow::Result;
use std::process::Command;

/// Runs `mesos-load` with the options given, against the master of this
/// workspace unless they name another.
pub fn load(options: &[&str]) -> Result<()> {
    let other_master = options.contains(&"--master-binary");
    let mut packages = vec!["build", "--quiet", "--release", "--package", "mesos-load"];
    if !other_master {
        for daemon in ["mesos-master", "mesos-agent", "mesos-launcher"] {
            packages.extend(["--package", daemon]);
        }
    }
    succeed(cargo(&packages))?;
    let target = target();
    let mut command = Command::new(target.join("release/mesos-load"));
    command.current_dir(root()).arg("--results").arg(target.join("load"));
    if !other_master {
        command.arg("--master-binary").arg(target.join("release/mesos-master"));
    }
    command.args(options);
    succeed(command)
}
