// SPDX-License-Identifier: Apache-2.0

//! What the kernel says about a process: CPU time and memory.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

/// The kernel counts CPU time in `/proc` in hundredths of a second
/// (`USER_HZ`, fixed by the kernel's interface).
const TICK: Duration = Duration::from_millis(10);

/// A reading of the meters.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// When.
    pub at: Instant,
    /// User and system time since the process started, right to 10 ms.
    pub cpu: Duration,
    /// The same of its children that have ended, and of theirs.
    pub children: Duration,
    /// Resident memory in bytes.
    pub resident: u64,
    /// The most that it ever was, in bytes.
    pub peak: u64,
}

/// Reads the meters of a process.
pub fn read(process: u32) -> Result<Reading> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))
        .with_context(|| format!("the master (process {process}) is gone"))?;
    // The name in parentheses may hold anything, so count from its end.
    let (_, fields) = stat.rsplit_once(") ").context("/proc/<process>/stat has no name")?;
    let mut fields = fields.split(' ').skip(11).map(str::parse::<u32>);
    let mut ticks = || fields.next().and_then(Result::ok).context("/proc/<process>/stat is short");
    let cpu = TICK * (ticks()? + ticks()?);
    let children = TICK * (ticks()? + ticks()?);
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let size = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.unwrap_or(0) * 1024
    };
    let (resident, peak) = (size("VmRSS:"), size("VmHWM:"));
    Ok(Reading { at: Instant::now(), cpu, children, resident, peak })
}
