// SPDX-License-Identifier: Apache-2.0

//! Numbers as C++ streams print them, for messages that quote them.

/// A double with up to 6 significant digits (what `%g` prints): `0.01`, `1e+30`.
pub(super) fn general(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "nan"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        }
        .to_owned();
    }
    let scientific = format!("{value:.5e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |text: &str| -> String {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        return trim(&format!("{value:.decimals$}"));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
}

/// Whole megabytes as Mesos prints sizes: in the largest unit that divides them.
pub(super) fn megabytes(megabytes: u64) -> String {
    match megabytes {
        0 => "0B".to_owned(),
        whole if whole % (1 << 20) == 0 => format!("{}TB", whole >> 20),
        whole if whole % (1 << 10) == 0 => format!("{}GB", whole >> 10),
        whole => format!("{whole}MB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_print_with_six_digits() {
        for (value, expected) in [
            (1e30, "1e+30"),
            (-1.5e300, "-1.5e+300"),
            (0.001, "0.001"),
            (0.01, "0.01"),
            (0.0, "0"),
            (123_456.0, "123456"),
            (1_234_567.0, "1.23457e+06"),
            (0.000_012_34, "1.234e-05"),
            (100.5, "100.5"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(general(value), expected);
        }
    }

    #[test]
    fn sizes_print_in_the_largest_unit_that_divides_them() {
        for (size, expected) in [(0, "0B"), (31, "31MB"), (2048, "2GB"), (1 << 21, "2TB")] {
            assert_eq!(megabytes(size), expected);
        }
    }
}
