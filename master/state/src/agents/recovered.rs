// SPDX-License-Identifier: Apache-2.0

//! What a new master does with the registry it finds.

use std::sync::Arc;

use super::removal::Cause;
use crate::{change::Change, master::Master, registry::RegistrySnapshot, timers::Timer};

impl Master {
    /// Takes over what the registry knows.
    pub(crate) fn recover_registry(&mut self, registry: RegistrySnapshot) {
        let agents = &mut self.agents;
        agents.started = self.now;
        let by_id = |(id, info): (String, _)| (Arc::from(id), info);
        agents.recovered = registry.admitted.into_iter().map(by_id).collect();
        let ids = |(id, since): (String, _)| (Arc::from(id), since);
        agents.unreachable = registry.unreachable.into_iter().map(ids).collect();
        agents.gone = registry.gone.into_iter().map(ids).collect();
        let recovered: Vec<_> = agents.recovered.values().cloned().collect();
        for info in recovered {
            self.changed(Change::AgentRecovered(info));
        }
        let unreachable: Vec<_> = self.agents.unreachable.keys().cloned().collect();
        for agent_id in unreachable {
            let to = crate::change::AgentFate::Unreachable;
            self.changed(Change::AgentRemoved { agent: None, agent_id, to });
        }
        self.recover_frameworks(registry.frameworks, registry.completed);
        self.timers.set(self.now, self.config.registry_gc_interval, Timer::RegistryGc);
        if !self.agents.recovered.is_empty() {
            self.timers.set(self.now, self.config.agent_reregister_timeout, Timer::Recovered);
        }
        self.agents.expected = self.agents.recovered.len();
    }

    /// Timer: agents of the registry that did not come back are unreachable.
    pub(crate) fn recovered_timer(&mut self) {
        let missing: Vec<_> = self.agents.recovered.keys().cloned().collect();
        if missing.is_empty() {
            return;
        }
        let limit = self.config.recovery_agent_removal_limit;
        let share = missing.len() as f64 / self.agents.expected.max(1) as f64;
        if share > limit {
            return self.fatal(format!(
                "Post-recovery agent removal limit exceeded! After {:?} there were {} ({}%) agents \
                 recovered from the registry that did not reregister, beginning with {}. The \
                 configured removal limit is {}% (--recovery_agent_removal_limit). Please \
                 investigate or increase this limit to proceed further",
                self.config.agent_reregister_timeout,
                missing.len(),
                share * 100.0,
                missing[0],
                limit * 100.0,
            ));
        }
        for agent_id in missing {
            if !self.agents.busy.contains_key(&agent_id) {
                self.remove_rate_limited(agent_id, Cause::NotRecovered);
            }
        }
    }
}
