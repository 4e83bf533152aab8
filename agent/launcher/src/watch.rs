// SPDX-License-Identifier: Apache-2.0

//! From the command's start until nothing of the container is left.
//!
//! Invariants: `ended` is called exactly once, with the command's wait status,
//! as soon as the command has ended; the function returns only when this
//! process has no descendant any more. Being their subreaper, this process
//! inherits every daemon that forks twice, so "no child left" is "nothing left".

use std::time::Duration;

use mesos_launcher::{destroy_signal, tree};

use crate::signals;

/// While processes are being killed, those that forked in time are looked for this often.
const KILL_AGAIN: Duration = Duration::from_millis(50);

/// What came of collecting ended processes.
enum Family {
    /// There are more, alive.
    Alive,
    /// There are none.
    Empty,
}

/// Watches over the container whose command is the process `command`.
pub(crate) fn until_empty(command: u32, mut ended: impl FnMut(i32)) {
    let mut ending = false;
    loop {
        let family = reap(command, |wait_status| {
            ended(wait_status);
            ending = true;
        });
        match family {
            Family::Empty => return,
            Family::Alive if ending => tree::kill_below(std::process::id()),
            Family::Alive => {}
        }
        let signal = signals::next(ending.then_some(KILL_AGAIN));
        match signal {
            // SIGPIPE is the launcher's own: the agent that listened has gone.
            None | Some(libc::SIGCHLD | libc::SIGPIPE) => {}
            Some(signal) if signal == destroy_signal() => ending = true,
            Some(signal) => forward(signal),
        }
    }
}

/// Collects every process that has ended.
fn reap(command: u32, mut command_ended: impl FnMut(i32)) -> Family {
    loop {
        let mut wait_status = 0;
        // SAFETY: `wait_status` outlives the call.
        let pid = unsafe { libc::waitpid(-1, &mut wait_status, libc::WNOHANG) };
        match pid {
            0 => return Family::Alive,
            pid if pid < 0 => return Family::Empty,
            pid if pid.cast_unsigned() == command => command_ended(wait_status),
            _ => {}
        }
    }
}

/// Passes a signal on to every process of the container.
fn forward(signal: i32) {
    let processes = tree::descendants(std::process::id());
    for pid in &processes {
        signals::send(*pid, signal);
    }
    if signal == libc::SIGTERM {
        // A stopped process would not see it.
        for pid in processes {
            signals::send(pid, libc::SIGCONT);
        }
    }
}
