// SPDX-License-Identifier: Apache-2.0

//! Frameworks: who subscribed, who is connected, who has ended.
//!
//! | from | what happens | to |
//! |---|---|---|
//! | (none) | SUBSCRIBE, with or without an id | connected |
//! | (none) | an agent or the registry knows it | recovered |
//! | recovered | SUBSCRIBE | connected |
//! | connected | SUBSCRIBE (the older stream is closed) | connected |
//! | connected | stream closed | disconnected |
//! | disconnected | SUBSCRIBE | connected |
//! | disconnected, recovered | failover timeout | completed |
//! | any but completed | TEARDOWN | completed |
//!
//! A completed id is refused. A connected framework is active: it gets offers.

pub(crate) mod capabilities;
mod disconnect;
mod events;
mod recover;
mod remove;
mod subscribe;
mod unreachable;
mod update;
mod validate;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

use mesos_allocator::{AgentKey, Constraints, FrameworkKey};
use mesos_core::{resources::Resources, time::Time};
use mesos_proto::{internal::UpdateFrameworkMessage, v1::FrameworkInfo};

use self::{capabilities::FrameworkCapabilities, unreachable::UnreachableTasks};
use crate::{
    change::{FrameworkRecord, OfferKey},
    input::StreamKey,
    slab::Slab,
    tasks::{Shapes, TaskIndex},
    timers::TimerId,
};

pub(crate) use self::validate::roles_of;

/// A framework that has not ended.
#[derive(Debug)]
pub(crate) struct Framework {
    /// What the views know of it.
    pub(crate) record: Arc<FrameworkRecord>,
    /// What it can do.
    pub(crate) capabilities: FrameworkCapabilities,
    /// Its compiled offer constraints.
    pub(crate) constraints: Arc<Constraints>,
    /// Its subscription, while it is connected.
    pub(crate) stream: Option<Stream>,
    /// Runs while it is connected.
    pub(crate) heartbeat: Option<TimerId>,
    /// Runs while it is not.
    pub(crate) failover: Option<TimerId>,
    /// Its tasks on registered agents, by id.
    pub(crate) tasks: BTreeMap<Arc<str>, TaskIndex>,
    /// Its tasks on unreachable agents.
    pub(crate) unreachable: UnreachableTasks,
    /// What agents are told of it, made from that info.
    pub(crate) told: Option<(Arc<FrameworkInfo>, Arc<UpdateFrameworkMessage>)>,
    /// What its tasks have in common.
    pub(crate) shapes: Shapes,
    /// Its executors that were named by tasks.
    pub(crate) executors: BTreeSet<(AgentKey, Box<str>)>,
    /// What is offered to it.
    pub(crate) offers: BTreeSet<OfferKey>,
    /// Resources of tasks that are not over and of executors.
    pub(crate) used: Resources,
    /// Resources of outstanding offers.
    pub(crate) offered: Resources,
}

impl Framework {
    /// Whether its stream stands.
    pub(crate) fn connected(&self) -> bool {
        self.stream.is_some()
    }
}

/// A subscription.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    /// The shell's name.
    pub(crate) key: StreamKey,
    /// The value of `Mesos-Stream-Id`.
    pub(crate) id: String,
}

/// All frameworks of the cluster.
#[derive(Debug)]
pub(crate) struct Frameworks {
    /// Those that have not ended.
    pub(crate) registered: Slab<FrameworkKey, Framework>,
    /// Their keys by id.
    pub(crate) by_id: HashMap<Arc<str>, FrameworkKey>,
    /// Whose stream is whose.
    pub(crate) by_stream: HashMap<StreamKey, FrameworkKey>,
    /// Ids of those that have ended, with the time when.
    pub(crate) completed: BTreeMap<Arc<str>, Time>,
    /// The same ids, oldest first.
    pub(crate) completed_order: VecDeque<Arc<str>>,
    /// The number in the next id `<master id>-<4 digits>`.
    pub(crate) next_id: u64,
}

impl Frameworks {
    /// No frameworks.
    pub(crate) fn new() -> Self {
        Frameworks {
            registered: Slab::new(),
            by_id: HashMap::new(),
            by_stream: HashMap::new(),
            completed: BTreeMap::new(),
            completed_order: VecDeque::new(),
            next_id: 0,
        }
    }

    /// The framework with an id that has not ended.
    pub(crate) fn find(&self, framework_id: &str) -> Option<FrameworkKey> {
        self.by_id.get(framework_id).copied()
    }
}
