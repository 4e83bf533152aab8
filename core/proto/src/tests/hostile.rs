// SPDX-License-Identifier: Apache-2.0

//! Nothing that comes from outside panics, however broken it is.

use proptest::prelude::*;

use super::random::Random;
use crate::{
    decode,
    descriptor::Described,
    json::{from_json, parse, to_json},
    v1,
};

/// Reads bytes as a message in both forms; what can be read can be written.
fn survives<M: Described>(bytes: &[u8]) {
    if let Ok(message) = decode::<M>(bytes) {
        let text = to_json(&message);
        parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    }
    if let Ok(message) = from_json::<M>(bytes) {
        parse(to_json(&message).as_bytes()).unwrap();
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        survives::<v1::scheduler::Call>(&bytes);
        survives::<v1::TaskInfo>(&bytes);
    }

    #[test]
    fn almost_json_is_read_or_refused(
        text in r#"[\[\]{}:,"\\ntrue0-9.eE+u \n]{0,60}"#,
    ) {
        let _ = parse(text.as_bytes());
    }

    #[test]
    fn a_message_with_a_wrong_byte_is_read_or_refused(
        seed in any::<u64>(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let descriptor = v1::scheduler::Call::descriptor();
        let mut bytes = Random::new(seed).message(descriptor, 4);
        if !bytes.is_empty() {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        survives::<v1::scheduler::Call>(&bytes);
    }

    #[test]
    fn json_with_a_wrong_byte_is_read_or_refused(
        seed in any::<u64>(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let descriptor = v1::scheduler::Call::descriptor();
        let bytes = Random::new(seed).message(descriptor, 3);
        let mut text = to_json(&decode::<v1::scheduler::Call>(&bytes).unwrap()).into_bytes();
        let place = place.index(text.len());
        text[place] = byte;
        survives::<v1::scheduler::Call>(&text);
    }
}
