// SPDX-License-Identifier: Apache-2.0

//! Finds the containers that a former agent started.
//!
//! A container runs exactly while its launcher holds the lock on the `pid`
//! file, so a process id that was given to another process meanwhile does no
//! harm. One whose launcher is gone has ended, with a status or without one.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io,
    path::Path,
    sync::Arc,
};

use mesos_agent_state::{ContainerId, input::ContainerExit, recovery::RecoveredContainer};
use mesos_launcher::{PID_FILE, STATUS_FILE};

use crate::{
    Shared,
    container::{self, Found},
    pidfd::PidFd,
};

/// All containers in the runtime directory. Those that run are watched from now on.
pub(crate) async fn recover(
    shared: &Arc<Shared>,
) -> io::Result<BTreeMap<ContainerId, RecoveredContainer>> {
    let mut found = BTreeMap::new();
    let entries = match fs::read_dir(shared.config.runtime_directory.join("containers")) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|_| entry.path().is_dir()) else {
            tracing::warn!("{} is no container's directory", entry.path().display());
            continue;
        };
        let container = ContainerId::new(name);
        let state = match take_hold(&entry.path())? {
            Some(found) => {
                let pid = found.launcher;
                let orders = shared.enter(&container, Some(pid), Vec::new());
                let (shared, container) = (shared.clone(), container.clone());
                tokio::spawn(container::watch_recovered(shared, container, found, orders));
                RecoveredContainer::Running { pid }
            }
            None => RecoveredContainer::Exited(ContainerExit {
                status: status(&entry.path()),
                limitation: None,
            }),
        };
        found.insert(container, state);
    }
    Ok(found)
}

/// The launcher of a container, if it lives.
fn take_hold(directory: &Path) -> io::Result<Option<Found>> {
    let mut file = match File::open(directory.join(PID_FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !is_held(&file)? {
        return Ok(None);
    }
    let mut text = String::new();
    io::Read::read_to_string(&mut file, &mut text)?;
    let mut pids = text.lines().map(str::parse);
    let Some(Ok(launcher)) = pids.next() else { return Ok(None) };
    let command = pids.next().and_then(Result::ok);
    let pidfd = match PidFd::open(launcher) {
        Ok(pidfd) => pidfd,
        Err(error) if error.raw_os_error() == Some(libc::ESRCH) => return Ok(None),
        Err(error) => return Err(error),
    };
    // It lived when its id was looked up, hence the id was its own.
    Ok(is_held(&file)?.then_some(Found { launcher, pidfd, command }))
}

fn is_held(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn status(directory: &Path) -> Option<i32> {
    fs::read_to_string(directory.join(STATUS_FILE)).ok()?.trim().parse().ok()
}
