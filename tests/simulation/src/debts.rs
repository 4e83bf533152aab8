// SPDX-License-Identifier: Apache-2.0

//! What an agent owes to the updates of its tasks, and to those who wait for them.
//!
//! - An executor's update is on disk before it is sent, if its framework checkpoints.
//! - The acknowledgement of the update on its way is stored, no other is, and what is
//!   acknowledged is not sent again.
//! - A task that the agent is told to kill is over soon, if it is a command.
//! - An agent that comes back reports every command that goes on.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bytes::Bytes;
use mesos_agent_state::{
    ContainerId, FromMaster, TaskKey, ToMaster,
    change::{AgentRecord, TaskRecord},
    output::Store,
};
use mesos_proto::{
    internal::{
        ReregisterSlaveMessage, StatusUpdate, StatusUpdateAcknowledgementMessage,
        StatusUpdateRecord, status_update_record,
    },
    v1::{TaskState, executor, task_status::Source},
};
use prost::Message;

use crate::{container::Phase, disk::Disk, event::Event, observer::is_terminal, world::World};

/// A kill takes no longer: the longest grace period, and time to start.
const KILL_MAX: Duration = Duration::from_secs(60);

/// A framework and a task of it.
type TaskName = (String, String);

/// What one life of an agent has to keep in mind.
#[derive(Debug, Default)]
pub(crate) struct Debts {
    /// The master that has accepted it.
    pub(crate) registered: Option<String>,
    /// The one that leads, as far as it knows.
    pub(crate) master: Option<String>,
    /// How much it has done.
    pub(crate) deeds: u64,
    /// The update of each task that is on its way.
    in_flight: BTreeMap<TaskName, Bytes>,
    /// Those on their way that an executor made.
    by_executor: BTreeSet<Bytes>,
    acknowledged: BTreeSet<Bytes>,
    /// Updates that executors were told to be kept.
    told: BTreeSet<Bytes>,
    /// The ends of tasks.
    ends: BTreeMap<TaskKey, TaskState>,
    /// Frameworks that it was told to end: nothing of them counts any more.
    ended: BTreeSet<String>,
    /// Files that could not be written.
    pub(crate) damaged: BTreeSet<String>,
}

/// The end of the path of a task's updates.
fn updates_of(task_id: &str) -> String {
    format!("/tasks/{task_id}/task.updates")
}

/// The records in a file of updates, up to where it is torn.
pub(crate) fn records(mut content: &[u8]) -> Vec<StatusUpdateRecord> {
    let mut records = Vec::new();
    while let Some((length, rest)) = content.split_at_checked(4) {
        let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize;
        let Some((record, rest)) = rest.split_at_checked(length) else { break };
        let Ok(record) = StatusUpdateRecord::decode(record) else { break };
        records.push(record);
        content = rest;
    }
    records
}

impl Debts {
    /// The agent says where it stands.
    pub(crate) fn stands(&mut self, record: &AgentRecord) {
        self.registered = record.master.clone().filter(|_| record.registered);
        self.master.clone_from(&record.master);
    }

    /// The agent says where a task stands.
    pub(crate) fn task(&mut self, record: &TaskRecord) -> Result<(), String> {
        let (state, id) = (record.task.state(), &record.task.task_id.value);
        match self.ends.get(&record.key) {
            Some(end) if *end != state => {
                let (end, state) = (end.as_str_name(), state.as_str_name());
                Err(format!("it moves task {id} from {end} to {state}"))
            }
            Some(_) => Ok(()),
            None => {
                if is_terminal(state) {
                    self.ends.insert(record.key, state);
                }
                Ok(())
            }
        }
    }

    /// The agent sends an update.
    fn forwards(
        &mut self,
        disk: &Disk,
        update: &StatusUpdate,
        reused: &BTreeSet<TaskName>,
    ) -> Result<(), String> {
        let name = (update.framework_id.value.clone(), update.status.task_id.value.clone());
        let uuid = update.uuid.clone().unwrap_or_default();
        let file = disk.file_ending(&name.0, &updates_of(&name.1));
        let stored = file.map(|(_, content)| records(content)).unwrap_or_default();
        let acknowledged = stored.iter().any(|record| record.uuid.as_ref() == Some(&uuid));
        if !reused.contains(&name) && (acknowledged || self.acknowledged.contains(&uuid)) {
            return Err(format!("an update of task {} is sent though acknowledged", name.1));
        }
        let by_executor = update.status.source() == Source::Executor;
        if by_executor && !reused.contains(&name) {
            self.by_executor.insert(uuid.clone());
        }
        self.in_flight.insert(name.clone(), uuid.clone());
        let kept = disk.file_ending(&name.0, &format!("/tasks/{}/task.info", name.1)).is_some();
        let of_uuid = |record: &StatusUpdateRecord| {
            record.update.as_ref().is_some_and(|update| update.uuid.as_ref() == Some(&uuid))
        };
        if reused.contains(&name) {
            return Ok(()); // There may be files of more than one.
        }
        let of_task = format!("/tasks/{}/", name.1);
        let damaged = self.damaged.iter().any(|path| path.contains(&of_task));
        if by_executor && kept && !damaged && !stored.iter().any(of_uuid) {
            return Err(format!("an update of task {} is sent before it is stored", name.1));
        }
        Ok(())
    }

    /// Whether an acknowledgement of this master has to be taken.
    fn must_take(&self, from: &str, message: &StatusUpdateAcknowledgementMessage) -> bool {
        let name = (message.framework_id.value.clone(), message.task_id.value.clone());
        self.registered.as_deref() == Some(from)
            && self.in_flight.get(&name) == Some(&message.uuid)
            && !self.acknowledged.contains(&message.uuid)
    }

    /// The agent appends to a file of updates.
    fn appends(&self, path: &str, content: &[u8]) -> Result<(), String> {
        for record in records(content) {
            if record.r#type() != status_update_record::Type::Ack {
                let uuid = record.update.and_then(|update| update.uuid).unwrap_or_default();
                if self.told.contains(&uuid) {
                    return Err(format!("{path} gets an update that its executor believes kept"));
                }
                continue;
            }
            let uuid = record.uuid.unwrap_or_default();
            if !self.in_flight.values().any(|on_way| *on_way == uuid) {
                return Err(format!("{path} gets the acknowledgement of another update"));
            }
        }
        Ok(())
    }
}

impl World {
    /// Notes what an agent says to its master.
    pub(crate) fn agent_says(&mut self, index: usize, message: &ToMaster) {
        let host = &mut self.agents[index];
        let checked = match message {
            ToMaster::StatusUpdate(message) => {
                host.debts.forwards(&host.disk, &message.update, &self.reused)
            }
            ToMaster::Reregister(message) => self.check_report(index, message),
            ToMaster::Register(_)
            | ToMaster::Unregister(_)
            | ToMaster::ExecutorToFramework(_)
            | ToMaster::ExitedExecutor(_)
            | ToMaster::UpdateSlave(_)
            | ToMaster::UpdateOperationStatus(_)
            | ToMaster::Pong(_) => Ok(()),
        };
        if let Err(text) = checked {
            self.violate(format!("agent {index}: {text}"));
        }
    }

    fn check_report(&self, index: usize, message: &ReregisterSlaveMessage) -> Result<(), String> {
        for container in self.agents[index].containers.values() {
            let spec = &container.spec;
            let goes_on = container.phase == Phase::Running && !container.doomed;
            if !goes_on || !spec.command_task || spec.pid_checkpoint.is_none() {
                continue;
            }
            let known = message.tasks.iter().any(|task| {
                task.framework_id.value == spec.framework_id
                    && task.task_id.value == spec.executor_id
            });
            if !known {
                return Err(format!("it does not report task {}, which runs", spec.executor_id));
            }
        }
        Ok(())
    }

    /// Notes what an agent writes to its disk.
    pub(crate) fn agent_writes(&mut self, index: usize, path: &str, store: &Store) {
        if let Store::Append(content) = store
            && path.ends_with("/task.updates")
            && let Err(text) = self.agents[index].debts.appends(path, content)
        {
            self.violate(format!("agent {index}: {text}"));
        }
    }

    /// Hands a master's message to an agent, and sees to it that it is heeded.
    pub(crate) fn agent_hears(&mut self, index: usize, from: String, message: FromMaster) {
        let host = &self.agents[index];
        let owed = if let FromMaster::StatusUpdateAcknowledgement(message) = &message {
            host.debts.must_take(&from, message).then(|| message.clone())
        } else {
            None
        };
        let killed = if let FromMaster::KillTask(kill) = &message
            && host.debts.registered.as_deref() == Some(&*from)
        {
            let mut containers = host.containers.iter();
            let container = containers.find(|(_, container)| {
                container.spec.command_task
                    && container.spec.framework_id == kill.framework_id.value
                    && container.spec.executor_id == kill.task_id.value
            });
            container.map(|(id, _)| id.clone())
        } else {
            None
        };
        if let FromMaster::ShutdownFramework(message) = &message {
            let id = message.framework_id.value.clone();
            self.agents[index].debts.ended.insert(id);
        }
        let host = &self.agents[index];
        let deeds = host.debts.deeds;
        let is_former = is_command(&message) && host.debts.master.as_deref() != Some(&*from);
        let life = host.life;
        let message = Box::new(message);
        self.agent_input(index, mesos_agent_state::Input::MasterMessage { from, message });
        let host = &self.agents[index];
        if is_former && host.life == life && host.debts.deeds != deeds {
            self.violate(format!("agent {index} obeys a master that does not lead"));
        }
        if let Some(message) = owed {
            self.check_acknowledged(index, &message);
        }
        if let Some(container) = killed {
            let life = self.agents[index].life;
            let due = Event::KillDue { agent: index, life, container };
            self.queue.push(self.now + KILL_MAX, due);
        }
    }

    fn check_acknowledged(&mut self, index: usize, message: &StatusUpdateAcknowledgementMessage) {
        let host = &mut self.agents[index];
        host.debts.acknowledged.insert(message.uuid.clone());
        let file = updates_of(&message.task_id.value);
        if !host.debts.by_executor.contains(&message.uuid)
            || host.debts.ended.contains(&message.framework_id.value)
            || host.core.is_none()
            || host.disk.file_ending(&message.framework_id.value, &file).is_none()
        {
            return;
        }
        if !host.disk.is_writing(&file, &message.uuid) {
            let task = &message.task_id.value;
            self.violate(format!("the acknowledgement of an update of task {task} is not stored"));
        }
    }

    /// Notes what an agent tells an executor: it keeps an update before it says so.
    pub(crate) fn executor_is_told(&mut self, index: usize, event: &executor::Event) {
        if let Some(acknowledged) = &event.acknowledged {
            self.agents[index].debts.told.insert(acknowledged.uuid.clone());
        }
    }

    /// A task that was to be killed is looked at.
    pub(crate) fn kill_due(&mut self, index: usize, container: &ContainerId) {
        let container = self.agents[index].containers.get(container);
        if let Some(container) = container
            && container.is_alive()
        {
            let task = container.spec.executor_id.clone();
            self.violate(format!("agent {index} was told to kill task {task}, which goes on"));
        }
    }
}

/// Whether a message makes an agent do something, and only the leading master may send it.
fn is_command(message: &FromMaster) -> bool {
    match message {
        FromMaster::RunTask(_)
        | FromMaster::RunTaskGroup(_)
        | FromMaster::KillTask(_)
        | FromMaster::ShutdownExecutor(_)
        | FromMaster::ShutdownFramework(_)
        | FromMaster::UpdateFramework(_)
        | FromMaster::Shutdown(_) => true,
        FromMaster::Registered(_)
        | FromMaster::Reregistered(_)
        | FromMaster::FrameworkToExecutor(_)
        | FromMaster::CheckpointResources(_)
        | FromMaster::ApplyOperation(_)
        | FromMaster::ReconcileOperations(_)
        | FromMaster::AcknowledgeOperationStatus(_)
        | FromMaster::StatusUpdateAcknowledgement(_)
        | FromMaster::Drain(_)
        | FromMaster::Ping(_) => false,
    }
}
