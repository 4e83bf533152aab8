// SPDX-License-Identifier: Apache-2.0

//! What the launcher and the agent that starts it agree on.
//!
//! A container is one `mesos-launcher` process. It reads a [`spec::Spec`] from
//! file descriptor [`SPEC_FD`], starts the command as its child, collects every
//! process of the container as their subreaper, leaves the wait status of the
//! command in the container's runtime directory, and ends when the last process
//! has. It talks back over file descriptor [`REPORT_FD`] while somebody listens,
//! and needs nobody: an agent that restarts finds the status on disk.
//!
//! The crate knows files, processes and signals, and nothing of Mesos: which
//! command, which user and which environment is decided by the agent.

pub mod report;
pub mod spec;
pub mod tree;

/// Where the launcher reads its [`spec::Spec`].
pub const SPEC_FD: i32 = 3;

/// Where the launcher writes its [`report::Report`]s.
pub const REPORT_FD: i32 = 4;

/// The file in a container's runtime directory that holds the launcher's
/// process id, in decimal, and on a second line that of the command, once it
/// runs. The launcher keeps it locked (`flock`) while it
/// lives, so that a recycled process id cannot be mistaken for it.
pub const PID_FILE: &str = "pid";

/// The file in a container's runtime directory that holds the wait status of
/// the command, in decimal, as `waitpid` gave it. It appears whole or not at all.
pub const STATUS_FILE: &str = "status";

/// The signal that ends a container at once: SIGKILL to all of its processes.
///
/// Every other signal the launcher receives is passed on to the processes of
/// the container. This one is a real-time signal because those have no meaning
/// that a task could expect to be passed on.
pub fn destroy_signal() -> i32 {
    libc::SIGRTMIN() + 1
}
