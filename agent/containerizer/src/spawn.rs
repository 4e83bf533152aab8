// SPDX-License-Identifier: Apache-2.0

//! Starts the launcher.
//!
//! By `posix_spawn`, which shares the agent's memory with the new process until
//! it executes: the cost does not grow with the agent. The specification goes
//! through a memory file, never through an argument or a file that others may
//! read.

use std::{
    ffi::{CStr, CString},
    fs::{File, Permissions},
    io::{self, Seek, Write},
    os::{
        fd::{AsFd, AsRawFd, FromRawFd, OwnedFd},
        unix::{ffi::OsStrExt, fs::PermissionsExt},
    },
    path::Path,
};

use mesos_launcher::{REPORT_FD, SPEC_FD, spec::Spec};
use nix::{
    fcntl::OFlag,
    spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn},
    sys::{
        memfd::{MFdFlags, memfd_create},
        signal::SigSet,
    },
    unistd::pipe2,
};

/// Every descriptor handed over is first moved above those it is to become, so
/// that none overwrites another.
const ABOVE_ALL: i32 = 16;

/// A launcher that was started.
#[derive(Debug)]
pub struct Spawned {
    /// Its process id. Stays valid until it is waited for.
    pub pid: u32,
    /// Where its reports come from; not yet non-blocking.
    pub reports: OwnedFd,
}

/// Starts `launcher` with `spec`, its output and its command's going to the two files. Blocks
/// for the fraction of a millisecond that executing takes.
///
/// # Errors
/// When the launcher cannot be executed, or processes or descriptors have run out.
pub fn spawn(
    launcher: &Path,
    spec: &Spec,
    stdout: impl AsFd,
    stderr: impl AsFd,
) -> io::Result<Spawned> {
    let mut form = File::from(memfd_create(c"mesos-container", MFdFlags::MFD_CLOEXEC)?);
    // It holds the environment: nobody else may open it through /proc.
    form.set_permissions(Permissions::from_mode(0o600))?;
    form.write_all(&spec.encode())?;
    form.rewind()?;
    let (reports, writer) = pipe2(OFlag::O_CLOEXEC)?;
    let null = File::open("/dev/null")?;
    let descriptors = [
        (away(null.as_fd())?, 0),
        (away(stdout.as_fd())?, 1),
        (away(stderr.as_fd())?, 2),
        (away(form.as_fd())?, SPEC_FD),
        (away(writer.as_fd())?, REPORT_FD),
    ];
    let mut actions = PosixSpawnFileActions::init()?;
    for (from, to) in &descriptors {
        actions.add_dup2(from.as_raw_fd(), *to)?;
    }
    let mut attributes = PosixSpawnAttr::init()?;
    attributes.set_flags(
        PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK | PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF,
    )?;
    // The launcher takes its signals one at a time, and none before it is ready.
    attributes.set_sigmask(&SigSet::all())?;
    attributes.set_sigdefault(&SigSet::all())?;
    let path = CString::new(launcher.as_os_str().as_bytes())?;
    let no_environment: [&CStr; 0] = [];
    let pid =
        posix_spawn(path.as_c_str(), &actions, &attributes, &[c"mesos-launcher"], &no_environment)?;
    Ok(Spawned { pid: pid.as_raw().cast_unsigned(), reports })
}

/// A copy of a descriptor, above those the launcher expects.
fn away(fd: impl AsFd) -> io::Result<OwnedFd> {
    // SAFETY: duplicating an open descriptor touches no memory.
    let copy = unsafe { libc::fcntl(fd.as_fd().as_raw_fd(), libc::F_DUPFD_CLOEXEC, ABOVE_ALL) };
    if copy < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the copy was just made and belongs to nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(copy) })
}
