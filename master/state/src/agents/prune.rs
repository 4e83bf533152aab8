// SPDX-License-Identifier: Apache-2.0

//! Unreachable and gone agents are forgotten when they are too old or too many.

use std::{collections::BTreeMap, sync::Arc};

use mesos_core::{time::Time, trial};

use crate::{
    change::Change, config::Config, master::Master, registry::RegistryChange, timers::Timer,
    writes::Continuation,
};

impl Master {
    /// Timer: looks for agents to forget.
    pub(crate) fn registry_gc_timer(&mut self) {
        self.timers.set(self.now, self.config.registry_gc_interval, Timer::RegistryGc);
        let unreachable = outdated(&self.agents.unreachable, self.now, &self.config);
        let gone = outdated(&self.agents.gone, self.now, &self.config);
        if unreachable.is_empty() && gone.is_empty() {
            return;
        }
        let change = RegistryChange::Prune {
            unreachable: unreachable.iter().map(|id| id.to_string()).collect(),
            gone: gone.iter().map(|id| id.to_string()).collect(),
        };
        self.store(vec![change], Continuation::Prune { unreachable, gone });
    }

    /// The registry has forgotten agents. One that came back meanwhile stays as it is.
    pub(crate) fn agents_pruned(&mut self, unreachable: Vec<Arc<str>>, gone: Vec<Arc<str>>) {
        trial::reached("agents", "unreachable, gone | pruned");
        for agent_id in &unreachable {
            self.agents.unreachable.remove(agent_id);
            let tasks = self.agents.unreachable_tasks.remove(agent_id).unwrap_or_default();
            for (framework_id, task_id) in tasks {
                self.forget_unreachable_task(&framework_id, &task_id, agent_id);
            }
        }
        for agent_id in &gone {
            self.agents.gone.remove(agent_id);
        }
        self.changed(Change::AgentsPruned { unreachable, gone });
    }

    /// Forgets a task if it is still the unreachable one of that agent.
    pub(super) fn forget_unreachable_task(
        &mut self,
        framework_id: &str,
        task_id: &str,
        agent_id: &str,
    ) {
        let Some(key) = self.frameworks.find(framework_id) else { return };
        let unreachable = &mut self.frameworks.registered[key].unreachable;
        let of_agent =
            unreachable.get(task_id).is_some_and(|task| *task.spec.agent_id == *agent_id);
        if !of_agent {
            return;
        }
        if let Some(task) = unreachable.remove(task_id) {
            self.forget_unreachable(&task);
        }
    }
}

/// Those that are too many, oldest first, and those that are too old.
fn outdated(agents: &BTreeMap<Arc<str>, Time>, now: Time, config: &Config) -> Vec<Arc<str>> {
    let mut by_age: Vec<_> = agents.iter().map(|(id, since)| (*since, id)).collect();
    by_age.sort();
    let excess = by_age.len().saturating_sub(config.registry_max_agent_count);
    let ages = by_age.iter().enumerate();
    let outdated = ages.filter(|(index, (since, _))| {
        *index < excess || now.since(*since) > config.registry_max_agent_age
    });
    outdated.map(|(_, (_, id))| Arc::clone(id)).collect()
}
