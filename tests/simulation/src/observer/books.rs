// SPDX-License-Identifier: Apache-2.0

//! Agents, offers, tasks and executors, and whether they add up.

use std::{collections::BTreeMap, sync::Arc};

use mesos_core::resources::Resources;
use mesos_master_state::{
    AgentKey, AgentRecord, Change, FrameworkKey, OfferKey, OfferRecord, TaskKey, TaskRecord,
};
use mesos_proto::v1::{ExecutorInfo, TaskState};

use super::is_terminal;

#[derive(Debug, Default)]
pub(super) struct Books {
    agents: BTreeMap<AgentKey, Arc<AgentRecord>>,
    usage: BTreeMap<AgentKey, (Resources, Resources)>,
    offers: BTreeMap<OfferKey, Arc<OfferRecord>>,
    tasks: BTreeMap<TaskKey, Arc<TaskRecord>>,
    /// Tasks by framework and id.
    by_id: BTreeMap<(Arc<str>, Arc<str>), TaskKey>,
    executors: BTreeMap<(AgentKey, FrameworkKey, String), Arc<ExecutorInfo>>,
    /// Agents that something changed on since the last check.
    touched: Vec<AgentKey>,
}

impl Books {
    pub(super) fn change(&mut self, change: &Change) -> Result<(), String> {
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
            Change::TaskAdded(record) => self.task_added(record)?,
            Change::TaskUpdated { task, .. } => self.task_updated(task)?,
            Change::TaskCompleted(record) | Change::TaskUnreachable(record) => {
                self.task_removed(record.spec.key);
            }
            Change::TaskForgotten { task, .. } => self.task_removed(*task),
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

    fn task_added(&mut self, record: &Arc<TaskRecord>) -> Result<(), String> {
        let spec = &record.spec;
        let id = (spec.framework_id.clone(), spec.task_id.clone());
        self.tasks.insert(spec.key, record.clone());
        if self.by_id.insert(id, spec.key).is_some() {
            return Err(format!("the master has two tasks {} at a time", spec.task_id));
        }
        Ok(())
    }

    fn task_removed(&mut self, key: TaskKey) {
        if let Some(record) = self.tasks.remove(&key) {
            let id = (record.spec.framework_id.clone(), record.spec.task_id.clone());
            self.by_id.remove(&id);
        }
    }

    fn task_updated(&mut self, record: &Arc<TaskRecord>) -> Result<(), String> {
        let Some(before) = self.tasks.get_mut(&record.spec.key) else { return Ok(()) };
        let before = std::mem::replace(before, record.clone());
        if is_terminal(before.state) && before.state != record.state {
            return Err(format!(
                "the master moves task {} from {} to {}",
                record.spec.task_id,
                before.state.as_str_name(),
                record.state.as_str_name()
            ));
        }
        Ok(())
    }

    /// Checks the agents that were touched since the last time.
    pub(super) fn check(&mut self) -> Result<(), String> {
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort();
        touched.dedup();
        touched.iter().try_for_each(|agent| self.check_agent(*agent))
    }

    fn check_agent(&self, key: AgentKey) -> Result<(), String> {
        let Some(agent) = self.agents.get(&key) else { return Ok(()) };
        let (used, offered) = self.usage.get(&key).cloned().unwrap_or_default();
        let (used, offered) = (used.unallocated(), offered.unallocated());
        // More may be used than there is, when something runs on that was given up: an
        // agent lost and found, without checkpoints. But nobody else is offered that.
        if !(&agent.total - &used).contains(&offered) {
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
        if !agent.connected && !sum.is_empty() {
            return Err(format!("{sum} of agent {} are on offer, which is not there", agent.id));
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

    pub(super) fn agents(&self) -> impl Iterator<Item = &AgentRecord> {
        self.agents.values().map(|agent| &**agent)
    }

    pub(super) fn agent(&self, agent_id: &str) -> Option<&AgentRecord> {
        self.agents().find(|agent| *agent.id == *agent_id)
    }

    pub(super) fn agent_record(&self, key: AgentKey) -> Option<&AgentRecord> {
        self.agents.get(&key).map(|agent| &**agent)
    }

    pub(super) fn agent_at(&self, pid: &str) -> Option<&AgentRecord> {
        self.agents().find(|agent| *agent.pid == *pid)
    }

    pub(super) fn is_connected(&self, agent_id: &str) -> bool {
        self.agent(agent_id).is_some_and(|agent| agent.connected)
    }

    pub(super) fn offer(&self, offer_id: &str) -> Option<&OfferRecord> {
        self.offers.values().find(|offer| offer.id == offer_id).map(|offer| &**offer)
    }

    pub(super) fn offer_of_key(&self, key: OfferKey) -> Option<&OfferRecord> {
        self.offers.get(&key).map(|offer| &**offer)
    }

    pub(super) fn count_offers(&self) -> u64 {
        self.offers.len() as u64
    }

    pub(super) fn count_tasks(&self, state: TaskState) -> u64 {
        self.tasks.values().filter(|task| task.state == state).count() as u64
    }

    pub(super) fn has_executor(
        &self,
        agent_id: &str,
        framework: FrameworkKey,
        executor_id: &str,
    ) -> bool {
        let Some(agent) = self.agent(agent_id) else { return true };
        self.executors.contains_key(&(agent.key, framework, executor_id.to_owned()))
    }

    /// A task that the master has, over or not.
    pub(super) fn active_task(&self, framework_id: &str, task_id: &str) -> Option<&TaskRecord> {
        let key = self.by_id.get(&(framework_id.into(), task_id.into()))?;
        self.tasks.get(key).map(|task| &**task)
    }

    /// Tasks on an agent that are not over: framework and task.
    pub(super) fn active_tasks_on(&self, agent_id: &str) -> Vec<(String, String)> {
        let tasks = self.tasks.values();
        let tasks = tasks.filter(|task| *task.spec.agent_id == *agent_id);
        let tasks = tasks.filter(|task| !is_terminal(task.state)).map(|task| &task.spec);
        tasks.map(|spec| (spec.framework_id.to_string(), spec.task_id.to_string())).collect()
    }

    /// What neither is used nor on offer.
    pub(super) fn free(&self, agent: &AgentRecord) -> Resources {
        let (used, offered) = self.usage.get(&agent.key).cloned().unwrap_or_default();
        let held = &used.unallocated() + &offered.unallocated();
        &agent.total - &held
    }

    /// What is left over when everything should be over.
    pub(super) fn leftovers(&self) -> Vec<String> {
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
