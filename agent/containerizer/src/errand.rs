// SPDX-License-Identifier: Apache-2.0

//! A program that runs beside a container, for a while: a check's command, or the fetcher.
//!
//! ```text
//! start ─▶ running ─ exits ────────────────┐
//!             ├───── its time is up ────────┼─▶ all it has left is killed ─▶ outcome
//!             └───── the container is over ─┘
//! ```
//!
//! Invariants: an outcome comes in bounded time, even if what runs waits in the
//! kernel for something that never answers; nothing outlives the agent.

use std::{fs::File, path::PathBuf, time::Duration};

use mesos_launcher::{
    report::Report,
    spec::{Agent, Spec},
};
use tokio::{net::unix::pipe, time::timeout};

use crate::{container, ending, pidfd::PidFd, spawn};

/// How long ending an errand may take before the agent does it over the launcher's head, and
/// again before it is left to itself.
const PATIENCE: Duration = Duration::from_secs(2);

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It ended with this wait(2) status.
    Exited(i32),
    /// It could not be run; for this reason.
    NotRun(String),
    /// Its time was up.
    TimedOut,
    /// Nobody wants it any more.
    GivenUp,
}

/// A program that runs.
#[derive(Debug)]
pub(crate) struct Errand {
    launcher: u32,
    pidfd: PidFd,
    reports: pipe::Receiver,
}

impl Errand {
    /// Starts what `prepare` says, on a thread that may block; its output goes to the file.
    pub(crate) async fn start(
        launcher: PathBuf,
        prepare: impl FnOnce() -> Result<(Spec, File), String> + Send + 'static,
    ) -> Result<Errand, String> {
        let spawned = tokio::task::spawn_blocking(move || {
            let (mut spec, output) = prepare()?;
            spec.agent = Some(Agent { pid: std::process::id(), grace_ms: 0 });
            spawn::spawn(&launcher, &spec, &output, &output)
                .map_err(|error| format!("Failed to start the launcher: {error}"))
        });
        let spawned = spawned.await.map_err(|error| error.to_string())??;
        let launcher = spawned.pid;
        let pidfd = match PidFd::open(launcher) {
            Ok(pidfd) => pidfd,
            Err(error) => {
                tokio::task::spawn_blocking(move || ending::reap_unwatched(launcher));
                return Err(format!("Failed to watch the launcher: {error}"));
            }
        };
        match pipe::Receiver::from_owned_fd(spawned.reports) {
            Ok(reports) => Ok(Errand { launcher, pidfd, reports }),
            Err(error) => {
                ending::end(launcher, pidfd, PATIENCE).await;
                Err(format!("Failed to listen to the launcher: {error}"))
            }
        }
    }

    /// Waits for its end, for at most `limit` and until `ended` is ready, and kills what is left.
    pub(crate) async fn finish(
        mut self,
        limit: Duration,
        ended: impl Future<Output = ()>,
    ) -> Outcome {
        let outcome = tokio::select! {
            outcome = timeout(limit, status(&mut self.reports)) => {
                outcome.unwrap_or(Outcome::TimedOut)
            }
            () = ended => Outcome::GivenUp,
        };
        ending::end(self.launcher, self.pidfd, PATIENCE).await;
        outcome
    }
}

async fn status(reports: &mut pipe::Receiver) -> Outcome {
    let mut failure = None;
    while let Some(report) = container::next_report(reports).await {
        match report {
            Report::Started { .. } => {}
            Report::Failed { stage, errno } => failure = Some((stage, errno)),
            Report::Exited { wait_status } => {
                return failure.map_or(Outcome::Exited(wait_status), |(stage, errno)| {
                    let text = nix::errno::Errno::from_raw(errno).desc();
                    Outcome::NotRun(format!("Failed to {stage}: {text}"))
                });
            }
        }
    }
    Outcome::NotRun("Its launcher was killed".to_owned())
}
