// SPDX-License-Identifier: Apache-2.0

//! Decimal numbers as a C++ stream of 15 digits prints them.

/// `value` with at most 15 significant digits and no trailing zeros.
pub(crate) fn fifteen_digits(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor() as i32;
    let decimals = usize::try_from((14 - magnitude).max(0)).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
