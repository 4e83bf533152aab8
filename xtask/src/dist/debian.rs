// SPDX-License-Identifier: Apache-2.0

//! The Debian package with the daemons, the command-line programs and their services.

use super::{Dist, archive, crates, daemons, elf, name_of, notices, output, place, sbom, write};
use crate::chores::{root, succeed};
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const MAINTAINER: &str = "The mesos-rs authors <mesos-rs@users.noreply.github.com>";

const DESCRIPTION: &str = "\
Description: Mesos cluster manager: master, agent, command-line programs
 Mesos runs a data centre as one pool of computers: a master offers the
 processors, memory, disks and ports of each machine to frameworks, and
 agents run their tasks in containers.
 .
 This is mesos-rs, a drop-in replacement of Apache Mesos 1.11.
";

/// Lays out the files and packs them.
pub fn make(dist: &Dist) -> Result<()> {
    let tree = dist.scratch("debian")?;
    let glibc = lay_out_programs(dist, &tree)?;
    lay_out_configuration(&tree)?;
    lay_out_documents(dist, &tree)?;
    lay_out_control(dist, &tree, glibc)?;
    let file = dist.folder.join(file_name(dist));
    let mut command = Command::new("dpkg-deb");
    command
        .args(["--build", "--root-owner-group", "-Zxz"])
        .arg(&tree)
        .arg(&file)
        .env("SOURCE_DATE_EPOCH", dist.epoch.to_string());
    succeed(command)?;
    lint(&file)
}

/// The package's file.
pub fn file_name(dist: &Dist) -> String {
    format!("mesos-rs_{}-1_amd64.deb", dist.version)
}

/// Gives the C library that the newest of them needs.
fn lay_out_programs(dist: &Dist, tree: &Path) -> Result<(u32, u32)> {
    let made = daemons::folder(dist)?;
    let mut glibc = (2, 0);
    for program in &daemons::PROGRAMS {
        let file = tree.join(program.folder).join(program.name);
        place(&made.join("bin").join(program.name), &file, 0o755)?;
        glibc = glibc.max(elf::check(&file)?.glibc);
        if let Some((_, section)) = program.manual {
            let page = format!("man{section}/{}.{section}", program.name);
            let to = tree.join("usr/share/man").join(&page);
            place(&made.join("share/man").join(&page), &to, 0o644)?;
            archive::compress(&to)?;
        }
    }
    Ok(glibc)
}

fn lay_out_configuration(tree: &Path) -> Result<()> {
    let from = root().join("packaging/debian");
    for daemon in ["mesos-master", "mesos-agent"] {
        let unit = format!("{daemon}.service");
        place(&from.join(&unit), &tree.join("usr/lib/systemd/system").join(&unit), 0o644)?;
        let defaults = tree.join("etc/default").join(daemon);
        place(&from.join(format!("{daemon}.default")), &defaults, 0o644)?;
    }
    Ok(())
}

fn lay_out_documents(dist: &Dist, tree: &Path) -> Result<()> {
    let documents = tree.join("usr/share/doc/mesos-rs");
    let from = root();
    place(&from.join("packaging/debian/copyright"), &documents.join("copyright"), 0o644)?;
    let notices_file = documents.join(notices::FILE);
    write(&notices_file, notices::text(crates::OF_PROGRAMS)?.as_bytes(), 0o644)?;
    archive::compress(&notices_file)?;
    for name in ["docs/differences-from-mesos.md", "docs/limits.md"] {
        place(&from.join(name), &documents.join(name_of(name.as_ref())), 0o644)?;
    }
    let date = output(Command::new("date").args(["-u", "-R", "-d", &format!("@{}", dist.epoch)]))?;
    let changelog = format!(
        "mesos-rs ({}-1) unstable; urgency=medium\n\n  * New release.\n\n -- {MAINTAINER}  {date}",
        dist.version
    );
    let changelog_file = documents.join("changelog.Debian");
    write(&changelog_file, changelog.as_bytes(), 0o644)?;
    archive::compress(&changelog_file)?;
    write(&documents.join("sbom.cdx.json"), sbom::text(dist)?.as_bytes(), 0o644)?;
    let overrides = tree.join("usr/share/lintian/overrides/mesos-rs");
    place(&from.join("packaging/debian/lintian-overrides"), &overrides, 0o644)
}

fn lay_out_control(dist: &Dist, tree: &Path, glibc: (u32, u32)) -> Result<()> {
    let files = files_of(tree)?;
    let mut size = 0;
    for file in &files {
        size += tree.join(file).metadata()?.len().div_ceil(1024);
    }
    let sums = output(Command::new("md5sum").args(&files).current_dir(tree))?;
    let (major, minor) = glibc;
    let control = format!(
        "\
Package: mesos-rs
Version: {}-1
Architecture: amd64
Maintainer: {MAINTAINER}
Installed-Size: {size}
Depends: init-system-helpers (>= 1.54~), libc6 (>= {major}.{minor}), libgcc-s1 (>= 4.2)
Recommends: ca-certificates
Conflicts: mesos
Section: admin
Priority: optional
Homepage: https://github.com/mesos-rs/mesos-rs
{DESCRIPTION}",
        dist.version
    );
    let folder = tree.join("DEBIAN");
    write(&folder.join("control"), control.as_bytes(), 0o644)?;
    write(&folder.join("md5sums"), sums.as_bytes(), 0o644)?;
    let conffiles = "/etc/default/mesos-agent\n/etc/default/mesos-master\n";
    write(&folder.join("conffiles"), conffiles.as_bytes(), 0o644)?;
    for script in ["postinst", "prerm", "postrm"] {
        let from = root().join("packaging/debian").join(script);
        place(&from, &folder.join(script), 0o755)?;
    }
    Ok(())
}

/// The files below `tree`, relative to it, sorted.
fn files_of(tree: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = vec![tree.to_path_buf()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(tree).context("it is below the tree")?.to_owned());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Lets Debian's own check look at the package.
fn lint(file: &Path) -> Result<()> {
    let mut command = Command::new("lintian");
    command.args(["--fail-on", "error,warning", "--allow-root", "--no-cfg"]).arg(file);
    succeed(command)
}
