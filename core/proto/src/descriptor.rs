// SPDX-License-Identifier: Apache-2.0

//! What each message looks like: names, numbers, labels, kinds and defaults.
//!
//! The tables are written by the build script from the .proto files. JSON
//! and the check for required fields walk them; bindings and tests may too.
//! They describe only; the types themselves are prost's.

/// A generated message type and its table.
pub trait Described: prost::Message + core::default::Default {
    /// The table of this type.
    fn descriptor() -> &'static Message;
}

/// A message type.
#[derive(Debug)]
pub struct Message {
    /// Full name without a leading dot, such as `mesos.v1.Offer.Operation`.
    pub name: &'static str,
    /// Fields in the order of their declaration.
    pub fields: &'static [Field],
    /// Whether it has required fields, its own or at any depth below.
    pub(crate) checked: bool,
    /// Bytes that one value takes in memory, without what it points to.
    pub(crate) size: usize,
    /// Indices into `fields`, sorted by field name.
    by_name: &'static [u16],
    /// By field number: 1 + index into `fields`, or 0.
    by_number: &'static [u16],
    /// Indices of the required fields, at most 64.
    pub(crate) required: &'static [u16],
}

impl Message {
    /// The last part of the name, such as `Operation`.
    #[must_use]
    pub fn short_name(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }

    /// The field with this exact name, and its index.
    #[must_use]
    pub fn field_named(&self, name: &str) -> Option<&'static Field> {
        let fields = self.fields;
        let found = self.by_name.binary_search_by(|&i| fields[usize::from(i)].name.cmp(name));
        found.ok().map(|at| &fields[usize::from(self.by_name[at])])
    }

    /// The index in `fields` of the field with this number.
    #[must_use]
    pub fn index_of(&self, number: u32) -> Option<u16> {
        let entry = self.by_number.get(usize::try_from(number).ok()?)?;
        entry.checked_sub(1)
    }
}

/// A field of a message.
#[derive(Debug)]
pub struct Field {
    /// Name as declared, which is also its name in JSON.
    pub name: &'static str,
    /// Number on the wire.
    pub number: u32,
    /// How often it may or must appear.
    pub label: Label,
    /// The type of one value. Of a map: the message of one entry.
    pub kind: Kind,
    /// Declared default. Mesos writes it to JSON for an unset field.
    pub default: Option<Default>,
    /// Marked deprecated: an unset one is not written with its default.
    pub deprecated: bool,
}

/// How often a field appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Once or not at all.
    Optional,
    /// Exactly once; a message without it is refused.
    Required,
    /// Any number of times.
    Repeated,
    /// Any number of entries, with distinct string keys.
    Map,
}

/// The type of a field's value.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `bool`.
    Bool,
    /// `int32`.
    Int32,
    /// `int64`.
    Int64,
    /// `uint32`.
    Uint32,
    /// `uint64`.
    Uint64,
    /// `double`.
    Double,
    /// `string`, valid UTF-8.
    String,
    /// `bytes`.
    Bytes,
    /// One of the names of an enum.
    Enum(&'static Enum),
    /// A message.
    Message(&'static Message),
}

/// A declared default value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Default {
    /// Of a `bool`.
    Bool(bool),
    /// Of any integer.
    Integer(i64),
    /// Of a `double`.
    Double(f64),
    /// Of a `string`.
    String(&'static str),
    /// Of an enum, by name.
    Enum(&'static str),
}

/// An enum type.
#[derive(Debug)]
pub struct Enum {
    /// Full name without a leading dot.
    pub name: &'static str,
    /// Names and numbers in the order of their declaration.
    pub values: &'static [(&'static str, i32)],
}

impl Enum {
    /// The number of a name; `None` if there is no such name.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i32> {
        self.values.iter().find(|value| value.0 == name).map(|value| value.1)
    }

    /// The first name with this number; `None` if there is none.
    #[must_use]
    pub fn name_of(&self, number: i32) -> Option<&'static str> {
        self.values.iter().find(|value| value.1 == number).map(|value| value.0)
    }
}

mod tables {
    #![allow(non_upper_case_globals)]

    use super::{Default, Described, Enum, Field, Kind, Label, Message};
    use crate::generated;

    include!(concat!(env!("OUT_DIR"), "/tables.rs"));
}

#[cfg(test)]
pub(crate) use tables::for_every_message;
pub use tables::{ENUMS, MESSAGES};
