// SPDX-License-Identifier: Apache-2.0

//! A registered agent re-registers: what it has is compared with what it should have.
//!
//! | the master has | the agent has | what happens |
//! |---|---|---|
//! | a task | no such task | the agent is asked to report it (in SlaveReregistered) |
//! | a task, killed before | that task, running | the kill is sent again |
//! | no such task | a task, running | it is killed: its scheduler was told that it is lost |
//! | an executor | no such executor | it is removed |
//! | an executor, of a task that is missing too | no such executor | it is removed when the agent says that it does not know the task |
//! | no such executor, nor tasks of it | an executor | it is shut down |
//! | no such executor, but tasks of it | an executor | it is counted again |
//!
//! Mesos leaves unknown tasks and executors to run unseen. Here they count as used until they
//! have ended, so that nobody else is offered what they still have.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use mesos_allocator::{AgentKey, FrameworkKey, Usage};
use mesos_core::trial::{self, Defect};
use mesos_proto::{
    internal::{
        KillTaskMessage, ReconcileTasksMessage, ShutdownExecutorMessage, SlaveReregisteredMessage,
    },
    partial::{Reregistration, TaskParts},
    v1::{self, TaskState, TaskStatus, task_status::Reason},
};

use super::welcome::Report;
use crate::{
    master::Master,
    output::ToAgent,
    statuses::MasterStatus,
    tasks::{TaskIndex, TaskRecord, is_terminal},
};

impl Master {
    /// Compares, and answers with SlaveReregistered.
    pub(super) fn reconcile_known_agent(&mut self, key: AgentKey, message: &Reregistration) {
        let tasks: Vec<_> = message.tasks.iter().map(|task| TaskParts::of(task)).collect();
        let unknown = self.unknown_to_master(key, message, &tasks);
        let agent_id = v1::AgentId { value: self.agents.registered[key].record.id.to_string() };
        let reconciliations = self.missing_tasks(key, &tasks);
        self.send(
            key,
            ToAgent::Reregistered(Box::new(SlaveReregisteredMessage {
                agent_id,
                reconciliations,
                connection: Some(self.connection()),
            })),
        );
        self.remove_missing_executors(key, message, &tasks);
        for task in &tasks {
            self.kill_again(key, task);
        }
        self.end_unknown(key, message, unknown);
    }

    /// What runs on the agent and should not. Tasks and executors of frameworks that
    /// are not known are none of them: their frameworks are shut down or recovered.
    fn unknown_to_master(
        &self,
        key: AgentKey,
        message: &Reregistration,
        tasks: &[TaskParts<'_>],
    ) -> Unknown {
        let agent = &self.agents.registered[key];
        let tasks = message.tasks.iter().zip(tasks).filter(|(_, task)| {
            let framework = self.frameworks.find(task.framework_id);
            let is_unknown = framework.is_some_and(|framework| {
                let tasks = &self.frameworks.registered[framework].tasks;
                let index = tasks.get(task.task_id);
                index.is_none_or(|index| self.tasks[*index].agent != key)
            });
            is_unknown && !is_terminal(task.state)
        });
        let tasks = tasks.map(|(encoded, _)| encoded.clone());
        let executors = message.executor_infos.iter().filter(|executor| {
            let id = executor.framework_id.as_ref().map_or("", |id| id.value.as_str());
            self.frameworks.find(id).is_some_and(|framework| {
                let executor_id: Box<str> = executor.executor_id.value.as_str().into();
                !agent.executors.contains_key(&(framework, executor_id))
            })
        });
        Unknown { tasks: tasks.collect(), executors: executors.cloned().collect() }
    }

    /// Ends what should not run, and counts what it uses until then.
    fn end_unknown(&mut self, key: AgentKey, message: &Reregistration, unknown: Unknown) {
        let Unknown { tasks, executors } = unknown;
        if tasks.is_empty() && executors.is_empty() {
            return;
        }
        for executor in &executors {
            if self.has_tasks_of(key, executor) {
                trial::reached("report", "no such executor, but tasks of it | an executor");
                // An older report crossed its launch; it is taken back into the books below.
                continue;
            }
            trial::reached("report", "no such executor, nor tasks of it | an executor");
            let message = ShutdownExecutorMessage {
                executor_id: Some(executor.executor_id.clone()),
                framework_id: executor.framework_id.clone(),
            };
            self.send(key, ToAgent::ShutdownExecutor(message));
        }
        for task in &tasks {
            trial::reached("report", "no such task | a task, running");
            self.kill_on(key, &TaskParts::of(task));
        }
        self.rescind_offers_of_agent(key);
        let inject = !self.agents.registered[key].capabilities.multi_role;
        let agent_id = self.agents.registered[key].record.id.clone();
        let report = Report { agent_id, frameworks: &message.frameworks, inject, checked: true };
        let tasks = self.tasks_to_add(&tasks, &report);
        for usage in self.add_report(key, tasks, executors, &report) {
            let Usage { framework, role, resources } = usage;
            self.allocator.use_resources(framework, key, &role, &resources);
        }
    }

    /// Whether the master has tasks of an executor on an agent.
    fn has_tasks_of(&self, key: AgentKey, executor: &v1::ExecutorInfo) -> bool {
        let id = executor.framework_id.as_ref().map_or("", |id| id.value.as_str());
        let executor_id = executor.executor_id.value.as_str();
        self.frameworks.find(id).is_some_and(|framework| {
            self.agents.registered[key].tasks.iter().any(|index| {
                let task = &self.tasks[*index];
                task.framework == framework
                    && task.record.spec.executor_id.as_deref() == Some(executor_id)
            })
        })
    }

    /// The tasks that the agent should have but does not report.
    fn missing_tasks(
        &self,
        key: AgentKey,
        reported: &[TaskParts<'_>],
    ) -> Vec<ReconcileTasksMessage> {
        let ids = reported.iter().map(|task| (task.framework_id, task.task_id));
        let reported: BTreeSet<_> = ids.collect();
        let mut missing: BTreeMap<_, Vec<TaskStatus>> = BTreeMap::new();
        for index in &self.agents.registered[key].tasks {
            let task = &self.tasks[*index];
            let spec = &task.record.spec;
            let ids = (&*spec.framework_id, &*spec.task_id);
            if !reported.contains(&ids) && !trial::has(Defect::MissingTaskNotAsked) {
                trial::reached("report", "a task | no such task");
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

    fn remove_missing_executors(
        &mut self,
        key: AgentKey,
        message: &Reregistration,
        tasks: &[TaskParts<'_>],
    ) {
        let mut reported = BTreeSet::new();
        for executor in &message.executor_infos {
            let framework_id = executor.framework_id.as_ref().map_or("", |id| id.value.as_str());
            let Some(framework) = self.frameworks.find(framework_id) else { continue };
            let id: Box<str> = executor.executor_id.value.as_str().into();
            reported.insert((framework, id));
        }
        let executors = &mut self.agents.registered[key].executors;
        executors.values_mut().for_each(|executor| executor.in_doubt = false);
        let known: Vec<_> = executors.keys().cloned().collect();
        for (framework, executor_id) in known.into_iter().filter(|it| !reported.contains(it)) {
            if self.is_older_than_launch(key, framework, &executor_id, tasks) {
                trial::reached(
                    "report",
                    "an executor, of a task that is missing too | no such executor",
                );
                let executors = &mut self.agents.registered[key].executors;
                if let Some(executor) = executors.get_mut(&(framework, executor_id)) {
                    executor.in_doubt = true;
                }
                continue;
            }
            trial::reached("report", "an executor | no such executor");
            self.remove_executor(key, framework, &executor_id);
        }
    }

    /// Whether a report may be older than the launch of an executor: it has no task of it,
    /// and the master has one that is not over.
    fn is_older_than_launch(
        &self,
        key: AgentKey,
        framework: FrameworkKey,
        executor_id: &str,
        reported: &[TaskParts<'_>],
    ) -> bool {
        let framework_id = &*self.frameworks.registered[framework].record.id;
        let is_known = reported
            .iter()
            .any(|task| task.executor_id == Some(executor_id) && task.framework_id == framework_id);
        let is_reported = |task: &TaskRecord| {
            reported.iter().any(|reported| {
                reported.task_id == &*task.spec.task_id && reported.framework_id == framework_id
            })
        };
        let tasks = self.tasks_of(key, framework).into_iter();
        let mut missing = tasks.map(|index| &self.tasks[index].record).filter(|task| {
            task.spec.executor_id.as_deref() == Some(executor_id)
                && !is_terminal(task.state)
                && !is_reported(task)
        });
        !is_known && missing.next().is_some()
    }

    /// The agent does not know a task that it was asked about: nor does it know the
    /// executor if that is in doubt, unless it has been heard of by another task.
    pub(crate) fn task_never_arrived(&mut self, index: TaskIndex) {
        let Some(task) = self.tasks.get(index) else { return };
        let (key, framework) = (task.agent, task.framework);
        let Some(executor_id) = task.record.spec.executor_id.clone() else { return };
        let executors = &self.agents.registered[key].executors;
        if !executors.get(&(framework, executor_id.clone())).is_some_and(|it| it.in_doubt) {
            return;
        }
        let tasks = self.tasks_of(key, framework);
        let goes_on = tasks.into_iter().map(|index| &self.tasks[index].record).any(|task| {
            let runs = !is_terminal(task.state) && task.state != TaskState::TaskStaging;
            runs && task.spec.executor_id == Some(executor_id.clone())
        });
        if !goes_on {
            self.remove_executor(key, framework, &executor_id);
        }
    }

    /// Repeats a kill that the agent may not have got.
    fn kill_again(&mut self, key: AgentKey, task: &TaskParts<'_>) {
        if self.agents.registered[key].killed.is_empty() {
            return;
        }
        let Some(framework) = self.frameworks.find(task.framework_id) else { return };
        let killed = self.agents.registered[key].killed.contains(&(framework, task.task_id.into()));
        if killed && !is_terminal(task.state) && !trial::has(Defect::KillNotRepeated) {
            trial::reached("report", "a task, killed before | that task, running");
            self.kill_on(key, task);
        }
    }

    fn kill_on(&mut self, key: AgentKey, task: &TaskParts<'_>) {
        let message = KillTaskMessage {
            framework_id: v1::FrameworkId { value: task.framework_id.to_owned() },
            task_id: v1::TaskId { value: task.task_id.to_owned() },
            kill_policy: None,
        };
        self.send(key, ToAgent::KillTask(message));
    }
}

/// What runs on an agent without the master's knowledge.
struct Unknown {
    tasks: Vec<Bytes>,
    executors: Vec<v1::ExecutorInfo>,
}
