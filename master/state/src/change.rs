// SPDX-License-Identifier: Apache-2.0

//! What changed, for those who read: views, metrics, operator subscribers.
//!
//! Each change names one entity and carries its new record, immutable and
//! shared, so that readers never touch the state machine (design D4). Changes
//! come in the order they happened, and a record arrives before whatever
//! refers to it. [`AgentKey`] and [`FrameworkKey`] are reused after the entity
//! is gone; [`TaskKey`] and [`OfferKey`] are not.

use std::sync::Arc;

use mesos_allocator::{AgentKey, FrameworkKey};
use mesos_core::{resources::Resources, time::Time};
use mesos_proto::v1::{self, scheduler::OfferConstraints};

use crate::tasks::TaskRecord;

/// The name of a task for the run of a master; never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskKey(pub u64);

/// The `n` of an offer's id `<master id>-O<n>`; never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfferKey(pub u64);

/// One change.
#[derive(Clone, Debug)]
pub enum Change {
    /// An agent of the registry that has not come back since the master started.
    AgentRecovered(Arc<v1::AgentInfo>),
    /// An agent joined or changed (also: connected, disconnected, re-registered).
    /// Takes it off the recovered and the unreachable ones.
    Agent(Arc<AgentRecord>),
    /// What is used and offered of an agent changed.
    AgentUsage {
        /// The agent.
        agent: AgentKey,
        /// Resources of its tasks and executors.
        used: Resources,
        /// Resources of its outstanding offers.
        offered: Resources,
    },
    /// A registered or recovered agent went.
    AgentRemoved {
        /// Its key, when it was registered.
        agent: Option<AgentKey>,
        /// Its id.
        agent_id: Arc<str>,
        /// Where to.
        to: AgentFate,
    },
    /// Unreachable or gone agents were forgotten.
    AgentsPruned {
        /// Unreachable ones.
        unreachable: Vec<Arc<str>>,
        /// Gone ones.
        gone: Vec<Arc<str>>,
    },
    /// A framework came or changed.
    Framework(Arc<FrameworkRecord>),
    /// What is used by and offered to a framework changed.
    FrameworkUsage {
        /// The framework.
        framework: FrameworkKey,
        /// Resources of its tasks and executors.
        used: Resources,
        /// Resources of its outstanding offers.
        offered: Resources,
    },
    /// A framework ended; its record goes to the completed ones, beyond the
    /// bound of which the oldest is to be forgotten together with its tasks.
    FrameworkCompleted(Arc<FrameworkRecord>),
    /// A task was launched, or is known now from a re-registering agent.
    TaskAdded(Arc<TaskRecord>),
    /// A task changed.
    TaskUpdated {
        /// The task as it is now.
        task: Arc<TaskRecord>,
        /// The status that changed it, as sent to the scheduler.
        status: Arc<v1::TaskStatus>,
    },
    /// A task is over: acknowledged, or gone with its agent or framework.
    TaskCompleted(Arc<TaskRecord>),
    /// A task's agent is unreachable.
    TaskUnreachable(Arc<TaskRecord>),
    /// A task left the history, or was never more than an attempt.
    TaskForgotten {
        /// The task.
        task: TaskKey,
        /// Its framework.
        framework_id: Arc<str>,
    },
    /// An executor with resources of its own runs on an agent.
    ExecutorAdded {
        /// The agent.
        agent: AgentKey,
        /// The framework.
        framework: FrameworkKey,
        /// The executor.
        info: Arc<v1::ExecutorInfo>,
    },
    /// That executor ended.
    ExecutorRemoved {
        /// The agent.
        agent: AgentKey,
        /// The framework.
        framework: FrameworkKey,
        /// The executor.
        executor_id: String,
    },
    /// An offer was sent.
    OfferAdded(Arc<OfferRecord>),
    /// An offer was used, declined or rescinded.
    OfferRemoved {
        /// The offer.
        offer: OfferKey,
    },
}

/// Where an agent went that is not registered any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentFate {
    /// It left or was replaced by another on its address: unknown from now on.
    Removed,
    /// It cannot be reached and may come back.
    Unreachable,
    /// It will never come back.
    Gone,
}

/// A registered agent.
#[derive(Clone, Debug)]
pub struct AgentRecord {
    /// Its key.
    pub key: AgentKey,
    /// Its id.
    pub id: Arc<str>,
    /// What it says about itself.
    pub info: Arc<v1::AgentInfo>,
    /// Where it listens, e.g. `slave(1)@10.0.0.7:5051`.
    pub pid: Arc<str>,
    /// Its version.
    pub version: String,
    /// Its capabilities.
    pub capabilities: Vec<v1::agent_info::Capability>,
    /// All its resources, with reservations, volumes and oversubscribed ones.
    pub total: Resources,
    /// When it joined, or was first seen by this master.
    pub registered_time: Time,
    /// When it last came back.
    pub reregistered_time: Option<Time>,
    /// Whether its connection stands.
    pub connected: bool,
    /// Whether it is offered.
    pub active: bool,
}

/// A framework, subscribed or known from agents or the registry.
#[derive(Clone, Debug)]
pub struct FrameworkRecord {
    /// Its key.
    pub key: FrameworkKey,
    /// Its id.
    pub id: Arc<str>,
    /// What it says about itself; the id is set.
    pub info: Arc<v1::FrameworkInfo>,
    /// Its constraints.
    pub offer_constraints: Arc<OfferConstraints>,
    /// Its roles, sorted.
    pub roles: Vec<String>,
    /// Those that it wants no offers for.
    pub suppressed_roles: Vec<String>,
    /// Whether it gets offers.
    pub active: bool,
    /// Whether its stream stands.
    pub connected: bool,
    /// Whether it has not subscribed to this master yet.
    pub recovered: bool,
    /// When it subscribed, or was first seen by this master.
    pub registered_time: Time,
    /// When it last subscribed; as `registered_time` at first.
    pub reregistered_time: Time,
    /// When it ended.
    pub unregistered_time: Option<Time>,
}

/// An outstanding offer.
#[derive(Clone, Debug)]
pub struct OfferRecord {
    /// Its number.
    pub key: OfferKey,
    /// Its id.
    pub id: String,
    /// Who has it.
    pub framework: FrameworkKey,
    /// For which role.
    pub role: Arc<str>,
    /// Of which agent.
    pub agent: AgentKey,
    /// What, allocated to that role.
    pub resources: Resources,
}
