// SPDX-License-Identifier: Apache-2.0

//! Reads the checkpoints of a former run from the disk.

use std::{fs, io, path::Path, time::UNIX_EPOCH};

use bytes::Bytes;
use mesos_agent_state::{
    RecoveredState, paths,
    recovery::{self, Files},
};
use mesos_containerizer::Containerizer;
use mesos_core::time::Time;

/// Where Linux tells which boot this is.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// What is left of a former run in `work_dir` and in the runtime directory. Notes that the
/// agent has run in this boot.
///
/// # Errors
/// When the runtime directory cannot be read or the boot not be noted.
pub async fn recover(work_dir: &str, containerizer: &Containerizer) -> io::Result<RecoveredState> {
    let boot_id = fs::read_to_string(BOOT_ID).ok();
    let boot_id = boot_id.as_deref().map(str::trim);
    let mut state = recovery::read(&Disk, work_dir, boot_id);
    state.containers = containerizer.recover().await?;
    if let Some(boot_id) = boot_id {
        note_boot(Path::new(&paths::boot_id(work_dir)), boot_id)?;
    }
    Ok(state)
}

fn note_boot(path: &Path, boot_id: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let unfinished = path.with_extension("new");
    fs::write(&unfinished, boot_id)?;
    fs::set_permissions(&unfinished, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    fs::rename(unfinished, path)
}

/// The real file system.
struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Option<Bytes>, String> {
        match fs::read(path) {
            Ok(content) => Ok(Some(content.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn list(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort_unstable();
        names
    }

    fn link(&self, path: &str) -> Option<String> {
        fs::read_link(path).ok()?.into_os_string().into_string().ok()
    }

    fn modified(&self, path: &str) -> Option<Time> {
        let modified = fs::symlink_metadata(path).ok()?.modified().ok()?;
        let since = modified.duration_since(UNIX_EPOCH).ok()?;
        Some(Time::EPOCH + since)
    }
}

#[cfg(test)]
mod tests {
    use mesos_agent_state::ContainerId;
    use mesos_containerizer::{Config, fetcher};

    use super::*;

    #[tokio::test]
    async fn a_first_start_finds_nothing_and_leaves_its_boot() {
        let root = tempfile::tempdir().unwrap();
        let work_dir = root.path().join("work").display().to_string();
        let (sender, _inputs) = tokio::sync::mpsc::unbounded_channel();
        let config = Config {
            launcher: "unused".into(),
            runtime_directory: root.path().join("runtime"),
            fetcher: fetcher::Config::default(),
            open_files: None,
        };
        let containerizer = Containerizer::new(config, sender);
        let state = recover(&work_dir, &containerizer).await.unwrap();
        assert_eq!(state, RecoveredState::default());
        assert!(Path::new(&paths::boot_id(&work_dir)).exists());

        fs::create_dir_all(root.path().join("runtime/containers/left")).unwrap();
        let state = recover(&work_dir, &containerizer).await.unwrap();
        assert!(state.containers.contains_key(&ContainerId::new("left")));
    }
}
