// SPDX-License-Identifier: Apache-2.0

//! The records that have no message of their own.

use mesos_core::time::Time;
use mesos_master_state::FrameworkEntry;
use mesos_proto::v1;
use prost::Message;

/// A framework in the registry.
#[derive(Clone, PartialEq, Message)]
pub(super) struct FrameworkRecord {
    #[prost(message, optional, tag = "1")]
    info: Option<v1::FrameworkInfo>,
    /// Nanoseconds since the epoch.
    #[prost(uint64, optional, tag = "2")]
    failover_deadline: Option<u64>,
}

impl FrameworkRecord {
    /// What to store for an entry.
    pub(super) fn of(entry: &FrameworkEntry) -> Self {
        FrameworkRecord {
            info: Some(entry.info.clone()),
            failover_deadline: entry.failover_deadline.map(Time::as_nanos),
        }
    }

    /// The entry that was stored.
    pub(super) fn into_entry(self) -> FrameworkEntry {
        FrameworkEntry {
            info: self.info.unwrap_or_default(),
            failover_deadline: self.failover_deadline.map(Time::from_nanos),
        }
    }
}
