// SPDX-License-Identifier: Apache-2.0

//! Makes the file system take one thread for another user.
//!
//! Only the thread's file-system ids and groups change, as an NFS server does
//! it, and with them the kernel drops the capabilities that override file
//! permissions. Its real and effective ids stay, so that the other user can
//! neither signal nor trace the agent through this thread.

use std::io;

use mesos_launcher::spec::Identity;

/// From now on the calling thread touches files as `identity`; as itself if that is none.
/// There is no way back: the thread must end after its work.
///
/// # Errors
/// When the agent may not do so.
pub(super) fn assume(identity: Option<&Identity>) -> io::Result<()> {
    let Some(identity) = identity else { return Ok(()) };
    let groups = identity.groups.as_slice();
    // SAFETY: the array lives during the call, which changes this thread only: the C
    // library's function of this name would change all threads.
    if unsafe { libc::syscall(libc::SYS_setgroups, groups.len(), groups.as_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let gid = i64::from(identity.gid);
    let uid = i64::from(identity.uid);
    // SAFETY: both calls take and return numbers. Asked for an id that does not exist (-1),
    // they change nothing and return the present one, which shows whether the change worked.
    let done = unsafe {
        libc::syscall(libc::SYS_setfsgid, gid);
        libc::syscall(libc::SYS_setfsuid, uid);
        libc::syscall(libc::SYS_setfsgid, -1) == gid && libc::syscall(libc::SYS_setfsuid, -1) == uid
    };
    if done { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::EPERM)) }
}
