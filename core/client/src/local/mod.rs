// SPDX-License-Identifier: Apache-2.0

//! The master `local`: a cluster for one framework, gone when it is dropped.
//!
//! Mesos runs it inside of the framework's process; here it is a child, the
//! program `mesos-local --ephemeral`, which ends by itself when this process
//! does, however that happens.

mod program;

use std::{
    io::{BufRead, BufReader},
    os::{fd::AsFd, unix::process::CommandExt},
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use mesos_driver::{Error, ErrorKind};
use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::signal::{Signal, killpg},
    unistd::Pid,
};

/// How long a cluster may take to start.
const START: Duration = Duration::from_secs(30);

/// How long a cluster has to end its tasks and itself.
const END: Duration = Duration::from_secs(15);

/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(10);

/// A running cluster.
#[derive(Debug)]
pub(crate) struct LocalCluster {
    child: Child,
    address: String,
}

impl LocalCluster {
    /// Starts a cluster and waits until it can be used. Its log goes to stderr, unless `quiet`.
    ///
    /// # Errors
    /// There is no such program, or it does not start.
    pub(crate) fn start(quiet: bool) -> Result<Self, Error> {
        let failed = |message: String| Error::new(ErrorKind::Configuration, message);
        let program = program::find().map_err(failed)?;
        let mut child = Command::new(&program)
            .args(["--ephemeral", "--ip=127.0.0.1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(if quiet { Stdio::null() } else { Stdio::inherit() })
            // Ctrl-C is for the framework, which may want to end its tasks first.
            .process_group(0)
            .spawn()
            .map_err(|error| failed(format!("cannot start {}: {error}", program.display())))?;
        let address = child.stdout.take().map_or(Ok(String::new()), read_address);
        let mut cluster = LocalCluster { child, address: String::new() };
        match address {
            Ok(address) if !address.is_empty() => cluster.address = address,
            Ok(_) => {
                let ended = cluster.child.wait();
                let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
                return Err(failed(format!(
                    "{} ended before its cluster was there ({how}); see what it printed",
                    program.display()
                )));
            }
            Err(reason) => {
                return Err(failed(format!("no answer from {}: {reason}", program.display())));
            }
        }
        Ok(cluster)
    }

    /// Where its master listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

/// The line that the program prints when all is there; empty if it ends before.
fn read_address(stdout: ChildStdout) -> Result<String, String> {
    let deadline = Instant::now() + START;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(stdout.as_fd(), PollFlags::POLLIN)], timeout) {
            Ok(0) => return Err(format!("its cluster was not there after {START:?}")),
            Ok(_) => break,
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    let mut line = String::new();
    // It prints the line at once.
    BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
    Ok(line.trim_end().to_owned())
}

impl Drop for LocalCluster {
    fn drop(&mut self) {
        // The sign for it to end.
        drop(self.child.stdin.take());
        let deadline = Instant::now() + END;
        while let Ok(None) = self.child.try_wait() {
            if Instant::now() > deadline {
                tracing::warn!("the local cluster does not end; killing it");
                // With the programs that it has started, which are in its group.
                if let Ok(group) = i32::try_from(self.child.id()) {
                    let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
                }
                let _ = self.child.wait();
                return;
            }
            thread::sleep(LOOK);
        }
    }
}
