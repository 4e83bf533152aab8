// SPDX-License-Identifier: Apache-2.0

//! GET requests.

use anyhow::{Context, Result, ensure};
use http::Method;
use mesos_net::client::{Connection, Endpoint, Tls};
use serde_json::Value;

use crate::wait::DEADLINE;

/// The longest answer taken.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The answer to `GET http://address/path` as JSON.
///
/// # Errors
/// No answer, another status than 200, or no JSON.
pub async fn get_json(address: &str, path: &str) -> Result<Value> {
    let body = get(address, path).await?;
    serde_json::from_slice(&body).with_context(|| format!("the answer to {path}"))
}

/// Whether a daemon answers.
pub(crate) async fn is_healthy(address: &str) -> bool {
    get(address, "/health").await.is_ok()
}

async fn get(address: &str, path: &str) -> Result<Vec<u8>> {
    let endpoint: Endpoint = address.parse()?;
    let mut connection = Connection::open(&endpoint, &Tls::none(), DEADLINE).await?;
    let response = connection.send(Method::GET, path, &[], Default::default()).await?;
    ensure!(response.status == 200, "GET {path} was answered with {}", response.status);
    Ok(response.bytes(ANSWER_BYTES_MAX).await?.to_vec())
}
