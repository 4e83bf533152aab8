// SPDX-License-Identifier: Apache-2.0

//! Who has to hear of something: what one input makes known must be said before the
//! next one comes.
//!
//! - An offer that ends without having been named by its framework is rescinded.
//! - A status that the master makes goes to the framework, if that is connected.
//! - RECONCILE is answered for every task that the master has.
//! - A KILL goes to the agent, now or when the agent is back.
//! - Nothing but ERROR comes on a subscription that another one has replaced.

use std::collections::{BTreeMap, BTreeSet};

use mesos_master_state::{StreamKey, TaskRecord};
use mesos_proto::{
    internal::ReregisterSlaveMessage,
    v1::{
        TaskStatus, scheduler,
        task_status::{Reason, Source},
    },
};

use super::is_terminal;

/// A framework and a task of it.
type TaskName = (String, String);

#[derive(Debug, Default)]
pub(super) struct Told {
    stream_ids: BTreeMap<String, StreamKey>,
    /// Whose a subscription is.
    owners: BTreeMap<StreamKey, String>,
    /// The newest subscription of each framework.
    current: BTreeMap<String, StreamKey>,
    /// On which subscription an offer was made.
    announced: BTreeMap<String, StreamKey>,
    /// Offers that the call at hand names.
    named: BTreeSet<String>,
    /// Offers that have ended: whose, and which.
    ended: Vec<(String, String)>,
    rescinded: BTreeSet<String>,
    /// Updates that have to be sent, and why.
    updates: BTreeMap<TaskName, &'static str>,
    /// Tasks that the framework wants killed.
    killed: BTreeSet<TaskName>,
    kills: BTreeSet<TaskName>,
    /// What an agent said when it came back: tasks that are not over.
    reported: BTreeMap<String, BTreeSet<TaskName>>,
    /// The same of executors: framework and executor.
    reported_executors: BTreeMap<String, Vec<TaskName>>,
    /// Executors that have to be in the books: agent, framework and executor.
    pub(super) executors: Vec<(String, TaskName)>,
}

impl Told {
    pub(super) fn opens(&mut self, stream: StreamKey, stream_id: &str) {
        self.stream_ids.insert(stream_id.to_owned(), stream);
    }

    pub(super) fn closes(&mut self, stream: StreamKey) {
        if let Some(owner) = self.owners.get(&stream)
            && self.current.get(owner) == Some(&stream)
        {
            self.current.remove(owner);
        }
    }

    /// The framework whose newest subscription has this id.
    pub(super) fn owner_of(&self, stream_id: &str) -> Option<&str> {
        let stream = self.stream_ids.get(stream_id)?;
        let owner = self.owners.get(stream)?;
        (self.current.get(owner) == Some(stream)).then_some(owner)
    }

    pub(super) fn names_offer(&mut self, offer_id: &str) {
        self.named.insert(offer_id.to_owned());
    }

    pub(super) fn owes_update(&mut self, framework_id: &str, task_id: &str, why: &'static str) {
        self.updates.insert((framework_id.to_owned(), task_id.to_owned()), why);
    }

    pub(super) fn kills(&mut self, framework_id: &str, task_id: &str, connected: bool) {
        let name = (framework_id.to_owned(), task_id.to_owned());
        if connected {
            self.kills.insert(name.clone());
        }
        self.killed.insert(name);
    }

    pub(super) fn sends_kill(&mut self, framework_id: &str, task_id: &str) {
        self.kills.remove(&(framework_id.to_owned(), task_id.to_owned()));
    }

    pub(super) fn reregisters(&mut self, message: &ReregisterSlaveMessage) {
        let agent_id = message.agent.id.clone().unwrap_or_default().value;
        let live = message.tasks.iter().filter(|task| !is_terminal(task.state()));
        let names = live.map(|it| (it.framework_id.value.clone(), it.task_id.value.clone()));
        self.reported.insert(agent_id.clone(), names.collect());
        let executors = message.executor_infos.iter().map(|it| {
            let framework_id = it.framework_id.clone().unwrap_or_default().value;
            (framework_id, it.executor_id.value.clone())
        });
        self.reported_executors.insert(agent_id, executors.collect());
    }

    /// An agent is back, on which the master has these tasks.
    pub(super) fn welcomes(&mut self, agent_id: &str, active: &[TaskName]) {
        let executors = self.reported_executors.remove(agent_id).unwrap_or_default();
        let executors = executors.into_iter().map(|name| (agent_id.to_owned(), name));
        self.executors.extend(executors);
        let Some(reported) = self.reported.remove(agent_id) else { return };
        let both = active.iter().filter(|name| reported.contains(name));
        self.kills.extend(both.filter(|name| self.killed.contains(name)).cloned());
    }

    pub(super) fn task_updated(&mut self, task: &TaskRecord, status: &TaskStatus, connected: bool) {
        let is_ours = status.source.is_some() && status.source() == Source::Master;
        let silent = status.reason() == Reason::FrameworkRemoved;
        let name = (task.spec.framework_id.to_string(), task.spec.task_id.to_string());
        if is_terminal(task.state) {
            self.killed.remove(&name);
        }
        if connected && is_ours && !silent {
            self.updates.insert(name, "the master changed its state");
        }
    }

    /// A task is out of reach: a kill that was sent is forgotten, as in Mesos.
    pub(super) fn task_leaves(&mut self, task: &TaskRecord) {
        let name = (task.spec.framework_id.to_string(), task.spec.task_id.to_string());
        self.killed.remove(&name);
    }

    pub(super) fn offer_ends(&mut self, framework_id: &str, offer_id: &str) {
        self.ended.push((framework_id.to_owned(), offer_id.to_owned()));
    }

    pub(super) fn framework_ends(&mut self, framework_id: &str) {
        self.current.remove(framework_id);
        self.updates.retain(|(owner, _), _| owner != framework_id);
        self.killed.retain(|(owner, _)| owner != framework_id);
        self.kills.retain(|(owner, _)| owner != framework_id);
    }

    pub(super) fn event(
        &mut self,
        stream: StreamKey,
        event: &scheduler::Event,
    ) -> Result<(), String> {
        if let Some(subscribed) = &event.subscribed {
            let id = subscribed.framework_id.value.clone();
            self.owners.insert(stream, id.clone());
            self.current.insert(id, stream);
        }
        let Some(owner) = self.owners.get(&stream).cloned() else { return Ok(()) };
        if self.current.get(&owner) != Some(&stream) && event.error.is_none() {
            let kind = event.r#type().as_str_name();
            return Err(format!("{kind} comes on an older subscription of framework {owner}"));
        }
        for offer in event.offers.iter().flat_map(|offers| &offers.offers) {
            self.announced.insert(offer.id.value.clone(), stream);
        }
        if let Some(rescind) = &event.rescind {
            self.rescinded.insert(rescind.offer_id.value.clone());
        }
        if let Some(update) = &event.update {
            self.updates.remove(&(owner, update.status.task_id.value.clone()));
        }
        Ok(())
    }

    /// The master has said all that it had to say.
    pub(super) fn check(&mut self) -> Result<(), String> {
        let named = std::mem::take(&mut self.named);
        let rescinded = std::mem::take(&mut self.rescinded);
        for (framework, offer) in std::mem::take(&mut self.ended) {
            let Some(stream) = self.announced.remove(&offer) else { continue };
            let listens = self.current.get(&framework) == Some(&stream);
            if listens && !named.contains(&offer) && !rescinded.contains(&offer) {
                return Err(format!("offer {offer} ends, and framework {framework} is not told"));
            }
        }
        for ((framework, task), why) in std::mem::take(&mut self.updates) {
            if self.current.contains_key(&framework) {
                return Err(format!("framework {framework} does not hear of task {task}: {why}"));
            }
        }
        match std::mem::take(&mut self.kills).pop_first() {
            Some((_, task)) => Err(format!("the kill of task {task} is not passed on")),
            None => Ok(()),
        }
    }
}
