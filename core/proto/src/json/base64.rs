// SPDX-License-Identifier: Apache-2.0

//! Base64 with the standard alphabet; reading is as lenient as Mesos's:
//! blanks are passed over, padding may be missing, and what follows the first
//! `=` is not looked at. Source in Mesos: stout's `base64.hpp`.

use ::base64::{Engine, engine::general_purpose::STANDARD};

/// Appends bytes as a JSON string.
pub(super) fn write(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let start = out.len();
    // At most 4 bytes of text for every 3 begun.
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    let written = STANDARD.encode_slice(bytes, &mut out[start..]).unwrap_or(0);
    out.truncate(start + written);
    out.push(b'"');
}

/// The bytes of a text, or why it is not base64.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, String> {
    if let Ok(bytes) = STANDARD.decode(text) {
        return Ok(bytes);
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for character in text.chars() {
        let value = match character {
            '=' => break,
            ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' => continue,
            'A'..='Z' => character as u32 - 'A' as u32,
            'a'..='z' => character as u32 - 'a' as u32 + 26,
            '0'..='9' => character as u32 - '0' as u32 + 52,
            '+' => 62,
            '/' => 63,
            _ => return Err(format!("Invalid character '{character}'")),
        };
        bits = bits << 6 | value;
        count += 1;
        if count == 4 {
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    // A group cut short holds one byte in two characters, two in three.
    if count > 1 {
        bits <<= 6 * (4 - count);
        bytes.extend_from_slice(&bits.to_be_bytes()[1..count]);
    }
    Ok(bytes)
}
