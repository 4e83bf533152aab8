// SPDX-License-Identifier: Apache-2.0

//! Zip archives.

use std::{
    fs::File,
    io::{BufReader, Read},
    path::{Path, PathBuf},
};

use zip::{ZipArchive, read::ZipFile, result::ZipError};

use super::{ExtractError, MOST_ENTRIES, is_log, write};
use crate::fetcher::beneath::Directory;

/// The bits of a mode that say what an entry is, and the two that matter.
const KIND: u32 = 0o170_000;
const LINK: u32 = 0o120_000;
const REGULAR: u32 = 0o100_000;

/// No symbolic link leads further.
const LONGEST_TARGET: u64 = 4096;

pub(super) fn extract(sandbox: &Directory, archive: File) -> Result<(), ExtractError> {
    let mut archive = ZipArchive::new(BufReader::new(archive)).map_err(format)?;
    if archive.len() > MOST_ENTRIES {
        return Err(ExtractError::TooManyEntries);
    }
    for index in 0..archive.len() {
        extract_entry(sandbox, archive.by_index(index).map_err(format)?)?;
    }
    Ok(())
}

fn format(error: ZipError) -> ExtractError {
    if let ZipError::Io(error) = error {
        return ExtractError::Io(error);
    }
    ExtractError::Format(error.to_string())
}

fn extract_entry<R: Read>(
    sandbox: &Directory,
    mut entry: ZipFile<'_, R>,
) -> Result<(), ExtractError> {
    let name = PathBuf::from(entry.name());
    let failed = |error| ExtractError::Entry { entry: name.clone(), error };
    if is_log(&name) {
        return Ok(());
    }
    if entry.is_dir() {
        sandbox.make_directory(&name, 0o755).map_err(failed)?;
        return Ok(());
    }
    let mode = entry.unix_mode().unwrap_or(REGULAR | 0o644);
    match mode & KIND {
        REGULAR | 0 => write(sandbox, &name, mode, &mut entry),
        LINK => {
            let mut target = String::new();
            entry.take(LONGEST_TARGET).read_to_string(&mut target)?;
            sandbox.link(&name, Path::new(&target)).map_err(failed)
        }
        _ => Err(ExtractError::Kind { entry: name, kind: "a device, a pipe or a socket" }),
    }
}
