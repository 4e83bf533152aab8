// SPDX-License-Identifier: Apache-2.0

//! The value of a resource: an amount, a set of numbers, or a set of words.

use std::fmt;

use super::{Ranges, Scalar, Set};

/// What there is of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// An amount.
    Scalar(Scalar),
    /// A set of numbers.
    Ranges(Ranges),
    /// A set of words.
    Set(Set),
}

impl Value {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        match self {
            Value::Scalar(scalar) => scalar.is_zero(),
            Value::Ranges(ranges) => ranges.is_empty(),
            Value::Set(set) => set.is_empty(),
        }
    }

    /// How much there is: the amount, or how many numbers or words.
    pub fn quantity(&self) -> Scalar {
        let whole = |count: u64| {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            Scalar::from_thousandths(count.saturating_mul(1000))
        };
        match self {
            Value::Scalar(scalar) => *scalar,
            Value::Ranges(ranges) => whole(ranges.len()),
            Value::Set(set) => whole(set.len() as u64),
        }
    }

    /// The amount, of a scalar.
    pub fn as_scalar(&self) -> Option<Scalar> {
        match self {
            Value::Scalar(scalar) => Some(*scalar),
            Value::Ranges(_) | Value::Set(_) => None,
        }
    }

    /// Whether both are of one type.
    pub(super) fn same_type(&self, other: &Value) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// Whether all of `other` is here; never of another type.
    pub(super) fn contains(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Scalar(mine), Value::Scalar(theirs)) => mine >= theirs,
            (Value::Ranges(mine), Value::Ranges(theirs)) => mine.contains(theirs),
            (Value::Set(mine), Value::Set(theirs)) => mine.contains(theirs),
            (Value::Scalar(_) | Value::Ranges(_) | Value::Set(_), _) => false,
        }
    }

    /// Adds `other`, of the same type.
    pub(super) fn add(&mut self, other: &Value) {
        match (self, other) {
            (Value::Scalar(mine), Value::Scalar(theirs)) => *mine += *theirs,
            (Value::Ranges(mine), Value::Ranges(theirs)) => *mine = mine.union(theirs),
            (Value::Set(mine), Value::Set(theirs)) => *mine = mine.union(theirs),
            (Value::Scalar(_) | Value::Ranges(_) | Value::Set(_), _) => {
                unreachable!("values of different types are never added")
            }
        }
    }

    /// Subtracts `other`, of the same type; a scalar may become negative.
    pub(super) fn subtract(&mut self, other: &Value) {
        match (self, other) {
            (Value::Scalar(mine), Value::Scalar(theirs)) => *mine -= *theirs,
            (Value::Ranges(mine), Value::Ranges(theirs)) => *mine = mine.difference(theirs),
            (Value::Set(mine), Value::Set(theirs)) => *mine = mine.difference(theirs),
            (Value::Scalar(_) | Value::Ranges(_) | Value::Set(_), _) => {
                unreachable!("values of different types are never subtracted")
            }
        }
    }
}

/// Prints as Mesos does: `4`, `[31000-32000]`, `{a, b}`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Scalar(scalar) => scalar.fmt(f),
            Value::Ranges(ranges) => ranges.fmt(f),
            Value::Set(set) => set.fmt(f),
        }
    }
}
