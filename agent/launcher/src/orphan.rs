// SPDX-License-Identifier: Apache-2.0

//! Ends a container whose agent has gone, if the container must not outlive it.
//!
//! The tasks of a framework that does not checkpoint count as lost the moment
//! their agent is: the framework may start them again elsewhere, so what runs
//! here must end. It gets SIGTERM, and after a grace period the rest.

use std::{
    io,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    thread,
    time::Duration,
};

use mesos_launcher::destroy_signal;

use crate::signals;

/// Watches the agent from a thread of its own. The signals go through this process like any
/// others that are meant for the container.
pub(crate) fn end_with(agent: u32, grace: Duration) -> io::Result<()> {
    let watched = open(agent);
    let own = std::process::id();
    thread::Builder::new().name("orphan".to_owned()).spawn(move || {
        if let Some(agent) = watched {
            wait(&agent);
        }
        signals::send(own, libc::SIGTERM);
        thread::sleep(grace);
        signals::send(own, destroy_signal());
    })?;
    Ok(())
}

/// The agent as a descriptor; none if it has gone already.
fn open(agent: u32) -> Option<OwnedFd> {
    // SAFETY: the call takes two numbers and returns a number.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, agent.cast_signed(), 0) };
    let fd @ 0.. = i32::try_from(fd).ok()? else { return None };
    // SAFETY: the kernel has just opened it for us; it is close-on-exec.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: the call takes nothing and returns a number. As long as the agent is the parent,
    // its id was its own when the descriptor was opened.
    let parent = unsafe { libc::getppid() };
    (parent.cast_unsigned() == agent).then_some(fd)
}

/// Returns when the process has ended.
fn wait(process: &OwnedFd) {
    let mut wanted = libc::pollfd { fd: process.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    loop {
        // SAFETY: `wanted` is one valid entry and outlives the call.
        let ready = unsafe { libc::poll(&raw mut wanted, 1, -1) };
        if ready > 0 {
            return;
        }
    }
}
