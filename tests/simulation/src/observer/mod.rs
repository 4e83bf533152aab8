// SPDX-License-Identifier: Apache-2.0

//! Looks at what a master is told and what it says, and checks that it adds up.
//!
//! - What is on offer of an agent fits into what is not used of it, and both are the
//!   sum of its tasks, executors and offers ([`books`]).
//! - A task never leaves a terminal state, and no two active ones share an id.
//! - Who has to hear of something hears of it at once ([`told`]).
//! - What nobody has and somebody wants is offered soon, and nothing else is
//!   ([`fairness`]).
//! - An agent is given up when, and only when, it is silent for long ([`pulse`]).
//! - The gauges count what the changes tell.
//!
//! An observer lives as long as its master's process.

mod books;
mod fairness;
mod pulse;
mod told;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use mesos_agent_state::ToMaster;
use mesos_core::time::Time;
use mesos_master_state::{
    AgentFate, AgentKey, Change, FrameworkKey, FrameworkRecord, Gauges, RegistryChange,
    RegistrySnapshot, StreamKey, TaskKey, ToAgent,
};
use mesos_proto::v1::{
    AgentId, TaskState,
    scheduler::{self, call},
};

use self::{books::Books, fairness::Fairness, pulse::Pulse, told::Told};

/// What one master has published.
#[derive(Debug, Default)]
pub(crate) struct Observer {
    books: Books,
    told: Told,
    pub(crate) fairness: Fairness,
    pub(crate) pulse: Pulse,
    frameworks: BTreeMap<FrameworkKey, Arc<FrameworkRecord>>,
    completed: BTreeSet<String>,
    recovered: BTreeSet<String>,
    unreachable: BTreeSet<String>,
    unreachable_tasks: BTreeSet<TaskKey>,
    /// Since when a framework that was connected is not.
    away: BTreeMap<FrameworkKey, Time>,
}

/// Timers are no later than this.
const TIMER_SLACK: Duration = Duration::from_secs(2);

/// Whether nothing follows a state, on the agent that reported it.
pub(crate) fn is_terminal(state: TaskState) -> bool {
    match state {
        TaskState::TaskFinished
        | TaskState::TaskFailed
        | TaskState::TaskKilled
        | TaskState::TaskError
        | TaskState::TaskLost
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

impl Observer {
    /// A message of an agent to a process of the master's is about to be handed to it.
    pub(crate) fn hears_of_agent(&mut self, now: Time, pid: &str, to: &str, message: &ToMaster) {
        match message {
            ToMaster::Pong(_) => {
                if let Some(agent) = self.books.agent_at(pid)
                    && self.pulse.is_asked_by(pid, to)
                {
                    self.pulse.beats(agent.key, now);
                }
            }
            ToMaster::Reregister(message) => self.told.reregisters(message),
            ToMaster::Register(_)
            | ToMaster::Unregister(_)
            | ToMaster::StatusUpdate(_)
            | ToMaster::ExecutorToFramework(_)
            | ToMaster::ExitedExecutor(_)
            | ToMaster::UpdateSlave(_)
            | ToMaster::UpdateOperationStatus(_) => {}
        }
    }

    /// The master gives a subscription its id.
    pub(crate) fn opens(&mut self, stream: StreamKey, stream_id: &str) {
        self.told.opens(stream, stream_id);
    }

    /// A subscription has ended, as far as the master knows.
    pub(crate) fn closes(&mut self, stream: StreamKey) {
        self.told.closes(stream);
    }

    /// A call is about to be handed to the master; whether it is from the newest
    /// subscription of its framework.
    pub(crate) fn called(&mut self, now: Time, stream_id: &str, call: &scheduler::Call) -> bool {
        let id = call.framework_id.as_ref().map_or("", |id| id.value.as_str());
        let Some(framework) = self.told.owner_of(stream_id).filter(|owner| *owner == id) else {
            return false;
        };
        let framework = framework.to_owned();
        let Some(record) = self.frameworks.values().find(|it| *it.id == *framework) else {
            return false;
        };
        match call.r#type() {
            call::Type::Decline => {
                let decline = call.decline.clone().unwrap_or_default();
                let refuse = decline.filters.and_then(|filters| filters.refuse_seconds);
                for id in &decline.offer_ids {
                    self.told.names_offer(&id.value);
                    if let Some(offer) = self.books.offer(&id.value)
                        && offer.framework == record.key
                    {
                        self.fairness.declines(now, record, offer, refuse);
                    }
                }
            }
            call::Type::Accept => {
                let accept = call.accept.clone().unwrap_or_default();
                let refuse = accept.filters.and_then(|filters| filters.refuse_seconds);
                for id in &accept.offer_ids {
                    self.told.names_offer(&id.value);
                    if let Some(offer) = self.books.offer(&id.value) {
                        self.fairness.accepts(now, offer, refuse);
                    }
                }
            }
            call::Type::Revive => {
                let roles = call.revive.clone().unwrap_or_default().roles;
                self.fairness.revives(record.key, &roles);
            }
            call::Type::Reconcile => {
                for task in call.reconcile.iter().flat_map(|it| &it.tasks) {
                    if self.books.active_task(&framework, &task.task_id.value).is_some() {
                        self.told.owes_update(&framework, &task.task_id.value, "it was asked for");
                    }
                }
            }
            call::Type::Kill => {
                let kill = call.kill.clone().unwrap_or_default();
                let task = self.books.active_task(&framework, &kill.task_id.value);
                if let Some(task) = task
                    && kill.agent_id.is_none_or(|id| *id.value == *task.spec.agent_id)
                {
                    let connected = self.books.is_connected(&task.spec.agent_id);
                    self.told.kills(&framework, &kill.task_id.value, connected);
                }
            }
            call::Type::Unknown
            | call::Type::Subscribe
            | call::Type::Teardown
            | call::Type::AcceptInverseOffers
            | call::Type::DeclineInverseOffers
            | call::Type::Suppress
            | call::Type::Shutdown
            | call::Type::Acknowledge
            | call::Type::AcknowledgeOperationStatus
            | call::Type::ReconcileOperations
            | call::Type::Message
            | call::Type::Request
            | call::Type::UpdateFramework => {}
        }
        true
    }

    /// The master writes to a stream.
    pub(crate) fn event(
        &mut self,
        stream: StreamKey,
        event: &scheduler::Event,
    ) -> Result<(), String> {
        self.told.event(stream, event)
    }

    /// The master sends a message to an agent.
    pub(crate) fn sends(&mut self, message: &ToAgent) {
        match message {
            ToAgent::KillTask(kill) => {
                self.told.sends_kill(&kill.framework_id.value, &kill.task_id.value);
            }
            ToAgent::Reregistered(message) => {
                let agent_id = message.agent_id.value.as_str();
                let running = self.books.active_tasks_on(agent_id);
                self.told.welcomes(agent_id, &running);
            }
            ToAgent::Registered(_)
            | ToAgent::Shutdown(_)
            | ToAgent::RunTask(_)
            | ToAgent::RunTaskGroup(_)
            | ToAgent::ShutdownExecutor(_)
            | ToAgent::ShutdownFramework(_)
            | ToAgent::FrameworkToExecutor(_)
            | ToAgent::UpdateFramework(_)
            | ToAgent::StatusUpdateAcknowledgement(_)
            | ToAgent::CheckpointResources(_)
            | ToAgent::ApplyOperation(_)
            | ToAgent::ReconcileOperations(_)
            | ToAgent::AcknowledgeOperationStatus(_)
            | ToAgent::Drain(_) => {}
        }
    }

    /// The master writes to its registry.
    pub(crate) fn stores(&mut self, now: Time, changes: &[RegistryChange]) -> Result<(), String> {
        for change in changes {
            if let RegistryChange::MarkUnreachable { agent_id, .. } = change
                && let Some(agent) = self.books.agent(agent_id)
                && agent.connected
            {
                self.pulse.given_up(agent.key, agent_id, now)?;
            }
        }
        Ok(())
    }

    /// Takes note of a change; says what is wrong with it.
    pub(crate) fn change(&mut self, now: Time, change: &Change) -> Result<(), String> {
        match change {
            Change::Agent(record) => {
                self.recovered.remove(&*record.id);
                self.unreachable.remove(&*record.id);
                self.pulse.starts(record.key, now);
                self.fairness.agent_changes(record.key);
            }
            Change::AgentRecovered(info) => {
                self.recovered.extend(info.id.iter().map(|id| id.value.clone()));
            }
            Change::AgentRemoved { agent, agent_id, to } => {
                self.agent_removed(*agent, agent_id, *to);
            }
            Change::AgentsPruned { unreachable, .. } => {
                self.unreachable.retain(|id| !unreachable.iter().any(|pruned| **pruned == **id));
            }
            Change::Framework(record) => {
                self.fairness.framework_changes(record);
                match record.connected || record.recovered {
                    true => self.away.remove(&record.key),
                    false => Some(*self.away.entry(record.key).or_insert(now)),
                };
                self.frameworks.insert(record.key, record.clone());
            }
            Change::FrameworkCompleted(record) => {
                self.fairness.framework_completed(record.key);
                self.frameworks.remove(&record.key);
                self.away.remove(&record.key);
                self.completed.insert(record.id.to_string());
                self.told.framework_ends(&record.id);
            }
            Change::OfferAdded(record) => {
                let agent = self.books.agent_record(record.agent);
                let framework = self.frameworks.get(&record.framework);
                if let (Some(agent), Some(framework)) = (agent, framework) {
                    self.fairness.offers(now, agent, framework, record)?;
                }
            }
            Change::OfferRemoved { offer } => {
                if let Some(record) = self.books.offer_of_key(*offer)
                    && let Some(framework) = self.frameworks.get(&record.framework)
                {
                    self.told.offer_ends(&framework.id, &record.id);
                }
            }
            Change::TaskUpdated { task, status } => {
                let connected = self.connected(&task.spec.framework_id);
                self.told.task_updated(task, status, connected);
            }
            Change::TaskUnreachable(record) => {
                self.told.task_leaves(record);
                self.unreachable_tasks.insert(record.spec.key);
            }
            Change::TaskCompleted(record) => {
                self.unreachable_tasks.remove(&record.spec.key);
            }
            Change::TaskForgotten { task, .. } => {
                self.unreachable_tasks.remove(task);
            }
            Change::AgentUsage { .. }
            | Change::FrameworkUsage { .. }
            | Change::TaskAdded(_)
            | Change::ExecutorAdded { .. }
            | Change::ExecutorRemoved { .. } => {}
        }
        self.books.change(change)
    }

    fn agent_removed(&mut self, agent: Option<AgentKey>, agent_id: &str, to: AgentFate) {
        self.recovered.remove(agent_id);
        match to {
            AgentFate::Unreachable => self.unreachable.insert(agent_id.to_owned()),
            AgentFate::Removed | AgentFate::Gone => self.unreachable.remove(agent_id),
        };
        if let Some(agent) = agent {
            self.pulse.ends(agent);
            self.fairness.agent_removed(agent);
        }
    }

    /// Checks what was touched since the last time; the master has said everything
    /// that it had to say.
    pub(crate) fn check(&mut self) -> Result<(), String> {
        self.told.check()?;
        for (agent_id, (framework_id, executor_id)) in std::mem::take(&mut self.told.executors) {
            let framework = self.frameworks.values().find(|it| *it.id == *framework_id);
            if let Some(framework) = framework
                && !self.books.has_executor(&agent_id, framework.key, &executor_id)
            {
                return Err(format!("executor {executor_id} of agent {agent_id} is not counted"));
            }
        }
        self.books.check()
    }

    /// Checks what must not last.
    pub(crate) fn audit(&mut self, now: Time, gauges: &Gauges) -> Result<(), String> {
        self.check_gauges(gauges)?;
        self.pulse.audit(now)?;
        for (framework, since) in &self.away {
            let info = &self.frameworks[framework].info;
            let timeout = Duration::from_secs_f64(info.failover_timeout());
            if now.since(*since) > timeout + TIMER_SLACK {
                return Err(format!("framework {} is away for too long", info.name));
            }
        }
        self.fairness.audit(now, &self.books, &self.frameworks)
    }

    fn check_gauges(&self, said: &Gauges) -> Result<(), String> {
        let of = |state: TaskState| self.books.count_tasks(state);
        let agents = |yes: fn(&mesos_master_state::AgentRecord) -> bool| {
            self.books.agents().filter(|agent| yes(agent)).count() as u64
        };
        let frameworks = |yes: fn(&FrameworkRecord) -> bool| {
            self.frameworks.values().filter(|framework| yes(framework)).count() as u64
        };
        let seen = Gauges {
            slaves_active: agents(|agent| agent.active),
            slaves_inactive: agents(|agent| !agent.active),
            slaves_connected: agents(|agent| agent.connected),
            slaves_disconnected: agents(|agent| !agent.connected),
            slaves_unreachable: self.unreachable.len() as u64,
            frameworks_active: frameworks(|framework| framework.active),
            frameworks_inactive: frameworks(|framework| !framework.active),
            frameworks_connected: frameworks(|framework| framework.connected),
            frameworks_disconnected: frameworks(|framework| !framework.connected),
            outstanding_offers: self.books.count_offers(),
            tasks_staging: of(TaskState::TaskStaging),
            tasks_starting: of(TaskState::TaskStarting),
            tasks_running: of(TaskState::TaskRunning),
            tasks_killing: of(TaskState::TaskKilling),
            tasks_unreachable: self.unreachable_tasks.len() as u64,
        };
        if seen != *said {
            return Err(format!("the gauges are {said:?}, but the changes make {seen:?}"));
        }
        Ok(())
    }

    fn connected(&self, framework_id: &str) -> bool {
        let record = self.frameworks.values().find(|record| *record.id == *framework_id);
        record.is_some_and(|record| record.connected)
    }

    /// Whether an agent of this id is registered.
    pub(crate) fn knows_agent(&self, agent_id: &str) -> bool {
        self.books.agent(agent_id).is_some()
    }

    /// The agent that is registered at an address.
    pub(crate) fn agent_at(&self, pid: &str) -> Option<AgentId> {
        let agent = self.books.agent_at(pid)?;
        Some(AgentId { value: agent.id.to_string() })
    }

    /// The ids of the frameworks.
    pub(crate) fn framework_ids(&self) -> Vec<String> {
        self.frameworks.values().map(|record| record.id.to_string()).collect()
    }

    /// Some agent that cannot be reached.
    pub(crate) fn any_unreachable(&self) -> Option<AgentId> {
        self.unreachable.first().map(|id| AgentId { value: id.clone() })
    }

    /// What is left over when everything should be over, and where the registry
    /// says something else.
    pub(crate) fn leftovers(&self, registry: &RegistrySnapshot) -> Vec<String> {
        let mut leftovers = self.books.leftovers();
        let mut compare = |what: &str, ours: BTreeSet<&str>, stored: BTreeSet<&str>| {
            if ours != stored {
                let text = format!("{what} are {ours:?}, and {stored:?} in the registry");
                leftovers.push(text);
            }
        };
        let registered = self.books.agents().map(|agent| &*agent.id);
        let admitted = registered.chain(self.recovered.iter().map(String::as_str));
        let stored = registry.admitted.keys().map(String::as_str);
        compare("the agents", admitted.collect(), stored.collect());
        let unreachable = self.unreachable.iter().map(String::as_str);
        let stored = registry.unreachable.keys().map(String::as_str);
        compare("the unreachable agents", unreachable.collect(), stored.collect());
        // One that only an agent has told of need not be stored.
        let known: BTreeSet<&str> = self.frameworks.values().map(|record| &*record.id).collect();
        let connected = self.frameworks.values().filter(|record| record.connected);
        let missing = connected.filter(|record| !registry.frameworks.contains_key(&*record.id));
        leftovers.extend(missing.map(|it| format!("framework {} is not stored", it.id)));
        let over = registry.frameworks.keys().filter(|id| !known.contains(id.as_str()));
        leftovers.extend(over.map(|id| format!("framework {id} is over, but not stored as such")));
        leftovers
    }
}
