// SPDX-License-Identifier: Apache-2.0

//! What the library has to say, where the program has no other place for it: on
//! stderr, as that of Mesos does.
//!
//! `MESOS_QUIET` and `MESOS_INITIALIZE_DRIVER_LOGGING=false` keep it quiet;
//! `MESOS_LOGGING_LEVEL` is INFO (the default), WARNING or ERROR.

use std::{env, io, sync::Once};

use tracing::Level;

static ONCE: Once = Once::new();

/// Begins logging to stderr, once in a process; for libraries that other languages load.
/// A program in Rust sets up `tracing` as it likes instead.
pub fn log_to_stderr() {
    ONCE.call_once(|| {
        let is = |name, wanted: &[&str]| {
            env::var(name).is_ok_and(|value| wanted.contains(&value.as_str()))
        };
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
        // A program in Rust may have set another place.
        let _ = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_writer(io::stderr)
            .with_ansi(false)
            .try_init();
    });
}
