// SPDX-License-Identifier: Apache-2.0

//! Writes objects and arrays in place.

use mesos_proto::{Described, json};

/// An object being written.
#[derive(Debug)]
pub struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

/// An array being written.
#[derive(Debug)]
pub struct Array<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

/// Appends an object.
pub fn object(out: &mut Vec<u8>, write: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    write(&mut Object { out, is_empty: true });
    out.push(b'}');
}

/// Members for [`Object::members`], about so many bytes.
pub(super) fn members(about: usize, write: impl FnOnce(&mut Object<'_>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(about);
    write(&mut Object { out: &mut out, is_empty: false });
    out
}

/// Appends an array.
pub fn array(out: &mut Vec<u8>, write: impl FnOnce(&mut Array<'_>)) {
    out.push(b'[');
    write(&mut Array { out, is_empty: true });
    out.push(b']');
}

impl Object<'_> {
    /// A member that is a string.
    pub fn text(&mut self, name: &str, value: &str) {
        json::write_string(value, self.key(name));
    }

    /// A member that is a double; always with a fraction.
    pub fn number(&mut self, name: &str, value: f64) {
        double(value, self.key(name));
    }

    /// A member that is a whole number.
    pub fn integer(&mut self, name: &str, value: i64) {
        self.key(name).extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    /// A member that is true or false.
    pub fn boolean(&mut self, name: &str, value: bool) {
        let text: &[u8] = if value { b"true" } else { b"false" };
        self.key(name).extend_from_slice(text);
    }

    /// A member that is a message, in the JSON of the v1 API.
    pub fn message<M: Described>(&mut self, name: &str, message: &M) {
        json::write_json(message, self.key(name));
    }

    /// A member that is JSON already.
    pub fn raw(&mut self, name: &str, json: &[u8]) {
        self.key(name).extend_from_slice(json);
    }

    /// Members that were written before, a comma before each; never the first ones.
    pub(super) fn members(&mut self, members: &[u8]) {
        debug_assert!(!self.is_empty, "members with a comma before each follow another");
        self.out.extend_from_slice(members);
    }

    /// A member that is an object.
    pub fn object(&mut self, name: &str, write: impl FnOnce(&mut Object<'_>)) {
        object(self.key(name), write);
    }

    /// A member that is an array.
    pub fn array(&mut self, name: &str, write: impl FnOnce(&mut Array<'_>)) {
        array(self.key(name), write);
    }

    /// A member that is an array of strings.
    pub fn texts<'t>(&mut self, name: &str, values: impl IntoIterator<Item = &'t str>) {
        self.array(name, |array| values.into_iter().for_each(|value| array.text(value)));
    }

    /// Starts a member, to be completed by appending one JSON value.
    pub fn key(&mut self, name: &str) -> &mut Vec<u8> {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.out.push(b',');
        }
        json::write_string(name, self.out);
        self.out.push(b':');
        self.out
    }
}

impl Array<'_> {
    /// An element that is a string.
    pub fn text(&mut self, value: &str) {
        json::write_string(value, self.element());
    }

    /// An element that is a message, in the JSON of the v1 API.
    pub fn message<M: Described>(&mut self, message: &M) {
        json::write_json(message, self.element());
    }

    /// An element that is an object.
    pub fn object(&mut self, write: impl FnOnce(&mut Object<'_>)) {
        object(self.element(), write);
    }

    /// Starts an element, to be completed by appending one JSON value.
    pub fn element(&mut self) -> &mut Vec<u8> {
        if !std::mem::replace(&mut self.is_empty, false) {
            self.out.push(b',');
        }
        self.out
    }
}

/// Appends a double as Mesos spells it: the shortest digits that read back as
/// the same value, with a fraction. JSON has no infinities; they become 0.
fn double(value: f64, out: &mut Vec<u8>) {
    if !value.is_finite() {
        out.extend_from_slice(b"0.0");
        return;
    }
    if let Some(whole) = whole(value) {
        out.extend_from_slice(itoa::Buffer::new().format(whole).as_bytes());
        out.extend_from_slice(b".0");
        return;
    }
    let mut buffer = ryu::Buffer::new();
    let shortest = buffer.format_finite(value);
    if shortest.contains('e') {
        let plain = value.to_string();
        out.extend_from_slice(plain.as_bytes());
        if !plain.contains('.') {
            out.extend_from_slice(b".0");
        }
    } else {
        out.extend_from_slice(shortest.as_bytes());
    }
}

/// The whole number that a double is. Most are, and all digits of such a one are needed.
fn whole(value: f64) -> Option<u64> {
    let whole = value as u64;
    (whole < 1_000_000_000_000_000 && (whole as f64).to_bits() == value.to_bits()).then_some(whole)
}
