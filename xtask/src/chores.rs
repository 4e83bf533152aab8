// SPDX-License-Identifier: Apache-2.0

//! Runs the checks, the tests and the simulation.

use crate::{bench, bindings, dist, fuzz, packages, tidy, workspace};
use anyhow::{Context, Result, ensure};
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask lies in the workspace")
        .to_path_buf()
}

/// A cargo command in the workspace, with the cargo that runs this program.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Runs a command and fails if it does.
pub fn succeed(mut command: Command) -> Result<()> {
    let shown = format!("{command:?}");
    let status = command.status().with_context(|| format!("starting {shown}"))?;
    ensure!(status.success(), "{shown} failed ({status})");
    Ok(())
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Where cargo put this program and, beside it, the daemons.
pub fn bin_dir() -> PathBuf {
    env::current_exe()
        .ok()
        .and_then(|path| path.parent().map(Path::to_path_buf))
        .unwrap_or_else(|| root().join("target/debug"))
}

/// A step's name and what it does.
type Step = (&'static str, fn() -> Result<()>);

/// Every check and every test, cheapest first.
pub fn test() -> Result<()> {
    let steps: [Step; 12] = [
        ("packages", packages::ensure_installed),
        ("tidy", || tidy::tidy(&root())),
        ("format", || succeed(cargo(&["fmt", "--all", "--check"]))),
        ("flake", dist::nix::evaluate_checkout),
        ("clippy", || {
            succeed(cargo(&[
                "clippy",
                "--quiet",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ]))
        }),
        ("documentation", || {
            let mut command = cargo(&["doc", "--quiet", "--workspace", "--no-deps"]);
            command.env("RUSTDOCFLAGS", "-D warnings");
            succeed(command)
        }),
        ("build", || succeed(cargo(&["build", "--quiet", "--workspace", "--bins"]))),
        ("tests", workspace::run),
        ("bindings", || bindings::test(None)),
        // Many thousand runs: only optimized they take no longer than the other tests.
        ("simulation", || {
            let features = ["--features", "seeded-defects"];
            let mut arguments = vec!["test", "--release", "--package", "mesos-simulation"];
            arguments.extend(features);
            succeed(cargo(&arguments))
        }),
        ("fuzz", fuzz::test),
        ("instructions", bench::check),
    ];
    let mut times = Vec::new();
    for (name, step) in steps {
        eprintln!("xtask: {name}");
        let start = Instant::now();
        step().with_context(|| format!("step '{name}'"))?;
        times.push(format!("{name} {} s", start.elapsed().as_secs()));
    }
    eprintln!("xtask: all passed ({})", times.join(", "));
    Ok(())
}

/// Runs the simulation with the options given.
pub fn simulate(options: &[&str]) -> Result<()> {
    let mut arguments = vec![
        "run",
        "--quiet",
        "--release",
        "--package",
        "mesos-simulation",
        "--features",
        "seeded-defects",
        "--bin",
        "mesos-sim",
        "--",
    ];
    arguments.extend(options);
    succeed(cargo(&arguments))
}
