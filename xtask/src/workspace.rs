// SPDX-License-Identifier: Apache-2.0

//! The tests of the workspace, the slowest of which mostly waits.
//!
//! The recorded conversations are replayed one after the other, at the pace they
//! were recorded at: minutes in which the processor has nothing to do. So their
//! test runs beside all the others, with its output in a file.

use crate::chores::{bin_dir, cargo, root, succeed, target};
use anyhow::{Context, Result, bail};
use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// Everything but the simulation, whose runs only optimized code does in time.
const CHOSEN: [&str; 5] =
    ["test", "--workspace", "--exclude", "mesos-simulation", "--no-fail-fast"];
/// The test that replays, and the target that it is in.
const REPLAY: &str = "every_recorded_case_is_answered_as_recorded_or_listed";
const REPLAY_TARGET: &str = "replay";

/// Runs all of them.
pub fn run() -> Result<()> {
    let replay = Replay::start(&built()?)?;
    let mut others = cargo(&CHOSEN);
    others.args(["--", "--skip", REPLAY]).env("MESOS_TEST_BINARIES", bin_dir());
    let others = succeed(others);
    replay.end().and(others)
}

/// Builds all tests and says where the one that replays is.
fn built() -> Result<PathBuf> {
    let output = cargo(&CHOSEN)
        .args(["--no-run", "--message-format=json-render-diagnostics"])
        .stderr(Stdio::inherit())
        .output()
        .context("building the tests")?;
    if !output.status.success() {
        bail!("the tests do not build ({})", output.status);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut artifacts =
        text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let found =
        artifacts.find(|it| it["target"]["name"] == REPLAY_TARGET && it["profile"]["test"] == true);
    let program = found.as_ref().and_then(|it| it["executable"].as_str());
    Ok(program.with_context(|| format!("there is no test target '{REPLAY_TARGET}'"))?.into())
}

/// The test that runs by itself.
struct Replay {
    child: Child,
    log: PathBuf,
}

impl Replay {
    fn start(program: &PathBuf) -> Result<Self> {
        let log = target().join("replay.log");
        let output = File::create(&log).with_context(|| format!("creating {}", log.display()))?;
        let child = Command::new(program)
            .args(["--exact", REPLAY])
            .current_dir(root().join("tests/conformance"))
            .env("MESOS_TEST_BINARIES", bin_dir())
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        Ok(Replay { child, log })
    }

    fn end(mut self) -> Result<()> {
        let status = self.child.wait()?;
        let text = fs::read_to_string(&self.log)?;
        eprintln!("{text}");
        if !status.success() || !text.contains("1 passed") {
            bail!("the replay of recorded conversations failed ({status})");
        }
        Ok(())
    }
}
