// SPDX-License-Identifier: Apache-2.0

//! The text form of sizes: `512MB`, `2GB`, with units of 1024.
//!
//! In Mesos: `stout/bytes.hpp`.

use std::fmt;

/// The units, largest first, each with its size in bytes.
const UNITS: [(&str, u64); 5] =
    [("TB", 1 << 40), ("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10), ("B", 1)];

/// A number of bytes that prints and parses in Mesos's text form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(pub u64);

/// Why a text is no size.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ByteSizeError {
    /// There is no whole number in front of the unit.
    #[error("invalid size '{0}'; expected a whole number and a unit, such as '512MB'")]
    NoNumber(String),
    /// The unit is missing or none of Mesos's.
    #[error("unknown size unit '{0}'; supported are B, KB, MB, GB, TB")]
    UnknownUnit(String),
    /// 2^64 bytes or more.
    #[error("size '{0}' is out of range; it must be below 16777216TB")]
    OutOfRange(String),
}

impl ByteSize {
    /// Reads a size: a whole number directly followed by a unit in any case.
    pub fn parse(text: &str) -> Result<Self, ByteSizeError> {
        let split = text.find(|c: char| !c.is_ascii_digit());
        let (number, unit) = text.split_at(split.unwrap_or(text.len()));
        if number.is_empty() || unit.starts_with('.') {
            return Err(ByteSizeError::NoNumber(text.to_owned()));
        }
        let (_, factor) = UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
            .ok_or_else(|| ByteSizeError::UnknownUnit(unit.to_owned()))?;
        number
            .parse::<u64>()
            .ok()
            .and_then(|value| value.checked_mul(*factor))
            .map(ByteSize)
            .ok_or_else(|| ByteSizeError::OutOfRange(text.to_owned()))
    }

    /// The size in megabytes (2^20 bytes), as the `mem` and `disk` resources count.
    pub fn as_megabytes(self) -> f64 {
        self.0 as f64 / (1u64 << 20) as f64
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, factor) = UNITS
            .into_iter()
            .find(|(_, factor)| self.0 != 0 && self.0.is_multiple_of(*factor))
            .unwrap_or(("B", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}
