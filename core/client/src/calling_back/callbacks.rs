// SPDX-License-Identifier: Apache-2.0

//! The thread that calls back, and what keeps a callback's failure inside.

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use tokio::sync::mpsc;

use super::session::Session;

/// Why a callback failed: in other languages, the exception it threw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackError(pub String);

/// What callbacks return.
pub type CallbackResult = Result<(), CallbackError>;

/// What the machine's thread has for the framework.
#[derive(Debug)]
pub(crate) enum Told<C, H> {
    /// Call back, and acknowledge after it.
    Callback { callback: Box<C>, handled: Option<Box<H>> },
    /// Abort, and call `error`.
    Error(String),
}

/// Calls back until the driver does not run any more, and then `error` if there is one.
pub(crate) fn serve<C, M, H>(
    session: &Session<M, H>,
    mut told: mpsc::Receiver<Told<C, H>>,
    mut call: impl FnMut(C) -> CallbackResult,
    error: impl FnOnce(&str) -> C,
) {
    while let Some(told) = told.blocking_recv() {
        if !session.is_running() {
            break;
        }
        match told {
            Told::Callback { callback, handled } => match guard(|| call(*callback)) {
                Ok(()) => {
                    if let Some(handled) = handled {
                        session.handled(*handled);
                    }
                }
                Err(failure) => session.callback_failed(failure.0),
            },
            Told::Error(message) => session.abort_for(message),
        }
    }
    if let Some(message) = session.take_error()
        && let Err(failure) = guard(|| call(error(&message)))
    {
        session.callback_failed(failure.0);
    }
}

/// Runs one callback; a panic is a failure like any other.
pub(crate) fn guard(callback: impl FnOnce() -> CallbackResult) -> CallbackResult {
    caught(callback, "the callback panicked").unwrap_or_else(Err)
}

/// What `run` gives; a panic becomes an error that says `what` has happened.
pub(crate) fn caught<T>(run: impl FnOnce() -> T, what: &str) -> Result<T, CallbackError> {
    // Whatever was left half-done belongs to the framework, which is not called again.
    catch_unwind(AssertUnwindSafe(run))
        .map_err(|panic| CallbackError(format!("{what}: {}", text(&*panic))))
}

fn text(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (None, Some(text)) => text,
        (None, None) => "without a text",
    }
}

impl fmt::Display for CallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CallbackError {}
