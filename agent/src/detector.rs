// SPDX-License-Identifier: Apache-2.0

//! Finds the master that `--master` names.
//!
//! The flag holds `host:port`, `master@host:port`, or `file://` with a path to
//! a file that holds one of these. The file is read, and the name resolved,
//! each time, so that both may change while the agent runs.

use std::{net::SocketAddr, time::Duration};

use mesos_wire::Upid;

/// The process that agents talk to.
const PROCESS: &str = "master";
/// Between two attempts to resolve a name.
const PAUSE: Duration = Duration::from_secs(1);

/// Why there is no master.
#[derive(Debug, thiserror::Error)]
enum DetectError {
    #[error("cannot read '{0}': {1}")]
    File(String, std::io::Error),
    #[error("cannot resolve '{0}': {1}")]
    Name(String, std::io::Error),
    #[error("'{0}' has no address")]
    NoAddress(String),
}

/// Finds the master. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Detector {
    master: String,
}

impl Detector {
    /// A detector for the value of `--master`.
    pub fn new(master: &str) -> Detector {
        Detector { master: master.to_owned() }
    }

    /// The master's process id, as soon as its address is known.
    pub async fn detect(&self) -> String {
        loop {
            match self.try_to_detect().await {
                Ok(address) => return Upid::new(PROCESS, address).to_string(),
                Err(error) => tracing::warn!(%error, "no master found; trying again"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn try_to_detect(&self) -> Result<SocketAddr, DetectError> {
        let text = match self.master.strip_prefix("file://") {
            Some(path) => tokio::fs::read_to_string(path)
                .await
                .map_err(|error| DetectError::File(path.to_owned(), error))?,
            None => self.master.clone(),
        };
        let name = text.trim();
        let name = name.strip_prefix("master@").unwrap_or(name);
        let mut addresses = tokio::net::lookup_host(name)
            .await
            .map_err(|error| DetectError::Name(name.to_owned(), error))?;
        addresses.next().ok_or_else(|| DetectError::NoAddress(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_master_is_found_in_every_spelling() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "127.0.0.1:5050\n").unwrap();
        let in_file = format!("file://{}", file.path().display());
        for spelling in ["127.0.0.1:5050", "master@127.0.0.1:5050", &in_file] {
            let found = Detector::new(spelling).detect().await;
            assert_eq!(found, "master@127.0.0.1:5050", "{spelling}");
        }
    }

    #[tokio::test]
    async fn a_name_that_means_nothing_is_an_error_that_names_it() {
        let error = Detector::new("no-port").try_to_detect().await.unwrap_err();
        assert!(error.to_string().contains("'no-port'"), "{error}");
    }
}
