// SPDX-License-Identifier: Apache-2.0

//! The entities of a view.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use mesos_core::resources::Resources;
use mesos_master_state::{
    AgentKey, AgentRecord, FrameworkRecord, OfferKey, OfferRecord, TaskKey, TaskRecord,
};
use mesos_net::model;
use mesos_proto::v1;

use super::Activity;

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
    pub tasks: BTreeMap<TaskKey, Arc<TaskEntry>>,
    /// Tasks on unreachable agents, oldest first.
    pub unreachable: BTreeMap<TaskKey, Arc<TaskEntry>>,
    /// Tasks that are over, in the order in which they ended; bounded.
    pub completed: VecDeque<Arc<TaskEntry>>,
    /// Executors with resources of their own, by agent and id.
    pub executors: BTreeMap<(AgentKey, String), ExecutorView>,
    /// Its outstanding offers, oldest first.
    pub offers: BTreeMap<OfferKey, OfferView>,
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

/// A task, and its JSON once somebody wanted it.
#[derive(Debug)]
pub struct TaskEntry {
    /// Its record.
    pub record: Arc<TaskRecord>,
    json: OnceLock<Bytes>,
}

impl TaskEntry {
    /// An entry that was not rendered yet.
    pub fn new(record: Arc<TaskRecord>) -> Arc<Self> {
        Arc::new(TaskEntry { record, json: OnceLock::new() })
    }

    /// The task as `/state` shows it.
    pub fn json(&self) -> &Bytes {
        self.json.get_or_init(|| {
            let mut out = Vec::new();
            model::task(&self.record.to_proto(), &mut out);
            out.shrink_to_fit();
            Bytes::from(out)
        })
    }
}

impl FrameworkView {
    /// A framework that has nothing yet.
    pub fn new(record: Arc<FrameworkRecord>) -> Self {
        FrameworkView {
            record,
            used: Resources::default(),
            offered: Resources::default(),
            tasks: BTreeMap::new(),
            unreachable: BTreeMap::new(),
            completed: VecDeque::new(),
            executors: BTreeMap::new(),
            offers: BTreeMap::new(),
            activity: Activity::default(),
        }
    }
}
