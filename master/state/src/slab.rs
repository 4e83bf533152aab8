// SPDX-License-Identifier: Apache-2.0

//! A dense table whose rows are named by small reusable numbers.

use std::{marker::PhantomData, ops};

/// A name of a row.
pub(crate) trait Key: Copy + Ord {
    /// The name of row `index`.
    fn from_index(index: u32) -> Self;
    /// The row that this names.
    fn index(self) -> u32;
}

/// Rows of `T` named by `K`; iteration is in the order of the keys.
#[derive(Debug)]
pub(crate) struct Slab<K, T> {
    rows: Vec<Option<T>>,
    free: Vec<u32>,
    key: PhantomData<K>,
}

impl<K: Key, T> Slab<K, T> {
    /// A table without rows.
    pub(crate) fn new() -> Self {
        Slab { rows: Vec::new(), free: Vec::new(), key: PhantomData }
    }

    /// The key that the next `insert` will use.
    pub(crate) fn next_key(&self) -> K {
        let rows = u32::try_from(self.rows.len()).expect("four billion rows do not fit in memory");
        K::from_index(self.free.last().copied().unwrap_or(rows))
    }

    /// Adds a row.
    pub(crate) fn insert(&mut self, row: T) -> K {
        let key = self.next_key();
        match self.free.pop() {
            Some(index) => self.rows[index as usize] = Some(row),
            None => self.rows.push(Some(row)),
        }
        key
    }

    /// Takes a row out.
    pub(crate) fn remove(&mut self, key: K) -> Option<T> {
        let row = self.rows.get_mut(key.index() as usize)?.take();
        if row.is_some() {
            self.free.push(key.index());
        }
        row
    }

    /// A row, if it is there.
    pub(crate) fn get(&self, key: K) -> Option<&T> {
        self.rows.get(key.index() as usize)?.as_ref()
    }

    /// A row, if it is there.
    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut T> {
        self.rows.get_mut(key.index() as usize)?.as_mut()
    }

    /// The keys of all rows.
    pub(crate) fn keys(&self) -> impl Iterator<Item = K> + '_ {
        self.iter().map(|(key, _)| key)
    }

    /// All rows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &T)> {
        self.rows.iter().enumerate().filter_map(|(index, row)| {
            let key = K::from_index(u32::try_from(index).ok()?);
            row.as_ref().map(|row| (key, row))
        })
    }
}

impl<K: Key, T> ops::Index<K> for Slab<K, T> {
    type Output = T;

    /// # Panics
    /// When there is no such row: a key outlived what it names, which is a bug.
    fn index(&self, key: K) -> &T {
        self.get(key).expect("a key is dropped together with its row")
    }
}

impl<K: Key, T> ops::IndexMut<K> for Slab<K, T> {
    fn index_mut(&mut self, key: K) -> &mut T {
        self.get_mut(key).expect("a key is dropped together with its row")
    }
}

impl Key for mesos_allocator::AgentKey {
    fn from_index(index: u32) -> Self {
        mesos_allocator::AgentKey(index)
    }

    fn index(self) -> u32 {
        self.0
    }
}

impl Key for mesos_allocator::FrameworkKey {
    fn from_index(index: u32) -> Self {
        mesos_allocator::FrameworkKey(index)
    }

    fn index(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use mesos_allocator::AgentKey;

    use super::*;

    #[test]
    fn a_removed_row_is_reused() {
        let mut slab: Slab<AgentKey, char> = Slab::new();
        let (a, b) = (slab.insert('a'), slab.insert('b'));
        assert_eq!(slab.remove(a), Some('a'));
        assert_eq!(slab.remove(a), None);
        assert_eq!(slab.next_key(), a);
        assert_eq!(slab.insert('c'), a);
        assert_eq!(slab.iter().collect::<Vec<_>>(), [(a, &'c'), (b, &'b')]);
    }
}
