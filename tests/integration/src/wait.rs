// SPDX-License-Identifier: Apache-2.0

//! Waiting for a condition.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

/// How long a test waits for anything: far more than it takes on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Asks again and again until `condition` gives something.
///
/// # Errors
/// Nothing came within [`DEADLINE`]; `what` says what was waited for.
pub async fn until<T>(what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> Result<T> {
    let give_up = Instant::now() + DEADLINE;
    loop {
        if let Some(value) = condition().await {
            return Ok(value);
        }
        if Instant::now() >= give_up {
            bail!("waited {DEADLINE:?} in vain for: {what}");
        }
        sleep(Duration::from_millis(20)).await;
    }
}
