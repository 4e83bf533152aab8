// SPDX-License-Identifier: Apache-2.0

//! Lets Nix read and build the flake, with the compilers of this machine instead of nixpkgs.
//!
//! `nix/host-toolchain` takes the place of nixpkgs: what that proves, and what not, is in
//! docs/packaging.md.

use super::output;
use crate::{
    bindings::java,
    chores::{cargo, root, succeed, target},
    packages,
};
use anyhow::{Context, Result, ensure};
use std::{fs, path::PathBuf, process::Command};

/// What the flake has to offer.
const PACKAGES: [&str; 6] = ["default", "image", "java", "libmesos", "mesos", "python"];

/// Reads the whole flake, every system and every output, and builds nothing.
pub fn evaluate() -> Result<()> {
    packages::ensure(&packages::FOR_NIX)?;
    check_lock()?;
    succeed(nix(&["flake", "check", "--no-build"]))?;
    for package in PACKAGES {
        let attribute = format!("{}#packages.x86_64-linux.{package}.drvPath", here());
        let path = output(&mut nix(&["eval", "--raw", &attribute]))?;
        ensure!(path.ends_with(".drv"), "{package} is no derivation but '{path}'");
    }
    Ok(())
}

/// The same for all tests: Nix takes from a checkout what git knows of, so without git there is
/// nothing to read.
pub fn evaluate_checkout() -> Result<()> {
    if !root().join(".git").exists() {
        eprintln!("  this is no git checkout: the flake is not read");
        return Ok(());
    }
    evaluate()
}

/// Builds every package and every check of the flake.
pub fn build() -> Result<()> {
    evaluate()?;
    // Nix takes the crates from where cargo keeps them, and the jars from where Maven does.
    packages::ensure_installed()?;
    succeed(cargo(&["fetch", "--locked"]))?;
    java::fetch()?;
    let folder = target().join("nix");
    fs::create_dir_all(&folder)?;
    for package in PACKAGES {
        eprintln!("nix: {package}");
        let attribute = format!("{}#{package}", here());
        let mut command = nix(&["build", "--print-build-logs", &attribute]);
        command.arg("--out-link").arg(folder.join(package));
        succeed(command)?;
    }
    succeed(nix(&["flake", "check", "--print-build-logs"]))
}

/// The lock has to pin nixpkgs by revision and hash.
fn check_lock() -> Result<()> {
    let lock = fs::read_to_string(root().join("flake.lock"))?;
    let lock: serde_json::Value = serde_json::from_str(&lock)?;
    let locked = &lock["nodes"]["nixpkgs"]["locked"];
    let text = |key: &str| locked[key].as_str().with_context(|| format!("flake.lock lacks {key}"));
    let revision = text("rev")?;
    ensure!(
        revision.len() == 40 && revision.chars().all(|c| c.is_ascii_hexdigit()),
        "flake.lock pins no revision but '{revision}'"
    );
    ensure!(text("narHash")?.starts_with("sha256-"), "flake.lock has no hash of nixpkgs");
    Ok(())
}

/// The checkout as Nix takes it: what git knows of.
fn here() -> String {
    format!("git+file://{}", root().display())
}

fn stand_in() -> PathBuf {
    root().join("nix/host-toolchain")
}

/// A command of Nix that touches neither the network nor the lock file.
fn nix(arguments: &[&str]) -> Command {
    let mut command = Command::new("nix");
    let features = "nix-command flakes";
    command
        .current_dir(root())
        .args(["--extra-experimental-features", features])
        .args(arguments)
        .arg("--no-write-lock-file")
        .args(["--override-input", "nixpkgs"])
        .arg(format!("path:{}", stand_in().display()))
        .args(["--option", "substitute", "false", "--option", "sandbox", "false"])
        .args(["--option", "build-users-group", ""]);
    command
}
