// SPDX-License-Identifier: Apache-2.0

//! Sets of client numbers, one bit each.
//!
//! A pass asks "is there anyone left who could take this agent?" of every agent
//! it looks at; with bits, a thousand clients are sixteen words.

/// A set of small numbers. Numbers never inserted are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BitSet {
    words: Vec<u64>,
}

impl BitSet {
    pub(crate) fn insert(&mut self, number: u32) {
        let (word, bit) = split(number);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= bit;
    }

    pub(crate) fn remove(&mut self, number: u32) {
        let (word, bit) = split(number);
        if let Some(word) = self.words.get_mut(word) {
            *word &= !bit;
        }
    }

    pub(crate) fn contains(&self, number: u32) -> bool {
        let (word, bit) = split(number);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    pub(crate) fn clear(&mut self) {
        self.words.fill(0);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Becomes `other`, keeping its memory.
    pub(crate) fn copy_from(&mut self, other: &BitSet) {
        self.words.clear();
        self.words.extend_from_slice(&other.words);
    }

    /// How many numbers there are.
    pub(crate) fn len(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// Takes out every number that is not in `other`.
    pub(crate) fn intersect(&mut self, other: &BitSet) {
        self.words.truncate(other.words.len());
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= theirs;
        }
    }

    /// Takes out every number of `other`; says how many are left.
    pub(crate) fn subtract(&mut self, other: &BitSet) -> u32 {
        for (mine, theirs) in self.words.iter_mut().zip(&other.words) {
            *mine &= !theirs;
        }
        self.len()
    }

    /// The numbers, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(place, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let bit = rest.trailing_zeros();
                    rest &= rest - 1;
                    place as u32 * 64 + bit
                })
            })
        })
    }
}

fn split(number: u32) -> (usize, u64) {
    ((number / 64) as usize, 1 << (number % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in() {
        let mut set = BitSet::default();
        for number in [0, 63, 64, 1000] {
            set.insert(number);
        }
        set.remove(63);
        set.remove(5000);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 64, 1000]);
        assert!(set.contains(1000) && !set.contains(63) && !set.contains(9999));
    }

    #[test]
    fn intersecting_keeps_what_both_have() {
        let (mut a, mut b) = (BitSet::default(), BitSet::default());
        [1, 70, 200].into_iter().for_each(|number| a.insert(number));
        [1, 2].into_iter().for_each(|number| b.insert(number));
        a.intersect(&b);
        assert_eq!(a.iter().collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn subtracting_counts_what_is_left() {
        let (mut a, mut b) = (BitSet::default(), BitSet::default());
        a.insert(1);
        a.insert(200);
        b.insert(1);
        assert_eq!(a.subtract(&b), 1);
        assert_eq!(a.iter().collect::<Vec<_>>(), [200]);
        a.clear();
        assert!(a.is_empty());
    }
}
