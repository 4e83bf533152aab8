// SPDX-License-Identifier: Apache-2.0

//! What the drivers have to say goes to stderr, as in Apache's library.
//!
//! `MESOS_QUIET` and `MESOS_INITIALIZE_DRIVER_LOGGING=false` keep them quiet;
//! `MESOS_LOGGING_LEVEL` is INFO (the default), WARNING or ERROR.

use std::{env, io};

use tracing::Level;

/// Begins logging; the library is loaded once in a process.
pub(crate) fn begin() {
    let is = |name, wanted: &[&str]| env::var(name).is_ok_and(|it| wanted.contains(&it.as_str()));
    if is("MESOS_QUIET", &["", "1", "true"])
        || is("MESOS_INITIALIZE_DRIVER_LOGGING", &["0", "false"])
    {
        return;
    }
    let level = match env::var("MESOS_LOGGING_LEVEL").as_deref() {
        Ok("WARNING") => Level::WARN,
        Ok("ERROR") => Level::ERROR,
        Ok(_) | Err(_) => Level::INFO,
    };
    // A part of the process that is written in C may have begun already.
    let _ = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_ansi(false)
        .try_init();
}
