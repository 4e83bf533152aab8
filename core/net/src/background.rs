// SPDX-License-Identifier: Apache-2.0

//! Threads for what may take long: rendering, compressing and sending answers of
//! megabytes.
//!
//! They have a lower priority than the others, so that whoever waits for a short
//! answer, or for a task to start, does not wait for somebody's dashboard. They
//! are started when they are first needed, and serve the whole process.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

/// How much nicer than the others these threads are.
const NICER_BY: i32 = 10;
/// Long computations at a time; more wait.
const COMPUTATIONS: usize = 2;

static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();

/// Where to spawn what may take long.
///
/// # Panics
/// Outside of a tokio runtime, if the system gives no more threads.
pub fn handle() -> Handle {
    let runtime = RUNTIME.get_or_init(|| {
        let started = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(COMPUTATIONS)
            .thread_name("background")
            .on_thread_start(be_nice)
            .enable_all()
            .build();
        started.inspect_err(|error| tracing::warn!(%error, "no threads for long answers")).ok()
    });
    match runtime {
        Some(runtime) => runtime.handle().clone(),
        None => Handle::current(),
    }
}

/// On Linux each thread has a priority of its own.
fn be_nice() {
    if let Err(error) = rustix::process::nice(NICER_BY) {
        tracing::debug!(%error, "cannot lower a thread's priority");
    }
}
