// SPDX-License-Identifier: Apache-2.0

//! What the native drivers have to say goes to stderr, as in Mesos's library.
//!
//! `MESOS_QUIET` keeps them quiet; `MESOS_LOGGING_LEVEL` is INFO (the
//! default), WARNING or ERROR.

use std::{env, io, sync::Once};

use tracing::Level;

static ONCE: Once = Once::new();

/// Begins logging, once in a process.
pub(crate) fn begin() {
    ONCE.call_once(|| {
        let quiet =
            env::var("MESOS_QUIET").is_ok_and(|it| ["", "1", "true"].contains(&it.as_str()));
        if quiet {
            return;
        }
        let level = match env::var("MESOS_LOGGING_LEVEL").as_deref() {
            Ok("WARNING") => Level::WARN,
            Ok("ERROR") => Level::ERROR,
            Ok(_) | Err(_) => Level::INFO,
        };
        // Nobody else in this library has set one.
        let _ = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_writer(io::stderr)
            .with_ansi(false)
            .try_init();
    });
}
