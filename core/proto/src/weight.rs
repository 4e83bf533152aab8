// SPDX-License-Identifier: Apache-2.0

//! How much memory a message will take, before it is taken.
//!
//! An element of a list may be two bytes long and take thousands in memory: a
//! body of a few megabytes could become one of gigabytes. So the elements are
//! counted first, each with the size of its type. A message that is wrong in
//! any other way is left to the decoder to refuse.

use crate::{
    descriptor::{Kind, Label, Message},
    wire::{Fields, Raw},
};

/// The most that the elements of all lists in one message may take.
pub const DECODED_BYTES_MAX: usize = 256 << 20;

/// Shorter messages cannot become large enough to matter.
const UNWEIGHED: usize = 16 << 10;

/// Deeper messages are refused by the decoder.
const DEPTH_MAX: usize = 100;

/// What a text or some bytes take, besides their content.
const TEXT_SIZE: usize = 32;

/// A message that would take too much memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the elements of its lists would take more than the {DECODED_BYTES_MAX} bytes of memory that \
     one message may take; send them in several"
)]
pub(crate) struct TooHeavy;

/// Refuses a message whose lists are too long for its size.
pub(crate) fn check(message: &'static Message, bytes: &[u8]) -> Result<(), TooHeavy> {
    if bytes.len() <= UNWEIGHED {
        return Ok(());
    }
    let mut room = DECODED_BYTES_MAX;
    weigh(message, bytes, &mut room, DEPTH_MAX)
}

fn weigh(
    message: &'static Message,
    bytes: &[u8],
    room: &mut usize,
    depth: usize,
) -> Result<(), TooHeavy> {
    let Some(depth) = depth.checked_sub(1) else { return Ok(()) };
    let mut fields = Fields::new(bytes);
    while let Ok(Some((number, raw))) = fields.next() {
        let Some(index) = message.index_of(number) else { continue };
        let field = &message.fields[usize::from(index)];
        let listed = matches!(field.label, Label::Repeated | Label::Map);
        let size = match field.kind {
            Kind::Message(inner) => {
                if let Raw::Bytes(content) = raw {
                    weigh(inner, content, room, depth)?;
                }
                inner.size
            }
            Kind::String | Kind::Bytes => TEXT_SIZE,
            Kind::Bool
            | Kind::Int32
            | Kind::Int64
            | Kind::Uint32
            | Kind::Uint64
            | Kind::Double
            | Kind::Enum(_) => match raw {
                // Many numbers may come in one piece.
                Raw::Bytes(content) => content.len() * 8,
                Raw::Varint(_) | Raw::Fixed64(_) | Raw::Other => 8,
            },
        };
        if listed {
            *room = room.checked_sub(size).ok_or(TooHeavy)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DecodeError, Described, decode, json, v1::scheduler::Call};

    /// ACCEPT with so many empty operations: two bytes each.
    fn accept(operations: usize) -> Vec<u8> {
        let inner = [0x12_u8, 0x00].repeat(operations);
        let mut bytes = vec![0x10, 0x02];
        crate::wire::put_bytes_field(&mut bytes, field_of(Call::descriptor(), "accept"), &inner);
        bytes
    }

    fn field_of(message: &Message, name: &str) -> u32 {
        message.field_named(name).expect("a field").number
    }

    #[test]
    fn a_small_body_cannot_become_a_huge_message() {
        let accept_table = crate::v1::scheduler::call::Accept::descriptor();
        assert_eq!(field_of(accept_table, "operations"), 2);
        decode::<Call>(&accept(10_000)).expect("small enough");
        let refused = decode::<Call>(&accept(1_000_000)).expect_err("too heavy");
        let DecodeError::Malformed { reason, .. } = refused else { panic!("{refused}") };
        assert!(reason.contains("more than the 268435456 bytes of memory"), "{reason}");
    }

    #[test]
    fn nor_can_its_json() {
        let operations = "{},".repeat(1_000_000);
        let text = format!(
            r#"{{"type":"ACCEPT","accept":{{"operations":[{}]}}}}"#,
            &operations[..2_999_999]
        );
        let refused = json::from_json::<Call>(text.as_bytes()).expect_err("too heavy");
        assert!(refused.to_string().contains("268435456 bytes of memory"), "{refused}");
    }
}
