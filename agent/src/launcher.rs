// SPDX-License-Identifier: Apache-2.0

//! Finds the launcher's executable.

use std::path::{Path, PathBuf};

const NAME: &str = "mesos-launcher";

/// There is no launcher.
#[derive(Debug, thiserror::Error)]
#[error("{NAME} is neither in --launcher_dir ({}) nor beside this program ({})",
    .launcher_dir.display(), .beside.display())]
pub struct NoLauncher {
    launcher_dir: PathBuf,
    beside: PathBuf,
}

/// The launcher in `launcher_dir`, else the one beside this program.
///
/// # Errors
/// When neither is there.
pub(crate) fn find(launcher_dir: &Path) -> Result<PathBuf, NoLauncher> {
    let program = std::env::current_exe().unwrap_or_default();
    let beside = program.parent().unwrap_or(Path::new("/"));
    // Tests and benchmarks lie one directory below the programs.
    let above = beside.parent().unwrap_or(beside);
    [launcher_dir, beside, above]
        .into_iter()
        .map(|directory| directory.join(NAME))
        .find(|launcher| launcher.is_file())
        .ok_or_else(|| NoLauncher {
            launcher_dir: launcher_dir.to_owned(),
            beside: beside.to_owned(),
        })
}
