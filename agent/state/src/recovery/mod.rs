// SPDX-License-Identifier: Apache-2.0

//! An agent's former life: read from its checkpoints, and taken up again.
//!
//! [`read`] turns the files below `<work_dir>/meta` into a [`RecoveredState`], to which the shell
//! adds what the launcher knows of containers; [`Agent::new`](crate::Agent::new) takes it up.
//! Only frameworks that checkpoint are in there. A command task simply goes on, or its exit
//! status is reported; a custom executor must subscribe again within
//! `--executor_reregistration_timeout`, and until then the agent does not register.
//!
//! The files are those of the Mesos agent, so an agent of either kind can read what the other
//! left. Two are our own: `task.launch`, the whole description of a command task, and
//! `task.kill`, that it is being killed and until when.
//!
//! In Mesos: `src/slave/state.cpp`, `Slave::recover`.

mod compatible;
mod read;
mod resume;

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use mesos_core::time::Time;
use mesos_proto::{
    internal::StatusUpdate,
    v1::{AgentInfo, DrainConfig, ExecutorInfo, FrameworkInfo, Resource, Task, TaskInfo},
};

use crate::{input::ContainerExit, key::ContainerId};

pub use crate::command_task::{KillCause, KillNote};

pub use read::{Files, read};

/// What was found; [`RecoveredState::default`] is an agent's first start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecoveredState {
    /// The agent's former description, with its id.
    pub agent: Option<AgentInfo>,
    /// How long finding all this took; the shell fills it in.
    pub reading_took: Duration,
    /// Whether the machine was started anew since: no container survived.
    pub rebooted: bool,
    /// Reservations and volumes.
    pub checkpointed_resources: Vec<Resource>,
    /// Set if the agent was draining.
    pub drain: Option<DrainConfig>,
    /// Frameworks with executors, by id.
    pub frameworks: Vec<RecoveredFramework>,
    /// Files that could not be read, or hold nonsense; each left something out. With `--strict`
    /// the agent does not start then.
    pub errors: Vec<String>,
    /// What an agent leaves that dies in the middle of its work: of no consequence.
    pub leftovers: Vec<String>,
    /// Files that end in the middle of a record, and what is good of them.
    pub repairs: Vec<(String, Bytes)>,
    /// Directories that belong to the past, and when they were last changed.
    pub garbage: Vec<(String, Time)>,
    /// Every container the launcher still knows, from the runtime directory; the shell fills it
    /// in. Those that no recovered executor claims are destroyed.
    pub containers: BTreeMap<ContainerId, RecoveredContainer>,
}

/// A container that was there when the agent came back.
#[derive(Clone, Debug, PartialEq)]
pub enum RecoveredContainer {
    /// It runs on. Its end will be reported with `ContainerExited`.
    Running {
        /// The process at the top of its tree.
        pid: u32,
    },
    /// It ended while the agent was away.
    Exited(ContainerExit),
}

/// A framework that had executors here.
#[derive(Clone, Debug, PartialEq)]
pub struct RecoveredFramework {
    /// Its description, with its id.
    pub info: FrameworkInfo,
    /// Its scheduler's process id, if it was one of the old driver.
    pub pid: Option<String>,
    /// Its executors, by id.
    pub executors: Vec<RecoveredExecutor>,
}

/// The latest run of an executor.
#[derive(Clone, Debug, PartialEq)]
pub struct RecoveredExecutor {
    /// Its description.
    pub info: ExecutorInfo,
    /// Its container.
    pub container: ContainerId,
    /// Whether it was made up for a command task.
    pub generated_for_command_task: bool,
    /// Whether it had ended, and all its tasks were done with.
    pub completed: bool,
    /// Its tasks, by id.
    pub tasks: Vec<RecoveredTask>,
}

/// A task of such a run.
#[derive(Clone, Debug, PartialEq)]
pub struct RecoveredTask {
    /// As it was launched.
    pub task: Task,
    /// Its whole description, for a command task.
    pub launch: Option<TaskInfo>,
    /// Set if it was being killed.
    pub kill: Option<KillNote>,
    /// Its updates, oldest first.
    pub updates: Vec<StatusUpdate>,
    /// The uuids that were acknowledged.
    pub acknowledged: Vec<Bytes>,
}
