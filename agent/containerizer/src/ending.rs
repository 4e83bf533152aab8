// SPDX-License-Identifier: Apache-2.0

//! Ends processes when their launcher does not do it, or is gone.
//!
//! | what is left | how it is found |
//! |---|---|
//! | a launcher that does not listen, and what is below it | its descendants, stopped first so that none escapes |
//! | what a killed launcher watched over | the session of the command |
//! | a launcher that cannot be watched | by its id, which is its own until it is waited for |

use std::time::Duration;

use mesos_launcher::tree;
use tokio::time::{Instant, sleep, timeout};

use crate::pidfd::PidFd;

/// How long the processes of a killed launcher are hunted.
pub(crate) const FORCE_DEADLINE: Duration = Duration::from_secs(60);

/// Between two looks at what is left.
const FORCE_INTERVAL: Duration = Duration::from_millis(100);

/// Kills all below a launcher, and the launcher.
pub(crate) async fn force(launcher: u32, pidfd: &PidFd) {
    // While the launcher lives, all of the container is below it.
    if tokio::task::spawn_blocking(move || tree::kill_below(launcher)).await.is_err() {
        tracing::error!("cannot look for processes");
    }
    if let Err(error) = pidfd.signal(libc::SIGKILL) {
        tracing::error!(%error, "cannot kill a launcher");
    }
}

/// Tells a launcher to end all it watches over, and does it over its head when it takes longer
/// than `patience`. False if something is left even then: it waits in the kernel for a device
/// or a server that does not answer, and is collected when that is over.
pub(crate) async fn end(launcher: u32, pidfd: PidFd, patience: Duration) -> bool {
    if let Err(error) = pidfd.signal(mesos_launcher::destroy_signal()) {
        tracing::error!(%error, "cannot end a launcher");
    }
    if timeout(patience, pidfd.ended()).await.is_ok() {
        return true;
    }
    force(launcher, &pidfd).await;
    if timeout(patience, pidfd.ended()).await.is_ok() {
        return true;
    }
    tracing::error!(launcher, "processes cannot be killed");
    tokio::spawn(async move { pidfd.ended().await });
    false
}

/// Kills what is left of a container whose launcher was killed: its command's session.
pub(crate) async fn sweep(session: u32) {
    let deadline = Instant::now() + FORCE_DEADLINE;
    while Instant::now() < deadline {
        let left = tokio::task::spawn_blocking(move || {
            let left = tree::session_members(session);
            left.iter().for_each(|pid| kill(*pid));
            left.is_empty()
        })
        .await;
        if !matches!(left, Ok(false)) {
            return;
        }
        sleep(FORCE_INTERVAL).await;
    }
    tracing::error!(session, "processes of a container cannot be killed");
}

/// Ends a launcher that cannot be watched, for want of descriptors. Blocks.
pub(crate) fn reap_unwatched(launcher: u32) {
    tree::kill_below(launcher);
    kill(launcher);
    let pid = nix::unistd::Pid::from_raw(launcher.cast_signed());
    if let Err(error) = nix::sys::wait::waitpid(pid, None) {
        tracing::error!(%error, launcher, "cannot wait for a launcher");
    }
}

fn kill(pid: u32) {
    let pid = nix::unistd::Pid::from_raw(pid.cast_signed());
    // It may have ended meanwhile.
    let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
}

#[cfg(test)]
mod tests {
    use std::{
        io::{BufRead, BufReader},
        process::{Command, Stdio},
    };

    use super::*;

    #[test]
    #[expect(clippy::zombie_processes, reason = "it is waited for by its id")]
    fn a_launcher_that_cannot_be_watched_goes_with_all_below_it() {
        let mut child = Command::new("/bin/sh")
            .args(["-c", "setsid sleep 1000 & echo $!; wait"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let below: u32 = line.trim().parse().unwrap();
        reap_unwatched(child.id());
        assert_eq!(tree::parent_of(child.id()), None, "it was waited for");
        // It dies a moment later, and whoever inherits it may not collect it at once.
        let is_dead = || {
            std::fs::read_to_string(format!("/proc/{below}/stat"))
                .map_or(true, |stat| stat.contains(") Z "))
        };
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        while !is_dead() {
            assert!(std::time::Instant::now() < deadline, "{below} lives");
            std::thread::yield_now();
        }
    }
}
