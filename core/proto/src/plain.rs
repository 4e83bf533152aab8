// SPDX-License-Identifier: Apache-2.0

//! Whether bytes are a message beyond doubt, without decoding them.
//!
//! Plain is what every protobuf library writes: each field in the encoding of
//! its kind, strings in UTF-8, no message in pieces, all required fields there,
//! not too deep. Such bytes can be kept as they are and decoded later without
//! fear. It errs on one side only: what is not plain may be a message all the
//! same, and is to be decoded to find out.

use crate::{
    descriptor::{Kind, Label, Message},
    required::counts_as_set,
    wire::{Fields, Malformed, Raw},
};

/// Levels of messages; prost stops at 100.
const DEPTH: u32 = 64;

/// Whether bytes are plainly a complete message of this type.
pub(crate) fn is_plain(message: &'static Message, bytes: &[u8]) -> bool {
    walk(message, bytes, DEPTH).unwrap_or(false)
}

fn walk(message: &'static Message, bytes: &[u8], depth: u32) -> Result<bool, Malformed> {
    let Some(depth) = depth.checked_sub(1) else { return Ok(false) };
    let mut missing =
        message.required.iter().enumerate().fold(0_u64, |all, (bit, _)| all | 1 << bit);
    let mut entered = 0_u128;
    let mut fields = Fields::new(bytes);
    while let Some((number, raw)) = fields.next()? {
        if matches!(raw, Raw::Other) || !(1..1 << 29).contains(&number) {
            return Ok(false);
        }
        let Some(index) = message.index_of(number) else { continue };
        let field = &message.fields[usize::from(index)];
        let fits = match (field.kind, raw) {
            (
                Kind::Bool
                | Kind::Int32
                | Kind::Int64
                | Kind::Uint32
                | Kind::Uint64
                | Kind::Enum(_),
                Raw::Varint(_),
            )
            | (Kind::Double, Raw::Fixed64(_))
            | (Kind::Bytes, Raw::Bytes(_)) => true,
            (Kind::String, Raw::Bytes(text)) => std::str::from_utf8(text).is_ok(),
            (Kind::Message(inner), Raw::Bytes(content)) => {
                // A message in pieces would have to be put together first.
                let bit = 1_u128.checked_shl(u32::from(index)).unwrap_or(0);
                let again = bit == 0 || entered & bit != 0;
                entered |= bit;
                let once = matches!(field.label, Label::Optional | Label::Required);
                !(again && once) && walk(inner, content, depth)?
            }
            (
                Kind::Bool
                | Kind::Int32
                | Kind::Int64
                | Kind::Uint32
                | Kind::Uint64
                | Kind::Enum(_)
                | Kind::Double
                | Kind::String
                | Kind::Bytes
                | Kind::Message(_),
                Raw::Varint(_) | Raw::Fixed64(_) | Raw::Bytes(_) | Raw::Other,
            ) => false,
        };
        if !fits {
            return Ok(false);
        }
        if field.label == Label::Required
            && counts_as_set(field.kind, raw)
            && let Some(position) = message.required.iter().position(|&it| it == index)
        {
            missing &= !(1 << position);
        }
    }
    Ok(missing == 0)
}
