// SPDX-License-Identifier: Apache-2.0

//! Uses what was made, as the one who gets it would.

mod cluster;
mod cpp;
mod java;
mod python;
mod rust;

use super::{Dist, PLATFORM, archive, debian, notices, output};
use crate::chores::succeed;
use anyhow::{Context, Result, ensure};
use cluster::Cluster;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Checks each archive that is there.
pub fn make(dist: &Dist) -> Result<()> {
    let programs = daemons(dist).context("the archive of the daemons")?;
    let prefix = c_library(dist).context("the archive of the library")?;
    debian_package(dist).context("the Debian package")?;
    let cluster = Cluster::start(dist, &programs)?;
    command(&programs, &cluster).context("mesos-execute")?;
    rust::check(&cluster).context("the Rust crate")?;
    cpp::check(dist, &prefix, &cluster).context("the C++ library")?;
    python::check(dist, &cluster).context("the wheel")?;
    java::check(dist, &cluster).context("the jars")
}

/// Gives the folder with the programs.
fn daemons(dist: &Dist) -> Result<PathBuf> {
    let name = format!("mesos-rs-{}-{PLATFORM}.tar.gz", dist.version);
    let folder = archive::unpack(&dist.folder.join(name), &dist.scratch("check-daemons")?)?;
    for program in ["mesos-master", "mesos-agent", "mesos-execute", "mesos-local"] {
        let said = output(Command::new(folder.join("bin").join(program)).arg("--version"))?;
        ensure!(said.starts_with("mesos 1.11.0"), "{program} --version says '{}'", said.trim());
    }
    let page = folder.join("share/man/man8/mesos-master.8");
    ensure!(page.is_file(), "there is no manual page");
    tells(&folder.join("share/doc/mesos-rs"))?;
    Ok(folder.join("bin"))
}

/// Whether the notices of third parties are in a folder, and speak of what is always linked in.
fn tells(documents: &Path) -> Result<()> {
    let file = documents.join(notices::FILE);
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    ensure!(text.contains("\ntokio "), "{} does not name tokio", file.display());
    Ok(())
}

fn command(programs: &Path, cluster: &Cluster) -> Result<()> {
    let mut execute = Command::new(programs.join("mesos-execute"));
    execute.arg(format!("--master={}", cluster.address()));
    execute.args(["--name=hello", "--command=echo hello", "--resources=cpus:0.1;mem:32"]);
    let told = output(&mut execute)?;
    ensure!(told.contains("TASK_FINISHED"), "it says '{}'", told.trim());
    Ok(())
}

/// Builds the example that lies in the archive, in the three ways its readers know; gives the
/// folder that the archive was unpacked into.
fn c_library(dist: &Dist) -> Result<PathBuf> {
    let name = format!("libmesos-{}-{PLATFORM}.tar.gz", dist.version);
    let scratch = dist.scratch("check-library")?;
    let prefix = archive::unpack(&dist.folder.join(name), &scratch)?;
    tells(&prefix.join("share/doc/libmesos"))?;
    let example = prefix.join("share/doc/libmesos/example");

    let with_pkg_config = scratch.join("with-pkg-config");
    let flags = output(
        Command::new("pkg-config")
            .args(["--cflags", "--libs", "libmesos"])
            .env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")),
    )?;
    let mut compile = Command::new("cc");
    compile
        .arg(example.join("example.c"))
        .args(flags.split_whitespace())
        .arg("-o")
        .arg(&with_pkg_config);
    succeed(compile)?;

    let build = scratch.join("build");
    let mut configure = Command::new("cmake");
    configure
        .args(["-Wno-dev", "-S"])
        .arg(&example)
        .arg("-B")
        .arg(&build)
        .arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display()));
    output(&mut configure)?;
    output(Command::new("cmake").arg("--build").arg(&build))?;

    for program in [with_pkg_config, build.join("example"), build.join("example-static")] {
        runs(&program, &prefix)?;
    }
    Ok(prefix)
}

fn runs(program: &Path, prefix: &Path) -> Result<()> {
    let mut command = Command::new(program);
    command.arg("cpus:1;mem:64").env("LD_LIBRARY_PATH", prefix.join("lib"));
    let said = output(&mut command)?;
    ensure!(
        said.contains("libmesos") && said.contains("cpus") && said.contains("64"),
        "{} says '{}'",
        program.display(),
        said.trim()
    );
    Ok(())
}

fn debian_package(dist: &Dist) -> Result<()> {
    let file = dist.folder.join(debian::file_name(dist));
    let listed = output(Command::new("dpkg-deb").arg("--contents").arg(&file))?;
    for path in [
        "./usr/sbin/mesos-master",
        "./usr/sbin/mesos-agent",
        "./usr/libexec/mesos/mesos-launcher",
        "./usr/libexec/mesos/mesos-fetcher",
        "./usr/lib/systemd/system/mesos-agent.service",
        "./etc/default/mesos-agent",
    ] {
        ensure!(
            listed.lines().any(|line| line.ends_with(path) && line.contains("root/root")),
            "{path} is not in the package, or not root's"
        );
    }
    services(dist)
}

/// Lets systemd read the units, where there is one.
fn services(dist: &Dist) -> Result<()> {
    let tree = dist.scratch("check-debian")?;
    let mut unpack = Command::new("dpkg-deb");
    unpack.arg("--extract").arg(dist.folder.join(debian::file_name(dist))).arg(&tree);
    succeed(unpack)?;
    let mut verify = Command::new("systemd-analyze");
    verify
        .args(["verify", "--man=no", "--recursive-errors=no"])
        .arg(format!("--root={}", tree.display()))
        .args(["mesos-master.service", "mesos-agent.service"]);
    let Ok(told) = verify.output() else {
        eprintln!("  no systemd-analyze here: the services were not read");
        return Ok(());
    };
    // It only warns of a setting that it does not know.
    let complaints = String::from_utf8_lossy(&told.stderr);
    ensure!(told.status.success() && complaints.is_empty(), "systemd says: {complaints}");
    Ok(())
}
