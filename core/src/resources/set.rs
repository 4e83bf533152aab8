// SPDX-License-Identifier: Apache-2.0

//! Sets of words, such as the names of devices.
//!
//! Invariant: sorted and without duplicates, so that equal sets have equal
//! representations. (Mesos keeps the order of declaration, which is no promise.)

use std::{cmp::Ordering, fmt, sync::Arc};

use mesos_proto::v1;

/// A set of words, cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Set(Arc<[Arc<str>]>);

impl Set {
    /// The set of these words.
    pub fn new<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> Self {
        let words = words.into_iter().map(|word| Arc::from(word.as_ref()));
        Set::sorted(words.collect())
    }

    /// The words, ascending.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|word| &**word)
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether every word of `other` is here.
    pub fn contains(&self, other: &Set) -> bool {
        let mut mine = self.0.iter();
        other.0.iter().all(|word| {
            // Both are sorted: each search starts where the last one ended.
            mine.by_ref()
                .map(|candidate| candidate.cmp(word))
                .find(|order| *order != Ordering::Less)
                == Some(Ordering::Equal)
        })
    }

    /// The words of both.
    pub fn union(&self, other: &Set) -> Set {
        Set::sorted(self.0.iter().chain(other.0.iter()).cloned().collect())
    }

    /// The words that are not in `other`.
    pub fn difference(&self, other: &Set) -> Set {
        let kept = self.0.iter();
        Set(kept.filter(|word| other.0.binary_search(word).is_err()).cloned().collect())
    }

    fn sorted(mut words: Vec<Arc<str>>) -> Self {
        words.sort_unstable();
        words.dedup();
        Set(words.into())
    }
}

impl From<&v1::value::Set> for Set {
    fn from(set: &v1::value::Set) -> Self {
        Set::new(&set.item)
    }
}

impl From<&Set> for v1::value::Set {
    fn from(set: &Set) -> Self {
        v1::value::Set { item: set.iter().map(str::to_owned).collect() }
    }
}

/// Prints as Mesos does: `{a, b}`.
impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, word) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{word}")?;
        }
        f.write_str("}")
    }
}
