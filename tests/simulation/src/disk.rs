// SPDX-License-Identifier: Apache-2.0

//! An agent's disk: what survives its process.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use mesos_agent_state::{WriteKey, output::Store, recovery::Files};
use mesos_core::{rng::Rng, time::Time};

#[derive(Clone, Debug)]
enum Entry {
    File(Vec<u8>),
    Link(String),
}

/// A file system, and the writes that have not reached it yet.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    entries: BTreeMap<String, (Entry, Time)>,
    /// Oldest first.
    under_way: VecDeque<(WriteKey, String, Store)>,
}

impl Disk {
    pub(crate) fn begin(&mut self, key: WriteKey, path: String, store: Store) {
        self.under_way.push_back((key, path, store));
    }

    /// The oldest write that is under way reaches the disk.
    pub(crate) fn finish_one(&mut self, now: Time) -> Option<WriteKey> {
        let (key, path, store) = self.under_way.pop_front()?;
        self.write(now, path, store);
        Some(key)
    }

    /// The writing process ends: some first writes are there, the next may be torn.
    pub(crate) fn crash(&mut self, now: Time, rng: &mut Rng) {
        let survive = rng.below(self.under_way.len() as u64 + 1);
        for _ in 0..survive {
            self.finish_one(now);
        }
        let torn = std::mem::take(&mut self.under_way).into_iter().next();
        if let Some((_, path, Store::Append(content))) = torn
            && rng.below(2) == 0
        {
            let some = content.slice(..rng.below(content.len() as u64 + 1) as usize);
            self.write(now, path, Store::Append(some));
        }
    }

    pub(crate) fn write(&mut self, now: Time, path: String, store: Store) {
        let entry = match store {
            Store::Replace(content) => Entry::File(content.to_vec()),
            Store::Link(target) => Entry::Link(target),
            Store::Append(content) => {
                let mut all = match self.entries.remove(&path) {
                    Some((Entry::File(old), _)) => old,
                    Some((Entry::Link(_), _)) | None => Vec::new(),
                };
                all.extend_from_slice(&content);
                Entry::File(all)
            }
        };
        self.entries.insert(path, (entry, now));
    }

    /// Removes a file, or a directory with all that is in it.
    pub(crate) fn remove(&mut self, path: &str) {
        let below = format!("{path}/");
        self.entries.retain(|file, _| file != path && !file.starts_with(&below));
    }

    /// The machine has another disk.
    pub(crate) fn lose(&mut self) {
        self.entries.clear();
        self.under_way.clear();
    }

    /// The oldest write that is under way fails.
    pub(crate) fn fail_one(&mut self) -> Option<(WriteKey, String)> {
        let (key, path, _) = self.under_way.pop_front()?;
        Some((key, path))
    }

    /// The file of a framework whose path ends so.
    pub(crate) fn file_ending(&self, framework_id: &str, end: &str) -> Option<(&str, &[u8])> {
        let files = self.entries.iter().filter(|(path, _)| path.ends_with(end));
        let mut files = files.filter(|(path, _)| path.contains(framework_id));
        let (path, (entry, _)) = files.next()?;
        match entry {
            Entry::File(content) => Some((path, content)),
            Entry::Link(_) => None,
        }
    }

    /// Whether a write under way to a file that ends so has these bytes in it.
    pub(crate) fn is_writing(&self, end: &str, bytes: &[u8]) -> bool {
        self.under_way.iter().any(|(_, path, store)| match store {
            Store::Append(content) | Store::Replace(content) => {
                path.ends_with(end) && content.windows(bytes.len()).any(|part| part == bytes)
            }
            Store::Link(_) => false,
        })
    }

    /// Follows links in the directories of a path.
    fn resolve(&self, path: &str) -> String {
        let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty()).collect();
        let mut resolved = String::new();
        for (place, name) in names.iter().enumerate() {
            let step = format!("{resolved}/{name}");
            let target = match self.entries.get(&step) {
                Some((Entry::Link(target), _)) if place + 1 < names.len() => Some(target),
                Some(_) | None => None,
            };
            resolved = match target {
                Some(target) if target.starts_with('/') => target.clone(),
                Some(target) => format!("{resolved}/{target}"),
                None => step,
            };
        }
        resolved
    }
}

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Option<Bytes>, String> {
        Ok(match self.entries.get(&self.resolve(path)) {
            Some((Entry::File(content), _)) => Some(content.clone().into()),
            Some((Entry::Link(_), _)) | None => None,
        })
    }

    fn list(&self, path: &str) -> Vec<String> {
        let below = format!("{}/", self.resolve(path));
        let inside = self.entries.range(below.clone()..).map(|(file, _)| file);
        let inside = inside.take_while(|file| file.starts_with(&below));
        let names = inside.filter_map(|file| file[below.len()..].split('/').next());
        let names: BTreeSet<String> = names.map(str::to_owned).collect();
        names.into_iter().collect()
    }

    fn link(&self, path: &str) -> Option<String> {
        match self.entries.get(&self.resolve(path)) {
            Some((Entry::Link(target), _)) => Some(target.clone()),
            Some((Entry::File(_), _)) | None => None,
        }
    }

    fn modified(&self, path: &str) -> Option<Time> {
        let path = self.resolve(path);
        let below = format!("{path}/");
        let inside = self.entries.range(below.clone()..);
        let inside = inside.take_while(|(file, _)| file.starts_with(&below));
        let own = self.entries.get(&path).map(|(_, time)| *time);
        inside.map(|(_, (_, time))| *time).chain(own).max()
    }
}
