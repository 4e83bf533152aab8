// SPDX-License-Identifier: Apache-2.0

//! A process held by a file descriptor, so that its id cannot come to mean another one.

use std::{
    io,
    os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd},
};

use nix::sys::wait::{Id, WaitPidFlag, waitid};
use tokio::io::unix::AsyncFd;

/// A process, whether it is a child of this one or not.
#[derive(Debug)]
pub struct PidFd(AsyncFd<OwnedFd>);

impl PidFd {
    /// Takes hold of the process that has the id `pid` now. Needs a runtime.
    ///
    /// # Errors
    /// When there is no such process, or descriptors have run out.
    pub fn open(pid: u32) -> io::Result<PidFd> {
        // SAFETY: the call takes two numbers and returns a number.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid.cast_signed(), 0) };
        let Ok(fd @ 0..) = i32::try_from(fd) else { return Err(io::Error::last_os_error()) };
        // SAFETY: the kernel has just opened it for us; it is close-on-exec.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        // SAFETY: `OwnedFd` owns its descriptor and is neither replaced nor closed in there.
        let fd = unsafe { AsyncFd::register_with_interest(fd, tokio::io::Interest::READABLE) };
        Ok(PidFd(fd.map_err(io::Error::from)?))
    }

    /// Sends a signal. A process that has ended is as good as reached.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn signal(&self, signal: i32) -> io::Result<()> {
        let fd = self.0.get_ref().as_raw_fd();
        // SAFETY: the descriptor is open, the null pointer asks for default details.
        let result = unsafe {
            libc::syscall(
                libc::SYS_pidfd_send_signal,
                fd,
                signal,
                std::ptr::null::<libc::siginfo_t>(),
                0,
            )
        };
        match io::Error::last_os_error() {
            _ if result == 0 => Ok(()),
            error if error.raw_os_error() == Some(libc::ESRCH) => Ok(()),
            error => Err(error),
        }
    }

    /// Waits until the process has ended, and collects it if it was a child of this one.
    pub async fn ended(&self) {
        // The descriptor becomes readable when the process ends and never again unreadable.
        if let Err(error) = self.0.readable().await {
            tracing::error!(%error, "cannot watch a process; the reactor is gone");
            return;
        }
        // ECHILD: somebody else's child, for instance one started before the agent restarted.
        let _ = waitid(Id::PIDFd(self.0.get_ref().as_fd()), WaitPidFlag::WEXITED);
    }
}
