// SPDX-License-Identifier: Apache-2.0

//! What a store keeps under a name.

use uuid::Uuid;

/// `mesos.internal.state.Entry`, as Apache Mesos writes it into ZooKeeper.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub(super) struct Entry {
    #[prost(string, required, tag = "1")]
    pub(super) name: String,
    /// Changes with each store: whoever stores names the one that was fetched.
    #[prost(bytes = "vec", required, tag = "2")]
    pub(super) uuid: Vec<u8>,
    #[prost(bytes = "vec", required, tag = "3")]
    pub(super) value: Vec<u8>,
}

impl Entry {
    /// What is fetched under a name that has nothing.
    pub(super) fn empty(name: String) -> Self {
        Entry { name, uuid: new_uuid(), value: Vec::new() }
    }

    /// The same as another version.
    pub(super) fn renewed(&self) -> Self {
        Entry { uuid: new_uuid(), ..self.clone() }
    }
}

fn new_uuid() -> Vec<u8> {
    Uuid::new_v4().as_bytes().to_vec()
}
