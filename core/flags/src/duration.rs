// SPDX-License-Identifier: Apache-2.0

//! The text form of durations: `15secs`, `1.5hrs`, `2weeks`.
//!
//! In Mesos: `stout/duration.hpp`.

use std::time::Duration;

use crate::number::fifteen_digits;

/// The units, longest first, each with its length in nanoseconds.
const UNITS: [(&str, u64); 8] = [
    ("weeks", 7 * 24 * 3_600_000_000_000),
    ("days", 24 * 3_600_000_000_000),
    ("hrs", 3_600_000_000_000),
    ("mins", 60_000_000_000),
    ("secs", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Why a text is no duration.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DurationError {
    /// There is no number in front of the unit.
    #[error("invalid duration '{0}'; expected a number and a unit, such as '15secs' or '1.5hrs'")]
    NoNumber(String),
    /// There is no unit.
    #[error("duration '{0}' has no unit; supported are ns, us, ms, secs, mins, hrs, days, weeks")]
    NoUnit(String),
    /// The unit is none of Mesos's.
    #[error("unknown duration unit '{0}'; supported are ns, us, ms, secs, mins, hrs, days, weeks")]
    UnknownUnit(String),
    /// More than 2^63 - 1 nanoseconds (292 years).
    #[error("duration '{0}' is out of range; at most 15250weeks")]
    OutOfRange(String),
}

/// Reads a duration as Mesos does: a decimal number directly followed by a unit.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(split.unwrap_or(text.len()));
    let value: f64 = number.parse().map_err(|_| DurationError::NoNumber(text.to_owned()))?;
    if unit.is_empty() {
        return Err(DurationError::NoUnit(text.to_owned()));
    }
    let (_, factor) = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or_else(|| DurationError::UnknownUnit(unit.to_owned()))?;
    let nanos = value * *factor as f64;
    if nanos >= i64::MAX as f64 {
        return Err(DurationError::OutOfRange(text.to_owned()));
    }
    Ok(Duration::from_nanos(nanos as u64))
}

/// Writes a duration as Mesos does: in the largest unit it reaches, or in the
/// next smaller one when only that gives a whole number.
pub fn format(duration: Duration) -> String {
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    let largest = UNITS.iter().position(|(_, factor)| nanos >= *factor).unwrap_or(UNITS.len() - 1);
    let whole = |index: usize| nanos.is_multiple_of(UNITS[index].1);
    let chosen = match UNITS.get(largest + 1) {
        // Below a millisecond Mesos falls back to nanoseconds in every case.
        Some(_) if !whole(largest) && (UNITS[largest].0 == "us" || whole(largest + 1)) => {
            largest + 1
        }
        Some(_) | None => largest,
    };
    let (unit, factor) = UNITS[chosen];
    format!("{}{unit}", fifteen_digits(nanos as f64 / factor as f64))
}
