// SPDX-License-Identifier: Apache-2.0

//! A disk in memory, with what an agent has written.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use mesos_core::time::Time;

use super::rig::Rig;
use crate::{output::Store, recovery::Files};

/// What an agent has written.
#[derive(Default)]
pub(super) struct Disk {
    pub(super) files: BTreeMap<String, BytesMut>,
    pub(super) links: BTreeMap<String, String>,
}

impl Disk {
    pub(super) fn of(rig: &Rig) -> Self {
        let mut disk = Disk::default();
        for (path, store) in &rig.files {
            match store {
                Store::Replace(bytes) => {
                    disk.files.insert(path.clone(), BytesMut::from(bytes.as_ref()));
                }
                Store::Append(bytes) => {
                    disk.files.entry(path.clone()).or_default().extend_from_slice(bytes);
                }
                Store::Link(target) => {
                    disk.links.insert(path.clone(), target.clone());
                }
            }
        }
        disk
    }

    pub(super) fn updates(&mut self) -> &mut BytesMut {
        let file = self.files.iter_mut().find(|(path, _)| path.ends_with("task.updates"));
        file.expect("an update was stored").1
    }
}

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Option<Bytes>, String> {
        Ok(self.files.get(path).map(|content| content.clone().freeze()))
    }

    fn list(&self, path: &str) -> Vec<String> {
        let prefix = format!("{path}/");
        let names = self.files.keys().chain(self.links.keys());
        let mut names: Vec<String> = names
            .filter_map(|name| Some(name.strip_prefix(&prefix)?.split('/').next()?.to_owned()))
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
