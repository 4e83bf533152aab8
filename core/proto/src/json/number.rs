// SPDX-License-Identifier: Apache-2.0

//! Doubles in JSON, as rapidjson spells them.
//!
//! The shortest digits that read back as the same double, always with a
//! fraction or an exponent (`4.0`), plain notation from 1e-6 up to below
//! 1e21, then `1.5e21`; infinities as strings.

/// Appends a double.
pub(super) fn write_double(value: f64, out: &mut Vec<u8>) {
    if value.is_nan() {
        out.extend_from_slice(b"\"NaN\"");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"\"Infinity\"" } else { b"\"-Infinity\"" });
    } else {
        let mut buffer = ryu::Buffer::new();
        let shortest = buffer.format_finite(value);
        match shortest.split_once('e') {
            Some((mantissa, exponent)) => write_scientific(mantissa, exponent, out),
            None => out.extend_from_slice(shortest.as_bytes()),
        }
    }
}

/// Respells `d.ddde±n`, which the digit generator prefers sooner than rapidjson does.
fn write_scientific(mantissa: &str, exponent: &str, out: &mut Vec<u8>) {
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    out.extend_from_slice(sign.as_bytes());
    let text = if (0..21).contains(&exponent) {
        let whole = exponent as usize + 1;
        if digits.len() <= whole {
            format!("{digits:0<whole$}.0")
        } else {
            format!("{}.{}", &digits[..whole], &digits[whole..])
        }
    } else if (-6..0).contains(&exponent) {
        let zeros = (-exponent - 1) as usize;
        format!("0.{}{digits}", "0".repeat(zeros))
    } else {
        format!("{mantissa}e{exponent}")
    };
    out.extend_from_slice(text.as_bytes());
}
