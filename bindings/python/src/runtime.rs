// SPDX-License-Identifier: Apache-2.0

//! The threads that serve the asyncio clients of this process.
//!
//! They are started by the first client. A child after `fork` gets some of its
//! own: its parent's threads are not there.

use std::{
    process,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use pyo3::{exceptions::PyRuntimeError, prelude::*};
use tokio::runtime::{Builder, Handle, Runtime};

/// How long the end of the interpreter waits for what is being sent.
const PATIENCE: Duration = Duration::from_secs(1);

/// The runtime, and the process that it belongs to.
static RUNTIME: Mutex<Option<(u32, Runtime)>> = Mutex::new(None);

static SHUTTING_DOWN: AtomicBool = AtomicBool::new(false);

/// The runtime of this process. Call it attached.
///
/// # Errors
/// The system gives no thread; the interpreter is ending.
pub(crate) fn handle() -> PyResult<Handle> {
    if is_shutting_down() {
        return Err(PyRuntimeError::new_err("the interpreter is shutting down"));
    }
    let mut runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    match &*runtime {
        Some((owner, runtime)) if *owner == process::id() => Ok(runtime.handle().clone()),
        Some(_) | None => {
            let made = Builder::new_multi_thread()
                // One of them may wait for the interpreter.
                .worker_threads(2)
                .thread_name("mesos-asyncio")
                .enable_all()
                .build()
                .map_err(|error| PyRuntimeError::new_err(format!("no thread: {error}")))?;
            let handle = made.handle().clone();
            // The parent's cannot be ended from here.
            std::mem::forget(runtime.replace((process::id(), made)));
            Ok(handle)
        }
    }
}

/// Whether the interpreter is about to end: then Python is not called any more.
pub(crate) fn is_shutting_down() -> bool {
    SHUTTING_DOWN.load(Ordering::Relaxed)
}

/// For `atexit`: from now on nothing is called back. Ends the clients' threads.
#[pyfunction]
pub(crate) fn shut_down(py: Python<'_>) {
    SHUTTING_DOWN.store(true, Ordering::Relaxed);
    let runtime = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner).take();
    match runtime {
        Some((owner, runtime)) if owner == process::id() => {
            py.detach(|| runtime.shutdown_timeout(PATIENCE));
        }
        Some(of_the_parent) => std::mem::forget(of_the_parent),
        None => {}
    }
}
