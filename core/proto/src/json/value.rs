// SPDX-License-Identifier: Apache-2.0

//! Parsed JSON.

use std::borrow::Cow;

/// A parsed value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// An object: members sorted by key, keys distinct (the last of equal keys counts).
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

/// A number, exact where it is an integer of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An integer that fits.
    Signed(i64),
    /// A positive integer that fits only here.
    Unsigned(u64),
    /// Anything else; finite.
    Double(f64),
}

impl<'a> Value<'a> {
    /// The member of this key, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        let Value::Object(members) = self else { return None };
        let found = members.binary_search_by(|(name, _)| name.as_ref().cmp(key));
        found.ok().map(|at| &members[at].1)
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = self { Some(text) } else { None }
    }

    /// The items, if this is an array.
    pub fn as_array(&self) -> Option<&[Value<'a>]> {
        if let Value::Array(items) = self { Some(items) } else { None }
    }
}
