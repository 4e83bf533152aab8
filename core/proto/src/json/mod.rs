// SPDX-License-Identifier: Apache-2.0

//! Messages as JSON, written as Mesos writes them and read as leniently as
//! Mesos reads them.
//!
//! Written: field names as declared, in the order of their declaration; enums
//! by name; bytes in base64; 64-bit integers as numbers; infinite doubles as
//! the strings `"Infinity"` and `"-Infinity"`; `google.protobuf.Duration` as
//! `{"seconds":N}`. An unset field is left out, unless it has a declared
//! default and is not deprecated. An enum value without a name is left out.
//!
//! Read: unknown fields are ignored and `null` is unset; one value where a
//! list is meant is a list of one; numbers and booleans are accepted in
//! strings; an unknown enum name is dropped, unless the field is required;
//! the last of several equal keys counts; at most 200 levels.
//!
//! Both directions go through the binary form and the descriptor tables, so
//! there is no code per type. Error texts are Mesos's, which clients match.
//! Source in Mesos: stout's `protobuf.hpp`, `json.hpp`, `jsonify.hpp`.

mod base64;
mod number;
mod parse;
mod read;
mod value;
mod write;

#[cfg(test)]
mod tests;

pub use parse::{MAX_DEPTH, MAX_VALUES, parse};
pub use value::{Number, Value};

use crate::{
    descriptor::{Described, Message},
    required::missing_fields,
    weight,
};

/// Text that is not the JSON form of a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Not JSON. Holds the parser's words, such as `syntax error at line 1 near: }`.
    #[error("Failed to parse body into JSON: {0}")]
    Parse(String),
    /// JSON, but not of this message.
    #[error("Failed to convert JSON into {message} protobuf: {reason}")]
    Convert {
        /// Short name of the message, such as `Call`.
        message: &'static str,
        /// Why not, such as `Missing required fields: framework_id.value`.
        reason: String,
    },
}

/// The JSON text of a message.
#[must_use]
pub fn to_json<M: Described>(message: &M) -> String {
    let mut out = Vec::new();
    write_json(message, &mut out);
    String::from_utf8(out).expect("strings of a message are UTF-8, and so is all that is added")
}

/// Appends the JSON text of a message.
pub fn write_json<M: Described>(message: &M, out: &mut Vec<u8>) {
    write::write(M::descriptor(), &message.encode_to_vec(), out);
}

/// Appends a string in quotes, with what JSON wants escaped.
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    write::write_string(text, out);
}

/// Reads one message.
///
/// # Errors
/// Text that is not JSON, or not the JSON of this message; see [`JsonError`].
pub fn from_json<M: Described>(text: &[u8]) -> Result<M, JsonError> {
    let value = parse(text).map_err(JsonError::Parse)?;
    from_value(&value)
}

/// Reads one message from a value already parsed.
///
/// # Errors
/// [`JsonError::Convert`] if the value is not an object, a field has a value
/// of a wrong type, or a required field is missing.
pub fn from_value<M: Described>(value: &Value<'_>) -> Result<M, JsonError> {
    let descriptor = M::descriptor();
    let convert = |reason| JsonError::Convert { message: descriptor.short_name(), reason };
    let bytes = to_bytes(descriptor, value).map_err(convert)?;
    weight::check(descriptor, &bytes).map_err(|error| convert(error.to_string()))?;
    M::decode(bytes.as_slice()).map_err(|error| convert(error.to_string()))
}

/// Reads a list of messages from a JSON array.
///
/// # Errors
/// As [`from_json`]; also if the text is not an array.
pub fn list_from_json<M: Described>(text: &[u8]) -> Result<Vec<M>, JsonError> {
    match parse(text).map_err(JsonError::Parse)? {
        Value::Array(values) => values.iter().map(from_value).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Err(JsonError::Convert {
                message: M::descriptor().short_name(),
                reason: "Expecting a JSON array".to_owned(),
            })
        }
    }
}

/// The binary form of an object, complete.
fn to_bytes(descriptor: &'static Message, value: &Value<'_>) -> Result<Vec<u8>, String> {
    let Value::Object(members) = value else {
        return Err("Expecting a JSON object".to_owned());
    };
    let mut bytes = Vec::with_capacity(256);
    read::read(descriptor, members, &mut bytes)?;
    let missing = missing_fields(descriptor, &bytes);
    if missing.is_empty() {
        Ok(bytes)
    } else {
        Err(format!("Missing required fields: {}", missing.join(", ")))
    }
}
