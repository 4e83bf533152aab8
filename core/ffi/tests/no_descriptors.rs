// SPDX-License-Identifier: Apache-2.0

//! What cannot be opened leaves its user's context alone. A process of its own, for it is left
//! without file descriptors.

use std::{
    ffi::{CStr, c_void},
    ptr::{null, null_mut},
    sync::atomic::{AtomicBool, Ordering},
};

use mesos::*;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

unsafe extern "C" fn release(context: *mut c_void) {
    // SAFETY: the test gives a flag.
    unsafe { &*context.cast::<AtomicBool>() }.store(true, Ordering::Relaxed);
}

#[test]
fn release_is_not_called_for_a_connection_that_cannot_be_opened() {
    let released = AtomicBool::new(false);
    let callbacks = mesos_connection_callbacks {
        size: size_of::<mesos_connection_callbacks>(),
        context: (&raw const released).cast_mut().cast(),
        connected: None,
        disconnected: None,
        received: None,
        release: Some(release),
    };
    let none = mesos_bytes { data: null(), len: 0 };
    let master = c"127.0.0.1:1".as_ptr();
    let (mut connection, mut error) = (mesos_connection { id: 0 }, null_mut());
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    // SAFETY: all pointers are good, and the error is freed once.
    unsafe {
        let open = mesos_scheduler_connection_open;
        setrlimit(Resource::RLIMIT_NOFILE, 0, hard).unwrap();
        let opened = open(&callbacks, master, 0, none, &mut connection, &mut error);
        setrlimit(Resource::RLIMIT_NOFILE, soft, hard).unwrap();
        assert!(!opened);
        let text = CStr::from_ptr(mesos_error_get_message(error)).to_str().unwrap();
        assert!(text.contains("cannot start the driver's event loop"), "{text}");
        mesos_error_free(error);
        assert!(!released.load(Ordering::Relaxed));

        assert!(open(&callbacks, master, 0, none, &mut connection, &mut error));
        mesos_scheduler_connection_free(connection);
        assert!(released.load(Ordering::Relaxed), "but for one that was open");
    }
}
