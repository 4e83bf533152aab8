// SPDX-License-Identifier: Apache-2.0

//! The files in a container's runtime directory that outlive an agent.
//!
//! - `pid`: the launcher's process id, locked while the launcher lives; on a second line, once it
//!   runs, that of the command.
//! - `status`: the wait status of the command, once it has ended.

use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::{
        fd::AsRawFd,
        unix::{ffi::OsStrExt, fs::OpenOptionsExt},
    },
    path::{Path, PathBuf},
};

use mesos_launcher::{PID_FILE, STATUS_FILE};

/// The runtime directory of one container, held by its launcher.
pub(crate) struct Directory(Option<Held>);

struct Held {
    path: PathBuf,
    /// Keeps the lock on `pid`. The command does not inherit it.
    pid: File,
}

impl Directory {
    /// Writes `pid` and locks it. Without a path, nothing is kept.
    pub(crate) fn claim(path: Option<&[u8]>) -> io::Result<Self> {
        let Some(path) = path else { return Ok(Directory(None)) };
        let path = Path::new(OsStr::from_bytes(path));
        // Locked before it appears under its name: who sees the file sees the lock.
        let unnamed = path.join("pid.new");
        let mut pid = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unnamed)?;
        // SAFETY: the descriptor is open for as long as `pid` lives.
        if unsafe { libc::flock(pid.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } != 0 {
            return Err(io::Error::last_os_error());
        }
        pid.write_all(std::process::id().to_string().as_bytes())?;
        fs::rename(unnamed, path.join(PID_FILE))?;
        Ok(Directory(Some(Held { path: path.to_owned(), pid })))
    }

    /// Adds the command's process id to `pid`, for who has to end what a killed launcher leaves.
    pub(crate) fn note_command(&mut self, command: u32) -> io::Result<()> {
        let Some(held) = &mut self.0 else { return Ok(()) };
        held.pid.write_all(format!("\n{command}\n").as_bytes())
    }

    /// Writes `status`, which appears whole or not at all.
    pub(crate) fn keep_status(&self, wait_status: i32) -> io::Result<()> {
        let Some(held) = &self.0 else { return Ok(()) };
        let unfinished = held.path.join("status.new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&unfinished)?;
        file.write_all(wait_status.to_string().as_bytes())?;
        fs::rename(unfinished, held.path.join(STATUS_FILE))
    }
}
