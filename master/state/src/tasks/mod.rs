// SPDX-License-Identifier: Apache-2.0

//! Tasks: from launch to the acknowledgement of their last status.
//!
//! | from | what happens | to |
//! |---|---|---|
//! | (none) | LAUNCH, or a re-registering agent has it | active |
//! | active | status update, not terminal | active |
//! | active | terminal update: its resources are free | over |
//! | over | the terminal update is acknowledged | completed |
//! | active, over | its agent is unreachable | unreachable |
//! | unreachable | its agent is back and still has it | active |
//! | active, over | its agent is removed, gone, or lost a framework without checkpoints | completed |
//! | any but completed | its framework ends | completed |
//!
//! A terminal state is never left. Completed tasks are the views' matter only.

mod details;
mod executor_message;
mod exited_executor;
mod history;
mod operation_status;
mod record;
mod shapes;
mod status_update;
mod transition;

use std::sync::Arc;

use mesos_allocator::{AgentKey, FrameworkKey, Recovery};
use mesos_core::{
    resources::Resources,
    trial::{self, Defect},
};

pub use self::record::{StatusUuid, TaskIds, TaskRecord, TaskSpec};
pub(crate) use mesos_core::task_state::is_terminal;

pub(crate) use self::{shapes::Shapes, transition::apply};
use crate::{
    change::{Change, TaskKey},
    master::Master,
    slab::Key,
};

/// Names a task on a registered agent; reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TaskIndex(u32);

impl Key for TaskIndex {
    fn from_index(index: u32) -> Self {
        TaskIndex(index)
    }

    fn index(self) -> u32 {
        self.0
    }
}

/// A task on a registered agent.
#[derive(Debug)]
pub(crate) struct Task {
    /// The task.
    pub(crate) record: Arc<TaskRecord>,
    /// Whose.
    pub(crate) framework: FrameworkKey,
    /// Where.
    pub(crate) agent: AgentKey,
    /// Whether its resources are counted as used.
    pub(crate) holds: bool,
}

/// What became of a task that leaves its agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// It is history.
    Completed,
    /// It may come back with its agent.
    Unreachable,
}

impl Master {
    /// A key for a new task.
    pub(crate) fn new_task_key(&mut self) -> TaskKey {
        self.next_task += 1;
        TaskKey(self.next_task)
    }

    /// Adds a task to its agent and framework. The allocator knows already.
    pub(crate) fn add_task(
        &mut self,
        record: TaskRecord,
        framework: FrameworkKey,
        agent: AgentKey,
    ) {
        trial::reached("tasks", "(none) | LAUNCH, or a re-registering agent has it");
        let record = Arc::new(record);
        let task_id = record.spec.task_id.clone();
        let holds = !is_terminal(record.state);
        let resources = record.spec.resources.clone();
        self.gauge_task(None, Some(record.state));
        self.changed(Change::TaskAdded(record.clone()));
        let index = self.tasks.insert(Task { record, framework, agent, holds });
        self.agents.registered[agent].tasks.insert(index);
        self.frameworks.registered[framework].tasks.insert(task_id, index);
        if holds {
            self.use_resources(agent, framework, &resources);
        }
    }

    /// Counts resources as used.
    pub(crate) fn use_resources(
        &mut self,
        agent: AgentKey,
        framework: FrameworkKey,
        resources: &Resources,
    ) {
        self.agents.registered[agent].used += resources;
        self.frameworks.registered[framework].used += resources;
        self.dirty_agents.insert(agent);
        self.dirty_frameworks.insert(framework);
    }

    /// Counts resources as not used any more, and gives them to the allocator.
    pub(crate) fn free_resources(
        &mut self,
        agent: AgentKey,
        framework: FrameworkKey,
        role: &str,
        resources: &Resources,
    ) {
        self.agents.registered[agent].used -= resources;
        self.frameworks.registered[framework].used -= resources;
        self.dirty_agents.insert(agent);
        self.dirty_frameworks.insert(framework);
        let now = self.now;
        self.allocator.recover(now, framework, agent, role, resources, Recovery::Freed);
    }

    /// Takes a task off its agent.
    pub(crate) fn remove_task(&mut self, index: TaskIndex, leaving: Leaving) {
        let Some(task) = self.tasks.remove(index) else { return };
        let (record, framework, agent) = (task.record, task.framework, task.agent);
        let holds = task.holds || trial::has(Defect::ResourcesFreedTwice);
        if holds {
            self.free_resources(agent, framework, &record.spec.role, &record.spec.resources);
        }
        self.gauge_task(Some(record.state), None);
        let owner = &mut self.agents.registered[agent];
        owner.tasks.remove(&index);
        owner.killed.remove(&(framework, record.spec.task_id.clone()));
        self.frameworks.registered[framework].tasks.remove(&record.spec.task_id);
        match leaving {
            Leaving::Completed => self.changed(Change::TaskCompleted(record)),
            Leaving::Unreachable => self.keep_unreachable(framework, record),
        }
    }

    fn keep_unreachable(&mut self, framework: FrameworkKey, record: Arc<TaskRecord>) {
        trial::reached("tasks", "active, over | its agent is unreachable");
        let spec = record.spec.clone();
        let of_agent = self.agents.unreachable_tasks.entry(spec.agent_id.clone()).or_default();
        of_agent.push((spec.framework_id.clone(), spec.task_id.clone()));
        self.changed(Change::TaskUnreachable(record.clone()));
        let bound = self.config.max_unreachable_tasks_per_framework;
        let framework = &mut self.frameworks.registered[framework];
        self.metrics.tasks_unreachable += 1;
        for forgotten in framework.unreachable.insert(record, bound) {
            self.forget_unreachable(&forgotten);
        }
    }

    /// An unreachable task, already taken out, leaves without a trace.
    pub(crate) fn forget_unreachable(&mut self, task: &TaskRecord) {
        self.metrics.tasks_unreachable -= 1;
        let (task, framework_id) = (task.spec.key, task.spec.framework_id.clone());
        self.changed(Change::TaskForgotten { task, framework_id });
    }

    /// The tasks of a framework on one agent, in order.
    pub(crate) fn tasks_of(&self, agent: AgentKey, framework: FrameworkKey) -> Vec<TaskIndex> {
        let tasks = self.agents.registered[agent].tasks.iter().copied();
        tasks.filter(|index| self.tasks[*index].framework == framework).collect()
    }
}
