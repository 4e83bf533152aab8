// SPDX-License-Identifier: Apache-2.0

//! The handles by which the machine and its shell speak of one thing.

use std::{fmt, sync::Arc};

use mesos_proto::v1;

/// The id of a top-level container: a UUID chosen by the machine. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerId(Arc<str>);

impl ContainerId {
    /// The id `value`, which is taken as it is.
    pub fn new(value: &str) -> Self {
        ContainerId(Arc::from(value))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as messages carry it.
    pub fn to_proto(&self) -> v1::ContainerId {
        v1::ContainerId { value: self.0.to_string(), parent: None }
    }
}

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A response stream that an executor subscribed on; chosen by the shell, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionKey(pub u64);

/// A request that waits for its [`Answer`](crate::Output::Answer); chosen by the shell, never
/// reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey(pub u64);

/// One write to the checkpoint directory; ascends in the order the writes must reach the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteKey(pub u64);

/// One run of a check or a health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProbeKey(pub u64);

/// One task of one executor run, for the views. A task id may come twice, a key never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskKey(pub u64);
