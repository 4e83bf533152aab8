// SPDX-License-Identifier: Apache-2.0

//! CheckpointResources: what masters send to agents that they take for old ones.

use bytes::BytesMut;
use mesos_core::resources::convert;
use mesos_proto::internal::CheckpointResourcesMessage;

use crate::{agent::Agent, outbox::record, output::Store, paths};

impl Agent {
    pub(super) fn checkpoint_resources(&mut self, message: CheckpointResourcesMessage) {
        let mut resources = message.resources;
        resources.iter_mut().for_each(convert::upgrade);
        if resources == self.checkpointed_resources {
            return;
        }
        let mut content = BytesMut::new();
        for resource in &resources {
            content.extend_from_slice(&record(resource));
        }
        let path = paths::resources_info(&self.meta);
        self.outbox.store(path, Store::Replace(content.freeze()));
        self.checkpointed_resources = resources;
    }
}
