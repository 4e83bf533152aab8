// SPDX-License-Identifier: Apache-2.0

//! Finds the programs that the agent starts: the launcher and the fetcher.

use std::path::{Path, PathBuf};

/// Around each container.
pub(crate) const LAUNCHER: &str = "mesos-launcher";
/// For the files of a container.
pub(crate) const FETCHER: &str = "mesos-fetcher";

/// A program is missing.
#[derive(Debug, thiserror::Error)]
#[error("{name} is neither in --launcher_dir ({}) nor beside this program ({})",
    .launcher_dir.display(), .beside.display())]
pub struct NoProgram {
    name: &'static str,
    launcher_dir: PathBuf,
    beside: PathBuf,
}

/// The program in `launcher_dir`, else the one beside this program.
///
/// # Errors
/// When neither is there.
pub(crate) fn find(name: &'static str, launcher_dir: &Path) -> Result<PathBuf, NoProgram> {
    let program = std::env::current_exe().unwrap_or_default();
    let beside = program.parent().unwrap_or(Path::new("/"));
    // Tests and benchmarks lie one directory below the programs.
    let above = beside.parent().unwrap_or(beside);
    [launcher_dir, beside, above]
        .into_iter()
        .map(|directory| directory.join(name))
        .find(|program| program.is_file())
        .ok_or_else(|| NoProgram {
            name,
            launcher_dir: launcher_dir.to_owned(),
            beside: beside.to_owned(),
        })
}
