// SPDX-License-Identifier: Apache-2.0

//! The Python object that a driver calls back.
//!
//! A driver keeps it from `start` until its last callback has returned: in
//! between the object is alive whatever Python's garbage collector thinks,
//! after that the driver holds on to nothing.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::{self, ThreadId},
};

use mesos_client::v0::{CallbackError, CallbackResult};
use pyo3::{exceptions::PyReferenceError, ffi, prelude::*, types::PyTuple};

use crate::runtime;

/// Where the object is.
enum Place {
    /// Not given yet.
    Empty,
    /// Here.
    Here(Py<PyAny>),
    /// Given back.
    Gone,
}

/// Shared by the driver's Python object and its callbacks. The lock is taken only while attached.
#[derive(Clone)]
pub(crate) struct Callee(Arc<Mutex<Place>>);

impl Callee {
    pub(crate) fn new() -> Self {
        Callee(Arc::new(Mutex::new(Place::Empty)))
    }

    /// Gives the object; only the first counts.
    pub(crate) fn give(&self, object: Py<PyAny>) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Place::Empty = *place {
            *place = Place::Here(object);
        }
    }

    fn get(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Place::Here(object) => Some(object.clone_ref(py)),
            Place::Empty | Place::Gone => None,
        }
    }

    fn give_back(&self) -> Place {
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), Place::Gone)
    }
}

/// What the driver's callback thread has: it calls the object's methods.
pub(crate) struct Caller {
    callee: Callee,
    /// The thread that Python knows by the same state from callback to callback.
    known: Option<ThreadId>,
}

impl Caller {
    pub(crate) fn new(callee: Callee) -> Self {
        Caller { callee, known: None }
    }

    /// Calls `method` of the object. An exception is the callback's failure; the Python side has
    /// kept it. Without an object nobody has seen what was to be told: that is a failure too.
    pub(crate) fn call(
        &mut self,
        method: &str,
        arguments: impl for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyTuple>>,
    ) -> CallbackResult {
        if runtime::is_shutting_down() {
            return Err(CallbackError("the interpreter is shutting down".to_owned()));
        }
        let called = Python::try_attach(|py| {
            self.stay_known();
            let object = self
                .callee
                .get(py)
                .ok_or_else(|| PyReferenceError::new_err("nobody is there to be called back"));
            object
                .and_then(|object| object.call_method1(py, method, arguments(py)?))
                .map(drop)
                // Here, because the text is Python's to tell.
                .map_err(|exception| CallbackError(exception.to_string()))
        });
        called.unwrap_or_else(|| Err(CallbackError("the interpreter is gone".to_owned())))
    }

    /// Python throws a thread's state away, with its `threading.local`s, when the thread detaches
    /// and has no other attachment. This is the other one, until the last callback.
    fn stay_known(&mut self) {
        if self.known.is_none() {
            // SAFETY: the thread is attached; `Drop` releases what is taken here.
            unsafe { ffi::PyGILState_Ensure() };
            self.known = Some(thread::current().id());
        }
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        let done = Python::try_attach(|_| {
            drop(self.callee.give_back());
            if self.known == Some(thread::current().id()) {
                // SAFETY: `stay_known` has ensured it on this thread, which is attached by the
                // closure too, so that the state is used until the closure ends.
                unsafe { ffi::PyGILState_Release(ffi::PyGILState_STATE::PyGILState_LOCKED) };
            }
        });
        if done.is_none() {
            // Without an interpreter there is nobody to give it back to.
            std::mem::forget(self.callee.give_back());
        }
    }
}
