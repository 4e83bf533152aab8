// SPDX-License-Identifier: Apache-2.0

//! The way out of every function: no panic passes, and an error is handed over.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Fault, mesos_error};

/// Runs the body of a function; on failure, sets `error` and returns `failed`.
///
/// # Safety
/// `error` is NULL or can be written to.
pub(crate) unsafe fn guard<T>(
    error: *mut *mut mesos_error,
    failed: T,
    body: impl FnOnce() -> Result<T, Fault>,
) -> T {
    // What the body has half done is behind locks that ignore poison.
    let result = catch_unwind(AssertUnwindSafe(body))
        .unwrap_or_else(|_| Err(Fault::internal("libmesos has a defect; see what it printed")));
    match result {
        Ok(value) => value,
        Err(fault) => {
            // SAFETY: as the caller says.
            unsafe { fault.give(error) };
            failed
        }
    }
}

/// Writes a result where the caller wants it.
///
/// # Safety
/// `place` is NULL or can be written to.
pub(crate) unsafe fn write<T>(place: *mut T, value: T, name: &str) -> Result<(), Fault> {
    if place.is_null() {
        return Err(Fault::argument(format!("'{name}' is NULL")));
    }
    // SAFETY: not NULL, and writable as the caller says.
    unsafe { place.write(value) };
    Ok(())
}

/// The struct behind a pointer.
///
/// # Safety
/// `pointer` is NULL, or points to a `T` that stays for as long as `'a`.
pub(crate) unsafe fn read<'a, T>(pointer: *const T, name: &str) -> Result<&'a T, Fault> {
    // SAFETY: as the caller says.
    unsafe { pointer.as_ref() }.ok_or_else(|| Fault::argument(format!("'{name}' is NULL")))
}

/// Checks the `size` that a struct begins with: a caller may know a longer one, not a shorter.
pub(crate) fn check_size<T>(size: usize, name: &str) -> Result<(), Fault> {
    let least = size_of::<T>();
    if size < least {
        return Err(Fault::argument(format!(
            "'{name}->size' is {size}, but the struct has {least} bytes; set it to sizeof"
        )));
    }
    Ok(())
}
