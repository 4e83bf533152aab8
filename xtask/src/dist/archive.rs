// SPDX-License-Identifier: Apache-2.0

//! Archives that are the same whenever their content is.

use super::Dist;
use crate::chores::succeed;
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Packs the folder `parent/name` as `<file>.tar.gz` into the folder of finished files.
pub fn pack(dist: &Dist, parent: &Path, name: &str, file: &str) -> Result<PathBuf> {
    let tar = dist.folder.join(format!("{file}.tar"));
    let mut command = Command::new("tar");
    command
        .args(["--create", "--sort=name", "--owner=0", "--group=0", "--numeric-owner"])
        .args(["--format=gnu", "--mode=go-w,a+rX"])
        .arg(format!("--mtime=@{}", dist.epoch))
        .arg("--file")
        .arg(&tar)
        .arg("--directory")
        .arg(parent)
        .arg(name);
    succeed(command)?;
    compress(&tar)
}

/// Replaces a file by `<file>.gz`, without a name or a time in it.
pub fn compress(file: &Path) -> Result<PathBuf> {
    let mut command = Command::new("gzip");
    command.args(["--force", "--no-name", "--best"]).arg(file);
    succeed(command)?;
    let mut name = file.as_os_str().to_owned();
    name.push(".gz");
    Ok(PathBuf::from(name))
}

/// Unpacks an archive into a folder and gives its one top folder.
pub fn unpack(file: &Path, into: &Path) -> Result<PathBuf> {
    let mut command = Command::new("tar");
    command.arg("--extract").arg("--file").arg(file).arg("--directory").arg(into);
    succeed(command)?;
    let top = fs::read_dir(into)?.next().context("the archive is empty")??;
    Ok(top.path())
}
