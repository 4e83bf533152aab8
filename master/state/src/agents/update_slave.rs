// SPDX-License-Identifier: Apache-2.0

//! UpdateSlaveMessage: oversubscribed resources and the resource version.
//!
//! Resource providers are not supported yet: what they have is not counted.

use std::sync::Arc;

use mesos_core::resources::Resources;
use mesos_proto::internal::UpdateSlaveMessage;

use super::register::bounded;
use crate::master::Master;

impl Master {
    /// Message: UpdateSlaveMessage.
    pub(crate) fn update_slave(&mut self, pid: &str, message: UpdateSlaveMessage) {
        self.metrics.messages_update_slave += 1;
        let agent_id = &message.agent_id.value;
        let Some(key) = self.agents.find_at(agent_id, pid) else {
            self.warn(format!(
                "Ignoring an update of agent {agent_id} from {pid}: it is not registered there"
            ));
            return;
        };
        let replaces = message.update_oversubscribed_resources.unwrap_or(true);
        if let Err(error) = bounded(message.oversubscribed_resources.len()) {
            return self.warn(format!("Ignoring an update of agent {agent_id}: {error}"));
        }
        let oversubscribed = match Resources::validated(&message.oversubscribed_resources) {
            Ok(resources) => resources.revocable(),
            Err(error) => {
                self.warn(format!(
                    "Ignoring an update of agent {agent_id} with invalid resources: {error}"
                ));
                return;
            }
        };
        let agent = &mut self.agents.registered[key];
        if let Some(version) = message.resource_version_uuid {
            agent.resource_version = Some(version);
        }
        if !replaces {
            return;
        }
        let total = agent.record.total.non_revocable() + &oversubscribed;
        if total == agent.record.total {
            return;
        }
        Arc::make_mut(&mut agent.record).total = total.clone();
        self.rescind_revocable_offers(key);
        self.allocator.update_total(key, total);
        self.agent_changed(key);
    }
}
