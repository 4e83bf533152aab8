// SPDX-License-Identifier: Apache-2.0

//! The master under attack.

use std::{fs, net::SocketAddr};

use anyhow::{Context, Result};
use mesos_integration::{Cluster, ClusterBuilder, until};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// A master under attack, and how hard it is attacked.
pub struct Target {
    /// Only the master: agents are simulated.
    pub cluster: Cluster,
    /// Where it listens.
    pub address: SocketAddr,
    /// Attacks are of a tenth of their size when a test only wants to know
    /// whether they fail.
    pub full: bool,
}

/// What a process takes, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    /// Now.
    pub resident: usize,
    /// At most, since [`Target::forget_peak`].
    pub peak: usize,
}

impl Target {
    /// Starts a master without agents.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(full: bool) -> Result<Self> {
        // Attackers need as many sockets as the master.
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
        let cluster = ClusterBuilder::new()
            .agents(0)
            // What completed frameworks leave behind is a matter of flags, not of attacks.
            .master_flag("--max_completed_frameworks=5")
            .master_flag("--logging_level=ERROR")
            .start()
            .await?;
        let address = cluster.master.address().parse()?;
        Ok(Target { cluster, address, full })
    }

    /// How many of something there are to be.
    pub fn scaled(&self, full: usize) -> usize {
        if self.full { full } else { full.div_ceil(10) }
    }

    /// What the master takes.
    ///
    /// # Errors
    /// It does not run.
    pub fn memory(&self) -> Result<Memory> {
        let process = self.cluster.master.process().context("the master does not run")?;
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        let read = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            kilobytes.map(|number: usize| number << 10).with_context(|| format!("no {key}"))
        };
        Ok(Memory { resident: read("VmRSS:")?, peak: read("VmHWM:")? })
    }

    /// Lets the peak begin anew.
    ///
    /// # Errors
    /// The master does not run.
    pub fn forget_peak(&self) -> Result<()> {
        let process = self.cluster.master.process().context("the master does not run")?;
        Ok(fs::write(format!("/proc/{process}/clear_refs"), "5")?)
    }

    /// Waits until the master takes no more than `bytes`, and gives what it then takes.
    ///
    /// # Errors
    /// It keeps more.
    pub async fn until_memory(&self, bytes: usize) -> Result<Memory> {
        let what = format!("the master to take {} MB at most", bytes >> 20);
        let small = until(&what, async || {
            let memory = self.memory().ok()?;
            (memory.resident <= bytes).then_some(memory)
        });
        small.await.with_context(|| format!("{:?}", self.memory()))
    }
}
