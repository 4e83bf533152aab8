// SPDX-License-Identifier: Apache-2.0

//! The text form of values, in resources and attributes: `4.5`,
//! `[31000-32000, 40000-40001]`, `{a, b}`, or any other text.
//!
//! Source in Mesos: `internal::values::parse` in `src/common/values.cpp`.

use crate::resources::{Range, Ranges};

/// A parsed value.
#[derive(Clone, Debug, PartialEq)]
pub enum ParsedValue {
    /// A number.
    Scalar(f64),
    /// Sets of numbers.
    Ranges(Ranges),
    /// A set of words, in the order of the text, duplicates kept.
    Set(Vec<String>),
    /// Anything else, without its blanks.
    Text(String),
}

/// Why a text is no value, in Mesos's words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what each variant is")]
pub enum ValueError {
    #[error("Expecting non-empty string")]
    Empty,
    #[error("Mismatched brackets")]
    MismatchedBrackets,
    #[error("Expecting one or more \"ranges\"")]
    OddRanges,
    #[error("Expecting non-negative integers in '{0}'")]
    NotAnInteger(String),
    #[error("Invalid range '{0}': begin > end")]
    ReversedRange(String),
    #[error("Unexpected '{{' found")]
    UnexpectedBrace,
    #[error("Unexpected '[' found")]
    UnexpectedBracket,
    #[error("Invalid scalar value '{text}':{reason}")]
    InvalidScalar { text: String, reason: InvalidScalar },
}

/// Why a number cannot be a resource, in Mesos's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what each variant is")]
pub enum InvalidScalar {
    #[error("Infinite values not supported")]
    Infinite,
    #[error("NaN not supported")]
    NotANumber,
    #[error("Subnormal values not supported")]
    Subnormal,
    #[error("Negative values not supported")]
    Negative,
}

/// Checks a number that stands for an amount.
///
/// # Errors
/// When it is negative, or not an ordinary number.
pub fn validate_scalar(value: f64) -> Result<(), InvalidScalar> {
    if value.is_nan() {
        Err(InvalidScalar::NotANumber)
    } else if value.is_infinite() {
        Err(InvalidScalar::Infinite)
    } else if value.is_subnormal() {
        Err(InvalidScalar::Subnormal)
    } else if value < 0.0 {
        Err(InvalidScalar::Negative)
    } else {
        Ok(())
    }
}

/// Parses a value; blanks do not count anywhere.
///
/// # Errors
/// When brackets do not match, or what is between them is no range or set.
pub fn parse(text: &str) -> Result<ParsedValue, ValueError> {
    let text: String = text.chars().filter(|character| *character != ' ').collect();
    if text.is_empty() {
        return Err(ValueError::Empty);
    }
    let pairs = [('{', '}'), ('[', ']'), ('(', ')')];
    if !pairs.iter().all(|(open, close)| brackets_match(&text, *open, *close)) {
        return Err(ValueError::MismatchedBrackets);
    }
    match (text.find('['), text.find('{')) {
        (Some(0), _) => parse_ranges(&text),
        (Some(_), _) => Err(ValueError::UnexpectedBracket),
        (None, Some(0)) => {
            Ok(ParsedValue::Set(tokens(&text, &['{', '}', ',', '\n']).map(str::to_owned).collect()))
        }
        (None, Some(_)) => Err(ValueError::UnexpectedBrace),
        (None, None) => parse_scalar_or_text(text),
    }
}

fn parse_ranges(text: &str) -> Result<ParsedValue, ValueError> {
    let ends: Vec<&str> = tokens(text, &['[', ']', '-', ',', '\n']).collect();
    let pairs = ends.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err(ValueError::OddRanges);
    }
    let ranges: Result<Vec<Range>, ValueError> = pairs
        .map(|pair| match (parse_integer(pair[0]), parse_integer(pair[1])) {
            (Some(begin), Some(end)) => Ok(Range { begin, end }),
            (None, _) | (_, None) => Err(ValueError::NotAnInteger(pair.join("-"))),
        })
        .collect();
    let ranges = ranges?;
    if let Some(reversed) = ranges.iter().find(|range| range.begin > range.end) {
        let text = format!("{}-{}", reversed.begin, reversed.end);
        return Err(ValueError::ReversedRange(text));
    }
    Ok(ParsedValue::Ranges(Ranges::new(ranges)))
}

fn parse_scalar_or_text(text: String) -> Result<ParsedValue, ValueError> {
    let Some(number) = parse_number(&text) else {
        return Ok(ParsedValue::Text(text));
    };
    match validate_scalar(number) {
        Ok(()) => Ok(ParsedValue::Scalar(number)),
        Err(reason) => Err(ValueError::InvalidScalar { text, reason }),
    }
}

/// Parses a number as Mesos does: hexadecimal integers too.
fn parse_number(text: &str) -> Option<f64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, text),
    };
    match hexadecimal(digits) {
        Some(number) => Some(sign * number as f64),
        None => text.parse().ok(),
    }
}

fn parse_integer(text: &str) -> Option<u64> {
    hexadecimal(text).or_else(|| text.parse().ok())
}

fn hexadecimal(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    u64::from_str_radix(digits, 16).ok()
}

/// The pieces between any of `delimiters` that are not empty.
fn tokens<'a>(text: &'a str, delimiters: &'a [char]) -> impl Iterator<Item = &'a str> {
    text.split(delimiters).filter(|token| !token.is_empty())
}

fn brackets_match(text: &str, open: char, close: char) -> bool {
    let mut depth = 0_i64;
    for character in text.chars() {
        if character == open {
            depth += 1;
        } else if character == close {
            depth -= 1;
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}
