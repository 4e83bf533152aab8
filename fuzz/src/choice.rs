// SPDX-License-Identifier: Apache-2.0

//! Choices, drawn from the bytes of an input.
//!
//! When the bytes are used up, every choice is the first one, so that small
//! inputs mean something and large ones can be cut.

use arbitrary::Unstructured;

/// What is left of an input.
pub struct Choices<'a> {
    rest: Unstructured<'a>,
}

impl<'a> Choices<'a> {
    /// The choices that `data` makes.
    pub fn new(data: &'a [u8]) -> Self {
        Choices { rest: Unstructured::new(data) }
    }

    /// Whether all is used up.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Any byte.
    pub fn byte(&mut self) -> u8 {
        self.rest.arbitrary().unwrap_or(0)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.rest.arbitrary().unwrap_or(0)
    }

    /// A number below `bound`, which is at most 256; 0 if there is none.
    pub fn below(&mut self, bound: usize) -> usize {
        if bound <= 1 { 0 } else { usize::from(self.byte()) % bound }
    }

    /// True in about so many of 16 cases.
    pub fn chance(&mut self, sixteenths: u8) -> bool {
        self.byte() % 16 >= 16 - sixteenths.min(16)
    }

    /// One of these; `None` if there are none.
    pub fn pick<'b, T>(&mut self, items: &'b [T]) -> Option<&'b T> {
        items.get(self.below(items.len()))
    }

    /// Up to `length` bytes as they are.
    pub fn bytes(&mut self, length: usize) -> &'a [u8] {
        let length = length.min(self.rest.len());
        self.rest.bytes(length).unwrap_or_default()
    }
}
