// SPDX-License-Identifier: Apache-2.0

//! Every message type survives binary → JSON → binary, and what protobuf's
//! binary form keeps, JSON keeps.

use std::fmt::Debug;

use proptest::prelude::*;

use super::random::Random;
use crate::{
    decode,
    descriptor::{Described, MESSAGES, for_every_message},
    json::{from_json, parse, to_json},
};

fn survives_json<M: Described + PartialEq + Debug>(seed: u64) {
    let bytes = Random::new(seed).message(M::descriptor(), 3);
    let message = decode::<M>(&bytes).unwrap();
    let text = to_json(&message);
    parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    let read: M = from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(read, message, "{text}");
    assert_eq!(decode::<M>(&message.encode_to_vec()).unwrap(), message);
    assert_eq!(to_json(&read), text);
}

macro_rules! check_each {
    ($($message:ty,)*) => {
        fn check_every_message(seed: u64) -> usize {
            let mut types = 0;
            $(survives_json::<$message>(seed); types += 1;)*
            types
        }
    };
}
for_every_message!(check_each);

#[test]
fn every_message_type_is_in_the_list() {
    assert_eq!(check_every_message(1), MESSAGES.len());
    assert!(MESSAGES.is_sorted_by_key(|message| message.name));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_message_survives_json(seed in any::<u64>()) {
        check_every_message(seed);
    }
}
