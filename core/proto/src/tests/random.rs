// SPDX-License-Identifier: Apache-2.0

//! Random messages of any type, made from its table.

use crate::{
    descriptor::{Field, Kind, Label, Message},
    wire::{put_bytes_field, put_fixed64_field, put_nested_field, put_varint_field},
};

const STRINGS: [&str; 8] =
    ["", "a", "*", "role/sub", "\"quoted\\\"", "line\nbreak\t\u{1}\u{1f}", "żółć 🦀", "null"];
const DOUBLES: [f64; 10] =
    [0.0, -0.0, 1.0, 0.1, 4.002, 1e21, 1.5e-7, -1e300, f64::INFINITY, f64::NEG_INFINITY];

/// A small generator of numbers (xorshift64*), so that a seed names an instance.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from((self.next() >> 16) % bound as u64).expect("it is below a usize")
    }

    /// The binary form of a message; optional parts stop at `depth` levels.
    ///
    /// Fields with a declared default are always set: unset, they would be
    /// written to JSON with the default and come back set.
    pub(super) fn message(&mut self, message: &'static Message, depth: u32) -> Vec<u8> {
        let mut out = Vec::new();
        for field in message.fields {
            let count = match field.label {
                Label::Required => 1,
                Label::Optional if field.default.is_some() && !field.deprecated => 1,
                Label::Optional if depth > 0 => self.below(2),
                Label::Repeated | Label::Map if depth > 0 => self.below(3),
                Label::Optional | Label::Repeated | Label::Map => 0,
            };
            for _ in 0..count {
                self.value(field, depth.saturating_sub(1), &mut out);
            }
        }
        out
    }

    fn value(&mut self, field: &'static Field, depth: u32, out: &mut Vec<u8>) {
        let number = field.number;
        match field.kind {
            Kind::Bool => put_varint_field(out, number, self.next() >> 63),
            Kind::Int32 => put_varint_field(out, number, i64::from(self.integer() as i32) as u64),
            Kind::Uint32 => put_varint_field(out, number, u64::from(self.integer() as u32)),
            Kind::Int64 | Kind::Uint64 => put_varint_field(out, number, self.integer()),
            Kind::Double => {
                let value = match self.below(3) {
                    0 => DOUBLES[self.below(DOUBLES.len())],
                    1 => self.next() as f64 / 1e15,
                    _ => (self.next() % 100_000) as f64 / 1000.0,
                };
                put_fixed64_field(out, number, value.to_bits());
            }
            Kind::String => {
                let text = STRINGS[self.below(STRINGS.len())];
                put_bytes_field(out, number, text.as_bytes());
            }
            Kind::Bytes => {
                let bytes: Vec<u8> = (0..self.below(40)).map(|_| self.next() as u8).collect();
                put_bytes_field(out, number, &bytes);
            }
            Kind::Enum(enumeration) => {
                let (_, value) = enumeration.values[self.below(enumeration.values.len())];
                put_varint_field(out, number, i64::from(value) as u64);
            }
            Kind::Message(inner) => {
                let content = self.message(inner, depth);
                put_nested_field(out, number, |out| {
                    out.extend_from_slice(&content);
                    Ok::<(), ()>(())
                })
                .unwrap();
            }
        }
    }

    fn integer(&mut self) -> u64 {
        match self.below(4) {
            0 => 0,
            1 => u64::MAX,
            2 => self.next() % 1000,
            _ => self.next(),
        }
    }
}
