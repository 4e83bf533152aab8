// SPDX-License-Identifier: Apache-2.0

//! From the binary form of a message to JSON, along its table.
//!
//! The input is what prost wrote, so it is taken to be well formed; anything
//! else ends the output of that message early and is never read out of bounds.

use smallvec::SmallVec;

use super::number::write_double;
use crate::{
    descriptor::{Default, Field, Kind, Label, Message},
    wire::{Fields, Raw},
};

/// Appends the JSON object of a message.
pub(super) fn write(message: &'static Message, bytes: &[u8], out: &mut Vec<u8>) {
    Writer { found: SmallVec::new() }.message(message, bytes, out);
}

struct Writer<'a> {
    /// The fields found in the message being written, behind those of the
    /// messages around it: index in the table, value.
    found: SmallVec<[(u16, Raw<'a>); 24]>,
}

impl<'a> Writer<'a> {
    fn message(&mut self, message: &'static Message, bytes: &'a [u8], out: &mut Vec<u8>) {
        let start = self.found.len();
        self.find(message, bytes);
        let end = self.found.len();
        out.push(b'{');
        let mut at = start;
        for (index, field) in message.fields.iter().enumerate() {
            let first = at;
            while at < end && usize::from(self.found[at].0) == index {
                at += 1;
            }
            if first < at {
                write_key(field.name, out);
                self.field(field, first, at, out);
            } else if let (Some(default), false) = (field.default, field.deprecated) {
                write_key(field.name, out);
                write_default(default, out);
            }
        }
        out.push(b'}');
        self.found.truncate(start);
    }

    /// Collects the values of a message's known fields, in the order of the table.
    fn find(&mut self, message: &'static Message, bytes: &'a [u8]) {
        let start = self.found.len();
        let mut fields = Fields::new(bytes);
        let mut sorted = true;
        let mut last = 0;
        while let Ok(Some((number, raw))) = fields.next() {
            let Some(index) = message.index_of(number) else { continue };
            if let (Kind::Enum(enumeration), Raw::Varint(value)) =
                (message.fields[usize::from(index)].kind, raw)
                && enumeration.name_of(value as i32).is_none()
            {
                continue;
            }
            sorted &= last <= index;
            last = index;
            self.found.push((index, raw));
        }
        if !sorted {
            self.found[start..].sort_by_key(|found| found.0);
        }
    }

    /// Writes the values `first..end` of `found`, all of one field.
    fn field(&mut self, field: &'static Field, first: usize, end: usize, out: &mut Vec<u8>) {
        match field.label {
            Label::Optional | Label::Required => self.value(field, self.found[end - 1].1, out),
            Label::Repeated => {
                out.push(b'[');
                for at in first..end {
                    if at > first {
                        out.push(b',');
                    }
                    self.value(field, self.found[at].1, out);
                }
                out.push(b']');
            }
            Label::Map => {
                out.push(b'{');
                for at in first..end {
                    self.entry(field, self.found[at].1, out);
                }
                out.push(b'}');
            }
        }
    }

    /// Writes one entry of a map: its key, then its value (protobuf leaves out empty ones).
    fn entry(&mut self, field: &'static Field, entry: Raw<'a>, out: &mut Vec<u8>) {
        let (Kind::Message(entry_type), Raw::Bytes(bytes)) = (field.kind, entry) else { return };
        let [_, value_field] = entry_type.fields else { return };
        let (mut key, mut value) = (&[][..], None);
        let mut fields = Fields::new(bytes);
        while let Ok(Some((number, raw))) = fields.next() {
            if number == 2 {
                value = Some(raw);
            } else if let (1, Raw::Bytes(bytes)) = (number, raw) {
                key = bytes;
            }
        }
        separate(out);
        write_string(std::str::from_utf8(key).unwrap_or_default(), out);
        out.push(b':');
        match value {
            Some(value) => self.value(value_field, value, out),
            None => self.zero(value_field, out),
        }
    }

    /// Writes what prost leaves out of a map's entry: a value that is all zeros.
    fn zero(&mut self, field: &'static Field, out: &mut Vec<u8>) {
        match field.kind {
            Kind::Double => write_double(0.0, out),
            Kind::String | Kind::Bytes => write_string("", out),
            Kind::Bool => write_bool(false, out),
            Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 => write_signed(0, out),
            Kind::Enum(enumeration) => {
                write_string(enumeration.name_of(0).unwrap_or_default(), out);
            }
            Kind::Message(inner) => {
                out.push(b'{');
                for field in inner.fields {
                    if field.label == Label::Required {
                        write_key(field.name, out);
                        self.zero(field, out);
                    } else if let (Some(default), false) = (field.default, field.deprecated) {
                        write_key(field.name, out);
                        write_default(default, out);
                    }
                }
                out.push(b'}');
            }
        }
    }

    fn value(&mut self, field: &'static Field, raw: Raw<'a>, out: &mut Vec<u8>) {
        match (raw, field.kind) {
            (Raw::Varint(value), Kind::Bool) => write_bool(value != 0, out),
            (Raw::Varint(value), Kind::Int32) => write_signed(i64::from(value as i32), out),
            (Raw::Varint(value), Kind::Int64) => write_signed(value as i64, out),
            (Raw::Varint(value), Kind::Uint32) => {
                out.extend_from_slice(itoa::Buffer::new().format(value as u32).as_bytes());
            }
            (Raw::Varint(value), Kind::Uint64) => {
                out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
            }
            (Raw::Varint(value), Kind::Enum(enumeration)) => {
                write_string(enumeration.name_of(value as i32).unwrap_or_default(), out);
            }
            (Raw::Fixed64(bits), Kind::Double) => write_double(f64::from_bits(bits), out),
            (Raw::Bytes(bytes), Kind::String) => {
                write_string(std::str::from_utf8(bytes).unwrap_or_default(), out);
            }
            (Raw::Bytes(bytes), Kind::Bytes) => super::base64::write(bytes, out),
            (Raw::Bytes(bytes), Kind::Message(inner)) => self.message(inner, bytes, out),
            // Not what the table says: prost would have refused it.
            (Raw::Varint(_) | Raw::Fixed64(_) | Raw::Bytes(_) | Raw::Other, _) => {
                out.extend_from_slice(b"null");
            }
        }
    }
}

/// Writes the comma between a member and the one before.
fn separate(out: &mut Vec<u8>) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
}

/// Writes the key of a field; in a name there is nothing to escape, as a test of all says.
fn write_key(name: &str, out: &mut Vec<u8>) {
    separate(out);
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn write_default(default: Default, out: &mut Vec<u8>) {
    match default {
        Default::Bool(value) => write_bool(value, out),
        Default::Integer(value) => write_signed(value, out),
        Default::Double(value) => write_double(value, out),
        Default::String(value) | Default::Enum(value) => write_string(value, out),
    }
}

fn write_bool(value: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

fn write_signed(value: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Writes a string in quotes, escaped as rapidjson does it.
pub(super) fn write_string(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    if has_special(text.as_bytes()) {
        write_escaped(text.as_bytes(), out);
    } else {
        out.extend_from_slice(text.as_bytes());
    }
    out.push(b'"');
}

fn is_special(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// Whether there is something to escape. Nearly always there is not, and whole blocks
/// are looked at faster than bytes: the last one overlaps the one before it.
fn has_special(text: &[u8]) -> bool {
    if let Some(last) = text.last_chunk::<16>() {
        let (blocks, _) = text.as_chunks::<16>();
        return blocks.iter().any(block_has_special) || block_has_special(last);
    }
    match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(first), Some(last)) => block_has_special(first) || block_has_special(last),
        (None, _) | (_, None) => text.iter().any(|byte| is_special(*byte)),
    }
}

fn block_has_special<const N: usize>(block: &[u8; N]) -> bool {
    block.iter().fold(false, |found, byte| found | is_special(*byte))
}

fn write_escaped(mut rest: &[u8], out: &mut Vec<u8>) {
    while let Some(at) = rest.iter().position(|byte| is_special(*byte)) {
        out.extend_from_slice(&rest[..at]);
        let byte = rest[at];
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                let hex = |nibble: u8| b"0123456789ABCDEF"[usize::from(nibble)];
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[hex(byte >> 4), hex(byte & 15)]);
            }
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}
