// SPDX-License-Identifier: Apache-2.0

//! An agent leaves for good: it says so, or another one is at its address.

use std::sync::Arc;

use mesos_allocator::AgentKey;
use mesos_core::trial;
use mesos_proto::internal::UnregisterSlaveMessage;

use super::{Busy, unreachable::Departure};
use crate::{
    master::Master,
    registry::RegistryChange,
    writes::{AgentRemoval, Continuation},
};

impl Master {
    /// Message: UnregisterSlaveMessage; only the agent itself can send it.
    pub(crate) fn unregister_agent(&mut self, pid: &str, message: &UnregisterSlaveMessage) {
        self.metrics.messages_unregister_slave += 1;
        let agent_id = &message.agent_id.value;
        let Some(key) = self.agents.find_at(agent_id, pid) else {
            self.warn(format!(
                "Ignoring the unregistration of agent {agent_id} from {pid}: it is not registered \
                 there"
            ));
            return;
        };
        self.remove_agent_later(key, AgentRemoval::Unregistered);
    }

    /// Has the registry forget an agent, then removes it.
    pub(super) fn remove_agent_later(&mut self, key: AgentKey, removal: AgentRemoval) {
        let agent_id = self.agents.registered[key].record.id.clone();
        if self.agents.busy.contains_key(&agent_id) {
            return;
        }
        self.agents.busy.insert(agent_id.clone(), Busy::Removing);
        self.info(format!("Removing agent {agent_id}: {}", removal.cause()));
        let change = RegistryChange::RemoveAgent { agent_id: agent_id.to_string() };
        self.store(vec![change], Continuation::Remove { agent_id, removal });
    }

    /// The registry has forgotten an agent.
    pub(crate) fn agent_left(&mut self, agent_id: &Arc<str>, removal: AgentRemoval) {
        self.agents.busy.remove(agent_id);
        let Some(key) = self.agents.find(agent_id) else { return };
        trial::reached("agents", "registered | UnregisterSlave, or another agent on its address");
        self.metrics.slave_removals += 1;
        match removal {
            AgentRemoval::Unregistered => self.metrics.slave_removals_reason_unregistered += 1,
            AgentRemoval::Replaced => self.metrics.slave_removals_reason_registered += 1,
        }
        self.take_apart(key, Departure::Removed(removal));
    }
}
