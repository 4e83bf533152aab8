// SPDX-License-Identifier: Apache-2.0

//! Query strings and form bodies: `a=1&b=%20`.

/// The decoded parameters, in order; the last of a name counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

/// A percent sign that is not followed by two hexadecimal digits, or an escape
/// that is no UTF-8.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("Failed to decode the query: malformed percent-encoding in '{0}'")]
pub struct QueryError(String);

impl Query {
    /// Splits and decodes; parts without `=` have an empty value.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        text.split(['&', ';'])
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (name, value) = part.split_once('=').unwrap_or((part, ""));
                Ok((decode(name)?, decode(value)?))
            })
            .collect::<Result<_, _>>()
            .map(Query)
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(candidate, _)| candidate == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Decodes `%xx` and `+`.
fn decode(text: &str) -> Result<String, QueryError> {
    let malformed = || QueryError(text.to_owned());
    if !text.contains(['%', '+']) {
        return Ok(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        (bytes, rest) = match (first, tail) {
            (b'+', _) => (push(bytes, b' '), tail),
            (b'%', [high, low, tail @ ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16).ok_or_else(malformed);
                let value = digit(*high)? * 16 + digit(*low)?;
                let value = u8::try_from(value).map_err(|_| malformed())?;
                (push(bytes, value), tail)
            }
            (b'%', _) => return Err(malformed()),
            (other, _) => (push(bytes, *other), tail),
        };
    }
    String::from_utf8(bytes).map_err(|_| malformed())
}

fn push(mut bytes: Vec<u8>, byte: u8) -> Vec<u8> {
    bytes.push(byte);
    bytes
}
