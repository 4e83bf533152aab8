// SPDX-License-Identifier: Apache-2.0

//! What the fetcher's process does: URI after URI into the sandbox.
//!
//! It runs as the task's user by now. Names inside the sandbox are resolved by
//! the kernel so that they cannot lead out of it.

use std::{
    fs::File,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use mesos_proto::v1::command_info;

use super::{
    beneath::{self, Directory},
    download::{self, Bounds},
    extract, uri,
};
use crate::words;

/// Why a file is not in the sandbox.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The URI or its output file makes no sense.
    #[error(transparent)]
    Uri(#[from] uri::UriError),
    /// The download failed.
    #[error(transparent)]
    Download(#[from] download::DownloadError),
    /// The archive could not be extracted.
    #[error("Failed to extract archive '{}': {error}", archive.display())]
    Extract {
        /// Which, below the sandbox.
        archive: PathBuf,
        /// Why.
        error: extract::ExtractError,
    },
    /// A local file could not be read.
    #[error("Failed to copy '{}': {}", path.display(), words::of(error))]
    Source {
        /// Which.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A file in the sandbox could not be written.
    #[error("Failed to write '{}' in the sandbox: {}", path.display(), words::of(error))]
    Destination {
        /// Which, below the sandbox.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// What is to be fetched, and how.
#[derive(Debug)]
pub(super) struct Job {
    /// What relative paths are relative to.
    pub(super) frameworks_home: Option<PathBuf>,
    /// The bounds of each download.
    pub(super) bounds: Bounds,
    /// In this order.
    pub(super) uris: Vec<command_info::Uri>,
}

impl Job {
    /// Fetches everything into the directory; what was done goes to the standard error.
    pub(super) fn run(&self, sandbox: &Path) -> Result<(), FetchError> {
        let sandbox = Directory::open(sandbox)
            .map_err(|error| FetchError::Destination { path: ".".into(), error })?;
        for uri in &self.uris {
            if let Err(error) = self.fetch_one(uri, &sandbox) {
                log(&format!("Failed to fetch '{}': {error}", uri.value));
                return Err(error);
            }
            log(&format!("Fetched '{}'", uri.value));
        }
        Ok(())
    }

    fn fetch_one(&self, uri: &command_info::Uri, sandbox: &Directory) -> Result<(), FetchError> {
        let home = self.frameworks_home.as_deref();
        let source = uri::source(&uri.value, home)?;
        let name = uri::destination(uri)?;
        let failed = |error| FetchError::Destination { path: name.clone(), error };
        let create = |mode| sandbox.create(&name, mode).map_err(failed);
        match source {
            uri::Source::File(path) => {
                let mut from = open_source(&path)
                    .map_err(|error| FetchError::Source { path: path.clone(), error })?;
                let mode = from.metadata().map_err(failed)?.permissions().mode();
                let mut to = create(mode & 0o777)?;
                // The kernel copies, or shares, the blocks itself where it can.
                io::copy(&mut from, &mut to).map_err(failed)?;
            }
            uri::Source::Web(url) => {
                let to = create(0o644)?;
                download::run(&url, to, self.bounds)?;
            }
        }
        if uri.executable.unwrap_or(false) {
            sandbox.set_mode(&name, 0o755).map_err(failed)?;
        } else if uri.extract.unwrap_or(true) {
            let extracted = extract::extract(sandbox, &name)
                .map_err(|error| FetchError::Extract { archive: name.clone(), error })?;
            if !extracted {
                log(&format!("'{}' is not an archive and stays as it is", name.display()));
            }
        }
        Ok(())
    }
}

/// Says something in the sandbox's `stderr`.
pub(super) fn log(text: &str) {
    // The sandbox may be full; the fetch itself says so where it matters.
    let _ = io::stderr().write_all(format!("fetcher: {text}\n").as_bytes());
}

/// A regular file; anything else could keep the fetcher waiting.
fn open_source(path: &Path) -> io::Result<File> {
    let file = beneath::open_outside(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
    }
}
