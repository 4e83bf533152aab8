// SPDX-License-Identifier: Apache-2.0

//! Files in memory, with what an agent has written.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use mesos_agent_state::{output::Store, recovery::Files};
use mesos_core::time::Time;

/// What is on the disk.
#[derive(Default)]
pub(super) struct Disk {
    files: BTreeMap<String, BytesMut>,
    links: BTreeMap<String, String>,
    last: Option<String>,
}

impl Disk {
    pub(super) fn store(&mut self, path: &str, store: &Store) {
        match store {
            Store::Replace(content) => {
                self.files.insert(path.to_owned(), BytesMut::from(content.as_ref()));
            }
            Store::Append(content) => {
                self.files.entry(path.to_owned()).or_default().extend_from_slice(content);
                self.last = Some(path.to_owned());
            }
            Store::Link(target) => {
                self.links.insert(path.to_owned(), target.clone());
            }
        }
    }

    pub(super) fn remove(&mut self, path: &str) {
        let below = format!("{path}/");
        let is_gone = |name: &String| name == path || name.starts_with(&below);
        self.files.retain(|name, _| !is_gone(name));
        self.links.retain(|name, _| !is_gone(name));
    }

    /// Cuts the file that was last appended to.
    pub(super) fn tear(&mut self, by: usize) {
        if let Some(file) = self.last.as_ref().and_then(|name| self.files.get_mut(name)) {
            file.truncate(file.len().saturating_sub(by));
        }
    }

    /// Puts a wrong byte somewhere.
    pub(super) fn damage(&mut self, which: usize, at: usize, byte: u8) {
        let count = self.files.len().max(1);
        let Some(file) = self.files.values_mut().nth(which % count) else { return };
        let length = file.len().max(1);
        if let Some(place) = file.get_mut(at % length) {
            *place = byte;
        }
    }
}

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Option<Bytes>, String> {
        Ok(self.files.get(path).map(|content| content.clone().freeze()))
    }

    fn list(&self, path: &str) -> Vec<String> {
        let below = format!("{path}/");
        let names = self.files.keys().chain(self.links.keys());
        let mut names: Vec<String> = names
            .filter_map(|name| Some(name.strip_prefix(&below)?.split('/').next()?.to_owned()))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    fn link(&self, path: &str) -> Option<String> {
        self.links.get(path).cloned()
    }

    fn modified(&self, path: &str) -> Option<Time> {
        let there = self.files.keys().any(|name| name.starts_with(path));
        there.then_some(Time::from_nanos(5))
    }
}
