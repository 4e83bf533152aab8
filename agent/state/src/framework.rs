// SPDX-License-Identifier: Apache-2.0

//! The frameworks that have, or had, something on this agent.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use mesos_proto::v1::{FrameworkId, FrameworkInfo, Task, TaskInfo, TaskState};

use crate::{
    change::FrameworkRecord,
    executor::Executor,
    key::{ContainerId, TaskKey},
};

/// A framework with something on this agent.
#[derive(Debug)]
pub(crate) struct Framework {
    pub(crate) info: Arc<FrameworkInfo>,
    /// The scheduler's process id, if it is one of the old driver.
    pub(crate) pid: Option<String>,
    /// Whether all its executors are to end.
    pub(crate) terminating: bool,
    pub(crate) executors: BTreeMap<String, Executor>,
    /// The executor of every task that is not completed.
    pub(crate) owners: BTreeMap<String, String>,
    pub(crate) completed: VecDeque<CompletedExecutor>,
}

/// An executor that is history.
#[derive(Debug)]
pub(crate) struct CompletedExecutor {
    pub(crate) container: ContainerId,
    pub(crate) tasks: Vec<(TaskKey, Arc<Task>)>,
}

/// A framework that is history.
#[derive(Debug)]
pub(crate) struct CompletedFramework {
    pub(crate) id: String,
    pub(crate) info: Arc<FrameworkInfo>,
    pub(crate) pid: Option<String>,
    pub(crate) completed: VecDeque<CompletedExecutor>,
}

impl Framework {
    /// A framework that has just come.
    pub(crate) fn new(info: FrameworkInfo, pid: Option<String>) -> Self {
        Framework {
            info: Arc::new(info),
            pid,
            terminating: false,
            executors: BTreeMap::new(),
            owners: BTreeMap::new(),
            completed: VecDeque::new(),
        }
    }

    /// The executor that has this task, unless it is completed.
    pub(crate) fn executor_of(&mut self, task_id: &str) -> Option<&mut Executor> {
        let executor_id = self.owners.get(task_id)?;
        self.executors.get_mut(executor_id)
    }

    /// Its id, which every framework on an agent has.
    pub(crate) fn id(&self) -> String {
        self.info.id.as_ref().map(|id| id.value.clone()).unwrap_or_default()
    }

    /// How it looks to views.
    pub(crate) fn record(&self) -> Arc<FrameworkRecord> {
        Arc::new(FrameworkRecord {
            framework_id: self.id(),
            info: self.info.clone(),
            pid: self.pid.clone(),
        })
    }
}

/// A scheduler's process id, unless it stands for none (`@0.0.0.0:0`).
pub(crate) fn scheduler_pid(pid: Option<&String>) -> Option<String> {
    pid.filter(|pid| !pid.is_empty() && !pid.starts_with('@')).cloned()
}

/// A task that has just come.
pub(crate) fn new_task(info: &TaskInfo, framework_id: &str, state: TaskState) -> Task {
    let command_user = info.command.as_ref().and_then(|command| command.user.clone());
    let executor_user = || {
        let executor = info.executor.as_ref()?;
        executor.command.as_ref()?.user.clone()
    };
    let mut task = Task {
        name: info.name.clone(),
        task_id: info.task_id.clone(),
        framework_id: FrameworkId { value: framework_id.to_owned() },
        executor_id: info.executor.as_ref().map(|executor| executor.executor_id.clone()),
        agent_id: info.agent_id.clone(),
        resources: info.resources.clone(),
        labels: info.labels.clone(),
        discovery: info.discovery.clone(),
        container: info.container.clone(),
        health_check: info.health_check.clone(),
        kill_policy: info.kill_policy,
        user: command_user.or_else(executor_user),
        limits: info.limits.clone(),
        ..Task::default()
    };
    task.set_state(state);
    task
}
