// SPDX-License-Identifier: Apache-2.0

//! ReregisterSlaveMessage: an agent that has an id is back.
//!
//! | the master knows it as | what is stored first | then |
//! |---|---|---|
//! | registered, same info | nothing | [`Master::welcome_known`] |
//! | registered, other info | UpdateAgent | [`Master::welcome_known`] |
//! | recovered, same info | nothing | [`Master::welcome_back`] |
//! | recovered, other info | UpdateAgent | [`Master::welcome_back`] |
//! | unreachable, forgotten, never seen | MarkReachable | [`Master::welcome_back`] |
//! | gone | nothing | it is told to shut down |
//! | being taken back, same info | nothing more | the newer report takes the older one's place |
//! | being taken back, other info | nothing | ignored: it asks again |
//!
//! In Mesos all of an agent's messages are ignored while it is being taken back. But the one that
//! waits may be of a life that ended with a reboot, and tasks of that life would be believed to
//! run until the agent comes back once more.

use std::{collections::BTreeSet, sync::Arc};

use mesos_allocator::AgentKey;
use mesos_core::{
    ids,
    resources::{Scalar, validate},
    trial::{self, Defect},
};
use mesos_proto::{
    internal::ShutdownMessage,
    partial::{Reregistration, TaskParts},
    v1,
};

use super::{
    Busy,
    capabilities::AgentCapabilities,
    gone, host_of,
    register::{bounded, total_resources},
    removal::{Cause, id_of},
};
use crate::{
    master::Master,
    output::{Output, ToAgent},
    registry::{RegistryChange, WriteKey},
    writes::Continuation,
};

/// What an agent is told that comes from another host than the one known by its id.
const ELSEWHERE: &str = "Agent attempted to reregister with different IP / hostname";

impl Master {
    /// Message: ReregisterSlaveMessage.
    pub(crate) fn reregister_agent(&mut self, pid: String, message: Reregistration) {
        self.metrics.messages_reregister_slave += 1;
        let agent_id: Arc<str> = id_of(&message.agent).into();
        match self.agents.busy.get(&agent_id).copied() {
            None => {}
            Some(Busy::Readmitting(write)) => return self.reregister_again(write, pid, message),
            Some(
                Busy::Admitting | Busy::Removing | Busy::MarkingUnreachable | Busy::MarkingGone,
            ) => return,
        }
        if self.agents.gone.contains_key(&agent_id) && !trial::has(Defect::GoneAgentAccepted) {
            trial::reached("re-registration", "gone");
            return self.shut_down(pid, gone::MESSAGE);
        }
        if !self.is_sound(&pid, &message) {
            return;
        }
        let info = &message.agent;
        let change = if let Some(key) = self.agents.find(&agent_id) {
            let known = &self.agents.registered[key].record;
            if host_of(&known.pid) != host_of(&pid) || known.info.hostname != info.hostname {
                return self.shut_down(pid, ELSEWHERE);
            }
            let info = (*known.info != *info).then(|| Arc::new(info.clone()));
            let row = ["registered, same info", "registered, other info"];
            trial::reached("re-registration", row[usize::from(info.is_some())]);
            info.map(|info| RegistryChange::UpdateAgent { info })
        } else if let Some(known) = self.agents.recovered.get(&agent_id) {
            let info = (**known != *info).then(|| Arc::new(info.clone()));
            let row = ["recovered, same info", "recovered, other info"];
            trial::reached("re-registration", row[usize::from(info.is_some())]);
            info.map(|info| RegistryChange::UpdateAgent { info })
        } else {
            trial::reached("re-registration", "unreachable, forgotten, never seen");
            let info = Arc::new(info.clone());
            Some(RegistryChange::MarkReachable { info })
        };
        match change {
            None => self.agent_readmitted(pid, message),
            Some(change) => {
                let message = Box::new(message);
                let write = self.store(vec![change], Continuation::Reregister { pid, message });
                self.agents.busy.insert(agent_id, Busy::Readmitting(write));
            }
        }
    }

    /// What an agent says while the registry is being told that it is back: the newest counts.
    fn reregister_again(&mut self, write: WriteKey, pid: String, message: Reregistration) {
        if !self.is_sound(&pid, &message) {
            return;
        }
        let Some(Continuation::Reregister { pid: before, message: waiting }) =
            self.waiting_for(write)
        else {
            return;
        };
        if host_of(before) != host_of(&pid) {
            return self.shut_down(pid, ELSEWHERE);
        }
        if waiting.agent != message.agent {
            trial::reached("re-registration", "being taken back, other info");
            return;
        }
        trial::reached("re-registration", "being taken back, same info");
        *before = pid;
        **waiting = message;
    }

    /// Whether a message can be believed; says why if not.
    fn is_sound(&mut self, pid: &str, message: &Reregistration) -> bool {
        let version = message.version.as_deref().unwrap_or_default();
        let checked = self.check_agent(&message.agent, version);
        let Err(reason) = checked.and_then(|()| self.check_report(message)) else {
            return true;
        };
        let agent_id = id_of(&message.agent);
        self.warn(format!("Ignoring the re-registration of agent '{agent_id}' at {pid}: {reason}"));
        false
    }

    /// The registry agrees with what a returning agent says about itself.
    pub(crate) fn agent_readmitted(&mut self, pid: String, message: Reregistration) {
        let agent_id: Arc<str> = id_of(&message.agent).into();
        self.agents.busy.remove(&agent_id);
        match self.agents.find(&agent_id) {
            Some(key) => self.welcome_known(key, pid, message),
            None => self.welcome_back(pid, message),
        }
    }

    /// An agent that this master has had since its start, or since an earlier return.
    fn welcome_known(&mut self, key: AgentKey, pid: String, message: Reregistration) {
        let before = self.agents.registered[key].record.clone();
        if *before.pid != *pid {
            if let Some(other) = self.agents.by_pid.get(pid.as_str()).copied() {
                self.remove_agent_later(other, crate::writes::AgentRemoval::Replaced);
            }
            self.agents.by_pid.remove(&before.pid);
            self.agents.by_pid.insert(pid.as_str().into(), key);
            let pid = before.pid.to_string();
            self.outputs.push_back(Output::Unlink { pid });
        }
        let agent = &mut self.agents.registered[key];
        let was_connected = agent.record.connected;
        let record = Arc::make_mut(&mut agent.record);
        record.pid = pid.as_str().into();
        record.total = total_resources(&message.agent.resources, &message.checkpointed_resources);
        record.info = Arc::new(message.agent.clone());
        record.version = message.version.clone().unwrap_or_default();
        record.capabilities = message.agent_capabilities.clone();
        record.reregistered_time = Some(self.now);
        record.connected = true;
        record.active = true;
        agent.capabilities = AgentCapabilities::new(&record.capabilities);
        agent.resource_version = message.resource_version_uuid.clone();
        let timer = agent.reregister_timer.take();
        self.timers.cancel(timer);
        self.outputs.push_back(Output::Link { pid });
        if before.total != self.agents.registered[key].record.total {
            self.rescind_offers_of_agent(key);
        }
        let (total, spec) = self.allocator_agent(key);
        self.allocator.update_agent(key, spec);
        self.allocator.update_total(key, total);
        self.metrics.slave_reregistrations += 1;
        self.reconcile_known_agent(key, &message);
        if !was_connected {
            trial::reached("agents", "disconnected | ReregisterSlave");
            self.allocator.activate_agent(key);
            self.cancel_removal(&before.id, Cause::NotReregistered);
        }
        self.agent_changed(key);
        self.tell_frameworks(key, message.frameworks);
        if !self.agents.registered[key].capabilities.resource_provider {
            self.send_checkpointed_resources(key, message.checkpointed_resources);
        }
    }

    /// Tells an agent to end.
    fn shut_down(&mut self, pid: String, text: &str) {
        self.warn(format!("Shutting down the agent at {pid}: {text}"));
        let message = Some(text.to_owned());
        self.send_to(pid, ToAgent::Shutdown(ShutdownMessage { message }));
    }
}

impl Master {
    /// What an agent says about its frameworks, executors and tasks must fit together.
    fn check_report(&self, message: &Reregistration) -> Result<(), String> {
        let agent_id = id_of(&message.agent);
        ids::validate(agent_id).map_err(|error| error.to_string())?;
        valid(&message.checkpointed_resources)?;
        let frameworks = check_frameworks(&message.frameworks)?;
        check_executors(&message.executor_infos, &frameworks)?;
        // Amounts whose sum the books could not hold; each alone is valid.
        let mut sum = message.executor_infos.iter().map(|it| sum_of(&it.resources)).sum::<f64>();
        for task in &message.tasks {
            let task = TaskParts::of(task);
            ids::validate(task.task_id)
                .map_err(|error| format!("Task has an invalid TaskID: {error}"))?;
            if task.agent_id != agent_id {
                return Err(format!("Task has an invalid SlaveID '{}'", task.agent_id));
            }
            if !frameworks.contains(task.framework_id) {
                return Err(format!("Task has an invalid FrameworkID '{}'", task.framework_id));
            }
            sum += self.check_resources(&task)?;
        }
        for task in message.completed_frameworks.iter().flat_map(|framework| &framework.tasks) {
            bounded(TaskParts::of(task).resources.messages().count())?;
        }
        if sum > Scalar::MAX_VALID.as_f64() {
            return Err(format!("Tasks and executors use {sum} in all, more than can be counted"));
        }
        Ok(())
    }

    /// The sum of all amounts of a task, if they are valid.
    fn check_resources(&self, task: &TaskParts<'_>) -> Result<f64, String> {
        let framework = self.frameworks.find(task.framework_id);
        let known = framework
            .and_then(|key| self.frameworks.registered[key].shapes.reported(&task.resources));
        if let Some(known) = known {
            return Ok(known.sum);
        }
        let resources = task.decode_resources();
        valid(&resources).map_err(|error| format!("Task uses invalid resources: {error}"))?;
        Ok(sum_of(&resources))
    }
}

/// The ids of the frameworks that an agent has.
fn check_frameworks(infos: &[v1::FrameworkInfo]) -> Result<BTreeSet<&str>, String> {
    let mut frameworks = BTreeSet::new();
    for framework in infos {
        let id = framework.id.as_ref().map_or("", |id| id.value.as_str());
        ids::validate(id)
            .map_err(|error| format!("Framework has an invalid FrameworkID: {error}"))?;
        if !frameworks.insert(id) {
            return Err(format!("Framework has a duplicate FrameworkID: '{id}'"));
        }
    }
    Ok(frameworks)
}

fn check_executors(infos: &[v1::ExecutorInfo], frameworks: &BTreeSet<&str>) -> Result<(), String> {
    let mut executors = BTreeSet::new();
    for executor in infos {
        valid(&executor.resources)?;
        let framework = executor.framework_id.as_ref().map_or("", |id| id.value.as_str());
        if !frameworks.contains(framework) {
            return Err(format!("Executor has an invalid FrameworkID '{framework}'"));
        }
        let id = executor.executor_id.value.as_str();
        if !executors.insert((framework, id)) {
            return Err(format!("Framework '{framework}' has a duplicate ExecutorID '{id}'"));
        }
    }
    Ok(())
}

/// The sum of all amounts, whatever they are of.
pub(super) fn sum_of(resources: &[v1::Resource]) -> f64 {
    resources.iter().filter_map(|resource| resource.scalar).map(|scalar| scalar.value).sum()
}

fn valid(resources: &[v1::Resource]) -> Result<(), String> {
    bounded(resources.len())?;
    validate::all(resources).map_err(|error| error.to_string())
}
