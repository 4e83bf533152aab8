// SPDX-License-Identifier: Apache-2.0

//! Tells the crate which commit it is built from, for `/version` and `/state`.
//!
//! `MESOS_RS_GIT_SHA` in the environment says so, or else git, if the sources
//! are a clone. A release build is made anew when another commit is checked
//! out. Other builds are not, since everything depends on this crate: they may
//! name the commit that was checked out when this crate was last built.

use std::{env, fs, path::Path, process::Command};

const VARIABLE: &str = "MESOS_RS_GIT_SHA";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    if env::var_os(VARIABLE).is_some() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let git = root.join(".git");
    // Otherwise git might speak of a repository that the sources happen to lie in.
    if !git.exists() {
        return;
    }
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        follow(&git);
    }
    let output = Command::new("git").arg("-C").arg(&root).args(["rev-parse", "HEAD"]).output();
    if let Ok(output) = output
        && output.status.success()
        && let Ok(sha) = String::from_utf8(output.stdout)
    {
        println!("cargo::rustc-env={VARIABLE}={}", sha.trim());
    }
}

/// Builds anew when another commit is checked out or the branch moves on.
fn follow(git: &Path) {
    let head = git.join("HEAD");
    if let Ok(text) = fs::read_to_string(&head)
        && let Some(branch) = text.trim().strip_prefix("ref: ")
        && git.join(branch).exists()
    {
        println!("cargo::rerun-if-changed={}", git.join(branch).display());
    }
    if head.exists() {
        println!("cargo::rerun-if-changed={}", head.display());
    }
}
