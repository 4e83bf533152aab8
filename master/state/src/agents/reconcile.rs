// SPDX-License-Identifier: Apache-2.0

//! A registered agent re-registers: what it has is compared with what it should have.
//!
//! | the master has | the agent has | what happens |
//! |---|---|---|
//! | a task | no such task | the agent is asked to report it (in SlaveReregistered) |
//! | a task, killed before | that task, running | the kill is sent again |
//! | no such task | a task, running | it is killed: its scheduler was told that it is lost |
//! | an executor | no such executor | it is removed |
//! | no such executor | an executor | it is shut down |
//!
//! Mesos leaves the third and fifth to run unseen.

use std::collections::{BTreeMap, BTreeSet};

use mesos_allocator::AgentKey;
use mesos_proto::{
    internal::{
        KillTaskMessage, ReconcileTasksMessage, ReregisterSlaveMessage, ShutdownExecutorMessage,
        SlaveReregisteredMessage,
    },
    v1::{self, TaskStatus, task_status::Reason},
};

use crate::{
    master::Master,
    output::ToAgent,
    statuses::MasterStatus,
    tasks::{TaskRecord, is_terminal},
};

impl Master {
    /// Compares, and answers with SlaveReregistered.
    pub(super) fn reconcile_known_agent(
        &mut self,
        key: AgentKey,
        message: &ReregisterSlaveMessage,
    ) {
        let agent_id = v1::AgentId { value: self.agents.registered[key].record.id.to_string() };
        let reconciliations = self.missing_tasks(key, message);
        self.send(
            key,
            ToAgent::Reregistered(Box::new(SlaveReregisteredMessage {
                agent_id,
                reconciliations,
                connection: Some(self.connection()),
            })),
        );
        self.reconcile_executors(key, message);
        for task in &message.tasks {
            self.reconcile_task(key, task);
        }
    }

    /// The tasks that the agent should have but does not report.
    fn missing_tasks(
        &self,
        key: AgentKey,
        message: &ReregisterSlaveMessage,
    ) -> Vec<ReconcileTasksMessage> {
        let ids = |task: &v1::Task| (task.framework_id.value.clone(), task.task_id.value.clone());
        let reported: BTreeSet<_> = message.tasks.iter().map(ids).collect();
        let mut missing: BTreeMap<_, Vec<TaskStatus>> = BTreeMap::new();
        for index in &self.agents.registered[key].tasks {
            let task = &self.tasks[*index];
            let spec = &task.record.spec;
            let ids = (spec.framework_id.to_string(), spec.task_id.to_string());
            if !reported.contains(&ids) {
                let status = self.reconciliation(&task.record, "Reconciliation request");
                missing.entry(task.framework).or_default().push(status);
            }
        }
        let messages = missing.into_iter().map(|(framework, statuses)| {
            let record = &self.frameworks.registered[framework].record;
            ReconcileTasksMessage {
                framework_id: v1::FrameworkId { value: record.id.to_string() },
                statuses,
                framework: Some(v1::FrameworkInfo::clone(&record.info)),
            }
        });
        messages.collect()
    }

    /// A status with the state that the scheduler should know of a task.
    fn reconciliation(&self, task: &TaskRecord, message: &str) -> TaskStatus {
        let state = task.forwarded.as_ref().map_or(task.state, |(state, _)| *state);
        let reason = Reason::Reconciliation;
        let status = MasterStatus { state, reason, message }.of_task(self.now, task);
        TaskStatus { executor_id: None, ..status }
    }

    fn reconcile_executors(&mut self, key: AgentKey, message: &ReregisterSlaveMessage) {
        let mut reported = BTreeSet::new();
        for executor in &message.executor_infos {
            let framework_id = executor.framework_id.as_ref().map_or("", |id| id.value.as_str());
            let Some(framework) = self.frameworks.find(framework_id) else { continue };
            let id: Box<str> = executor.executor_id.value.as_str().into();
            if !self.agents.registered[key].executors.contains_key(&(framework, id.clone())) {
                self.send(
                    key,
                    ToAgent::ShutdownExecutor(ShutdownExecutorMessage {
                        executor_id: Some(executor.executor_id.clone()),
                        framework_id: executor.framework_id.clone(),
                    }),
                );
            }
            reported.insert((framework, id));
        }
        let known: Vec<_> = self.agents.registered[key].executors.keys().cloned().collect();
        for (framework, executor_id) in known.into_iter().filter(|it| !reported.contains(it)) {
            self.remove_executor(key, framework, &executor_id);
        }
    }

    fn reconcile_task(&mut self, key: AgentKey, task: &v1::Task) {
        let Some(framework) = self.frameworks.find(&task.framework_id.value) else { return };
        let task_id = task.task_id.value.as_str();
        let index = self.frameworks.registered[framework].tasks.get(task_id).copied();
        let known = index.is_some_and(|index| self.tasks[index].agent == key);
        let killed = self.agents.registered[key].killed.contains(&(framework, task_id.into()));
        if !is_terminal(task.state()) && (killed || !known) {
            self.send(
                key,
                ToAgent::KillTask(KillTaskMessage {
                    framework_id: task.framework_id.clone(),
                    task_id: task.task_id.clone(),
                    kill_policy: None,
                }),
            );
        }
    }
}
