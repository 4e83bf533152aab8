// SPDX-License-Identifier: Apache-2.0

//! Extracts archives into the sandbox.
//!
//! | name ends in                         | is                                          |
//! |--------------------------------------|---------------------------------------------|
//! | `.tar`                               | a tar archive                               |
//! | `.tgz` `.tar.gz`                     | the same, compressed by gzip                |
//! | `.tbz2` `.tar.bz2`                   | the same, compressed by bzip2               |
//! | `.txz` `.tar.xz`                     | the same, compressed by xz                  |
//! | `.zip`                               | a zip archive                               |
//! | `.gz`                                | one file, extracted to the name without it  |
//!
//! An entry that would land outside the sandbox, or that is a device, a pipe or
//! a socket, fails the extraction. An entry called `stdout` or `stderr` at the
//! top is skipped: these are the container's logs.

mod tar;
mod zip;

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek},
    path::{Path, PathBuf},
};

use super::beneath::Directory;

/// An archive with more entries than this is refused.
const MOST_ENTRIES: usize = 1_000_000;

/// Why an archive could not be extracted.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// It could not be read, or a file could not be written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// One entry of it could not be extracted.
    #[error("'{}': {error}", entry.display())]
    Entry {
        /// Which.
        entry: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// It holds something that has no place in a sandbox.
    #[error("'{}' is {kind}, which is not extracted", entry.display())]
    Kind {
        /// Which entry.
        entry: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// It holds too much.
    #[error("it has more than {MOST_ENTRIES} entries")]
    TooManyEntries,
    /// It is no such archive.
    #[error("{0}")]
    Format(String),
}

/// What a name says about the file's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Tar,
    TarGz,
    TarBz2,
    TarXz,
    Zip,
    Gz,
}

fn format(name: &Path) -> Option<Format> {
    const ENDINGS: [(&str, Format); 9] = [
        (".tar", Format::Tar),
        (".tgz", Format::TarGz),
        (".tar.gz", Format::TarGz),
        (".tbz2", Format::TarBz2),
        (".tar.bz2", Format::TarBz2),
        (".txz", Format::TarXz),
        (".tar.xz", Format::TarXz),
        (".zip", Format::Zip),
        (".gz", Format::Gz),
    ];
    let name = name.as_os_str().as_encoded_bytes();
    ENDINGS.iter().find(|(end, _)| name.ends_with(end.as_bytes())).map(|(_, format)| *format)
}

/// Extracts the file `name` of the sandbox into the sandbox; false if it is no archive.
pub(super) fn extract(sandbox: &Directory, name: &Path) -> Result<bool, ExtractError> {
    let Some(format) = format(name) else { return Ok(false) };
    let file = sandbox.read(name)?;
    match format {
        Format::Tar => tar::extract(sandbox, BufReader::new(file))?,
        Format::TarGz => tar::extract(sandbox, gunzip(file))?,
        Format::TarBz2 => {
            let plain = bzip2::bufread::MultiBzDecoder::new(BufReader::new(file));
            tar::extract(sandbox, plain)?;
        }
        Format::TarXz => {
            let mut plain = sandbox.scratch()?;
            lzma_rs::xz_decompress(&mut BufReader::new(file), &mut plain)
                .map_err(|error| ExtractError::Format(format!("no xz data: {error}")))?;
            plain.rewind()?;
            tar::extract(sandbox, BufReader::new(plain))?;
        }
        Format::Zip => zip::extract(sandbox, file)?,
        Format::Gz => {
            let stem = name.file_stem().map(PathBuf::from).unwrap_or_default();
            write(sandbox, &stem, 0o644, &mut gunzip(file))?;
        }
    }
    Ok(true)
}

fn gunzip(file: File) -> impl Read {
    flate2::bufread::MultiGzDecoder::new(BufReader::new(file))
}

/// Whether an entry is one of the container's logs.
fn is_log(name: &Path) -> bool {
    matches!(super::beneath::plain(name), Ok(plain) if plain == Path::new("stdout") || plain == Path::new("stderr"))
}

/// Writes a regular file of an archive.
fn write(
    sandbox: &Directory,
    name: &Path,
    mode: u32,
    content: &mut impl Read,
) -> Result<(), ExtractError> {
    let failed = |error| ExtractError::Entry { entry: name.to_owned(), error };
    // Never set-user-id: an archive must not hand that out.
    let mut file = sandbox.create(name, mode & 0o777).map_err(failed)?;
    io::copy(content, &mut file).map_err(failed)?;
    Ok(())
}
