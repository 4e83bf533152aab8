// SPDX-License-Identifier: Apache-2.0

//! Log lines: to the standard error or a file, for people or as JSON.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    sync::Arc,
};

use tracing_subscriber::{
    EnvFilter, Layer, Registry, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

/// What the flags of a daemon say about its log.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// The file's name in `directory`, `mesos-master.INFO` for instance.
    pub file: &'a str,
    /// `--log_dir`.
    pub directory: Option<&'a Path>,
    /// `--quiet`: nothing to the standard error.
    pub quiet: bool,
    /// `--logging_level`: `INFO`, `WARNING` or `ERROR`; anything else is INFO.
    pub level: &'a str,
    /// `--log_format=json`.
    pub json: bool,
}

/// The file of `--log_dir` cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the log file '{}': {source}", path.display())]
pub struct LoggingError {
    path: PathBuf,
    source: io::Error,
}

/// Sets up logging for the process. Does nothing if another part of the process has done so,
/// which is so where several daemons share one.
///
/// `MESOS_LOG`, if set, filters like the `RUST_LOG` of other programs.
///
/// # Errors
/// When the file cannot be written.
pub fn init(settings: Settings<'_>) -> Result<(), LoggingError> {
    let mut layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = Vec::new();
    if !settings.quiet {
        let colours = io::stderr().is_terminal();
        let layer = fmt::layer().with_ansi(colours).with_writer(io::stderr);
        layers.push(if settings.json { layer.json().boxed() } else { layer.boxed() });
    }
    if let Some(directory) = settings.directory {
        let file = Arc::new(open(directory, settings.file)?);
        let layer = fmt::layer().with_ansi(false).with_writer(file);
        layers.push(if settings.json { layer.json().boxed() } else { layer.boxed() });
    }
    let least = match settings.level {
        "WARNING" => "warn",
        "ERROR" => "error",
        _ => "info",
    };
    let filter = EnvFilter::try_from_env("MESOS_LOG").unwrap_or_else(|_| EnvFilter::new(least));
    // It fails only if there is a subscriber already.
    let _ = tracing_subscriber::registry().with(layers.with_filter(filter)).try_init();
    Ok(())
}

fn open(directory: &Path, name: &str) -> Result<File, LoggingError> {
    let path = directory.join(name);
    let file = fs::create_dir_all(directory)
        .and_then(|()| OpenOptions::new().create(true).append(true).open(&path));
    file.map_err(|source| LoggingError { path, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_important_enough_is_in_the_file() {
        let root = tempfile::tempdir().expect("a directory");
        let directory = root.path().join("log");
        let settings = Settings {
            file: "daemon.INFO",
            directory: Some(&directory),
            quiet: true,
            level: "WARNING",
            json: true,
        };
        init(settings).expect("the directory is made");
        init(settings).expect("a second time does no harm");
        tracing::info!("all is well");
        tracing::warn!(what = "disk", "something is full");
        let text = fs::read_to_string(directory.join("daemon.INFO")).expect("it is there");
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains(r#""message":"something is full""#), "{text}");
        let taken = root.path().join("file");
        fs::write(&taken, "").expect("written");
        let error = init(Settings { directory: Some(&taken), ..settings }).expect_err("a file");
        assert!(error.to_string().contains("daemon.INFO"), "{error}");
    }
}
