// SPDX-License-Identifier: Apache-2.0

//! The one error object.

use std::ffi::{CStr, CString, c_char};

use mesos_client::{Error, ErrorKind, Retry};

/// What went wrong, in the categories a program can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum mesos_error_kind {
    /// An argument is wrong: NULL, not UTF-8, an impossible length, a dead handle.
    InvalidArgument = 1,
    /// The call itself is wrong, and was not sent.
    InvalidCall = 2,
    /// There is no subscription at the moment, so the call was not sent.
    Disconnected = 3,
    /// Too many calls wait for their answer; this one was not sent.
    Busy = 4,
    /// The network failed, and it is not known whether the call arrived.
    Transport = 5,
    /// The server is there but cannot serve now.
    Unavailable = 6,
    /// The server refused the call as wrong.
    Refused = 7,
    /// The server wants other credentials, or any.
    Unauthenticated = 8,
    /// The server knows who calls and does not allow it.
    Forbidden = 9,
    /// The master refused the subscription.
    SubscriptionRefused = 10,
    /// Another scheduler took over this framework id.
    FailedOver = 11,
    /// The framework has been removed from the cluster.
    FrameworkRemoved = 12,
    /// The other side does not speak the Mesos API, or not correctly.
    Protocol = 13,
    /// A setting or an environment variable is missing or wrong.
    Configuration = 14,
    /// The object has been stopped.
    Stopped = 15,
    /// The library has a defect, which it has survived.
    Internal = 16,
}

/// Whether doing the same again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum mesos_retry {
    /// No: something has to change first.
    Never = 0,
    /// Yes, once there is a subscription again.
    AfterReconnect = 1,
    /// Yes, after a while.
    Later = 2,
}

/// Why a function failed.
#[derive(Debug)]
pub struct mesos_error {
    kind: mesos_error_kind,
    retry: mesos_retry,
    message: CString,
}

/// An error on its way to the caller.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: mesos_error_kind,
    retry: mesos_retry,
    pub(crate) message: String,
}

impl Fault {
    /// An argument is wrong.
    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Fault {
            kind: mesos_error_kind::InvalidArgument,
            retry: mesos_retry::Never,
            message: message.into(),
        }
    }

    /// The library has a defect.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Fault { kind: mesos_error_kind::Internal, ..Fault::argument(message) }
    }

    /// The call itself is wrong.
    pub(crate) fn call(message: impl Into<String>) -> Self {
        Fault { kind: mesos_error_kind::InvalidCall, ..Fault::argument(message) }
    }

    /// Hands the error to the caller, unless it does not want it.
    ///
    /// # Safety
    /// `error` is NULL or can be written to.
    pub(crate) unsafe fn give(self, error: *mut *mut mesos_error) {
        if error.is_null() {
            return;
        }
        let message: Vec<u8> =
            self.message.into_bytes().into_iter().filter(|it| *it != 0).collect();
        let message = CString::new(message).unwrap_or_default();
        let given = Box::new(mesos_error { kind: self.kind, retry: self.retry, message });
        // SAFETY: not NULL, and writable as the caller says.
        unsafe { error.write(Box::into_raw(given)) };
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        use mesos_error_kind as kind;
        let kind = match error.kind {
            ErrorKind::InvalidCall => kind::InvalidCall,
            ErrorKind::Disconnected => kind::Disconnected,
            ErrorKind::Busy => kind::Busy,
            ErrorKind::Transport => kind::Transport,
            ErrorKind::Unavailable => kind::Unavailable,
            ErrorKind::Refused => kind::Refused,
            ErrorKind::Unauthenticated => kind::Unauthenticated,
            ErrorKind::Forbidden => kind::Forbidden,
            ErrorKind::SubscriptionRefused => kind::SubscriptionRefused,
            ErrorKind::FailedOver => kind::FailedOver,
            ErrorKind::FrameworkRemoved => kind::FrameworkRemoved,
            ErrorKind::Protocol => kind::Protocol,
            ErrorKind::Configuration => kind::Configuration,
            ErrorKind::Stopped => kind::Stopped,
        };
        let retry = match error.retry {
            Retry::Never => mesos_retry::Never,
            Retry::AfterReconnect => mesos_retry::AfterReconnect,
            Retry::Later => mesos_retry::Later,
        };
        Fault { kind, retry, message: error.message }
    }
}

/// The kind of `error`; MESOS_ERROR_KIND_INVALID_ARGUMENT for NULL.
///
/// # Safety
/// `error` is NULL, or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_error_get_kind(error: *const mesos_error) -> mesos_error_kind {
    // SAFETY: NULL or valid, as the caller says.
    unsafe { error.as_ref() }.map_or(mesos_error_kind::InvalidArgument, |error| error.kind)
}

/// Whether the same can be tried again; MESOS_RETRY_NEVER for NULL.
///
/// # Safety
/// `error` is NULL, or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_error_get_retry(error: *const mesos_error) -> mesos_retry {
    // SAFETY: NULL or valid, as the caller says.
    unsafe { error.as_ref() }.map_or(mesos_retry::Never, |error| error.retry)
}

/// A sentence for a person, in UTF-8; valid until the error is freed. Empty for NULL.
///
/// # Safety
/// `error` is NULL, or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_error_get_message(error: *const mesos_error) -> *const c_char {
    let empty: &CStr = c"";
    // SAFETY: NULL or valid, as the caller says.
    unsafe { error.as_ref() }.map_or(empty.as_ptr(), |error| error.message.as_ptr())
}

/// Frees an error. NULL is allowed.
///
/// # Safety
/// `error` is NULL, or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_error_free(error: *mut mesos_error) {
    if !error.is_null() {
        // SAFETY: `give` made it of a box, and it is freed once, as the caller says.
        drop(unsafe { Box::from_raw(error) });
    }
}
