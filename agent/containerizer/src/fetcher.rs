// SPDX-License-Identifier: Apache-2.0

//! Puts the files that a command wants into its sandbox.
//!
//! For each URI in turn: find out where it goes, copy or download it there,
//! make it executable or, if it is an archive, extract it into the sandbox.
//! What was done, and what went wrong, is written to the sandbox's `stderr`.
//!
//! A fetch runs on a thread of its own, which the file system takes for the
//! task's user: nobody reads through the fetcher what he could not read
//! himself, and nothing is written that he could not write. Names inside the
//! sandbox are resolved by the kernel so that they cannot lead out of it.
//!
//! Supported: absolute paths, paths relative to `--frameworks_home`, `file://`,
//! `http://` and `https://`. Others are refused by name. `cache` is accepted
//! and means nothing yet: each container fetches for itself.

mod beneath;
mod download;
mod extract;
mod privilege;
mod uri;

use std::{
    fs::File,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use mesos_proto::v1::command_info;
use tokio::{runtime::Handle, sync::oneshot};

use crate::{sandbox::Sandbox, words};
use beneath::Directory;

/// How to fetch.
#[derive(Clone, Debug)]
pub struct Config {
    /// `--frameworks_home`: what relative paths are relative to.
    pub frameworks_home: Option<PathBuf>,
    /// `--fetcher_stall_timeout`: a download without a byte for so long is given up.
    pub stall_timeout: Duration,
    /// A download longer than this is given up, in bytes.
    pub largest_download: u64,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            frameworks_home: None,
            stall_timeout: Duration::from_secs(60),
            largest_download: 1 << 40,
        }
    }
}

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
    /// The thread could not be made, or could not become the user.
    #[error("Failed to fetch as the user of the task: {words}", words = words::of(.0))]
    Thread(io::Error),
    /// Nobody wants the files any more.
    #[error("The container was destroyed meanwhile")]
    Cancelled,
}

/// Fetches all of `uris` into the sandbox at `path`. Stops soon after it is dropped.
pub(crate) async fn fetch(
    config: &Config,
    uris: &[command_info::Uri],
    path: &Path,
    sandbox: &Sandbox,
) -> Result<(), FetchError> {
    let (sender, outcome) = oneshot::channel();
    let cancelled = CancelOnDrop(Arc::default());
    let job = Job {
        config: config.clone(),
        uris: uris.to_vec(),
        sandbox: path.to_owned(),
        log: sandbox.stderr.try_clone().map_err(FetchError::Thread)?,
        cancelled: cancelled.0.clone(),
        runtime: Handle::current(),
    };
    let identity = sandbox.identity.clone();
    std::thread::Builder::new()
        .name("fetcher".to_owned())
        .spawn(move || {
            let outcome = match privilege::assume(identity.as_ref()) {
                Ok(()) => job.run(),
                Err(error) => Err(FetchError::Thread(error)),
            };
            // Nobody listens to a fetch that was cancelled.
            let _ = sender.send(outcome);
        })
        .map_err(FetchError::Thread)?;
    outcome.await.unwrap_or(Err(FetchError::Cancelled))
}

struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What the fetching thread works on.
struct Job {
    config: Config,
    uris: Vec<command_info::Uri>,
    sandbox: PathBuf,
    log: File,
    cancelled: Arc<AtomicBool>,
    runtime: Handle,
}

impl Job {
    fn run(&self) -> Result<(), FetchError> {
        let sandbox = Directory::open(&self.sandbox)
            .map_err(|error| FetchError::Destination { path: ".".into(), error })?;
        for uri in &self.uris {
            if let Err(error) = self.fetch_one(uri, &sandbox) {
                self.log(&format!("Failed to fetch '{}': {error}", uri.value));
                return Err(error);
            }
            self.log(&format!("Fetched '{}'", uri.value));
        }
        Ok(())
    }

    fn fetch_one(&self, uri: &command_info::Uri, sandbox: &Directory) -> Result<(), FetchError> {
        let home = self.config.frameworks_home.as_deref();
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
                self.copy(&mut from, &mut to).map_err(failed)?;
            }
            uri::Source::Web(url) => {
                let to = create(0o644)?;
                self.runtime.block_on(download::download(
                    &url,
                    to,
                    &self.config,
                    &self.cancelled,
                ))?;
            }
        }
        if uri.executable.unwrap_or(false) {
            sandbox.set_mode(&name, 0o755).map_err(failed)?;
        } else if uri.extract.unwrap_or(true) {
            let extracted = extract::extract(sandbox, &name, &self.cancelled)
                .map_err(|error| FetchError::Extract { archive: name.clone(), error })?;
            if !extracted {
                self.log(&format!("'{}' is not an archive and stays as it is", name.display()));
            }
        }
        Ok(())
    }

    fn copy(&self, from: &mut File, to: &mut File) -> io::Result<()> {
        loop {
            if self.cancelled.load(Ordering::Relaxed) {
                return Err(io::Error::other(FetchError::Cancelled));
            }
            // The kernel copies, or shares, the blocks itself where it can.
            let copied = io::copy(&mut io::Read::take(&mut *from, 64 << 20), to)?;
            if copied == 0 {
                return Ok(());
            }
        }
    }

    fn log(&self, text: &str) {
        // The sandbox may be full; the fetch itself says so where it matters.
        let _ = (&self.log).write_all(format!("fetcher: {text}\n").as_bytes());
    }
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
