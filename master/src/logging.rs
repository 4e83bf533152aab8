// SPDX-License-Identifier: Apache-2.0

//! Log lines: to the standard error or a file, for people or as JSON.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    sync::Mutex,
};

use tracing_subscriber::{
    EnvFilter, Layer, Registry, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::flags::MasterFlags;

/// Logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The file of `--log_dir` cannot be written.
    #[error("cannot write the log file '{}': {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// Something else logs already.
    #[error("logging is set up already: {0}")]
    Twice(#[from] tracing_subscriber::util::TryInitError),
}

/// Sets up logging for the process.
///
/// `MESOS_LOG`, if set, filters like the `RUST_LOG` of other programs.
pub fn init(flags: &MasterFlags) -> Result<(), LoggingError> {
    let is_json = flags.log_format.as_deref() == Some("json");
    let mut layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = Vec::new();
    if !flags.quiet {
        let layer = fmt::layer().with_ansi(io::stderr().is_terminal()).with_writer(io::stderr);
        layers.push(if is_json { layer.json().boxed() } else { layer.boxed() });
    }
    if let Some(directory) = &flags.log_dir {
        let file = Mutex::new(open(directory)?);
        let layer = fmt::layer().with_ansi(false).with_writer(file);
        layers.push(if is_json { layer.json().boxed() } else { layer.boxed() });
    }
    let least = match flags.logging_level.as_str() {
        "WARNING" => "warn",
        "ERROR" => "error",
        _ => "info",
    };
    let filter = EnvFilter::try_from_env("MESOS_LOG").unwrap_or_else(|_| EnvFilter::new(least));
    tracing_subscriber::registry().with(layers.with_filter(filter)).try_init()?;
    Ok(())
}

fn open(directory: &Path) -> Result<File, LoggingError> {
    let path = directory.join("mesos-master.log");
    let file = fs::create_dir_all(directory)
        .and_then(|()| OpenOptions::new().create(true).append(true).open(&path));
    file.map_err(|source| LoggingError::File { path, source })
}
