// SPDX-License-Identifier: Apache-2.0

//! A wait(2) status in the words of Mesos: `exited with status 1`, `terminated with signal Killed`.

/// Whether the process ended by itself with status 0.
pub fn succeeded(status: i32) -> bool {
    status == 0
}

/// The status in words.
pub fn describe(status: i32) -> String {
    let signal = status & 0x7f;
    if signal == 0 {
        return format!("exited with status {}", (status >> 8) & 0xff);
    }
    let core = if status & 0x80 != 0 { " (core dumped)" } else { "" };
    format!("terminated with signal {}{core}", signal_name(signal))
}

/// What strsignal(3) calls a signal on Linux.
fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "Hangup",
        2 => "Interrupt",
        3 => "Quit",
        4 => "Illegal instruction",
        5 => "Trace/breakpoint trap",
        6 => "Aborted",
        7 => "Bus error",
        8 => "Floating point exception",
        9 => "Killed",
        10 => "User defined signal 1",
        11 => "Segmentation fault",
        12 => "User defined signal 2",
        13 => "Broken pipe",
        14 => "Alarm clock",
        15 => "Terminated",
        16 => "Stack fault",
        17 => "Child exited",
        18 => "Continued",
        19 => "Stopped (signal)",
        20 => "Stopped",
        21 => "Stopped (tty input)",
        22 => "Stopped (tty output)",
        23 => "Urgent I/O condition",
        24 => "CPU time limit exceeded",
        25 => "File size limit exceeded",
        26 => "Virtual timer expired",
        27 => "Profiling timer expired",
        28 => "Window changed",
        29 => "I/O possible",
        30 => "Power failure",
        31 => "Bad system call",
        34..=64 => return format!("Real-time signal {}", signal - 34),
        unknown => return format!("Unknown signal {unknown}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_reads_as_mesos_writes_it() {
        for (status, text) in [
            (0, "exited with status 0"),
            (127 << 8, "exited with status 127"),
            (9, "terminated with signal Killed"),
            (15, "terminated with signal Terminated"),
            (11, "terminated with signal Segmentation fault"),
            (11 | 0x80, "terminated with signal Segmentation fault (core dumped)"),
            (35, "terminated with signal Real-time signal 1"),
        ] {
            assert_eq!(describe(status), text);
        }
    }
}
