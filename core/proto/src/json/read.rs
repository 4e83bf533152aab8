// SPDX-License-Identifier: Apache-2.0

//! From parsed JSON to the binary form of a message, along its table.
//!
//! Where JSON and the field's type differ, it converts exactly where Mesos
//! does and refuses in Mesos's words. It does not look for missing required
//! fields: the caller does, on the finished bytes.

use std::borrow::Cow;

use super::{Number, Value, base64, parse};
use crate::{
    descriptor::{Field, Kind, Label, Message},
    wire::{put_bytes_field, put_fixed64_field, put_nested_field, put_varint_field},
};

type Members<'a> = [(Cow<'a, str>, Value<'a>)];

/// Appends the binary form of an object's members.
pub(super) fn read(
    message: &'static Message,
    members: &Members<'_>,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    for (name, value) in members {
        if let Some(field) = message.field_named(name) {
            read_field(field, value, out)?;
        }
    }
    Ok(())
}

fn read_field(field: &'static Field, value: &Value<'_>, out: &mut Vec<u8>) -> Result<(), String> {
    match value {
        Value::Null => Ok(()),
        Value::Bool(value) => read_bool(field, *value, out),
        Value::Number(value) => read_number(field, *value, out),
        Value::String(value) => read_string(field, value, out),
        Value::Array(values) => match field.label {
            Label::Repeated | Label::Map => {
                values.iter().try_for_each(|value| read_field(field, value, out))
            }
            Label::Optional | Label::Required => Err(unexpected("array", field)),
        },
        Value::Object(members) => read_object(field, members, out),
    }
}

fn unexpected(found: &str, field: &Field) -> String {
    format!("Not expecting a JSON {found} for field '{}'", field.name)
}

fn read_object(
    field: &'static Field,
    members: &Members<'_>,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let Kind::Message(inner) = field.kind else {
        return Err(unexpected("object", field));
    };
    if field.label != Label::Map {
        return put_nested_field(out, field.number, |out| read(inner, members, out));
    }
    for (key, value) in members {
        put_nested_field(out, field.number, |out| {
            put_bytes_field(out, 1, key.as_bytes());
            inner.fields.iter().skip(1).try_for_each(|field| read_field(field, value, out))
        })?;
    }
    Ok(())
}

fn read_bool(field: &'static Field, value: bool, out: &mut Vec<u8>) -> Result<(), String> {
    if !matches!(field.kind, Kind::Bool) {
        return Err(unexpected("boolean", field));
    }
    put_varint_field(out, field.number, u64::from(value));
    Ok(())
}

fn read_number(field: &'static Field, value: Number, out: &mut Vec<u8>) -> Result<(), String> {
    // Integers are cut to their field's width, as Mesos does.
    match field.kind {
        Kind::Double => {
            put_fixed64_field(out, field.number, as_double(value).to_bits());
            return Ok(());
        }
        Kind::Int32 => put_varint_field(out, field.number, as_i32(value) as u64),
        Kind::Int64 => put_varint_field(out, field.number, as_i64(value) as u64),
        Kind::Uint32 => put_varint_field(out, field.number, u64::from(as_u32(value))),
        Kind::Uint64 => put_varint_field(out, field.number, as_u64(value)),
        Kind::Bool | Kind::String | Kind::Bytes | Kind::Enum(_) | Kind::Message(_) => {
            return Err(unexpected("number", field));
        }
    }
    Ok(())
}

fn as_double(value: Number) -> f64 {
    match value {
        Number::Signed(value) => value as f64,
        Number::Unsigned(value) => value as f64,
        Number::Double(value) => value,
    }
}

fn as_i32(value: Number) -> i32 {
    match value {
        Number::Signed(value) => value as i32,
        Number::Unsigned(value) => value as i32,
        Number::Double(value) => value as i32,
    }
}

fn as_i64(value: Number) -> i64 {
    match value {
        Number::Signed(value) => value,
        Number::Unsigned(value) => value as i64,
        Number::Double(value) => value as i64,
    }
}

fn as_u32(value: Number) -> u32 {
    match value {
        Number::Signed(value) => value as u32,
        Number::Unsigned(value) => value as u32,
        Number::Double(value) => value as u32,
    }
}

fn as_u64(value: Number) -> u64 {
    match value {
        Number::Signed(value) => value as u64,
        Number::Unsigned(value) => value,
        Number::Double(value) => value as u64,
    }
}

fn read_string(field: &'static Field, text: &str, out: &mut Vec<u8>) -> Result<(), String> {
    match field.kind {
        Kind::String => put_bytes_field(out, field.number, text.as_bytes()),
        Kind::Bytes => {
            let bytes = base64::decode(text).map_err(|reason| {
                format!("Failed to base64 decode bytes field '{}': {reason}", field.name)
            })?;
            put_bytes_field(out, field.number, &bytes);
        }
        Kind::Enum(enumeration) => match enumeration.number(text) {
            Some(number) => put_varint_field(out, field.number, i64::from(number) as u64),
            None if field.label == Label::Required => {
                return Err(format!("Failed to find enum for '{text}'"));
            }
            // As in proto2, a value unknown here leaves the field unset.
            None => {}
        },
        Kind::Bool => {
            let value = scalar(text, "boolean", field, |value| match value {
                Value::Bool(value) => Some(value),
                Value::Null
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Object(_) => None,
            })?;
            return read_bool(field, value, out);
        }
        Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 | Kind::Double => {
            let infinity = match text {
                "Infinity" => Some(f64::INFINITY),
                "-Infinity" => Some(f64::NEG_INFINITY),
                _ => None,
            };
            if let (Kind::Double, Some(infinity)) = (field.kind, infinity) {
                return read_number(field, Number::Double(infinity), out);
            }
            let value = scalar(text, "number", field, |value| match value {
                Value::Number(value) => Some(value),
                Value::Null
                | Value::Bool(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Object(_) => None,
            })?;
            return read_number(field, value, out);
        }
        Kind::Message(_) => return Err(unexpected("string", field)),
    }
    Ok(())
}

/// A number or boolean that was written as a string.
fn scalar<T>(
    text: &str,
    wanted: &str,
    field: &Field,
    pick: impl FnOnce(Value<'_>) -> Option<T>,
) -> Result<T, String> {
    let picked = parse(text.as_bytes())
        .and_then(|value| pick(value).ok_or_else(|| "Unexpected JSON type parsed".to_owned()));
    picked.map_err(|reason| {
        format!("Failed to parse '{text}' as a JSON {wanted} for field '{}': {reason}", field.name)
    })
}
