// SPDX-License-Identifier: Apache-2.0

//! Bytes that cross the boundary.

use std::{
    ffi::{CStr, c_char},
    slice,
};

use crate::error::Fault;

/// Bytes that somebody else owns. `data` may be NULL where `len` is 0.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct mesos_bytes {
    /// The first byte.
    pub data: *const u8,
    /// How many.
    pub len: usize,
}

/// Bytes that the library made; free them with mesos_buffer_free.
#[derive(Debug)]
#[repr(C)]
pub struct mesos_buffer {
    /// The first byte; NULL when there is none.
    pub data: *mut u8,
    /// How many.
    pub len: usize,
}

/// Frees what a function has put into `buffer`, and empties it. NULL is allowed.
///
/// # Safety
/// `buffer` is NULL, or points to a buffer that this library has filled or that is all zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mesos_buffer_free(buffer: *mut mesos_buffer) {
    // SAFETY: the caller says that it is NULL or valid.
    let Some(buffer) = (unsafe { buffer.as_mut() }) else { return };
    let data = std::mem::replace(&mut buffer.data, std::ptr::null_mut());
    let len = std::mem::replace(&mut buffer.len, 0);
    if !data.is_null() {
        // SAFETY: `mesos_buffer::new` made it of a boxed slice of this length.
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(data, len)) });
    }
}

impl mesos_buffer {
    /// Takes over `bytes`.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        if bytes.is_empty() {
            return mesos_buffer { data: std::ptr::null_mut(), len: 0 };
        }
        let len = bytes.len();
        let data = Box::into_raw(bytes.into_boxed_slice()).cast::<u8>();
        mesos_buffer { data, len }
    }
}

impl mesos_bytes {
    /// Lends `bytes`.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        mesos_bytes { data: bytes.as_ptr(), len: bytes.len() }
    }

    /// What is lent here.
    ///
    /// # Safety
    /// If `data` is not NULL, `len` bytes can be read there for as long as `'a`.
    pub(crate) unsafe fn get<'a>(self, name: &str) -> Result<&'a [u8], Fault> {
        if self.len > isize::MAX as usize {
            return Err(Fault::argument(format!(
                "'{name}' is {} bytes long; that cannot be",
                self.len
            )));
        }
        if self.len == 0 {
            return Ok(&[]);
        }
        if self.data.is_null() {
            return Err(Fault::argument(format!("'{name}' is NULL, but {} bytes long", self.len)));
        }
        // SAFETY: not NULL, of a possible length, and readable as the caller says.
        Ok(unsafe { slice::from_raw_parts(self.data, self.len) })
    }
}

/// The elements of an array of bytes.
///
/// # Safety
/// If `array` is not NULL, `count` elements can be read there, each of them as for `get`.
pub(crate) unsafe fn list<'a>(
    array: *const mesos_bytes,
    count: usize,
    name: &str,
) -> Result<Vec<&'a [u8]>, Fault> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if array.is_null() {
        return Err(Fault::argument(format!("'{name}' is NULL, but has {count} elements")));
    }
    if count > isize::MAX as usize / size_of::<mesos_bytes>() {
        return Err(Fault::argument(format!("'{name}' has {count} elements; that cannot be")));
    }
    // SAFETY: not NULL, of a possible length, and readable as the caller says.
    let array = unsafe { slice::from_raw_parts(array, count) };
    // SAFETY: as the caller says.
    array.iter().map(|bytes| unsafe { bytes.get(name) }).collect()
}

/// The elements of an array of texts.
///
/// # Safety
/// As for [`list`].
pub(crate) unsafe fn texts(
    array: *const mesos_bytes,
    count: usize,
    name: &str,
) -> Result<Vec<String>, Fault> {
    // SAFETY: the same conditions.
    let list = unsafe { list(array, count, name) }?;
    list.into_iter()
        .map(|bytes| {
            String::from_utf8(bytes.to_vec())
                .map_err(|_| Fault::argument(format!("an element of '{name}' is not UTF-8")))
        })
        .collect()
}

/// A text that ends with NUL.
///
/// # Safety
/// `text` is NULL, or a NUL-terminated string that can be read for as long as `'a`.
pub(crate) unsafe fn text<'a>(text: *const c_char, name: &str) -> Result<&'a str, Fault> {
    if text.is_null() {
        return Err(Fault::argument(format!("'{name}' is NULL")));
    }
    // SAFETY: not NULL, and NUL-terminated as the caller says.
    let text = unsafe { CStr::from_ptr(text) };
    text.to_str().map_err(|_| Fault::argument(format!("'{name}' is not UTF-8")))
}
