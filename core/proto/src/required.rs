// SPDX-License-Identifier: Apache-2.0

//! Decoding that refuses a message without its required fields.
//!
//! prost reads a missing required field as its default, which would turn a
//! malformed message into a wrong one. Mesos's protobuf refuses it and names
//! the fields, in a text that its JSON errors quote; so do we, by walking the
//! bytes along the descriptor tables.
//!
//! An enum value this version does not know counts as absent, as in proto2.
//! Source in Mesos: protobuf's `InitializationErrorString`, used by stout's
//! `protobuf.hpp`.

use std::borrow::Cow;

use crate::{
    descriptor::{Described, Kind, Label, Message},
    weight,
    wire::{Fields, Malformed, Raw},
};

/// Bytes that are not a complete message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not a protobuf encoding of this message at all.
    #[error("not a valid {message} message: {reason}")]
    Malformed {
        /// Full name of the expected message.
        message: &'static str,
        /// What the decoder stumbled over.
        reason: String,
    },
    /// Fields that must be there are not.
    #[error("{message} message without its required fields: {}", fields.join(", "))]
    MissingRequired {
        /// Full name of the message.
        message: &'static str,
        /// Their paths, such as `subscribe.framework_info.user` or `tasks[0].task_id`.
        fields: Vec<String>,
    },
}

/// Reads a message and checks that it is complete.
///
/// # Errors
/// Bytes that are not this message (also strings that are not UTF-8, and
/// more than 100 levels), or a required field that is missing at any depth.
pub fn decode<M: Described>(bytes: &[u8]) -> Result<M, DecodeError> {
    let descriptor = M::descriptor();
    let malformed = |reason| DecodeError::Malformed { message: descriptor.name, reason };
    weight::check(descriptor, bytes).map_err(|error| malformed(error.to_string()))?;
    // prost first: it bounds the depth and checks the structure.
    let message = M::decode(bytes).map_err(|error| malformed(error.to_string()))?;
    let missing = missing_fields(descriptor, bytes);
    if missing.is_empty() {
        Ok(message)
    } else {
        Err(DecodeError::MissingRequired { message: descriptor.name, fields: missing })
    }
}

/// The paths of all missing required fields, in protobuf's order.
///
/// `bytes` must have been decoded by prost; what cannot be read is passed over.
pub(crate) fn missing_fields(message: &'static Message, bytes: &[u8]) -> Vec<String> {
    let mut missing = Vec::new();
    if message.checked && !complete(message, bytes).unwrap_or(true) {
        // The slow walk that names them runs only when there is something to name.
        name_missing(message, bytes, "", &mut missing);
    }
    missing
}

/// Whether no required field is missing, at any depth.
fn complete(message: &'static Message, bytes: &[u8]) -> Result<bool, Malformed> {
    let mut seen = 0_u64;
    let mut entered = 0_u128;
    let mut fields = Fields::new(bytes);
    while let Some((number, raw)) = fields.next()? {
        let Some(index) = message.index_of(number) else { continue };
        let field = &message.fields[usize::from(index)];
        if let (Kind::Message(inner), Raw::Bytes(content)) = (field.kind, raw) {
            // A singular message in several pieces is merged by protobuf before it is judged.
            let bit = 1_u128.checked_shl(u32::from(index)).unwrap_or(0);
            let in_pieces =
                matches!(field.label, Label::Optional | Label::Required) && (entered & bit != 0);
            entered |= bit;
            if in_pieces {
                return Ok(false);
            }
            if inner.checked && !complete(inner, content)? {
                return Ok(false);
            }
        }
        if field.label == Label::Required
            && counts_as_set(field.kind, raw)
            && let Some(position) = message.required.iter().position(|&r| r == index)
        {
            seen |= 1 << position;
        }
    }
    Ok(seen.count_ones() as usize == message.required.len())
}

/// An enum value without a name is kept as an unknown field, so the field stays unset.
pub(crate) fn counts_as_set(kind: Kind, raw: Raw<'_>) -> bool {
    if let (Kind::Enum(enumeration), Raw::Varint(value)) = (kind, raw) {
        return enumeration.name_of(value as i32).is_some();
    }
    true
}

fn name_missing(message: &'static Message, bytes: &[u8], prefix: &str, out: &mut Vec<String>) {
    if !message.checked {
        return;
    }
    let values = values_by_field(message, bytes);
    for &index in message.required {
        let field = &message.fields[usize::from(index)];
        if !values[usize::from(index)].iter().any(|raw| counts_as_set(field.kind, *raw)) {
            out.push(format!("{prefix}{}", field.name));
        }
    }
    let mut indices: Vec<usize> = (0..message.fields.len()).collect();
    indices.sort_by_key(|&i| message.fields[i].number);
    for index in indices {
        let field = &message.fields[index];
        let Kind::Message(inner) = field.kind else { continue };
        let contents = values[index].iter().filter_map(|raw| match raw {
            Raw::Bytes(content) => Some(*content),
            Raw::Varint(_) | Raw::Fixed64(_) | Raw::Other => None,
        });
        match field.label {
            Label::Repeated | Label::Map => {
                for (at, content) in contents.enumerate() {
                    name_missing(inner, content, &format!("{prefix}{}[{at}].", field.name), out);
                }
            }
            Label::Optional | Label::Required => {
                // Pieces of one message merge by concatenation.
                let merged = contents.map(Cow::Borrowed).reduce(|left, right| {
                    let mut left = left.into_owned();
                    left.extend_from_slice(&right);
                    Cow::Owned(left)
                });
                if let Some(content) = merged {
                    name_missing(inner, &content, &format!("{prefix}{}.", field.name), out);
                }
            }
        }
    }
}

/// The raw values of each field, by its index.
fn values_by_field<'a>(message: &'static Message, bytes: &'a [u8]) -> Vec<Vec<Raw<'a>>> {
    let mut values = vec![Vec::new(); message.fields.len()];
    let mut fields = Fields::new(bytes);
    while let Ok(Some((number, raw))) = fields.next() {
        if let Some(index) = message.index_of(number) {
            values[usize::from(index)].push(raw);
        }
    }
    values
}
