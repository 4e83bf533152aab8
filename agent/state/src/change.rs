// SPDX-License-Identifier: Apache-2.0

//! What the views of an agent (`/state`, GET_TASKS, …) are told.
//!
//! Records are immutable and shared: one is published whole whenever something in it changed, so
//! a view keeps the latest of each key and never asks the machine. The order of changes is such
//! that a framework is known before its executors, and an executor before its tasks.

use std::sync::Arc;

use mesos_proto::v1::{AgentInfo, DrainConfig, ExecutorInfo, FrameworkInfo, Task};

use crate::key::{ContainerId, TaskKey};

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The agent itself.
    Agent(Arc<AgentRecord>),
    /// A framework came, or changed. Key: its id.
    Framework(Arc<FrameworkRecord>),
    /// A framework has nothing left here and is history now.
    FrameworkCompleted {
        /// Its id.
        framework_id: String,
    },
    /// A completed framework is forgotten, or has become active again. Its completed executors
    /// go with it only in the first case.
    FrameworkForgotten {
        /// Its id.
        framework_id: String,
        /// Whether it is active again, with the history it had.
        revived: bool,
    },
    /// An executor came, or changed. Key: its container.
    Executor(Arc<ExecutorRecord>),
    /// An executor has ended and is history now.
    ExecutorCompleted {
        /// Its framework.
        framework_id: String,
        /// Its container.
        container: ContainerId,
    },
    /// A completed executor is forgotten, with all its tasks.
    ExecutorForgotten {
        /// Its framework.
        framework_id: String,
        /// Its container.
        container: ContainerId,
    },
    /// A task came, or changed. Key: its key.
    Task(Arc<TaskRecord>),
    /// A completed task is forgotten.
    TaskForgotten {
        /// Its executor's container.
        container: ContainerId,
        /// Its key.
        task: TaskKey,
    },
}

/// The agent, as views show it.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentRecord {
    /// With its id, once it has one.
    pub info: AgentInfo,
    /// The master it talks to, `master@ip:port`.
    pub master: Option<String>,
    /// Whether that master has accepted it.
    pub registered: bool,
    /// Whether it has finished recovering.
    pub recovered: bool,
    /// Set while the agent drains.
    pub drain: Option<DrainConfig>,
}

/// A framework, as views show it.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameworkRecord {
    /// Its id.
    pub framework_id: String,
    /// Its latest description.
    pub info: Arc<FrameworkInfo>,
    /// The scheduler's process id, if it is one of the old driver.
    pub pid: Option<String>,
}

/// Where an executor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutorState {
    /// Started, not yet heard of.
    Registering,
    /// Takes tasks.
    Running,
    /// Told to end.
    Terminating,
    /// Ended; some of its updates are not acknowledged yet.
    Terminated,
}

/// An executor, as views show it.
#[derive(Clone, Debug, PartialEq)]
pub struct ExecutorRecord {
    /// Its framework.
    pub framework_id: String,
    /// Its container.
    pub container: ContainerId,
    /// Its description.
    pub info: Arc<ExecutorInfo>,
    /// Its sandbox.
    pub directory: String,
    /// Whether it was made up for a command task.
    pub generated_for_command_task: bool,
    /// Where it stands.
    pub state: ExecutorState,
    /// The process at the top of its tree, once it runs.
    pub pid: Option<u32>,
}

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskStage {
    /// Not yet given to its executor.
    Queued,
    /// Given to its executor.
    Launched,
    /// In a terminal state that the scheduler has not acknowledged.
    Terminated,
    /// Terminal and acknowledged.
    Completed,
}

/// A task, as views show it.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskRecord {
    /// Its key.
    pub key: TaskKey,
    /// Its executor's container.
    pub container: ContainerId,
    /// Where it stands.
    pub stage: TaskStage,
    /// Its description and statuses.
    pub task: Arc<Task>,
}
