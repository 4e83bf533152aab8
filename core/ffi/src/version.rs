// SPDX-License-Identifier: Apache-2.0

//! Which library this is.

use std::ffi::c_char;

/// The version of Mesos whose interfaces this library has, as "1.11.0". Static.
#[unsafe(no_mangle)]
pub extern "C" fn mesos_version() -> *const c_char {
    c"1.11.0".as_ptr()
}

/// The version of this C interface. It grows when something is added; what was there stays.
#[unsafe(no_mangle)]
pub extern "C" fn mesos_abi_version() -> u32 {
    1
}
