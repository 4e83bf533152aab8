// SPDX-License-Identifier: Apache-2.0

//! Installs the Debian packages that a fresh machine lacks.

use anyhow::{Context, Result, bail, ensure};
use std::process::{Command, Stdio};

/// Something the chores need: a command that succeeds where it is present, and
/// the package that brings it.
struct Need {
    probe: &'static [&'static str],
    package: &'static str,
}

const NEEDS: [Need; 6] = [
    Need { probe: &["test", "-x", "/usr/share/zookeeper/bin/zkServer.sh"], package: "zookeeper" },
    Need { probe: &["cc", "--version"], package: "build-essential" },
    Need { probe: &["python3", "-c", "import venv, ensurepip"], package: "python3-venv" },
    Need { probe: &["tar", "--version"], package: "tar" },
    Need { probe: &["ps", "--version"], package: "procps" },
    Need { probe: &["valgrind", "--version"], package: "valgrind" },
];

/// Installs what is missing when run as root; otherwise fails with the one line to run.
pub fn ensure_installed() -> Result<()> {
    let missing: Vec<&str> =
        NEEDS.iter().filter(|n| !is_present(n.probe)).map(|n| n.package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let line = format!("apt-get update && apt-get install -y {}", missing.join(" "));
    if !nix::unistd::Uid::effective().is_root() {
        bail!("this machine lacks {}; run: sudo sh -c '{line}'", missing.join(", "));
    }
    eprintln!("installing {}", missing.join(", "));
    let status = Command::new("sh")
        .args(["-c", &line])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdout(Stdio::null())
        .status()
        .context("running apt-get")?;
    ensure!(status.success(), "'{line}' failed");
    Ok(())
}

fn is_present(probe: &[&str]) -> bool {
    let Some((program, arguments)) = probe.split_first() else { return false };
    Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
