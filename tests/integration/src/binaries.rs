// SPDX-License-Identifier: Apache-2.0

//! The programs under test, built once per test run, or taken from the folder
//! that `MESOS_TEST_BINARIES` names.

use std::{env, path::PathBuf, process::Command, sync::OnceLock};

use anyhow::{Context, Result, anyhow, ensure};

/// The packages whose programs the tests start.
const PACKAGES: [&str; 6] =
    ["mesos-master", "mesos-agent", "mesos-launcher", "mesos-cli", "test-framework", "hello"];

/// The path of a program of this workspace.
///
/// # Errors
/// The programs cannot be built.
pub fn binary(name: &str) -> Result<PathBuf> {
    static FOLDER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| build().map_err(|error| format!("{error:#}")));
    let folder = folder.as_ref().map_err(|error| anyhow!("{error}"))?;
    let path = folder.join(name);
    ensure!(path.exists(), "'{}' was not built", path.display());
    Ok(path)
}

/// Brings the programs up to date; cargo does not, since it cannot know that
/// these tests start them.
fn build() -> Result<PathBuf> {
    if let Some(folder) = env::var_os("MESOS_TEST_BINARIES") {
        return Ok(folder.into());
    }
    let own = env::current_exe().context("finding this test")?;
    let folder = own.parent().and_then(|deps| deps.parent()).context("the target folder")?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--bins"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    if folder.file_name().is_some_and(|name| name == "release") {
        command.arg("--release");
    }
    for package in PACKAGES {
        command.args(["--package", package]);
    }
    let status = command.status().context("starting cargo")?;
    ensure!(status.success(), "building the programs failed ({status})");
    Ok(folder.to_path_buf())
}
