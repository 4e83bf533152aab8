// SPDX-License-Identifier: Apache-2.0

//! The master under load: started for the scenario, restarted for a failover.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    probe,
    process::{self, Reading},
};

/// How long a master may take until it answers.
const START: Duration = Duration::from_secs(60);

/// A running master and its folder; both end with the value.
pub struct Master {
    binary: PathBuf,
    flags: Vec<String>,
    address: SocketAddr,
    folder: tempfile::TempDir,
    child: Child,
}

impl Master {
    /// Starts a master with an empty registry on a free port of loopback.
    pub async fn start(binary: &Path, flags: &[String]) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let folder = tempfile::Builder::new().prefix("mesos-load-").tempdir()?;
        let child = spawn(binary, flags, address, folder.path())?;
        let (binary, flags) = (binary.to_owned(), flags.to_vec());
        let mut master = Master { binary, flags, address, folder, child };
        master.wait_until_it_answers().await?;
        Ok(master)
    }

    /// Kills it and starts another in its place, with the same registry.
    pub async fn fail_over(&mut self) -> Result<()> {
        self.stop()?;
        self.child = spawn(&self.binary, &self.flags, self.address, self.folder.path())?;
        self.wait_until_it_answers().await
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id, in the operating system's sense.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Its CPU time and memory so far.
    pub fn meter(&self) -> Result<Reading> {
        process::read(self.child.id())
    }

    fn stop(&mut self) -> Result<()> {
        self.child.kill().context("ending the master")?;
        self.child.wait().context("waiting for the master")?;
        Ok(())
    }

    async fn wait_until_it_answers(&mut self) -> Result<()> {
        let deadline = Instant::now() + START;
        loop {
            if let Some(status) = self.child.try_wait()? {
                let log = std::fs::read_to_string(self.folder.path().join("master.log"));
                bail!("the master ended at once ({status}):\n{}", log.unwrap_or_default());
            }
            let address = self.address;
            let answer =
                tokio::task::spawn_blocking(move || probe::get(address, "/health")).await?;
            if answer.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "no answer from the master within {START:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        // Nothing can be done about a process that cannot be ended.
        let _ = self.stop();
    }
}

fn spawn(binary: &Path, flags: &[String], address: SocketAddr, folder: &Path) -> Result<Child> {
    let log = File::options().create(true).append(true).open(folder.join("master.log"))?;
    Command::new(binary)
        .arg(format!("--ip={}", address.ip()))
        .arg(format!("--port={}", address.port()))
        .arg(format!("--work_dir={}", folder.join("work").display()))
        .arg("--hostname=localhost")
        .arg("--logging_level=WARNING")
        .args(flags)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("starting {}", binary.display()))
}
