// SPDX-License-Identifier: Apache-2.0

//! Required fields are required, of every message type.

use super::random::Random;
use crate::{
    DecodeError, decode,
    descriptor::{Label, MESSAGES},
    required::missing_fields,
    v1,
    wire::{Fields, Raw, put_bytes_field, put_varint_field},
};

#[test]
fn an_empty_message_lacks_all_its_required_fields() {
    for message in MESSAGES {
        let required: Vec<&str> = message
            .fields
            .iter()
            .filter(|field| field.label == Label::Required)
            .map(|field| field.name)
            .collect();
        assert_eq!(missing_fields(message, b""), required, "{}", message.name);
    }
}

#[test]
fn a_complete_message_lacks_nothing() {
    for (seed, message) in MESSAGES.iter().enumerate() {
        let bytes = Random::new(seed as u64).message(message, 4);
        assert_eq!(missing_fields(message, &bytes), Vec::<String>::new(), "{}", message.name);
    }
}

#[test]
fn a_field_taken_out_of_a_nested_message_is_named_by_its_path() {
    let mut task_id = Vec::new();
    put_bytes_field(&mut task_id, 1, b"t");
    let mut complete = Vec::new();
    put_bytes_field(&mut complete, 1, &task_id);
    let mut reconcile = Vec::new();
    put_bytes_field(&mut reconcile, 1, &complete);
    put_bytes_field(&mut reconcile, 1, b"");
    let mut call = Vec::new();
    put_varint_field(&mut call, 2, v1::scheduler::call::Type::Reconcile as u64);
    put_bytes_field(&mut call, 9, &reconcile);
    assert_eq!(
        decode::<v1::scheduler::Call>(&call),
        Err(DecodeError::MissingRequired {
            message: "mesos.v1.scheduler.Call",
            fields: vec!["reconcile.tasks[1].task_id".to_owned()],
        }),
    );
}

#[test]
fn a_message_in_pieces_is_judged_as_a_whole() {
    // FrameworkInfo's user in one piece, its name in another.
    let (mut user, mut name) = (Vec::new(), Vec::new());
    put_bytes_field(&mut user, 1, b"root");
    put_bytes_field(&mut name, 2, b"test");
    let mut subscribe = Vec::new();
    put_bytes_field(&mut subscribe, 1, &user);
    let alone = decode::<v1::scheduler::call::Subscribe>(&subscribe).unwrap_err();
    assert_eq!(
        alone.to_string(),
        "mesos.v1.scheduler.Call.Subscribe message without its required fields: framework_info.name"
    );
    put_bytes_field(&mut subscribe, 1, &name);
    let whole = decode::<v1::scheduler::call::Subscribe>(&subscribe).unwrap();
    assert_eq!(whole.framework_info.name, "test");
}

#[test]
fn an_unknown_value_of_a_required_enum_is_missing() {
    let mut bytes = Vec::new();
    put_varint_field(&mut bytes, 1, 4711);
    let error = decode::<v1::framework_info::Capability>(&bytes);
    assert!(error.is_ok(), "the type of a capability is optional: {error:?}");
    let mut bytes = Vec::new();
    let mut task_id = Vec::new();
    put_bytes_field(&mut task_id, 1, b"t");
    put_bytes_field(&mut bytes, 1, &task_id);
    put_varint_field(&mut bytes, 2, 4711);
    let error = decode::<v1::TaskStatus>(&bytes).unwrap_err();
    assert!(error.to_string().ends_with("required fields: state"), "{error}");
}

#[test]
fn bytes_that_are_no_message_are_refused() {
    for bytes in [&b"\xff"[..], b"\x0a\x7f", b"\x0a\x02\xff\xff", b"{}", &[0x0b; 5000]] {
        let error = decode::<v1::TaskId>(bytes).unwrap_err();
        assert!(matches!(error, DecodeError::Malformed { .. }), "{error}");
    }
}

#[test]
fn groups_are_passed_over_and_bounded_by_the_input() {
    // Field 9 as a group that holds a varint and a string; then field 1.
    let bytes = [0x4b, 0x08, 0x01, 0x12, 0x01, b'x', 0x4c, 0x0a, 0x01, b't'];
    let mut fields = Fields::new(&bytes);
    assert!(matches!(fields.next(), Ok(Some((9, Raw::Other)))));
    assert!(matches!(fields.next(), Ok(Some((1, Raw::Bytes(b"t"))))));
    assert!(matches!(fields.next(), Ok(None)));
    assert!(Fields::new(&[0x4b; 1000]).next().is_err());
    assert_eq!(decode::<v1::TaskId>(&bytes).unwrap().value, "t");
}
