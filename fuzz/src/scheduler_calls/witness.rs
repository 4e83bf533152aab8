// SPDX-License-Identifier: Apache-2.0

//! What must hold of a master, seen from outside: from the changes that it
//! tells its readers.
//!
//! - What is on offer of an agent is exactly what the master says is, and no
//!   more than the agent has.
//! - While agents are honest, what is used and on offer together is no more
//!   than there is.
//! - An offer goes to a framework that is there, connected and active, and ends once.
//! - A task is added once, and is over once; it has no state after a terminal one.
//! - The numbers that the master counts are those of its records.

use std::{collections::BTreeMap, sync::Arc};

use mesos_core::resources::Resources;
use mesos_master_state::{
    AgentKey, AgentRecord, Change, FrameworkKey, FrameworkRecord, Gauges, OfferKey, OfferRecord,
    TaskKey,
};
use mesos_proto::v1::TaskState;

/// What is known of one agent.
struct Agent {
    record: Arc<AgentRecord>,
    used: Resources,
    offered: Resources,
}

/// Where a task is, as readers are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Live,
    Completed,
    Unreachable,
}

/// What readers were told so far.
#[derive(Default)]
pub(super) struct Witness {
    agents: BTreeMap<AgentKey, Agent>,
    frameworks: BTreeMap<FrameworkKey, Arc<FrameworkRecord>>,
    offers: BTreeMap<OfferKey, Arc<OfferRecord>>,
    tasks: BTreeMap<TaskKey, (Place, TaskState)>,
    /// An agent may have said what is not so: more is used than was given out.
    pub(super) liars: bool,
}

impl Witness {
    /// Takes note of a change.
    pub(super) fn saw(&mut self, change: Change) {
        match change {
            Change::AgentRecovered(_) | Change::AgentsPruned { .. } => {}
            Change::Agent(record) => {
                let agent = self.agents.remove(&record.key);
                let (used, offered) = agent.map(|it| (it.used, it.offered)).unwrap_or_default();
                self.agents.insert(record.key, Agent { record, used, offered });
            }
            Change::AgentUsage { agent, used, offered } => {
                let agent = self.agents.get_mut(&agent).expect("an agent that is there");
                (agent.used, agent.offered) = (used, offered);
            }
            Change::AgentRemoved { agent, .. } => {
                if let Some(agent) = agent {
                    assert!(self.agents.remove(&agent).is_some(), "removed twice");
                    let left = self.offers.values().find(|offer| offer.agent == agent);
                    assert!(left.is_none(), "an offer of an agent that is gone: {left:?}");
                }
            }
            Change::Framework(record) => {
                self.frameworks.insert(record.key, record);
            }
            Change::FrameworkUsage { framework, .. } => {
                assert!(self.frameworks.contains_key(&framework), "usage of nobody");
            }
            Change::FrameworkCompleted(record) => {
                assert!(self.frameworks.remove(&record.key).is_some(), "completed twice");
                let left = self.offers.values().find(|offer| offer.framework == record.key);
                assert!(left.is_none(), "an offer to a framework that ended: {left:?}");
            }
            Change::ExecutorAdded { agent, framework, .. }
            | Change::ExecutorRemoved { agent, framework, .. } => {
                assert!(self.agents.contains_key(&agent), "an executor on no agent");
                assert!(self.frameworks.contains_key(&framework), "an executor of nobody");
            }
            Change::OfferAdded(offer) => self.offer_added(offer),
            Change::OfferRemoved { offer } => {
                assert!(self.offers.remove(&offer).is_some(), "an offer ended twice");
            }
            Change::TaskAdded(task) => {
                let added = self.tasks.insert(task.spec.key, (Place::Live, task.state));
                assert!(added.is_none(), "a task was added twice: {task:?}");
            }
            Change::TaskUpdated { task, .. } => {
                let (place, state) =
                    self.tasks.get_mut(&task.spec.key).expect("a task that is there");
                assert_ne!(*place, Place::Completed, "an update of a completed task: {task:?}");
                assert!(
                    !is_terminal(*state) || is_terminal(task.state),
                    "a task lives again after {state:?}: {task:?}"
                );
                *state = task.state;
            }
            Change::TaskCompleted(task) => self.task_moved(task.spec.key, Place::Completed),
            Change::TaskUnreachable(task) => self.task_moved(task.spec.key, Place::Unreachable),
            Change::TaskForgotten { task, .. } => {
                assert!(self.tasks.remove(&task).is_some(), "forgotten twice");
            }
        }
    }

    fn task_moved(&mut self, task: TaskKey, to: Place) {
        let (place, _) = self.tasks.get_mut(&task).expect("a task that is there");
        assert_ne!(*place, to, "a task is {to:?} twice");
        assert_ne!(*place, Place::Completed, "a completed task becomes {to:?}");
        *place = to;
    }

    fn offer_added(&mut self, offer: Arc<OfferRecord>) {
        let framework = self.frameworks.get(&offer.framework).expect("an offer to somebody");
        assert!(framework.active && framework.connected, "an offer to nobody: {offer:?}");
        let agent = self.agents.get(&offer.agent).expect("an offer of an agent");
        assert!(agent.record.active && agent.record.connected, "an offer of nothing: {offer:?}");
        assert!(!offer.resources.is_empty(), "an empty offer: {offer:?}");
        let before = self.offers.insert(offer.key, offer);
        assert!(before.is_none(), "an offer was made twice: {before:?}");
    }

    /// What must hold between two inputs.
    pub(super) fn check(&self) {
        for (key, agent) in &self.agents {
            let offers = self.offers.values().filter(|offer| offer.agent == *key);
            let offered = offers.fold(Resources::new(), |sum, offer| sum + &offer.resources);
            assert_eq!(offered, agent.offered, "what is on offer of {:?}", agent.record.id);
            if self.liars {
                continue;
            }
            let total = &agent.record.total;
            let free = offered.unallocated();
            assert!(total.contains(&free), "{free} is on offer of {total}");
            let taken = agent.used.quantities() + &agent.offered.quantities();
            let there = total.quantities();
            assert!(there.contains(&taken), "{taken} is used or on offer of {there}");
        }
    }

    /// What the master counts is what it told.
    pub(super) fn check_gauges(&self, gauges: &Gauges) {
        let count = |keep: fn(&AgentRecord) -> bool| {
            self.agents.values().filter(|agent| keep(&agent.record)).count() as u64
        };
        assert_eq!(gauges.slaves_connected, count(|agent| agent.connected));
        assert_eq!(gauges.slaves_active, count(|agent| agent.active));
        let count = |keep: fn(&FrameworkRecord) -> bool| {
            self.frameworks.values().filter(|framework| keep(framework)).count() as u64
        };
        assert_eq!(gauges.frameworks_connected, count(|framework| framework.connected));
        assert_eq!(gauges.frameworks_active, count(|framework| framework.active));
        assert_eq!(gauges.outstanding_offers, self.offers.len() as u64);
    }
}

/// Whether a task in this state is over for good.
fn is_terminal(state: TaskState) -> bool {
    match state {
        TaskState::TaskFinished
        | TaskState::TaskFailed
        | TaskState::TaskKilled
        | TaskState::TaskLost
        | TaskState::TaskError
        | TaskState::TaskDropped
        | TaskState::TaskGone
        | TaskState::TaskGoneByOperator => true,
        TaskState::TaskStaging
        | TaskState::TaskStarting
        | TaskState::TaskRunning
        | TaskState::TaskKilling
        | TaskState::TaskUnreachable
        | TaskState::TaskUnknown => false,
    }
}
