// SPDX-License-Identifier: Apache-2.0

//! The entities of a view.

use std::sync::Arc;

use mesos_core::resources::Resources;
use mesos_master_state::{
    AgentKey, AgentRecord, FrameworkRecord, OfferKey, OfferRecord, TaskKey, TaskRecord,
};
use mesos_proto::v1;

use super::{Activity, Chunks};

/// A registered agent.
#[derive(Clone, Debug)]
pub struct AgentView {
    /// Its record.
    pub record: Arc<AgentRecord>,
    /// Resources of its tasks and executors.
    pub used: Resources,
    /// Resources of its outstanding offers.
    pub offered: Resources,
}

/// A framework and what belongs to it.
#[derive(Clone, Debug)]
pub struct FrameworkView {
    /// Its record.
    pub record: Arc<FrameworkRecord>,
    /// Resources of its tasks and executors.
    pub used: Resources,
    /// Resources of its outstanding offers.
    pub offered: Resources,
    /// Tasks on registered agents, oldest first.
    pub tasks: Chunks<TaskKey, Arc<TaskRecord>>,
    /// Tasks on unreachable agents, oldest first.
    pub unreachable: Chunks<TaskKey, Arc<TaskRecord>>,
    /// Tasks that are over, numbered in the order in which they ended; bounded.
    pub completed: Chunks<u64, Arc<TaskRecord>>,
    /// How many tasks have ended.
    pub(super) ended: u64,
    /// Executors with resources of their own, by agent and id.
    pub executors: Chunks<(AgentKey, String), ExecutorView>,
    /// Its outstanding offers, oldest first.
    pub offers: Chunks<OfferKey, OfferView>,
    /// What it did and was told.
    pub activity: Activity,
}

/// An executor.
#[derive(Clone, Debug)]
pub struct ExecutorView {
    /// Its agent.
    pub agent_id: Arc<str>,
    /// The executor.
    pub info: Arc<v1::ExecutorInfo>,
}

/// An outstanding offer.
#[derive(Clone, Debug)]
pub struct OfferView {
    /// Its agent.
    pub agent_id: Arc<str>,
    /// The offer.
    pub record: Arc<OfferRecord>,
}

impl FrameworkView {
    /// A framework that has nothing yet.
    pub fn new(record: Arc<FrameworkRecord>) -> Self {
        FrameworkView {
            record,
            used: Resources::default(),
            offered: Resources::default(),
            tasks: Chunks::default(),
            unreachable: Chunks::default(),
            completed: Chunks::default(),
            ended: 0,
            executors: Chunks::default(),
            offers: Chunks::default(),
            activity: Activity::default(),
        }
    }
}
