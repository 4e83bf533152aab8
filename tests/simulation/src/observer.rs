// SPDX-License-Identifier: Apache-2.0

//! Looks at what a master publishes and checks that it adds up.
//!
//! - What is used and on offer of an agent fits into what it has.
//! - The offers of an agent, by themselves, are what is said to be on offer.
//! - The tasks and executors of an agent, by themselves, are what is said to be used.
//! - A task never leaves a terminal state.

use std::{collections::BTreeMap, sync::Arc};

use mesos_core::resources::Resources;
use mesos_master_state::{
    AgentKey, AgentRecord, Change, FrameworkKey, OfferKey, OfferRecord, TaskKey, TaskRecord,
};
use mesos_proto::v1::{AgentId, ExecutorInfo, TaskState};

/// What one master has published.
#[derive(Debug, Default)]
pub(crate) struct Observer {
    agents: BTreeMap<AgentKey, Arc<AgentRecord>>,
    usage: BTreeMap<AgentKey, (Resources, Resources)>,
    offers: BTreeMap<OfferKey, Arc<OfferRecord>>,
    tasks: BTreeMap<TaskKey, Arc<TaskRecord>>,
    executors: BTreeMap<(AgentKey, FrameworkKey, String), Arc<ExecutorInfo>>,
    /// Agents that something changed on since the last check.
    touched: Vec<AgentKey>,
}

/// Whether nothing follows a state, on the agent that reported it.
pub(crate) fn is_terminal(state: TaskState) -> bool {
    match state {
        TaskState::TaskFinished
        | TaskState::TaskFailed
        | TaskState::TaskKilled
        | TaskState::TaskError
        | TaskState::TaskLost
        | TaskState::TaskDropped
        | TaskState::TaskGone
        | TaskState::TaskGoneByOperator => true,
        TaskState::TaskStaging
        | TaskState::TaskStarting
        | TaskState::TaskRunning
        | TaskState::TaskKilling
        | TaskState::TaskUnreachable
        | TaskState::TaskUnknown => false,
    }
}

impl Observer {
    /// Takes note of a change; says what is wrong with it.
    pub(crate) fn change(&mut self, change: &Change) -> Result<(), String> {
        match change {
            Change::Agent(record) => {
                self.touched.push(record.key);
                self.agents.insert(record.key, record.clone());
            }
            Change::AgentUsage { agent, used, offered } => {
                self.touched.push(*agent);
                self.usage.insert(*agent, (used.clone(), offered.clone()));
            }
            Change::AgentRemoved { agent: Some(agent), .. } => {
                self.agents.remove(agent);
                self.usage.remove(agent);
                self.executors.retain(|(on, ..), _| on != agent);
            }
            Change::OfferAdded(record) => {
                self.touched.push(record.agent);
                self.offers.insert(record.key, record.clone());
            }
            Change::OfferRemoved { offer } => {
                if let Some(record) = self.offers.remove(offer) {
                    self.touched.push(record.agent);
                }
            }
            Change::TaskAdded(record) => {
                self.tasks.insert(record.spec.key, record.clone());
            }
            Change::TaskUpdated { task, .. } => self.task_updated(task)?,
            Change::TaskCompleted(record) | Change::TaskUnreachable(record) => {
                self.tasks.remove(&record.spec.key);
            }
            Change::TaskForgotten { task } => {
                self.tasks.remove(task);
            }
            Change::ExecutorAdded { agent, framework, info } => {
                let key = (*agent, *framework, info.executor_id.value.clone());
                self.executors.insert(key, info.clone());
            }
            Change::ExecutorRemoved { agent, framework, executor_id } => {
                self.executors.remove(&(*agent, *framework, executor_id.clone()));
            }
            Change::AgentRemoved { agent: None, .. }
            | Change::AgentRecovered(_)
            | Change::AgentsPruned { .. }
            | Change::Framework(_)
            | Change::FrameworkUsage { .. }
            | Change::FrameworkCompleted(_) => {}
        }
        Ok(())
    }

    fn task_updated(&mut self, record: &Arc<TaskRecord>) -> Result<(), String> {
        let before = self.tasks.insert(record.spec.key, record.clone());
        match before {
            Some(before) if is_terminal(before.state) && before.state != record.state => {
                Err(format!(
                    "the master moves task {} from {} to {}",
                    record.spec.task_id,
                    before.state.as_str_name(),
                    record.state.as_str_name()
                ))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Checks the agents that were touched since the last time; the master has
    /// said everything that it had to say.
    pub(crate) fn check(&mut self) -> Result<(), String> {
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort();
        touched.dedup();
        touched.iter().try_for_each(|agent| self.check_agent(*agent))
    }

    fn check_agent(&self, key: AgentKey) -> Result<(), String> {
        let Some(agent) = self.agents.get(&key) else { return Ok(()) };
        let (used, offered) = self.usage.get(&key).cloned().unwrap_or_default();
        let (used, offered) = (used.unallocated(), offered.unallocated());
        if !agent.total.contains(&(&used + &offered)) {
            return Err(format!(
                "of agent {} with {}, {used} are used and {offered} are on offer",
                agent.id, agent.total
            ));
        }
        let mut sum = Resources::new();
        for offer in self.offers.values().filter(|offer| offer.agent == key) {
            sum += &offer.resources.unallocated();
        }
        if sum != offered {
            return Err(format!(
                "the offers of agent {} are {sum}, but {offered} are said to be on offer",
                agent.id
            ));
        }
        let mut sum = Resources::new();
        for task in self.tasks.values().filter(|task| task.spec.agent_id == agent.id) {
            if !is_terminal(task.state) {
                sum += &task.spec.resources.unallocated();
            }
        }
        for ((on, ..), executor) in &self.executors {
            if *on == key {
                sum += &Resources::from_proto(&executor.resources).unallocated();
            }
        }
        if sum != used {
            return Err(format!(
                "the tasks and executors of agent {} are {sum}, but {used} are said to be used",
                agent.id
            ));
        }
        Ok(())
    }

    /// Whether an agent of this id is registered.
    pub(crate) fn knows_agent(&self, agent_id: &str) -> bool {
        self.agents.values().any(|agent| *agent.id == *agent_id)
    }

    /// The agent that is registered at an address.
    pub(crate) fn agent_at(&self, pid: &str) -> Option<AgentId> {
        let agent = self.agents.values().find(|agent| *agent.pid == *pid)?;
        Some(AgentId { value: agent.id.to_string() })
    }

    /// What is left over when everything should be over.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let mut leftovers = Vec::new();
        for task in self.tasks.values() {
            let state = task.state.as_str_name();
            leftovers.push(format!("the master keeps task {} as {state}", task.spec.task_id));
        }
        for (key, (used, _)) in &self.usage {
            if !used.is_empty()
                && let Some(agent) = self.agents.get(key)
            {
                leftovers.push(format!("{used} of agent {} are used", agent.id));
            }
        }
        leftovers
    }
}
