// SPDX-License-Identifier: Apache-2.0

//! Agents: who is in the cluster, who is reachable, who is gone.
//!
//! | from | what happens | to |
//! |---|---|---|
//! | (none) | RegisterSlave, admitted by the registry | registered |
//! | recovered | ReregisterSlave | registered |
//! | recovered | `agent_reregister_timeout` after the start | unreachable |
//! | registered | link broken | disconnected |
//! | disconnected | ReregisterSlave | registered |
//! | disconnected | `agent_reregister_timeout` | unreachable |
//! | registered | pings without pongs | unreachable |
//! | unreachable, forgotten | ReregisterSlave | registered |
//! | any but gone | MARK_AGENT_GONE | gone |
//! | registered | UnregisterSlave, or another agent on its address | forgotten |
//! | unreachable, gone | pruned | forgotten |
//!
//! Every move that the registry knows about happens when the registry has
//! stored it, not before; while it is being stored the agent is `busy`.

pub(crate) mod capabilities;
mod disconnect;
mod executors;
mod gone;
mod observer;
mod prune;
mod reconcile;
mod recovered;
mod register;
mod removal;
mod reregister;
mod unreachable;
mod unregister;
mod update_slave;
mod version;
mod welcome;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

use mesos_allocator::{AgentKey, FrameworkKey};
use mesos_core::{resources::Resources, time::Time};
use mesos_proto::v1;

use self::{capabilities::AgentCapabilities, observer::Observer};
use crate::{
    change::{AgentRecord, OfferKey},
    registry::WriteKey,
    slab::Slab,
    tasks::TaskIndex,
    timers::TimerId,
};

/// A registered agent.
#[derive(Debug)]
pub(crate) struct Agent {
    /// What the views know of it.
    pub(crate) record: Arc<AgentRecord>,
    /// What it can do.
    pub(crate) capabilities: AgentCapabilities,
    /// The version of its resources, sent back with each launch.
    pub(crate) resource_version: Option<v1::Uuid>,
    /// Its tasks, the terminal but unacknowledged ones too.
    pub(crate) tasks: BTreeSet<TaskIndex>,
    /// Its executors that were named by tasks.
    pub(crate) executors: BTreeMap<(FrameworkKey, Box<str>), Executor>,
    /// What is offered of it.
    pub(crate) offers: BTreeSet<OfferKey>,
    /// Kills sent, to be repeated when it comes back.
    pub(crate) killed: BTreeSet<(FrameworkKey, Arc<str>)>,
    /// Resources of tasks that are not over and of executors.
    pub(crate) used: Resources,
    /// Resources of outstanding offers.
    pub(crate) offered: Resources,
    /// Its pings.
    pub(crate) observer: Observer,
    /// Runs while it is disconnected.
    pub(crate) reregister_timer: Option<TimerId>,
}

/// An executor of an agent.
#[derive(Clone, Debug)]
pub(crate) struct Executor {
    /// What the framework said about it.
    pub(crate) info: Arc<v1::ExecutorInfo>,
    /// The role that its resources are allocated to.
    pub(crate) role: Arc<str>,
    /// What it was given, allocated to that role.
    pub(crate) resources: Resources,
    /// The agent's last report lacked it, maybe because it is older than the launch.
    pub(crate) in_doubt: bool,
}

/// The ids of a framework and of a task of it.
pub(crate) type TaskName = (Arc<str>, Arc<str>);

/// What the registry is storing about an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Busy {
    /// It joins.
    Admitting,
    /// It is back; what it said last waits for this write.
    Readmitting(WriteKey),
    /// It leaves.
    Removing,
    /// It is unreachable.
    MarkingUnreachable,
    /// It never comes back.
    MarkingGone,
}

/// All agents of the cluster.
#[derive(Debug)]
pub(crate) struct Agents {
    /// The registered ones.
    pub(crate) registered: Slab<AgentKey, Agent>,
    /// Keys of the registered ones by id.
    pub(crate) by_id: HashMap<Arc<str>, AgentKey>,
    /// Keys of the registered ones by where they listen.
    pub(crate) by_pid: HashMap<Arc<str>, AgentKey>,
    /// In the registry, but not back since the master started.
    pub(crate) recovered: BTreeMap<Arc<str>, Arc<v1::AgentInfo>>,
    /// Cannot be reached, with the time since when.
    pub(crate) unreachable: BTreeMap<Arc<str>, Time>,
    /// Tasks of the unreachable ones: framework and task ids.
    pub(crate) unreachable_tasks: BTreeMap<Arc<str>, Vec<TaskName>>,
    /// Never come back, with the time since when.
    pub(crate) gone: BTreeMap<Arc<str>, Time>,
    /// Pids whose registration is being stored.
    pub(crate) registering: BTreeSet<String>,
    /// Ids for which a registry write is under way, and to what end.
    pub(crate) busy: BTreeMap<Arc<str>, Busy>,
    /// Agents to be marked unreachable when the rate limit lets them.
    pub(crate) removals: VecDeque<removal::Removal>,
    /// When the rate limit lets the next one.
    pub(crate) removal_permit: Time,
    /// When this master started.
    pub(crate) started: Time,
    /// How many the registry had when the master started.
    pub(crate) expected: usize,
    /// The `n` of the next id `<master id>-S<n>`.
    pub(crate) next_id: u64,
    /// The `n` of the next `slave-observer(<n>)`.
    pub(crate) next_observer: u64,
}

impl Agents {
    /// No agents.
    pub(crate) fn new() -> Self {
        Agents {
            registered: Slab::new(),
            by_id: HashMap::new(),
            by_pid: HashMap::new(),
            recovered: BTreeMap::new(),
            unreachable: BTreeMap::new(),
            unreachable_tasks: BTreeMap::new(),
            gone: BTreeMap::new(),
            registering: BTreeSet::new(),
            busy: BTreeMap::new(),
            removals: VecDeque::new(),
            removal_permit: Time::EPOCH,
            started: Time::EPOCH,
            expected: 0,
            next_id: 0,
            next_observer: 1,
        }
    }

    /// The registered agent with an id, if it is the one at `pid`: nobody else
    /// can speak for it.
    pub(crate) fn find_at(&self, agent_id: &str, pid: &str) -> Option<AgentKey> {
        self.find(agent_id).filter(|key| *self.registered[*key].record.pid == *pid)
    }

    /// The registered agent with an id.
    pub(crate) fn find(&self, agent_id: &str) -> Option<AgentKey> {
        self.by_id.get(agent_id).copied()
    }
}

/// The address in a pid: `10.0.0.7:5051` of `slave(1)@10.0.0.7:5051`.
pub(crate) fn address_of(pid: &str) -> &str {
    pid.split_once('@').map_or(pid, |(_, address)| address)
}

/// The host in a pid: `10.0.0.7` of `slave(1)@10.0.0.7:5051`.
pub(crate) fn host_of(pid: &str) -> &str {
    let address = address_of(pid);
    address.rsplit_once(':').map_or(address, |(host, _)| host)
}
