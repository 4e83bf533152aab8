// SPDX-License-Identifier: Apache-2.0

//! Installs the Debian packages that a fresh machine lacks.

use anyhow::{Context, Result, bail, ensure};
use std::process::{Command, Stdio};

/// Something the chores need: a command that succeeds where it is present, and
/// the package that brings it.
pub struct Need {
    probe: &'static [&'static str],
    package: &'static str,
}

const NEEDS: [Need; 11] = [
    Need { probe: &["test", "-x", "/usr/share/zookeeper/bin/zkServer.sh"], package: "zookeeper" },
    Need { probe: &["cc", "--version"], package: "build-essential" },
    Need { probe: &["python3", "-c", "import venv, ensurepip"], package: "python3-venv" },
    Need { probe: &["tar", "--version"], package: "tar" },
    Need { probe: &["ps", "--version"], package: "procps" },
    Need { probe: &["valgrind", "--version"], package: "valgrind" },
    Need { probe: &["cmake", "--version"], package: "cmake" },
    Need { probe: &["protoc", "--version"], package: "protobuf-compiler" },
    Need { probe: &["pkg-config", "--exists", "protobuf"], package: "libprotobuf-dev pkg-config" },
    Need { probe: &["javac", "-version"], package: "default-jdk-headless" },
    Need { probe: &["mvn", "--version"], package: "maven" },
];

/// What `cargo xtask dist` needs besides.
pub const FOR_DIST: [Need; 8] = [
    Need { probe: &["cc", "--version"], package: "build-essential" },
    Need { probe: &["git", "--version"], package: "git" },
    Need { probe: &["cmake", "--version"], package: "cmake" },
    Need { probe: &["pkg-config", "--version"], package: "pkg-config" },
    Need { probe: &["xz", "--version"], package: "xz-utils" },
    Need { probe: &["lintian", "--version"], package: "lintian" },
    Need { probe: &["javac", "-version"], package: "default-jdk-headless" },
    Need { probe: &["mvn", "--version"], package: "maven" },
];

/// What `cargo xtask image` needs besides.
pub const FOR_IMAGE: [Need; 3] = [
    Need { probe: &["test", "-x", "/usr/sbin/dockerd"], package: "docker.io" },
    Need { probe: &["test", "-x", "/usr/sbin/debootstrap"], package: "debootstrap" },
    Need { probe: &["curl", "--version"], package: "curl" },
];

/// What Docker needs besides to build with BuildKit: since version 23 Debian has that apart.
pub const FOR_BUILDKIT: [Need; 1] = [Need {
    probe: &[
        "sh",
        "-c",
        "/usr/bin/docker buildx version || dpkg --compare-versions \
         \"$(dpkg-query --show --showformat='${Version}' docker.io)\" lt 23",
    ],
    package: "docker-buildx",
}];

/// What `cargo xtask nix` needs besides.
pub const FOR_NIX: [Need; 2] = [
    Need { probe: &["nix", "--version"], package: "nix-bin" },
    Need { probe: &["git", "--version"], package: "git" },
];

/// Installs what everything needs.
pub fn ensure_installed() -> Result<()> {
    ensure(&NEEDS)
}

/// Installs what is missing when run as root; otherwise fails with the one line to run.
pub fn ensure(needs: &[Need]) -> Result<()> {
    let missing: Vec<&str> =
        needs.iter().filter(|n| !is_present(n.probe)).map(|n| n.package).collect();
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
