// SPDX-License-Identifier: Apache-2.0

//! How the clients' threads answer Python.
//!
//! An answer is a call of `done(error, value)`: one of them is `None`. An
//! error is (kind, retry, message), and the Python side makes an exception of
//! it on the thread of its event loop.

use mesos_client::{Error, ErrorKind, Retry};
use pyo3::{exceptions::PyRuntimeError, prelude::*, types::PyTuple};

use crate::runtime;

/// The names of `mesos_rs.ErrorKind`.
fn kind_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidCall => "invalid_call",
        ErrorKind::Disconnected => "disconnected",
        ErrorKind::Busy => "busy",
        ErrorKind::Transport => "transport",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Refused => "refused",
        ErrorKind::Unauthenticated => "unauthenticated",
        ErrorKind::Forbidden => "forbidden",
        ErrorKind::SubscriptionRefused => "subscription_refused",
        ErrorKind::FailedOver => "failed_over",
        ErrorKind::FrameworkRemoved => "framework_removed",
        ErrorKind::Protocol => "protocol",
        ErrorKind::Configuration => "configuration",
        ErrorKind::Stopped => "stopped",
    }
}

/// The names of `mesos_rs.Retry`.
fn retry_name(retry: Retry) -> &'static str {
    match retry {
        Retry::Never => "never",
        Retry::AfterReconnect => "after_reconnect",
        Retry::Later => "later",
    }
}

/// An error as (kind, retry, message).
pub(crate) fn error_parts(error: &Error) -> (&'static str, &'static str, String) {
    (kind_name(error.kind), retry_name(error.retry), error.to_string())
}

/// For what fails at once: the Python side knows the parts by their number.
pub(crate) fn raised(error: &Error) -> PyErr {
    PyRuntimeError::new_err(error_parts(error))
}

/// Calls `done`; whether anybody has heard it: not when the event loop has been closed.
pub(crate) fn tell<T>(
    done: Py<PyAny>,
    outcome: Result<T, Error>,
    value: impl for<'py> FnOnce(Python<'py>, T) -> PyResult<Bound<'py, PyAny>>,
) -> bool {
    if runtime::is_shutting_down() {
        std::mem::forget(done);
        return false;
    }
    let told = Python::try_attach(|py| -> PyResult<()> {
        let arguments = match outcome {
            Ok(outcome) => (None::<()>, value(py, outcome)?).into_pyobject(py)?,
            Err(error) => error_and_none(py, &error)?,
        };
        done.call1(py, arguments).map(drop)
    });
    matches!(told, Some(Ok(())))
}

fn error_and_none<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyTuple>> {
    (error_parts(error), None::<()>).into_pyobject(py)
}
