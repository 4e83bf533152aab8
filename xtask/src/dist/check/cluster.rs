// SPDX-License-Identifier: Apache-2.0

//! A cluster of the programs in the archive, for the hellos of the languages.

use crate::dist::{Dist, output};
use anyhow::{Context, Result, ensure};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

/// How long the cluster may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running `mesos-local`; ends when dropped.
pub struct Cluster {
    process: Child,
    address: String,
}

impl Cluster {
    /// Starts the programs in the folder `programs`.
    pub fn start(dist: &Dist, programs: &Path) -> Result<Self> {
        let folder = dist.scratch("check-cluster")?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        // The agent takes the next one.
        ensure!(port < u16::MAX, "no port is left for the agent");
        let log = fs::File::create(folder.join("log"))?;
        let process = Command::new(programs.join("mesos-local"))
            .arg(format!("--port={port}"))
            .arg(format!("--work_dir={}", folder.display()))
            .stderr(log)
            .spawn()
            .context("starting mesos-local")?;
        let cluster = Self { process, address: format!("127.0.0.1:{port}") };
        let start = Instant::now();
        while TcpStream::connect(&cluster.address).is_err() {
            ensure!(start.elapsed() < PATIENCE, "see {}", folder.join("log").display());
            thread::sleep(Duration::from_millis(50));
        }
        Ok(cluster)
    }

    /// Puts the master's address where a document says the demo's.
    pub fn with_address(&self, text: &str) -> String {
        text.replace("127.0.0.1:5050", &self.address)
    }

    /// The master's address.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let pid = i32::try_from(self.process.id()).expect("a process id fits");
        // One that has ended already needs no signal.
        let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        let _ = self.process.wait();
    }
}

/// What a hello must print.
pub enum Wanted {
    /// That its task has finished, among other things.
    Finished,
    /// This, among other things.
    Saying(&'static str),
}

/// Runs a hello, which must end well within a minute and print what is wanted.
pub fn greets(command: &mut Command, wanted: &Wanted) -> Result<()> {
    let mut limited = Command::new("timeout");
    limited.arg("60").arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        limited.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            limited.env(name, value);
        }
    }
    let said = output(&mut limited)?;
    let right = match wanted {
        Wanted::Finished => said.contains("TASK_FINISHED"),
        Wanted::Saying(text) => said.contains(text),
    };
    ensure!(right, "{command:?} says '{}'", said.trim());
    Ok(())
}

/// The blocks of a document that are code of a language.
pub fn blocks(document: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    document
        .split(fence.as_str())
        .skip(1)
        .filter_map(|rest| rest.split_once("\n```").map(|(block, _)| format!("{block}\n")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_blocks_of_the_language_are_code() {
        let document = "a\n```sh\nls\n```\nb\n```python\nx = 1\ny = 2\n```\n```python\nz\n```\n";
        assert_eq!(blocks(document, "python"), ["x = 1\ny = 2\n", "z\n"]);
        assert_eq!(blocks(document, "c"), [""; 0]);
    }
}
