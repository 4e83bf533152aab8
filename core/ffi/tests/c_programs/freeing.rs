// SPDX-License-Identifier: Apache-2.0

//! When a driver that is freed lets go of its context.

use std::{
    ffi::{CString, c_void},
    fs::File,
    ptr::null_mut,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use mesos::*;
use mesos_proto::v1::FrameworkInfo;
use nix::{sys::stat::Mode, unistd::mkfifo};
use prost::Message;

use crate::refusals::{callbacks, options};

unsafe extern "C" fn release(context: *mut c_void) {
    // SAFETY: the tests give a counter, which lives as long as they.
    unsafe { &*context.cast::<AtomicUsize>() }.fetch_add(1, Ordering::SeqCst);
}

/// A driver that counts its releases.
fn driver(master: &str, released: &AtomicUsize) -> mesos_scheduler_driver {
    let framework = FrameworkInfo { name: "freed".into(), ..Default::default() }.encode_to_vec();
    let master = CString::new(master).unwrap();
    let mut callbacks = callbacks();
    callbacks.context = std::ptr::from_ref(released).cast_mut().cast();
    callbacks.release = Some(release);
    let mut options = options(master.as_ptr());
    options.framework = mesos_bytes { data: framework.as_ptr(), len: framework.len() };
    let mut driver = mesos_scheduler_driver { id: 0 };
    // SAFETY: all pointers are good.
    assert!(unsafe { mesos_scheduler_driver_new(&callbacks, &options, &mut driver, null_mut()) });
    driver
}

#[test]
fn the_context_is_released_before_free_returns_whether_the_driver_was_started_or_not() {
    let released = AtomicUsize::new(0);
    mesos_scheduler_driver_free(driver("127.0.0.1:1", &released));
    assert_eq!(released.load(Ordering::SeqCst), 1);
    let running = driver("127.0.0.1:1", &released);
    // SAFETY: no error is wanted.
    assert_eq!(unsafe { mesos_scheduler_driver_start(running, null_mut()) }, mesos_status::Running);
    mesos_scheduler_driver_free(running);
    assert_eq!(released.load(Ordering::SeqCst), 2);
}

#[test]
fn freeing_a_driver_that_is_being_started_waits_for_that() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("master");
    mkfifo(&fifo, Mode::S_IRWXU).unwrap();
    let released = AtomicUsize::new(0);
    let driver = driver(&format!("file://{}", fifo.display()), &released);
    thread::scope(|scope| {
        // SAFETY: no error is wanted.
        let starting =
            scope.spawn(move || unsafe { mesos_scheduler_driver_start(driver, null_mut()) });
        // Opens once the other side reads.
        let address = File::options().write(true).open(&fifo).unwrap();
        let freeing = scope.spawn(|| {
            mesos_scheduler_driver_free(driver);
            released.load(Ordering::SeqCst)
        });
        // SAFETY: no error is wanted.
        while unsafe { mesos_scheduler_driver_status(driver, null_mut()) } != mesos_status::Invalid
        {
            thread::yield_now();
        }
        assert!(!freeing.is_finished(), "the start has not ended");
        // An empty file: it cannot start.
        drop(address);
        assert_eq!(freeing.join().unwrap(), 1, "released when free has returned");
        assert_eq!(starting.join().unwrap(), mesos_status::Stopped);
    });
}
