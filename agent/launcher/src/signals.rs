// SPDX-License-Identifier: Apache-2.0

//! The launcher's own process: its session, its descriptors and its signals.
//!
//! Every signal is blocked and taken one at a time, so that nothing ever runs
//! in a signal handler.

use std::{ptr, time::Duration};

use mesos_launcher::REPORT_FD;

/// Whether a descriptor is open.
pub(crate) fn is_open(fd: i32) -> bool {
    // SAFETY: F_GETFD reads a flag and touches no memory of ours.
    unsafe { libc::fcntl(fd, libc::F_GETFD) >= 0 }
}

/// Leaves the agent's session, closes what was not meant for this process,
/// takes over as parent of every orphan of the container, and blocks all signals.
pub(crate) fn detach() {
    // SAFETY: the calls change this process only. No descriptor above the two
    // agreed ones is owned by anything here, so closing them pulls nothing away.
    unsafe {
        libc::setsid();
        libc::syscall(libc::SYS_close_range, REPORT_FD + 1, u32::MAX, 0);
        libc::fcntl(REPORT_FD, libc::F_SETFD, libc::FD_CLOEXEC);
        libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        libc::umask(0o022);
        // The agent's working directory is not to be kept in use.
        libc::chdir(c"/".as_ptr());
        let all = all_signals();
        libc::sigprocmask(libc::SIG_SETMASK, &all, ptr::null_mut());
    }
}

/// Waits for the next signal; none when `limit` passes first.
pub(crate) fn next(limit: Option<Duration>) -> Option<i32> {
    let all = all_signals();
    let signal = match limit {
        // SAFETY: `all` is initialised, and no details of the signal are asked for.
        None => unsafe { libc::sigwaitinfo(&all, ptr::null_mut()) },
        Some(limit) => {
            let limit = libc::timespec {
                tv_sec: limit.as_secs().cast_signed(),
                tv_nsec: i64::from(limit.subsec_nanos()),
            };
            // SAFETY: as above; `limit` lives until the call returns.
            unsafe { libc::sigtimedwait(&all, ptr::null_mut(), &limit) }
        }
    };
    (signal > 0).then_some(signal)
}

/// Sends a signal; a process that has gone meanwhile is as good as reached.
pub(crate) fn send(pid: u32, signal: i32) {
    // SAFETY: kill touches no memory. The id is that of a process below this one,
    // never 0 or negative, which would mean groups.
    unsafe { libc::kill(pid.cast_signed(), signal) };
}

fn all_signals() -> libc::sigset_t {
    // SAFETY: an all-zero set is a valid value to be filled.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: `set` is a valid place for a signal set.
    unsafe { libc::sigfillset(&mut set) };
    set
}
