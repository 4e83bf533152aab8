// SPDX-License-Identifier: Apache-2.0

//! The calls of all APIs as JSON, in both directions.
//!
//! Whatever is taken for a call is written and read again: what it says stays
//! the same from then on. What is written is JSON in any case.

use mesos_proto::{
    Described, decode, internal,
    json::{from_json, parse, to_json},
    v1,
};

/// The messages that come from outside as JSON, and some that are written.
const TYPES: &[fn(&[u8])] = &[
    check::<v1::scheduler::Call>,
    check::<v1::executor::Call>,
    check::<v1::master::Call>,
    check::<v1::agent::Call>,
    check::<v1::scheduler::Event>,
    check::<v1::executor::Event>,
    check::<v1::master::Response>,
    check::<v1::master::Event>,
    check::<v1::agent::Response>,
    check::<v1::Resource>,
    check::<v1::TaskInfo>,
    check::<v1::FrameworkInfo>,
    check::<v1::AgentInfo>,
    check::<v1::ContainerInfo>,
    check::<v1::DomainInfo>,
    check::<internal::StatusUpdate>,
];

/// Reads the rest of `data` as the type that its first byte names.
pub fn run(data: &[u8]) {
    let Some((first, text)) = data.split_first() else { return };
    TYPES[usize::from(*first) % TYPES.len()](text);
}

/// Reads bytes as a message in both forms.
fn check<M: Described>(bytes: &[u8]) {
    if let Ok(message) = decode::<M>(bytes) {
        let text = to_json(&message);
        assert!(parse(text.as_bytes()).is_ok(), "no JSON is written: {text}");
        // Numbers that are none have no form in JSON, so it need not be readable.
        if let Ok(message) = from_json::<M>(text.as_bytes()) {
            settled(&message);
        }
    }
    if let Ok(message) = from_json::<M>(bytes) {
        settled(&message);
    }
}

/// A message that came from JSON survives going back there.
fn settled<M: Described>(message: &M) {
    let text = to_json(message);
    let again: M = from_json(text.as_bytes())
        .unwrap_or_else(|error| panic!("what was written cannot be read: {error}: {text}"));
    // The defaults that were written are set now, so compare from here on.
    let written = to_json(&again);
    assert_eq!(written, text, "it changes each time it is written");
    let third: M = from_json(written.as_bytes()).expect("it was read before");
    assert_eq!(third.encode_to_vec(), again.encode_to_vec());
    // The binary form is read as it was written, too.
    let decoded = decode::<M>(&again.encode_to_vec()).expect("it is complete");
    assert_eq!(to_json(&decoded), text);
}
