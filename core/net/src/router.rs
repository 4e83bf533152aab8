// SPDX-License-Identifier: Apache-2.0

//! From a path to an endpoint, the way Mesos finds it.
//!
//! Endpoints belong to processes: `/master/state`, `/metrics/snapshot`. A path
//! whose first part names no process belongs to the delegate, so `/state` is
//! `/master/state`. Within a process the longest known prefix of whole parts
//! wins: `/api/v1/scheduler/x` reaches `/api/v1/scheduler`. Doubled and trailing
//! slashes do not count; parts are compared as they came, except that the
//! process may be escaped (`/slave%281%29/state`).

use std::collections::BTreeMap;

/// The endpoints of a daemon.
#[derive(Clone, Debug)]
pub struct Router<T> {
    delegate: String,
    /// By process, then by the parts of the path joined with `/`.
    processes: BTreeMap<String, BTreeMap<String, T>>,
    /// How many parts the longest of these paths has; more need not be looked at.
    depth_max: usize,
}

impl<T> Router<T> {
    /// No endpoints; `delegate` is the process that gets what names none.
    pub fn new(delegate: impl Into<String>) -> Self {
        Router { delegate: delegate.into(), processes: BTreeMap::new(), depth_max: 0 }
    }

    /// Adds `endpoint` at `/process/path`; the path may be empty.
    pub fn add(mut self, process: &str, path: &str, endpoint: T) -> Self {
        let endpoints = self.processes.entry(process.to_owned()).or_default();
        endpoints.insert(path.to_owned(), endpoint);
        self.depth_max = self.depth_max.max(path.split('/').count());
        self
    }

    /// Whether a process of this name is there.
    pub fn has_process(&self, process: &str) -> bool {
        self.processes.contains_key(process)
    }

    /// The endpoint that a request's path means.
    pub fn find(&self, path: &str) -> Option<&T> {
        if path.contains("/..") {
            return None;
        }
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let named = parts.split_first().and_then(|(process, rest)| {
            let process = process.replace("%28", "(").replace("%29", ")");
            self.processes.get(&process).map(|endpoints| (endpoints, rest))
        });
        let (endpoints, rest) = match named {
            Some(found) => found,
            None => (self.processes.get(&self.delegate)?, parts.as_slice()),
        };
        if rest.is_empty() {
            return endpoints.get("");
        }
        let deepest = rest.len().min(self.depth_max);
        (1..=deepest).rev().find_map(|length| endpoints.get(&rest[..length].join("/")))
    }
}
