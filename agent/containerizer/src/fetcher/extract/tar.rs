// SPDX-License-Identifier: Apache-2.0

//! Tar archives.

use std::io::Read;

use tar::{Archive, Entry, EntryType};

use super::{ExtractError, MOST_ENTRIES, is_log, write};
use crate::fetcher::beneath::Directory;

pub(super) fn extract(sandbox: &Directory, archive: impl Read) -> Result<(), ExtractError> {
    let mut archive = Archive::new(archive);
    for (number, entry) in archive.entries()?.enumerate() {
        if number >= MOST_ENTRIES {
            return Err(ExtractError::TooManyEntries);
        }
        extract_entry(sandbox, entry?)?;
    }
    Ok(())
}

fn extract_entry<R: Read>(
    sandbox: &Directory,
    mut entry: Entry<'_, R>,
) -> Result<(), ExtractError> {
    let name = entry.path()?.into_owned();
    if is_log(&name) {
        return Ok(());
    }
    let mode = entry.header().mode().unwrap_or(0o644);
    let target = entry.link_name()?.map(|target| target.into_owned()).unwrap_or_default();
    let failed = |error| ExtractError::Entry { entry: name.clone(), error };
    let kind = match entry.header().entry_type() {
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
            return write(sandbox, &name, mode, &mut entry);
        }
        EntryType::Directory => {
            // `./` stands for the sandbox itself.
            if !name.components().all(|part| part == std::path::Component::CurDir) {
                // The owner must be able to write into it, or its content cannot follow.
                sandbox.make_directory(&name, (mode & 0o777) | 0o700).map_err(failed)?;
            }
            return Ok(());
        }
        EntryType::Symlink => return sandbox.link(&name, &target).map_err(failed),
        EntryType::Link => return sandbox.hard_link(&name, &target).map_err(failed),
        // Comments about the whole archive.
        EntryType::XGlobalHeader => return Ok(()),
        EntryType::Char => "a character device",
        EntryType::Block => "a block device",
        EntryType::Fifo => "a pipe",
        // The headers of long names come to the reader as part of the entries they belong to.
        EntryType::GNULongName | EntryType::GNULongLink | EntryType::XHeader => "out of place",
        // The kinds are another crate's and may become more.
        _ => "of an unknown kind",
    };
    Err(ExtractError::Kind { entry: name, kind })
}
