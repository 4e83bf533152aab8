// SPDX-License-Identifier: Apache-2.0

//! The daemon `mesos-master`: the shell around the state machine.
//!
//! Here are sockets, files, clocks and threads; what a master decides is in
//! `mesos-master-state`. [`start()`] brings a master up within a tokio runtime,
//! so that `mesos-master`, `mesos-local` and tests run the same code.

pub mod engine;
pub mod flags;
pub mod http;
mod identity;
pub mod metrics;
pub mod registry;
pub mod start;
pub mod views;
mod whitelist;
pub mod wire;

pub use flags::MasterFlags;
use mesos_daemon::logging::{self, LoggingError};
pub use start::{RunError, Running, StartError, start};

/// The version of Mesos that this master is one of. Clients compare it.
pub const VERSION: &str = "1.11.0";

/// Sends log lines where the flags say.
///
/// # Errors
/// When the file in `--log_dir` cannot be written.
pub fn init_log(flags: &MasterFlags) -> Result<(), LoggingError> {
    logging::init(logging::Settings {
        file: "mesos-master.INFO",
        directory: flags.log_dir.as_deref(),
        quiet: flags.quiet,
        level: &flags.logging_level,
        json: flags.log_format.as_deref() == Some("json"),
    })
}
