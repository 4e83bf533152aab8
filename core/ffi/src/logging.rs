// SPDX-License-Identifier: Apache-2.0

//! What the library has to say goes to stderr, as that of Mesos does, where
//! the program has no other place for it.
//!
//! `MESOS_QUIET` and `MESOS_INITIALIZE_DRIVER_LOGGING=false` keep it quiet;
//! `MESOS_LOGGING_LEVEL` is INFO (the default), WARNING or ERROR.

use std::{env, io, sync::Once};

use tracing::Level;

static ONCE: Once = Once::new();

/// Begins logging, once.
pub(crate) fn begin() {
    ONCE.call_once(|| {
        let set = |name| env::var(name).ok();
        let is = |name, wanted: &[&str]| set(name).is_some_and(|it| wanted.contains(&it.as_str()));
        if is("MESOS_QUIET", &["", "1", "true"])
            || is("MESOS_INITIALIZE_DRIVER_LOGGING", &["0", "false"])
        {
            return;
        }
        let level = match set("MESOS_LOGGING_LEVEL").as_deref() {
            Some("WARNING") => Level::WARN,
            Some("ERROR") => Level::ERROR,
            Some(_) | None => Level::INFO,
        };
        // A program in Rust may have set another place.
        let _ = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_writer(io::stderr)
            .with_ansi(false)
            .try_init();
    });
}
