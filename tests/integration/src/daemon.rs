// SPDX-License-Identifier: Apache-2.0

//! One master or agent as a process.

use std::{
    fs::{self, File, OpenOptions},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context, Result, bail};
use nix::{sys::signal::Signal, unistd::Pid};

use crate::{binaries::binary, http, wait::until};

/// A running master or agent, killed when dropped.
pub struct Daemon {
    name: &'static str,
    arguments: Vec<String>,
    address: String,
    log: PathBuf,
    child: Option<Child>,
}

/// A port that nobody listens on.
///
/// # Errors
/// There is none.
pub fn free_port() -> Result<u16> {
    free_ports(1)
}

/// The first of `count` ports in a row that nobody listens on. They are below those that the
/// kernel gives to outgoing connections, and another process of tests begins to look elsewhere:
/// so nobody takes them before they are used.
///
/// # Errors
/// There are none.
pub fn free_ports(count: u16) -> Result<u16> {
    const FIRST: u16 = 10_000;
    const PORTS: u32 = 22_000;
    static LOOKED_AT: AtomicU32 = AtomicU32::new(0);
    let own = std::process::id().wrapping_mul(997);
    for _ in 0..PORTS {
        let next = LOOKED_AT.fetch_add(u32::from(count), Ordering::Relaxed);
        let offset = u16::try_from(own.wrapping_add(next) % PORTS)?;
        let first = FIRST + offset;
        let mut all = first..first + count;
        if all.all(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()) {
            return Ok(first);
        }
    }
    bail!("no {count} free ports in a row from {FIRST} on")
}

impl Daemon {
    /// Starts a program, logging under `folder`, and waits until it answers.
    pub(crate) async fn start(
        name: &'static str,
        folder: &Path,
        port: u16,
        arguments: Vec<String>,
    ) -> Result<Self> {
        let log = folder.join(format!("{name}-{port}.log"));
        let address = format!("127.0.0.1:{port}");
        let mut daemon = Daemon { name, arguments, address, log, child: None };
        daemon.start_again().await?;
        Ok(daemon)
    }

    /// Starts it once more, with the same flags, and waits until it answers.
    ///
    /// # Errors
    /// It ends, or does not answer in time.
    pub async fn start_again(&mut self) -> Result<()> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .with_context(|| format!("opening {}", self.log.display()))?;
        self.child = Some(self.spawn(log)?);
        let address = self.address.clone();
        let answered = until("the daemon's /health", async || {
            if let Ok(Some(status)) = self.child.as_mut()?.try_wait() {
                return Some(Err(status));
            }
            http::is_healthy(&address).await.then_some(Ok(()))
        })
        .await
        .with_context(|| self.described());
        match answered? {
            Ok(()) => Ok(()),
            Err(status) => bail!("{} ended at once ({status})\n{}", self.name, self.log_text()),
        }
    }

    fn spawn(&self, log: File) -> Result<Child> {
        Command::new(binary(self.name)?)
            .args(&self.arguments)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}", self.name))
    }

    /// `host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its process, while it runs.
    pub fn process(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Everything that it has logged.
    pub fn log_text(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends it the hard way.
    ///
    /// # Errors
    /// It does not run.
    pub fn kill(&mut self) -> Result<()> {
        let mut child = self.child.take().context("the daemon does not run")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// It does not run.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let child = self.child.as_ref().context("the daemon does not run")?;
        let pid = Pid::from_raw(i32::try_from(child.id())?);
        Ok(nix::sys::signal::kill(pid, signal)?)
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// It does not end in time.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        let child = self.child.as_mut().context("the daemon does not run")?;
        until("the daemon's end", async || child.try_wait().ok().flatten()).await
    }

    fn described(&self) -> String {
        format!("{} {}\n{}", self.name, self.arguments.join(" "), self.log_text())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if self.child.is_some() {
            // It may have ended by itself.
            let _ = self.kill();
        }
        if std::thread::panicking() {
            eprintln!("---- log of {}", self.described());
        }
    }
}
