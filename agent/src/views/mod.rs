// SPDX-License-Identifier: Apache-2.0

//! What readers see of the agent.
//!
//! The engine keeps a [`Snapshot`] up to date from the state machine's changes
//! and publishes it after each batch. Readers take the latest and keep it as
//! long as they like; nobody waits for anybody. Publishing copies what changed
//! and the pointers beside it, not what they point to.

mod publisher;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use mesos_agent_state::{
    Metrics, TaskKey,
    change::{AgentRecord, ExecutorRecord, FrameworkRecord, TaskRecord},
};
use mesos_core::resources::Resources;

pub use publisher::Publisher;

/// The agent at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The agent itself; none before its first change.
    pub agent: Option<Arc<AgentRecord>>,
    /// The frameworks that have executors here, by id.
    pub frameworks: BTreeMap<String, Arc<FrameworkView>>,
    /// Those that had, oldest first.
    pub completed: Vec<Arc<FrameworkView>>,
    /// The state machine's numbers.
    pub metrics: Metrics,
}

/// A framework and its executors.
#[derive(Clone, Debug)]
pub struct FrameworkView {
    /// The framework.
    pub record: Arc<FrameworkRecord>,
    /// Its executors that have not ended, in the order they came.
    pub executors: Vec<Arc<ExecutorView>>,
    /// Those that have, oldest first.
    pub completed_executors: Vec<Arc<ExecutorView>>,
}

/// An executor and its tasks.
#[derive(Clone, Debug)]
pub struct ExecutorView {
    /// The executor.
    pub record: Arc<ExecutorRecord>,
    /// Its tasks, in the order they came.
    pub tasks: BTreeMap<TaskKey, Arc<TaskRecord>>,
}

impl ExecutorView {
    /// What the executor and its live tasks have been given.
    pub fn allocated(&self) -> Resources {
        use mesos_agent_state::change::TaskStage;

        let mut sum = Resources::from_proto(&self.record.info.resources);
        for task in self.tasks.values() {
            match task.stage {
                TaskStage::Queued | TaskStage::Launched => {
                    sum += &Resources::from_proto(&task.task.resources);
                }
                TaskStage::Terminated | TaskStage::Completed => {}
            }
        }
        sum
    }
}

impl Snapshot {
    /// What all executors here have been given.
    pub fn allocated(&self) -> Resources {
        let mut sum = Resources::default();
        for executor in self.frameworks.values().flat_map(|framework| &framework.executors) {
            sum += &executor.allocated();
        }
        sum
    }

    /// All the agent has.
    pub fn total(&self) -> Resources {
        let info = self.agent.as_ref().map(|agent| &agent.info);
        info.map(|info| Resources::from_proto(&info.resources)).unwrap_or_default()
    }
}

/// Where the latest snapshot is. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Latest(Arc<Mutex<Arc<Snapshot>>>);

impl Latest {
    /// The agent as it was after the engine's latest batch.
    pub fn get(&self) -> Arc<Snapshot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, snapshot: Arc<Snapshot>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }
}
