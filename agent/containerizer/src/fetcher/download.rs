// SPDX-License-Identifier: Apache-2.0

//! Downloads one file, within a limit of size and of silence.

use std::{
    fs::File,
    io::{self, Write},
    time::Duration,
};

use http::StatusCode;
use http_body_util::BodyExt;
use tokio::time::timeout;

use crate::http::{self as web, HttpError, Trust};

/// Why a download failed.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// There was no answer.
    #[error("Error downloading resource: {0}")]
    Request(String),
    /// The answer was not the file.
    #[error("Error downloading resource, received HTTP return code {0}")]
    Status(u16),
    /// Nothing came for too long.
    #[error("Error downloading resource: nothing came for {} seconds", .0.as_secs_f64())]
    Stalled(Duration),
    /// The file is longer than allowed.
    #[error("Error downloading resource: it is longer than {0} bytes")]
    TooLarge(u64),
    /// The file could not be written.
    #[error("Error writing the downloaded resource: {0}")]
    Write(io::Error),
    /// There is no room for a thread or descriptor.
    #[error("Error downloading resource: {0}")]
    System(io::Error),
}

impl From<HttpError> for DownloadError {
    fn from(error: HttpError) -> Self {
        DownloadError::Request(error.to_string())
    }
}

/// What a download must keep to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// The longest silence.
    pub(super) stall_timeout: Duration,
    /// The most bytes.
    pub(super) largest: u64,
}

/// Writes what `url` stands for to `file`. Blocks.
pub(super) fn run(url: &str, file: File, bounds: Bounds) -> Result<(), DownloadError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(DownloadError::System)?.block_on(download(url, file, bounds))
}

async fn download(url: &str, mut file: File, bounds: Bounds) -> Result<(), DownloadError> {
    let stalled = |_| DownloadError::Stalled(bounds.stall_timeout);
    let response =
        timeout(bounds.stall_timeout, web::get(url, Trust::Verified)).await.map_err(stalled)??;
    if response.status() != StatusCode::OK {
        return Err(DownloadError::Status(response.status().as_u16()));
    }
    let mut body = response.into_body();
    let mut written: u64 = 0;
    loop {
        let frame = timeout(bounds.stall_timeout, body.frame()).await.map_err(stalled)?;
        let Some(frame) = frame else { return Ok(()) };
        let frame = frame.map_err(|error| DownloadError::Request(error.to_string()))?;
        // Trailers say nothing about the file.
        let Ok(data) = frame.into_data() else { continue };
        written += data.len() as u64;
        if written > bounds.largest {
            return Err(DownloadError::TooLarge(bounds.largest));
        }
        // Blocks, and nothing else is to be done.
        file.write_all(&data).map_err(DownloadError::Write)?;
    }
}
