// SPDX-License-Identifier: Apache-2.0

//! The .proto files of Mesos as frameworks in other languages know them.
//!
//! `mesos-proto` declares the v1 vocabulary once, in a file for each subject.
//! The libraries of Mesos have other files, whose names end up in `#include`s
//! and `import`s: all of `mesos.v1` in `mesos/v1/mesos.proto`, and beside it
//! the v0 API, in which an agent is a slave. This crate makes the second from
//! the first. It reads nothing at run time and writes no files.
//!
//! Invariant: messages, fields, numbers, labels and defaults are those of the
//! published jar of Apache Mesos 1.11.0; a test compares all of them.

mod merge;
mod sources;
mod v0;

/// A .proto file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where importers expect it, such as `mesos/v1/mesos.proto`.
    pub path: &'static str,
    /// What is in it.
    pub text: String,
}

/// The v1 APIs; files come after those that they import.
#[must_use]
pub fn v1() -> Vec<File> {
    let mut files = vec![File { path: "mesos/v1/mesos.proto", text: v1_vocabulary() }];
    files.extend(sources::APIS.iter().map(|&(path, text)| File { path, text: text.to_owned() }));
    files
}

/// The v0 API of the native drivers; files come after those that they import.
#[must_use]
pub fn v0() -> Vec<File> {
    vec![
        File { path: "mesos/mesos.proto", text: v0::vocabulary(&v1_vocabulary()) },
        File { path: "mesos/scheduler/scheduler.proto", text: v0::scheduler(sources::SCHEDULER) },
        File { path: "mesos/executor/executor.proto", text: v0::renamed(sources::EXECUTOR) },
    ]
}

/// Everything.
#[must_use]
pub fn files() -> Vec<File> {
    let mut files = v0();
    files.extend(v1());
    files
}

fn v1_vocabulary() -> String {
    v0::without_v0_fields(&merge::merged("mesos.v1", &sources::VOCABULARY))
}
