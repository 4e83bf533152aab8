// SPDX-License-Identifier: Apache-2.0

//! The connection to an agent broke: the agent may be restarting.
//!
//! Its offers are rescinded and it is not offered again until it is back. A
//! framework without checkpointing loses its tasks there at once, since its
//! executors end with the agent's process; the others have
//! `agent_reregister_timeout` to be heard of again.

use mesos_allocator::{AgentKey, FrameworkKey};
use mesos_core::trial::{self, Defect};
use mesos_proto::v1::{TaskState, task_status::Reason};

use std::{collections::BTreeSet, sync::Arc};

use super::removal::Cause;
use crate::{master::Master, statuses::MasterStatus, tasks::Leaving, timers::Timer};

impl Master {
    /// Input: the connection to an agent broke.
    pub(crate) fn agent_link_broken(&mut self, pid: &str) {
        let Some(key) = self.agents.by_pid.get(pid).copied() else { return };
        if !self.agents.registered[key].record.connected {
            return;
        }
        let agent_id = self.agents.registered[key].record.id.clone();
        self.warn(format!("Agent {agent_id} at {pid} disconnected"));
        let record = Arc::make_mut(&mut self.agents.registered[key].record);
        record.connected = false;
        record.active = false;
        trial::reached("agents", "registered | link broken");
        self.allocator.deactivate_agent(key);
        if !trial::has(Defect::OfferNotRescinded) {
            self.rescind_offers_of_agent(key);
        }
        for framework in self.frameworks_on(key) {
            if !self.frameworks.registered[framework].record.info.checkpoint.unwrap_or(false) {
                self.lose_framework_on(key, framework);
            }
        }
        let timeout = self.config.agent_reregister_timeout;
        let timer = self.timers.set(self.now, timeout, Timer::AgentReregister(key));
        self.agents.registered[key].reregister_timer = Some(timer);
        self.agent_changed(key);
    }

    /// The frameworks that have tasks or executors on an agent.
    fn frameworks_on(&self, key: AgentKey) -> BTreeSet<FrameworkKey> {
        let agent = &self.agents.registered[key];
        let tasks = agent.tasks.iter().map(|index| self.tasks[*index].framework);
        tasks.chain(agent.executors.keys().map(|(framework, _)| *framework)).collect()
    }

    fn lose_framework_on(&mut self, key: AgentKey, framework: FrameworkKey) {
        let hostname = &self.agents.registered[key].record.info.hostname;
        let message = format!("Agent {hostname} disconnected");
        let status = MasterStatus {
            state: TaskState::TaskLost,
            reason: Reason::AgentDisconnected,
            message: &message,
        };
        for index in self.tasks_of(key, framework) {
            let status = status.leaving(self.now, &self.tasks[index].record, None);
            self.update_task(index, &status, None, None);
            trial::reached(
                "tasks",
                "active, over | its agent is removed, gone, or lost a framework without checkpoints",
            );
            self.remove_task(index, Leaving::Completed);
            if self.frameworks.registered[framework].connected() {
                self.forward(framework, &status);
            }
        }
        let executors = self.agents.registered[key].executors.keys();
        let executors: Vec<_> =
            executors.filter(|(owner, _)| *owner == framework).cloned().collect();
        for (framework, executor_id) in executors {
            self.remove_executor(key, framework, &executor_id);
        }
    }

    /// Timer: a disconnected agent did not come back.
    pub(crate) fn agent_reregister_timer(&mut self, key: AgentKey) {
        let Some(agent) = self.agents.registered.get_mut(key) else { return };
        agent.reregister_timer = None;
        if !agent.record.connected {
            let agent_id = agent.record.id.clone();
            self.remove_rate_limited(agent_id, Cause::NotReregistered);
        }
    }
}
