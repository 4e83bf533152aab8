// SPDX-License-Identifier: Apache-2.0

//! Arguments that no correct program gives, as a C program would give them.

use std::{
    ffi::{CStr, c_char},
    ptr::{null, null_mut},
};

use mesos::*;

/// Takes the error that a function has set.
fn taken(error: &mut *mut mesos_error) -> (mesos_error_kind, String) {
    assert!(!error.is_null(), "an error is set");
    // SAFETY: the function has set it, and it is freed once.
    let (kind, text) = unsafe {
        let text = CStr::from_ptr(mesos_error_get_message(*error)).to_str().unwrap().to_owned();
        let kind = mesos_error_get_kind(*error);
        mesos_error_free(std::mem::replace(error, null_mut()));
        (kind, text)
    };
    (kind, text)
}

fn bytes(data: &[u8]) -> mesos_bytes {
    mesos_bytes { data: data.as_ptr(), len: data.len() }
}

fn none() -> mesos_bytes {
    mesos_bytes { data: null(), len: 0 }
}

pub fn callbacks() -> mesos_scheduler_callbacks {
    mesos_scheduler_callbacks {
        size: size_of::<mesos_scheduler_callbacks>(),
        context: null_mut(),
        registered: None,
        reregistered: None,
        disconnected: None,
        resource_offers: None,
        offer_rescinded: None,
        status_update: None,
        framework_message: None,
        agent_lost: None,
        executor_lost: None,
        error: None,
        release: None,
    }
}

pub fn options(master: *const c_char) -> mesos_scheduler_options {
    mesos_scheduler_options {
        size: size_of::<mesos_scheduler_options>(),
        framework: none(),
        master,
        credential: none(),
        implicit_acknowledgements: true,
        suppressed_roles: null(),
        suppressed_roles_count: 0,
    }
}

#[test]
fn wrong_pointers_sizes_and_texts_are_refused_by_name() {
    let master = c"127.0.0.1:5050".as_ptr();
    let good = options(master);
    type Change = fn(&mut mesos_scheduler_callbacks, &mut mesos_scheduler_options);
    let cases: [(Change, &str); 6] = [
        (|callbacks, _| callbacks.size = 8, "'callbacks->size' is 8"),
        (|_, options| options.size = 0, "'options->size' is 0"),
        (|_, options| options.master = null(), "'options->master' is NULL"),
        (|_, options| options.master = c"\xff\xfe".as_ptr(), "'options->master' is not UTF-8"),
        (
            |_, options| options.framework = mesos_bytes { data: null(), len: 7 },
            "'options->framework' is NULL, but 7 bytes long",
        ),
        (|_, options| options.framework.len = usize::MAX, "bytes long; that cannot be"),
    ];
    for (change, text) in cases {
        let (mut callbacks, mut options) = (callbacks(), good);
        change(&mut callbacks, &mut options);
        let (mut driver, mut error) = (mesos_scheduler_driver { id: 0 }, null_mut());
        // SAFETY: what is wrong with the pointers is what the function checks.
        let made =
            unsafe { mesos_scheduler_driver_new(&callbacks, &options, &mut driver, &mut error) };
        assert!(!made);
        let (kind, message) = taken(&mut error);
        assert_eq!(kind, mesos_error_kind::InvalidArgument);
        assert!(message.contains(text), "{message}");
    }
    let mut error = null_mut();
    // SAFETY: NULL is allowed everywhere.
    let made = unsafe { mesos_scheduler_driver_new(null(), &good, null_mut(), &mut error) };
    assert!(!made);
    assert!(taken(&mut error).1.contains("'callbacks' is NULL"));
    // SAFETY: NULL is allowed everywhere, for the error too.
    assert!(!unsafe { mesos_scheduler_driver_new(null(), null(), null_mut(), null_mut()) });
}

#[test]
fn a_handle_that_was_freed_or_never_was_one_is_refused() {
    let (callbacks, options) = (callbacks(), options(c"127.0.0.1:5050".as_ptr()));
    let (mut driver, mut error) = (mesos_scheduler_driver { id: 0 }, null_mut());
    // SAFETY: all pointers are good.
    let made = unsafe { mesos_scheduler_driver_new(&callbacks, &options, &mut driver, &mut error) };
    assert!(made);
    mesos_scheduler_driver_free(driver);
    mesos_scheduler_driver_free(driver);
    for (handle, text) in [
        (driver, "has been freed"),
        (mesos_scheduler_driver { id: 0 }, "there never was a scheduler driver"),
        (mesos_scheduler_driver { id: u64::MAX }, "there never was a scheduler driver"),
    ] {
        // SAFETY: the error can be written to.
        let status = unsafe { mesos_scheduler_driver_start(handle, &mut error) };
        assert_eq!(status, mesos_status::Invalid);
        let (kind, message) = taken(&mut error);
        assert_eq!(kind, mesos_error_kind::InvalidArgument);
        assert!(message.contains(text), "{message}");
    }
}

#[test]
fn an_array_that_is_null_or_holds_null_is_refused() {
    let (callbacks, options) = (callbacks(), options(c"127.0.0.1:5050".as_ptr()));
    let (mut driver, mut error) = (mesos_scheduler_driver { id: 0 }, null_mut());
    // SAFETY: all pointers are good.
    unsafe { mesos_scheduler_driver_new(&callbacks, &options, &mut driver, &mut error) };
    let holes = [mesos_bytes { data: null(), len: 3 }];
    let not_utf8 = [bytes(b"\xff")];
    // SAFETY: the arrays are as long as said, or NULL.
    unsafe {
        let request = mesos_scheduler_driver_request_resources;
        assert_eq!(request(driver, null(), 2, &mut error), mesos_status::Invalid);
        assert!(taken(&mut error).1.contains("'requests' is NULL, but has 2 elements"));
        assert_eq!(request(driver, null(), usize::MAX, &mut error), mesos_status::Invalid);
        assert!(taken(&mut error).1.contains("'requests' is NULL"));
        assert_eq!(request(driver, holes.as_ptr(), 1, &mut error), mesos_status::Invalid);
        assert!(taken(&mut error).1.contains("'requests' is NULL, but 3 bytes long"));
        let revive = mesos_scheduler_driver_revive_offers_for_roles;
        assert_eq!(revive(driver, not_utf8.as_ptr(), 1, &mut error), mesos_status::Invalid);
        assert!(taken(&mut error).1.contains("an element of 'roles' is not UTF-8"));
    }
    mesos_scheduler_driver_free(driver);
}

#[test]
fn resources_are_read_computed_with_and_printed() {
    let mut error = null_mut();
    let parse = |text: &CStr| {
        let mut buffer = mesos_buffer { data: null_mut(), len: 0 };
        let mut error = null_mut();
        // SAFETY: all pointers are good.
        let read =
            unsafe { mesos_resources_parse(text.as_ptr(), c"*".as_ptr(), &mut buffer, &mut error) };
        assert!(read, "{text:?}");
        buffer
    };
    let lend = |buffer: &mesos_buffer| mesos_bytes { data: buffer.data, len: buffer.len };
    let mut all = parse(c"cpus:4;mem:1024;ports:[31000-31009]");
    let mut part = parse(c"cpus:1.5;ports:[31000-31004]");
    let mut rest = mesos_buffer { data: null_mut(), len: 0 };
    let mut text = mesos_buffer { data: null_mut(), len: 0 };
    let mut contains = false;
    // SAFETY: all pointers are good, and each buffer is freed once.
    unsafe {
        let subtract = mesos_resources_combination::Subtract as i32;
        assert!(mesos_resources_combine(subtract, lend(&all), lend(&part), &mut rest, &mut error));
        assert!(mesos_resources_text(lend(&rest), &mut text, &mut error));
        let printed = std::slice::from_raw_parts(text.data, text.len);
        assert_eq!(std::str::from_utf8(printed), Ok("cpus:2.5; mem:1024; ports:[31005-31009]"));
        let relation = mesos_resources_relation::Contains as i32;
        let compare = mesos_resources_compare;
        assert!(compare(relation, lend(&all), lend(&part), &mut contains, &mut error));
        assert!(contains);
        assert!(!mesos_resources_combine(77, lend(&all), lend(&part), &mut rest, &mut error));
        assert!(taken(&mut error).1.contains("there is no combination 77"));
        assert!(!mesos_resources_select(2, lend(&all), null(), &mut rest, &mut error));
        assert!(taken(&mut error).1.contains("'role' is NULL"));
        assert!(!mesos_resources_validate(bytes(b"\x0a\x01\xff"), &mut error));
        assert_eq!(taken(&mut error).0, mesos_error_kind::InvalidCall);
        for buffer in [&mut all, &mut part, &mut rest, &mut text] {
            mesos_buffer_free(buffer);
            mesos_buffer_free(buffer);
        }
        mesos_buffer_free(null_mut());
    }
}

#[test]
fn a_value_is_read_or_refused_with_a_reason() {
    let mut error = null_mut();
    let mut buffer = mesos_buffer { data: null_mut(), len: 0 };
    // SAFETY: all pointers but the NULLs are good, and the buffer is freed once.
    unsafe {
        assert!(mesos_value_parse(c"some text".as_ptr(), &mut buffer, &mut error));
        // type: TEXT, text: "sometext"
        let message = std::slice::from_raw_parts(buffer.data, buffer.len);
        assert_eq!(message, b"\x08\x03\x2a\x0a\x0a\x08sometext");
        mesos_buffer_free(&mut buffer);
        assert!(!mesos_value_parse(c"[1-2".as_ptr(), &mut buffer, &mut error));
        let refusal = taken(&mut error);
        assert_eq!(refusal, (mesos_error_kind::InvalidCall, "Mismatched brackets".to_owned()));
        assert!(!mesos_value_parse(null(), &mut buffer, &mut error));
        assert!(taken(&mut error).1.contains("'value' is NULL"));
        assert!(!mesos_value_parse(c"1".as_ptr(), null_mut(), &mut error));
        assert!(taken(&mut error).1.contains("'result' is NULL"));
    }
}

#[test]
fn a_call_without_a_place_for_its_status_is_refused_before_it_is_sent() {
    let callbacks = mesos_connection_callbacks {
        size: size_of::<mesos_connection_callbacks>(),
        context: null_mut(),
        connected: None,
        disconnected: None,
        received: None,
        release: None,
    };
    let master = c"127.0.0.1:1".as_ptr();
    let (mut connection, mut error) = (mesos_connection { id: 0 }, null_mut());
    let mut status = 7;
    // A SUPPRESS: type = 12.
    let call = bytes(b"\x10\x0c");
    // SAFETY: all pointers are good, but for the status.
    unsafe {
        let open = mesos_scheduler_connection_open;
        assert!(open(&callbacks, master, 0, none(), &mut connection, &mut error));
        let send = mesos_scheduler_connection_call;
        assert!(!send(connection, call, &mut status, null_mut(), &mut error));
        assert_eq!((taken(&mut error).0, status), (mesos_error_kind::Disconnected, 0));
        assert!(!send(connection, call, null_mut(), null_mut(), &mut error));
        let (kind, message) = taken(&mut error);
        assert_eq!(kind, mesos_error_kind::InvalidArgument, "it was not tried");
        assert!(message.contains("'status' is NULL"), "{message}");
    }
    mesos_scheduler_connection_free(connection);
}

#[test]
fn a_detector_without_callbacks_or_a_master_is_refused() {
    let callbacks = mesos_detector_callbacks {
        size: size_of::<mesos_detector_callbacks>(),
        context: null_mut(),
        detected: None,
        release: None,
    };
    let short = mesos_detector_callbacks { size: 8, ..callbacks };
    let good = c"127.0.0.1:5050".as_ptr();
    let (mut detector, mut error) = (mesos_detector { id: 0 }, null_mut());
    for (callbacks, master, text) in [
        (null(), good, "'callbacks' is NULL"),
        (&raw const short, good, "'callbacks->size' is 8"),
        (&raw const callbacks, null(), "'master' is NULL"),
        (&raw const callbacks, c"\xff".as_ptr(), "'master' is not UTF-8"),
        (&raw const callbacks, c"zk://z:2181".as_ptr(), "Expecting a (chroot) path"),
    ] {
        // SAFETY: what is wrong with the pointers is what the function checks.
        let opened = unsafe { mesos_detector_open(callbacks, master, &mut detector, &mut error) };
        assert!(!opened);
        let (_, message) = taken(&mut error);
        assert!(message.contains(text), "{message}");
    }
    // SAFETY: all pointers are good, but for where the handle would go.
    assert!(!unsafe { mesos_detector_open(&callbacks, good, null_mut(), null_mut()) });
    mesos_detector_free(mesos_detector { id: u64::MAX });
}
