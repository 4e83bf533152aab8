// SPDX-License-Identifier: Apache-2.0

//! Scalar amounts as fixed-point numbers of three decimals.
//!
//! Protobuf carries scalars as doubles. Mesos computes with thousandths so that
//! sums and differences are exact and independent of order; so do we, and keep
//! them as thousandths between two messages.
//!
//! Source in Mesos: `src/common/values.cpp`.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Sub, SubAssign},
};

use mesos_proto::v1;

/// An amount in thousandths: `Scalar::from_f64(0.1)` is 100 of them.
///
/// Addition and subtraction saturate at the ends of `i64`, which no validated
/// amount ([`Scalar::MAX_VALID`]) reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scalar(i64);

impl Scalar {
    /// Nothing.
    pub const ZERO: Scalar = Scalar(0);

    /// The largest amount that validation lets in: 10^15.
    ///
    /// Nine such amounts can be summed before anything saturates; of a petabyte,
    /// in megabytes, it is nine million.
    pub const MAX_VALID: Scalar = Scalar(1_000_000_000_000_000_000);

    /// The amount of `thousandths` thousandths.
    pub const fn from_thousandths(thousandths: i64) -> Self {
        Scalar(thousandths)
    }

    /// The nearest amount, halves away from zero; NaN gives zero.
    pub fn from_f64(value: f64) -> Self {
        Scalar((value * 1000.0).round() as i64)
    }

    /// The amount in thousandths.
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// The amount as protobuf and JSON carry it: to the thousandth up to 2^51 of
    /// them (two million million), rounded to a double's 53 bits beyond.
    pub fn as_f64(self) -> f64 {
        (self.0 / 1000) as f64 + (self.0 % 1000) as f64 / 1000.0
    }

    /// Whether the amount is zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether the amount is below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

impl From<&v1::value::Scalar> for Scalar {
    fn from(scalar: &v1::value::Scalar) -> Self {
        Scalar::from_f64(scalar.value)
    }
}

impl From<Scalar> for v1::value::Scalar {
    fn from(scalar: Scalar) -> Self {
        v1::value::Scalar { value: scalar.as_f64() }
    }
}

impl Add for Scalar {
    type Output = Scalar;

    fn add(self, other: Scalar) -> Scalar {
        Scalar(self.0.saturating_add(other.0))
    }
}

impl Sub for Scalar {
    type Output = Scalar;

    fn sub(self, other: Scalar) -> Scalar {
        Scalar(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Scalar {
    fn add_assign(&mut self, other: Scalar) {
        *self = *self + other;
    }
}

impl SubAssign for Scalar {
    fn sub_assign(&mut self, other: Scalar) {
        *self = *self - other;
    }
}

impl Sum for Scalar {
    fn sum<I: Iterator<Item = Scalar>>(amounts: I) -> Scalar {
        amounts.fold(Scalar::ZERO, Add::add)
    }
}

/// Prints as Mesos does: 15 significant digits, no trailing zeros.
impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS_MAX: u64 = 1_000_000_000_000_000;
        if self.0.unsigned_abs() >= DIGITS_MAX {
            return fmt_rounded(f, self.as_f64());
        }
        if self.0 < 0 {
            f.write_str("-")?;
        }
        let (whole, rest) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        if rest == 0 {
            return write!(f, "{whole}");
        }
        let decimals = format!("{rest:03}");
        write!(f, "{whole}.{}", decimals.trim_end_matches('0'))
    }
}

/// Prints a number that has more than 15 significant digits, rounded to them,
/// in scientific notation from 10^15 on (what `%.15g` prints).
fn fmt_rounded(f: &mut fmt::Formatter<'_>, value: f64) -> fmt::Result {
    let scientific = format!("{value:.14e}");
    let (mantissa, exponent) =
        scientific.split_once('e').expect("scientific notation has an exponent");
    let exponent: usize =
        exponent.parse().expect("the exponent of a large number is a small positive integer");
    if exponent < 15 {
        let decimals = format!("{value:.*}", 14 - exponent);
        return f.write_str(without_trailing_zeros(&decimals));
    }
    let mantissa = without_trailing_zeros(mantissa);
    write!(f, "{mantissa}e+{exponent:02}")
}

fn without_trailing_zeros(number: &str) -> &str {
    match number.contains('.') {
        true => number.trim_end_matches('0').trim_end_matches('.'),
        false => number,
    }
}
