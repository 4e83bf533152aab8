// SPDX-License-Identifier: Apache-2.0

//! The cluster as changes have made it.
//!
//! Invariant: the cost of a change does not depend on the size of the cluster,
//! except that the first one after a snapshot that is still held copies the list
//! of chunks, one reference for each 32 entries.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
};

use mesos_core::{resources::Resources, task_state::is_terminal};
use mesos_master_state::{
    AgentFate, AgentKey, AgentRecord, Change, FrameworkKey, FrameworkRecord, OfferKey, TaskKey,
    TaskRecord,
};
use mesos_proto::v1;

use super::{
    activity::Note,
    chunks::Chunks,
    entries::{AgentView, ExecutorView, FrameworkView, OfferView},
};

/// How much history is kept.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// `--max_completed_frameworks`.
    pub completed_frameworks: usize,
    /// `--max_completed_tasks_per_framework`.
    pub completed_tasks: usize,
}

/// The records of everything, by key.
#[derive(Debug)]
pub struct Cluster {
    bounds: Bounds,
    /// Counts changes; equal versions are equal clusters.
    version: u64,
    agents: Chunks<AgentKey, Arc<AgentView>>,
    recovered: BTreeMap<String, Arc<v1::AgentInfo>>,
    unreachable: BTreeSet<Arc<str>>,
    frameworks: BTreeMap<FrameworkKey, Arc<FrameworkView>>,
    completed: VecDeque<Arc<FrameworkView>>,
    /// Only looked up.
    by_id: HashMap<Arc<str>, FrameworkKey>,
    /// The framework of each offer; only looked up.
    offers: HashMap<OfferKey, FrameworkKey>,
}

/// The cluster at one moment; cheap to take, safe to keep.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Equal for equal clusters.
    pub version: u64,
    /// Registered agents.
    pub agents: Chunks<AgentKey, Arc<AgentView>>,
    /// Agents of the registry that have not come back yet.
    pub recovered: Vec<Arc<v1::AgentInfo>>,
    /// How many agents are unreachable.
    pub unreachable: usize,
    /// Frameworks that have not ended.
    pub frameworks: Vec<Arc<FrameworkView>>,
    /// Frameworks that have ended, oldest first.
    pub completed: Vec<Arc<FrameworkView>>,
}

impl Cluster {
    /// An empty cluster.
    pub fn new(bounds: Bounds) -> Self {
        Cluster {
            bounds,
            version: 0,
            agents: Chunks::default(),
            recovered: BTreeMap::new(),
            unreachable: BTreeSet::new(),
            frameworks: BTreeMap::new(),
            completed: VecDeque::new(),
            by_id: HashMap::new(),
            offers: HashMap::new(),
        }
    }

    /// The cluster as it is now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            version: self.version,
            agents: self.agents.clone(),
            recovered: self.recovered.values().cloned().collect(),
            unreachable: self.unreachable.len(),
            frameworks: self.frameworks.values().cloned().collect(),
            completed: self.completed.iter().cloned().collect(),
        }
    }

    /// Counts something between a framework and the master. It shows in metrics
    /// only, so the version stays.
    pub fn note(&mut self, note: Note) {
        let framework_id = match &note {
            Note::Called { framework_id, .. } => framework_id.as_str(),
            Note::Sent { framework_id, .. } => framework_id,
        };
        let Some(framework) = self.by_id.get(framework_id).copied() else {
            return;
        };
        self.with(framework, |view| match note {
            Note::Called { call, accepted, declined, operations, .. } => {
                let offers = &view.offers;
                let is_offer = |id: &str| {
                    let number = id.rsplit_once("-O").and_then(|(_, number)| number.parse().ok());
                    let offer = number.and_then(|number| offers.get(&OfferKey(number)));
                    offer.is_some_and(|offer| offer.record.id == id)
                };
                view.activity.called(call, &accepted, &declined, &operations, is_offer);
            }
            Note::Sent { event, count, .. } => view.activity.sent(event, count),
        });
    }

    /// Takes one change.
    pub fn apply(&mut self, change: Change) {
        self.version += 1;
        match change {
            Change::AgentRecovered(info) => {
                let id = info.id.as_ref().map(|id| id.value.clone()).unwrap_or_default();
                self.recovered.insert(id, info);
            }
            Change::Agent(record) => self.put_agent(record),
            Change::AgentUsage { agent, used, offered } => {
                if let Some(view) = self.agents.get_mut(&agent) {
                    let view = Arc::make_mut(view);
                    (view.used, view.offered) = (used, offered);
                }
            }
            Change::AgentRemoved { agent, agent_id, to } => {
                self.remove_agent(agent, agent_id, to);
            }
            Change::AgentsPruned { unreachable, .. } => {
                for id in &unreachable {
                    self.unreachable.remove(id);
                }
            }
            Change::Framework(record) => self.put_framework(record),
            Change::FrameworkUsage { framework, used, offered } => {
                self.with(framework, |view| (view.used, view.offered) = (used, offered));
            }
            Change::FrameworkCompleted(record) => self.complete_framework(record),
            Change::TaskAdded(task) => self.put_task(task, Shelf::Active),
            Change::TaskUpdated { task, .. } => self.put_task(task, Shelf::AsBefore),
            Change::TaskCompleted(task) => self.complete_task(task),
            Change::TaskUnreachable(task) => self.put_task(task, Shelf::Unreachable),
            Change::TaskForgotten { task, framework_id } => self.forget_task(task, &framework_id),
            Change::ExecutorAdded { agent, framework, info } => {
                let agent_id = self.agent_id(agent);
                let key = (agent, info.executor_id.value.clone());
                self.with(framework, |view| {
                    view.executors.insert(key, ExecutorView { agent_id, info });
                });
            }
            Change::ExecutorRemoved { agent, framework, executor_id } => {
                self.with(framework, |view| drop(view.executors.remove(&(agent, executor_id))));
            }
            Change::OfferAdded(record) => {
                let agent_id = self.agent_id(record.agent);
                self.offers.insert(record.key, record.framework);
                self.with(record.framework, |view| {
                    view.activity.offers_sent += 1;
                    view.offers.insert(record.key, OfferView { agent_id, record });
                });
            }
            Change::OfferRemoved { offer } => {
                if let Some(framework) = self.offers.remove(&offer) {
                    self.with(framework, |view| drop(view.offers.remove(&offer)));
                }
            }
        }
    }

    fn put_agent(&mut self, record: Arc<AgentRecord>) {
        self.recovered.remove(&*record.id);
        self.unreachable.remove(&record.id);
        match self.agents.get_mut(&record.key) {
            Some(view) => Arc::make_mut(view).record = record,
            None => {
                let key = record.key;
                let (used, offered) = (Resources::default(), Resources::default());
                self.agents.insert(key, Arc::new(AgentView { record, used, offered }));
            }
        }
    }

    fn remove_agent(&mut self, agent: Option<AgentKey>, agent_id: Arc<str>, to: AgentFate) {
        if let Some(agent) = agent {
            self.agents.remove(&agent);
        }
        self.recovered.remove(&*agent_id);
        match to {
            AgentFate::Unreachable => self.unreachable.insert(agent_id),
            AgentFate::Removed | AgentFate::Gone => self.unreachable.remove(&agent_id),
        };
    }

    fn put_framework(&mut self, record: Arc<FrameworkRecord>) {
        self.by_id.insert(record.id.clone(), record.key);
        match self.frameworks.get_mut(&record.key) {
            Some(view) => Arc::make_mut(view).record = record,
            None => {
                let key = record.key;
                self.frameworks.insert(key, Arc::new(FrameworkView::new(record)));
            }
        }
    }

    fn complete_framework(&mut self, record: Arc<FrameworkRecord>) {
        self.by_id.remove(&record.id);
        let Some(mut view) = self.frameworks.remove(&record.key) else {
            return;
        };
        let ended = Arc::make_mut(&mut view);
        ended.record = record;
        (ended.used, ended.offered) = (Resources::default(), Resources::default());
        for key in ended.offers.keys() {
            self.offers.remove(key);
        }
        self.completed.push_back(view);
        while self.completed.len() > self.bounds.completed_frameworks {
            self.completed.pop_front();
        }
    }

    fn put_task(&mut self, task: Arc<TaskRecord>, shelf: Shelf) {
        let Some(framework) = self.by_id.get(&task.spec.framework_id).copied() else {
            return;
        };
        let key = task.spec.key;
        self.with(framework, |view| {
            let unreachable = view.unreachable.get(&key);
            let is_unreachable = match shelf {
                Shelf::Active => false,
                Shelf::Unreachable => true,
                Shelf::AsBefore => unreachable.is_some(),
            };
            let before = unreachable.or_else(|| view.tasks.get(&key));
            let had_ended = before.is_some_and(|before| is_terminal(before.state));
            if is_terminal(task.state) && !had_ended {
                view.activity.ended(task.state);
            }
            if is_unreachable {
                view.tasks.remove(&key);
                view.unreachable.insert(key, task);
            } else {
                view.unreachable.remove(&key);
                view.tasks.insert(key, task);
            }
        });
    }

    fn complete_task(&mut self, task: Arc<TaskRecord>) {
        let Some(framework) = self.by_id.get(&task.spec.framework_id).copied() else {
            return;
        };
        let key = task.spec.key;
        let bound = self.bounds.completed_tasks;
        self.with(framework, |view| {
            view.tasks.remove(&key);
            view.unreachable.remove(&key);
            view.ended += 1;
            view.completed.insert(view.ended, task);
            while view.completed.len() > bound {
                view.completed.pop_first();
            }
        });
    }

    fn forget_task(&mut self, task: TaskKey, framework_id: &str) {
        let Some(framework) = self.by_id.get(framework_id).copied() else {
            return;
        };
        self.with(framework, |view| {
            view.tasks.remove(&task);
            view.unreachable.remove(&task);
        });
    }

    fn agent_id(&self, agent: AgentKey) -> Arc<str> {
        self.agents.get(&agent).map_or_else(|| Arc::from(""), |view| view.record.id.clone())
    }

    fn with(&mut self, framework: FrameworkKey, change: impl FnOnce(&mut FrameworkView)) {
        if let Some(view) = self.frameworks.get_mut(&framework) {
            change(Arc::make_mut(view));
        }
    }
}

/// Which of a framework's lists a task belongs on.
#[derive(Clone, Copy)]
enum Shelf {
    Active,
    Unreachable,
    AsBefore,
}
