// SPDX-License-Identifier: Apache-2.0

//! Sets of whole numbers as ranges, such as ports.
//!
//! Invariant: sorted, disjoint, and not adjacent (`[1-2]` and `[3-4]` are
//! `[1-4]`), so that equal sets have equal representations.
//!
//! Source in Mesos: `src/common/values.cpp`.

use std::{fmt, sync::Arc};

use mesos_proto::v1;

/// The numbers from `begin` to `end`, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// The first number.
    pub begin: u64,
    /// The last number, not below `begin`.
    pub end: u64,
}

impl Range {
    /// How many numbers there are, at most `u64::MAX`.
    pub fn len(self) -> u64 {
        (self.end - self.begin).saturating_add(1)
    }

    /// Never: a range holds at least one number.
    pub fn is_empty(self) -> bool {
        false
    }
}

/// A set of numbers, cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ranges(Arc<[Range]>);

impl Ranges {
    /// The union of `ranges`, in any order; those with `begin > end` hold nothing.
    pub fn new(ranges: impl IntoIterator<Item = Range>) -> Self {
        let mut ranges: Vec<Range> =
            ranges.into_iter().filter(|range| range.begin <= range.end).collect();
        ranges.sort_unstable();
        let mut union: Vec<Range> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match union.last_mut() {
                Some(last) if range.begin <= last.end.saturating_add(1) => {
                    last.end = last.end.max(range.end);
                }
                Some(_) | None => union.push(range),
            }
        }
        Ranges(union.into())
    }

    /// The one range from `begin` to `end`, both included.
    pub fn single(begin: u64, end: u64) -> Self {
        Ranges::new([Range { begin, end }])
    }

    /// The ranges, sorted, disjoint and not adjacent.
    pub fn as_slice(&self) -> &[Range] {
        &self.0
    }

    /// Whether there is no number.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many numbers there are, at most `u64::MAX`.
    pub fn len(&self) -> u64 {
        self.0.iter().fold(0, |total: u64, range| total.saturating_add(range.len()))
    }

    /// Every number, ascending.
    pub fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().flat_map(|range| range.begin..=range.end)
    }

    /// Whether every number of `other` is here.
    pub fn contains(&self, other: &Ranges) -> bool {
        let mut mine = self.0.iter();
        let mut current = mine.next();
        other.0.iter().all(|range| {
            while current.is_some_and(|candidate| candidate.end < range.begin) {
                current = mine.next();
            }
            current.is_some_and(|found| found.begin <= range.begin && range.end <= found.end)
        })
    }

    /// The numbers of both.
    pub fn union(&self, other: &Ranges) -> Ranges {
        if other.is_empty() {
            return self.clone();
        }
        Ranges::new(self.0.iter().chain(other.0.iter()).copied())
    }

    /// The numbers that are not in `other`.
    pub fn difference(&self, other: &Ranges) -> Ranges {
        let mut rest = Vec::with_capacity(self.0.len() + 1);
        let mut taken = other.0.iter().peekable();
        for range in self.0.iter() {
            // What of `range` is not yet decided starts at `begin`; `None` once
            // nothing of it can be left.
            let mut begin = Some(range.begin);
            while let (Some(start), Some(take)) = (begin, taken.peek()) {
                if take.begin > range.end {
                    break;
                }
                if take.end < start {
                    taken.next();
                    continue;
                }
                if take.begin > start {
                    rest.push(Range { begin: start, end: take.begin - 1 });
                }
                // A taken range that reaches beyond this one may cut the next one too.
                begin = (take.end < range.end).then(|| take.end + 1);
            }
            if let Some(start) = begin {
                rest.push(Range { begin: start, end: range.end });
            }
        }
        Ranges(rest.into())
    }
}

impl From<&v1::value::Ranges> for Ranges {
    fn from(ranges: &v1::value::Ranges) -> Self {
        Ranges::new(ranges.range.iter().map(|range| Range { begin: range.begin, end: range.end }))
    }
}

impl From<&Ranges> for v1::value::Ranges {
    fn from(ranges: &Ranges) -> Self {
        let range = ranges
            .0
            .iter()
            .map(|range| v1::value::Range { begin: range.begin, end: range.end })
            .collect();
        v1::value::Ranges { range }
    }
}

/// Prints as Mesos does: `[31000-32000, 33000-33001]`.
impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (index, range) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{}-{}", range.begin, range.end)?;
        }
        f.write_str("]")
    }
}
