// SPDX-License-Identifier: Apache-2.0

//! What the launcher tells the agent that started it, over a pipe.
//!
//! ```text
//!            ┌─ Started ──── Exited ─ end of stream
//! (start) ───┤
//!            └─ Failed ───── Exited ─ end of stream
//! ```
//!
//! Each report is one write far below `PIPE_BUF`, so that reports are never
//! torn. A stream that ends without `Exited` means that the launcher itself was
//! killed. `Failed` is followed by `Exited` with status 1, which is what Apache
//! Mesos lets the world see of a command that could not be executed.

use std::fmt;

/// A step between the launcher's start and the command's first instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading what is to be started.
    Specification = 0,
    /// Writing `pid` into the runtime directory.
    RuntimeDirectory = 1,
    /// Making the child process.
    Fork = 2,
    /// Setting a resource limit.
    Limits = 3,
    /// Entering the working directory.
    WorkingDirectory = 4,
    /// Becoming the user of the command.
    Identity = 5,
    /// Executing the program.
    Execute = 6,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Stage; 7] = [
        Stage::Specification,
        Stage::RuntimeDirectory,
        Stage::Fork,
        Stage::Limits,
        Stage::WorkingDirectory,
        Stage::Identity,
        Stage::Execute,
    ];
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Specification => "read what to start",
            Stage::RuntimeDirectory => "write the process id into the runtime directory",
            Stage::Fork => "create a process",
            Stage::Limits => "set a resource limit",
            Stage::WorkingDirectory => "enter the working directory",
            Stage::Identity => "change the user",
            Stage::Execute => "execute command",
        })
    }
}

/// One message of the launcher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The command runs, as this process.
    Started {
        /// The process id of the command itself.
        pid: u32,
    },
    /// The command could not be started.
    Failed {
        /// What was being done.
        stage: Stage,
        /// The error number of the system.
        errno: i32,
    },
    /// The command has ended.
    Exited {
        /// Its status as `waitpid` gave it.
        wait_status: i32,
    },
}

/// Every report has this many bytes: a tag, a stage, two of padding, a number.
pub const LENGTH: usize = 8;

impl Report {
    /// The bytes on the pipe.
    pub fn encode(self) -> [u8; LENGTH] {
        let (tag, stage, number) = match self {
            Report::Started { pid } => (b'S', 0, pid.cast_signed()),
            Report::Failed { stage, errno } => (b'F', stage as u8, errno),
            Report::Exited { wait_status } => (b'E', 0, wait_status),
        };
        let [a, b, c, d] = number.to_le_bytes();
        [tag, stage, 0, 0, a, b, c, d]
    }

    /// Reads what [`Report::encode`] wrote; none for anything else.
    pub fn decode(bytes: [u8; LENGTH]) -> Option<Report> {
        let [tag, stage, 0, 0, a, b, c, d] = bytes else { return None };
        let number = i32::from_le_bytes([a, b, c, d]);
        match tag {
            b'S' => Some(Report::Started { pid: number.cast_unsigned() }),
            b'F' => {
                let stage = *Stage::ALL.get(usize::from(stage))?;
                Some(Report::Failed { stage, errno: number })
            }
            b'E' => Some(Report::Exited { wait_status: number }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut reports = vec![
            Report::Started { pid: 4_000_000_000 },
            Report::Exited { wait_status: 256 },
            Report::Exited { wait_status: -1 },
        ];
        reports.extend(Stage::ALL.map(|stage| Report::Failed { stage, errno: 2 }));
        for report in reports {
            assert_eq!(Report::decode(report.encode()), Some(report));
        }
    }

    #[test]
    fn other_bytes_are_no_report() {
        assert_eq!(Report::decode(*b"X\0\0\0\0\0\0\0"), None);
        assert_eq!(Report::decode(*b"F\x07\0\0\0\0\0\0"), None);
        assert_eq!(Report::decode(*b"S\0\x01\0\0\0\0\0"), None);
    }
}
