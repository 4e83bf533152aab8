// SPDX-License-Identifier: Apache-2.0

//! One real agent beside the master under load, started for the scenario.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use crate::process::{self, Reading};

/// How long an agent may take to end everything and itself.
const FAREWELL: Duration = Duration::from_secs(10);

/// A running agent and its folder; both end with the value.
pub struct Agent {
    child: Child,
    folder: tempfile::TempDir,
}

impl Agent {
    /// Starts the agent whose program lies beside the master's, with these resources.
    ///
    /// # Errors
    /// When there is no such program, or it cannot be started.
    pub fn start(
        master_binary: &Path,
        master: SocketAddr,
        resources: &str,
        flags: &[String],
    ) -> Result<Self> {
        let binary = master_binary.with_file_name("mesos-agent");
        ensure!(
            binary.exists(),
            "{} is not there; an agent is looked for beside the master",
            binary.display()
        );
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let folder = tempfile::Builder::new().prefix("mesos-load-agent-").tempdir()?;
        let log = File::options().create(true).append(true).open(folder.path().join("log"))?;
        let child = Command::new(&binary)
            .arg(format!("--master={master}"))
            .args(["--ip=127.0.0.1", "--hostname=localhost", "--logging_level=WARNING"])
            .arg(format!("--port={port}"))
            .arg(format!("--resources={resources}"))
            .arg(format!("--work_dir={}", folder.path().join("work").display()))
            .arg(format!("--runtime_dir={}", folder.path().join("run").display()))
            .args(flags)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}", binary.display()))?;
        Ok(Agent { child, folder })
    }

    /// Its CPU time and memory so far, and the CPU time of all its containers that have ended.
    pub fn meter(&self) -> Result<Reading> {
        process::read(self.child.id()).with_context(|| {
            let log = std::fs::read_to_string(self.folder.path().join("log"));
            format!("the agent's log: {}", log.unwrap_or_default())
        })
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // SIGUSR1 lets the agent end its containers; `kill` is everywhere.
        let told = Command::new("kill").args(["-USR1", &self.child.id().to_string()]).status();
        let deadline = std::time::Instant::now() + FAREWELL;
        while told.as_ref().is_ok_and(std::process::ExitStatus::success)
            && std::time::Instant::now() < deadline
        {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        // Nothing can be done about a process that cannot be ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
