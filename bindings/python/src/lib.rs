// SPDX-License-Identifier: Apache-2.0

//! `_mesos_rs._native`: what the Python package needs Rust for.
//!
//! Messages cross as serialized protobuf; the Python side makes objects of
//! them. Nothing here decides anything: drivers are those of `mesos_client`.
//!
//! Invariants: whatever can wait, waits without the interpreter's lock; a lock
//! of Rust is taken only by who has the interpreter's and is not kept while
//! waiting, so that a `fork` finds it free; no panic gets out (pyo3 turns it
//! into an exception).

mod callee;
mod client;
mod executor;
mod outcome;
mod resources;
mod runtime;
mod scheduler;
mod waiting;

use pyo3::{
    exceptions::PyKeyError,
    prelude::*,
    types::{PyBytes, PyModule},
};

include!(concat!(env!("OUT_DIR"), "/descriptors.rs"));

/// The serialized `FileDescriptorProto` of a .proto file.
#[pyfunction]
fn descriptor<'py>(py: Python<'py>, path: &str) -> PyResult<Bound<'py, PyBytes>> {
    let found = DESCRIPTORS.iter().find(|(name, _)| *name == path);
    let (_, bytes) = found.ok_or_else(|| PyKeyError::new_err(format!("no file '{path}'")))?;
    Ok(PyBytes::new(py, bytes))
}

/// See the crate.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(descriptor, module)?)?;
    module.add_function(wrap_pyfunction!(runtime::shut_down, module)?)?;
    module.add_class::<scheduler::SchedulerDriver>()?;
    module.add_class::<executor::ExecutorDriver>()?;
    client::register(module)?;
    resources::register(module)
}
