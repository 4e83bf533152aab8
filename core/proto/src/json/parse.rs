// SPDX-License-Identifier: Apache-2.0

//! The JSON parser.
//!
//! It accepts what Mesos's parser accepts and words its refusals as Mesos
//! does, down to the text it quotes after `near:`; clients and golden cases
//! compare these. Strings without escapes are borrowed from the text.
//!
//! Bounds: [`MAX_DEPTH`] levels and [`MAX_VALUES`] values. Source in Mesos: picojson
//! 1.3.0 under stout's `json.hpp`. Unlike Mesos it keeps integers up to `u64::MAX`
//! exact, and refuses strings that are not UTF-8.

use std::borrow::Cow;

use super::{Number, Value};

/// How many objects and arrays may be open at once.
pub const MAX_DEPTH: usize = 200;
/// How many values a text may hold: each takes more memory than its two or
/// three bytes of text.
pub const MAX_VALUES: usize = 4_000_000;

/// Why and where parsing stopped.
enum Failure {
    /// `resume`: where the text quoted in the error begins. `read`: how many
    /// bytes had been looked at, which decides the line number.
    Syntax { resume: usize, read: usize },
    /// A number beyond what a double holds.
    OutOfRange,
    /// A string that is not UTF-8, which ends at this offset.
    NotUtf8(usize),
    /// More than [`MAX_VALUES`].
    TooMany,
}

/// Parses a whole text.
///
/// # Errors
/// The reason, in Mesos's words.
pub fn parse(text: &[u8]) -> Result<Value<'_>, String> {
    let mut parser = Parser { text, at: 0, scanned: 0, values: 0 };
    let value = parser.value(MAX_DEPTH).map_err(|failure| describe(text, &failure))?;
    // Behind a number Mesos's parser has always looked at (and lost) one more byte.
    let end = parser.at.max(parser.scanned);
    let visible = text.iter().rposition(|b| !is_blank(*b)).map_or(0, |last| last + 1);
    if end == visible {
        Ok(value)
    } else {
        let rest = text.get(end..visible.max(end)).unwrap_or_default();
        Err(format!(
            "Parsed JSON included non-whitespace trailing characters: {}",
            String::from_utf8_lossy(rest)
        ))
    }
}

fn describe(text: &[u8], failure: &Failure) -> String {
    let line = |read: usize| 1 + text[..read].iter().filter(|b| **b == b'\n').count();
    match *failure {
        Failure::OutOfRange => "Value out of range".to_owned(),
        Failure::TooMany => format!("more than {MAX_VALUES} values"),
        Failure::NotUtf8(end) => format!("string at line {} is not valid UTF-8", line(end)),
        Failure::Syntax { resume, read } => {
            let near: Vec<u8> = text[resume..]
                .iter()
                .copied()
                .take_while(|b| *b != b'\n')
                .filter(|b| *b >= b' ')
                .collect();
            let line = line(read.saturating_sub(1));
            format!("syntax error at line {line} near: {}", String::from_utf8_lossy(&near))
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    /// End of the last look-ahead behind a number.
    scanned: usize,
    /// How many values have begun.
    values: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(is_blank) {
            self.at += 1;
        }
    }

    /// The byte at the current position is wrong.
    fn wrong_here(&self) -> Failure {
        Failure::Syntax { resume: self.at, read: (self.at + 1).min(self.text.len()) }
    }

    /// What has just been read is wrong.
    fn wrong_before(&self) -> Failure {
        Failure::Syntax { resume: self.at, read: self.at }
    }

    /// Whether the next visible byte is this one; then passes it.
    fn eat(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), Failure> {
        if self.eat(byte) { Ok(()) } else { Err(self.wrong_here()) }
    }

    /// One value; `depth` more levels may be opened.
    fn value(&mut self, depth: usize) -> Result<Value<'a>, Failure> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(Failure::TooMany);
        }
        self.skip_blanks();
        match self.peek() {
            Some(b'n') => self.word(b"null", Value::Null),
            Some(b't') => self.word(b"true", Value::Bool(true)),
            Some(b'f') => self.word(b"false", Value::Bool(false)),
            Some(b'"') => {
                self.at += 1;
                self.string().map(Value::String)
            }
            Some(b'[') => {
                self.at += 1;
                self.array(depth.checked_sub(1).ok_or_else(|| self.wrong_before())?)
            }
            Some(b'{') => {
                self.at += 1;
                self.object(depth.checked_sub(1).ok_or_else(|| self.wrong_before())?)
            }
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            _ => Err(self.wrong_here()),
        }
    }

    fn word(&mut self, word: &[u8], value: Value<'a>) -> Result<Value<'a>, Failure> {
        for &expected in word {
            if self.peek() != Some(expected) {
                return Err(self.wrong_here());
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Failure> {
        let mut items = Vec::new();
        if self.eat(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth)?);
            if !self.eat(b',') {
                break;
            }
        }
        self.expect(b']')?;
        Ok(Value::Array(items))
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Failure> {
        let mut members = Vec::new();
        if self.eat(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.expect(b'"')?;
            let key = self.string()?;
            self.expect(b':')?;
            members.push((key, self.value(depth)?));
            if !self.eat(b',') {
                break;
            }
        }
        self.expect(b'}')?;
        if !members.is_sorted_by(|left, right| left.0 < right.0) {
            // Stable, so that of equal keys the last comes first once reversed.
            members.reverse();
            members.sort_by(|left, right| left.0.cmp(&right.0));
            members.dedup_by(|later, first| later.0 == first.0);
        }
        Ok(Value::Object(members))
    }

    fn number(&mut self) -> Result<Number, Failure> {
        let start = self.at;
        while let Some(b'0'..=b'9' | b'+' | b'-' | b'e' | b'E' | b'.') = self.peek() {
            self.at += 1;
        }
        self.scanned = (self.at + 1).min(self.text.len());
        let digits = std::str::from_utf8(&self.text[start..self.at]).unwrap_or_default();
        if let Ok(value) = digits.parse() {
            return Ok(Number::Signed(value));
        }
        if let Ok(value) = digits.parse() {
            return Ok(Number::Unsigned(value));
        }
        match digits.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Number::Double(value)),
            Ok(_) => Err(Failure::OutOfRange),
            Err(_) => Err(self.wrong_here()),
        }
    }

    /// The rest of a string whose opening quote has been read.
    fn string(&mut self) -> Result<Cow<'a, str>, Failure> {
        let start = self.at;
        let plain = self.plain_run();
        if self.peek() == Some(b'"') {
            self.at += 1;
            let text = std::str::from_utf8(plain).map_err(|_| Failure::NotUtf8(self.at))?;
            return Ok(Cow::Borrowed(text));
        }
        let mut unescaped = self.text[start..self.at].to_vec();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    let text =
                        String::from_utf8(unescaped).map_err(|_| Failure::NotUtf8(self.at))?;
                    return Ok(Cow::Owned(text));
                }
                Some(b'\\') => self.escape(&mut unescaped)?,
                _ => return Err(self.wrong_here()),
            }
            let run = self.plain_run();
            unescaped.extend_from_slice(run);
        }
    }

    /// Everything up to the next quote, backslash, control character, or the end.
    fn plain_run(&mut self) -> &'a [u8] {
        let rest = &self.text[self.at..];
        let special = |b: &u8| *b == b'"' || *b == b'\\' || *b < b' ';
        let length = rest.iter().position(special).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), Failure> {
        self.at += 1; // the backslash
        let Some(byte) = self.peek() else { return Err(self.wrong_here()) };
        self.at += 1;
        out.push(match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let character = self.code_point()?;
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(self.wrong_before()),
        });
        Ok(())
    }

    /// The character of a `\u` escape, or of a surrogate pair of two.
    fn code_point(&mut self) -> Result<char, Failure> {
        let first = self.four_hex_digits()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            for expected in [b'\\', b'u'] {
                if self.peek() != Some(expected) {
                    return Err(self.wrong_here());
                }
                self.at += 1;
            }
            let second = self.four_hex_digits()?;
            if !(0xdc00..0xe000).contains(&second) {
                return Err(self.wrong_before());
            }
            0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        // Fails only for a lone second surrogate.
        char::from_u32(code).ok_or_else(|| self.wrong_before())
    }

    fn four_hex_digits(&mut self) -> Result<u32, Failure> {
        let mut value = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|b| char::from(b).to_digit(16));
            value = value << 4 | digit.ok_or_else(|| self.wrong_here())?;
            self.at += 1;
        }
        Ok(value)
    }
}
