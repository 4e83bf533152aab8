// SPDX-License-Identifier: Apache-2.0

//! Waiting for a driver, in a way that Ctrl-C ends.

use std::time::Duration;

use mesos_client::v0::Status;
use pyo3::prelude::*;

/// How long a signal can go unnoticed: its handler runs only on the main thread, between rounds.
const ROUND: Duration = Duration::from_millis(100);

/// Waits, in rounds, for what `join` waits for.
///
/// # Errors
/// What the handler of a signal raises (`KeyboardInterrupt`); the driver goes on.
pub(crate) fn for_end(
    py: Python<'_>,
    join: impl Fn(Duration) -> Option<Status> + Sync,
) -> PyResult<i32> {
    loop {
        if let Some(status) = py.detach(|| join(ROUND)) {
            return Ok(status as i32);
        }
        py.check_signals()?;
    }
}

/// Runs what may wait for another thread, without the interpreter's lock.
pub(crate) fn aside(py: Python<'_>, method: impl FnOnce() -> Status + Send) -> i32 {
    py.detach(method) as i32
}

/// For a driver's last owner: lets others into the interpreter, if there is one, while it waits.
pub(crate) fn at_drop(close: impl Fn() + Sync) {
    if Python::try_attach(|py| py.detach(&close)).is_none() {
        close();
    }
}
