// SPDX-License-Identifier: Apache-2.0

//! A sorted map for readers: a copy costs one reference, a change after it costs
//! one chunk, and each chunk keeps the JSON of its entries until one changes.
//!
//! Invariants: keys ascend over all chunks; no chunk is empty; none has more than
//! [`FULL`] entries.

use std::{
    mem,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;

/// Entries of a chunk at most: so many are written again when one changes.
const FULL: usize = 32;
/// So many bytes are set aside for entries to come at most, whatever the first one took.
const RESERVE_MAX: usize = 64 << 10;
/// Neighbours that have so few between them become one.
const FEW: usize = FULL / 2;

/// Appends the JSON of a value, with the help of what it was given for all values.
pub(super) type Write<V, H> = fn(&V, &mut H, &mut Vec<u8>);

/// The map.
#[derive(Clone, Debug)]
pub struct Chunks<K, V> {
    chunks: Arc<Vec<Arc<Chunk<K, V>>>>,
    len: usize,
}

#[derive(Debug)]
struct Chunk<K, V> {
    entries: Vec<(K, V)>,
    /// The entries, a comma before each.
    json: OnceLock<Bytes>,
}

impl<K: Clone, V: Clone> Clone for Chunk<K, V> {
    /// To be changed, so without the JSON.
    fn clone(&self) -> Self {
        Chunk { entries: self.entries.clone(), json: OnceLock::new() }
    }
}

impl<K, V> Default for Chunks<K, V> {
    fn default() -> Self {
        Chunks { chunks: Arc::default(), len: 0 }
    }
}

impl<K, V> Chunks<K, V> {
    /// How many entries.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The values, by key.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.chunks.iter().flat_map(|chunk| &chunk.entries).map(|(_, value)| value)
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.chunks.iter().flat_map(|chunk| &chunk.entries).map(|(key, _)| key)
    }

    /// The JSON of all entries, a comma before each, in pieces that are kept.
    pub(super) fn json<H>(&self, help: &mut H, write: Write<V, H>) -> impl Iterator<Item = Bytes> {
        self.chunks.iter().map(move |chunk| chunk.json(help, write).clone())
    }

    /// How many chunks have no JSON.
    pub(super) fn unwritten(&self) -> usize {
        self.chunks.iter().filter(|chunk| chunk.json.get().is_none()).count()
    }

    /// Writes the JSON of every `parts`th chunk, from `part` on, that has none.
    pub(super) fn write<H>(&self, part: usize, parts: usize, help: &mut H, write: Write<V, H>) {
        for chunk in self.chunks.iter().skip(part).step_by(parts) {
            chunk.json(help, write);
        }
    }
}

impl<K: Clone + Ord, V: Clone> Chunks<K, V> {
    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        let (chunk, entry) = self.find(key).ok()?;
        Some(&self.chunks[chunk].entries[entry].1)
    }

    /// The value of a key, to be changed.
    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let (chunk, entry) = self.find(key).ok()?;
        Some(&mut self.edit(chunk).entries[entry].1)
    }

    /// Puts a value, and gives the one that was there.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let (chunk, entry) = match self.find(&key) {
            Ok((chunk, entry)) => {
                return Some(mem::replace(&mut self.edit(chunk).entries[entry].1, value));
            }
            Err(place) => place,
        };
        let entries = self.chunks.get(chunk).map_or(FULL, |chunk| chunk.entries.len());
        if entries == FULL && entry < entries && !self.is_empty() {
            let half = self.edit(chunk).entries.split_off(FULL / 2);
            self.add(chunk + 1, half);
            return self.insert(key, value);
        }
        self.len += 1;
        if entries == FULL {
            // Most keys are the largest so far: they leave full chunks behind them.
            self.add((chunk + 1).min(self.chunks.len()), vec![(key, value)]);
        } else {
            self.edit(chunk).entries.insert(entry, (key, value));
        }
        None
    }

    fn add(&mut self, at: usize, entries: Vec<(K, V)>) {
        let chunk = Chunk { entries, json: OnceLock::new() };
        Arc::make_mut(&mut self.chunks).insert(at, Arc::new(chunk));
    }

    /// Takes a value out.
    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let (chunk, entry) = self.find(key).ok()?;
        self.len -= 1;
        let edited = self.edit(chunk);
        let (_, value) = edited.entries.remove(entry);
        if edited.entries.is_empty() {
            Arc::make_mut(&mut self.chunks).remove(chunk);
        } else {
            // The one before gets what is left of this one, or of the one behind.
            self.join(chunk);
            if let Some(before) = chunk.checked_sub(1) {
                self.join(before);
            }
        }
        Some(value)
    }

    /// Makes one of a chunk and the next if they have few entries.
    fn join(&mut self, chunk: usize) {
        let (Some(one), Some(next)) = (self.chunks.get(chunk), self.chunks.get(chunk + 1)) else {
            return;
        };
        if one.entries.len() + next.entries.len() <= FEW {
            let next = Arc::make_mut(&mut self.chunks).remove(chunk + 1);
            self.edit(chunk).entries.extend_from_slice(&next.entries);
        }
    }

    /// Takes the first entry out.
    pub(super) fn pop_first(&mut self) -> Option<V> {
        let (key, _) = self.chunks.first()?.entries.first()?;
        let key = key.clone();
        self.remove(&key)
    }

    /// The chunk and place of a key, or where it belongs.
    fn find(&self, key: &K) -> Result<(usize, usize), (usize, usize)> {
        let after = self.chunks.partition_point(|chunk| chunk.entries[0].0 <= *key);
        let chunk = after.saturating_sub(1);
        let Some(entries) = self.chunks.get(chunk).map(|chunk| &chunk.entries) else {
            return Err((0, 0));
        };
        match entries.binary_search_by(|(other, _)| other.cmp(key)) {
            Ok(entry) => Ok((chunk, entry)),
            Err(entry) => Err((chunk, entry)),
        }
    }

    fn edit(&mut self, chunk: usize) -> &mut Chunk<K, V> {
        let chunk = Arc::make_mut(&mut Arc::make_mut(&mut self.chunks)[chunk]);
        chunk.json.take();
        chunk
    }
}

impl<K, V> Chunk<K, V> {
    fn json<H>(&self, help: &mut H, write: Write<V, H>) -> &Bytes {
        self.json.get_or_init(|| {
            let mut out = Vec::with_capacity(1 << 10);
            for (index, (_, value)) in self.entries.iter().enumerate() {
                out.push(b',');
                write(value, help, &mut out);
                if index == 0 {
                    // The others are likely to be no longer, but for an id.
                    let likely = (out.len() + 8).saturating_mul(self.entries.len() - 1);
                    out.reserve(likely.min(RESERVE_MAX));
                }
            }
            out.shrink_to_fit();
            Bytes::from(out)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use mesos_core::rng::Rng;

    use super::*;

    fn write(value: &u64, (): &mut (), out: &mut Vec<u8>) {
        out.extend_from_slice(value.to_string().as_bytes());
    }

    fn json(chunks: &Chunks<u64, u64>) -> String {
        chunks
            .json(&mut (), write)
            .map(|piece| String::from_utf8_lossy(&piece).into_owned())
            .collect()
    }

    #[test]
    fn it_is_a_sorted_map_and_its_copies_do_not_change() {
        let mut rng = Rng::new(7);
        let (mut chunks, mut expected) = (Chunks::default(), BTreeMap::new());
        let mut copies = Vec::new();
        for step in 0..20_000_u64 {
            let key = match step % 3 {
                0 => step,
                _ => rng.next_u64() % (step + 1),
            };
            // First it grows, then it shrinks.
            if rng.next_u64() % 20_000 > step {
                assert_eq!(chunks.insert(key, step), expected.insert(key, step));
            } else if step % 64 == 0 {
                assert_eq!(chunks.pop_first(), expected.pop_first().map(|(_, value)| value));
            } else {
                assert_eq!(chunks.remove(&key), expected.remove(&key));
            }
            assert_eq!(chunks.get(&key), expected.get(&key));
            assert_eq!(chunks.len(), expected.len());
            if step % 1_000 == 0 {
                let all: String = expected.values().map(|value| format!(",{value}")).collect();
                assert_eq!(json(&chunks), all);
                copies.push((chunks.clone(), all));
            }
        }
        assert!(chunks.keys().eq(expected.keys()));
        for (copy, all) in copies {
            assert_eq!(json(&copy), all);
        }
        let sizes = || chunks.chunks.iter().map(|chunk| chunk.entries.len());
        assert!(sizes().all(|size| (1..=FULL).contains(&size)));
        assert!(sizes().zip(sizes().skip(1)).all(|(one, next)| one + next > FEW));
    }

    #[test]
    fn a_chunk_that_shrinks_joins_the_one_before_it_too() {
        let mut chunks = Chunks::default();
        for key in 0..FULL as u64 * 3 {
            chunks.insert(key, key);
        }
        // Two entries are left of the first chunk, and two of the last; the middle one is full.
        let full = FULL as u64;
        (2..full).for_each(|key| assert!(chunks.remove(&key).is_some()));
        (full * 2 + 2..full * 3).for_each(|key| assert!(chunks.remove(&key).is_some()));
        assert_eq!(chunks.chunks.len(), 3);
        (full..full * 2 - 2).for_each(|key| assert!(chunks.remove(&key).is_some()));
        assert_eq!(chunks.chunks.len(), 1);
        assert_eq!(chunks.len(), 6);
    }

    #[test]
    fn a_long_first_entry_does_not_set_aside_as_much_for_each_of_the_others() {
        const LONG: usize = 1 << 20;
        let mut chunks: Chunks<u64, u64> = Chunks::default();
        for key in 0..FULL as u64 {
            chunks.insert(key, key);
        }
        let mut largest = 0;
        let json = chunks.chunks[0].json(&mut largest, |value, largest, out| {
            if *value == 0 {
                out.resize(LONG, b'0');
            } else {
                out.push(b'1');
                *largest = out.capacity().max(*largest);
            }
        });
        assert_eq!(json.len(), LONG + (FULL - 1) * 2);
        assert!(largest <= 2 * LONG + RESERVE_MAX, "{largest}");
    }

    #[test]
    fn keys_in_order_fill_their_chunks_and_leave_written_ones_alone() {
        let mut chunks = Chunks::default();
        for key in 0..FULL as u64 * 3 {
            chunks.insert(key, key);
        }
        assert_eq!((chunks.chunks.len(), chunks.unwritten()), (3, 3));
        chunks.write(0, 2, &mut (), write);
        assert_eq!(chunks.unwritten(), 1);
        chunks.write(1, 2, &mut (), write);
        chunks.insert(1_000, 0);
        assert_eq!(chunks.unwritten(), 1);
        *chunks.get_mut(&0).expect("there") = 5;
        assert_eq!(chunks.unwritten(), 2);
        assert!(json(&chunks).starts_with(",5,1,2"));
    }
}
