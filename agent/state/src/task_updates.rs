// SPDX-License-Identifier: Apache-2.0

//! The way of a task's status from where it comes up to the scheduler.
//!
//! A status is stamped (agent id, source, container), becomes the task's state, is stored if the
//! framework checkpoints, is acknowledged to its executor, and then belongs to
//! [`crate::status_updates`]. A status that cannot follow the task's state, such as a second
//! terminal one, is dropped, but acknowledged, so that its executor does not keep it.
//!
//! In Mesos: `Slave::statusUpdate`, `Slave::forward`.

use std::sync::Arc;

use bytes::Bytes;
use mesos_core::{
    time::Time,
    trial::{self, Defect},
};
use mesos_proto::{
    internal::{StatusUpdate, StatusUpdateMessage, StatusUpdateRecord, status_update_record},
    v1::{
        AgentId, ContainerStatus, ExecutorId, FrameworkId, NetworkInfo, TaskId, TaskState,
        TaskStatus,
        executor::{Event, event},
        network_info::{IpAddress, Protocol},
        task_status::{Reason, Source},
    },
};

use crate::{
    agent::{AfterWrite, Agent, Phase},
    change::{Change, ExecutorState, TaskStage},
    executor::{ContainerState, Executor, TaskUpdate},
    from_master::decorate_drained,
    key::ContainerId,
    outbox::record,
    output::{Output, Store, ToMaster},
    status_updates::{Taken, key_of, uuid_of},
};

/// What the agent itself has to say of a task.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) state: TaskState,
    pub(crate) reason: Reason,
    pub(crate) message: String,
}

/// Where a status came up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The agent made it up.
    Agent,
    /// The executor in this container, over its stream or inside the agent.
    Executor(ContainerId),
}

impl Agent {
    /// An update that the agent makes up.
    pub(crate) fn agent_update(
        &mut self,
        now: Time,
        framework_id: &str,
        task_id: &str,
        executor_id: Option<&str>,
        verdict: Verdict,
    ) -> StatusUpdate {
        let executor_id = executor_id.map(|id| ExecutorId { value: id.to_owned() });
        let uuid = self.new_uuid();
        let mut status = TaskStatus {
            task_id: TaskId { value: task_id.to_owned() },
            message: Some(verdict.message),
            agent_id: self.info.id.clone(),
            executor_id: executor_id.clone(),
            timestamp: Some(now.as_secs_f64()),
            uuid: Some(uuid.clone()),
            ..TaskStatus::default()
        };
        status.set_state(verdict.state);
        status.set_source(Source::Agent);
        status.set_reason(verdict.reason);
        StatusUpdate {
            framework_id: FrameworkId { value: framework_id.to_owned() },
            executor_id,
            agent_id: self.info.id.clone(),
            status,
            timestamp: now.as_secs_f64(),
            uuid: Some(uuid),
            latest_state: None,
        }
    }

    /// Takes what the agent itself has to say of a task.
    pub(crate) fn agent_status(
        &mut self,
        now: Time,
        framework_id: &str,
        task_id: &str,
        executor_id: Option<&str>,
        verdict: Verdict,
    ) {
        let update = self.agent_update(now, framework_id, task_id, executor_id, verdict);
        self.status_update(now, update, &Origin::Agent);
    }

    /// Takes what an executor has to say of a task.
    pub(crate) fn executor_status(
        &mut self,
        now: Time,
        framework_id: &str,
        mut status: TaskStatus,
        container: &ContainerId,
    ) {
        let agent_id: Option<AgentId> = self.info.id.clone();
        status.agent_id = agent_id.clone();
        let timestamp = *status.timestamp.get_or_insert(now.as_secs_f64());
        status.set_source(Source::Executor);
        let update = StatusUpdate {
            framework_id: FrameworkId { value: framework_id.to_owned() },
            executor_id: status.executor_id.clone(),
            agent_id,
            timestamp,
            uuid: status.uuid.clone(),
            status,
            latest_state: None,
        };
        self.status_update(now, update, &Origin::Executor(container.clone()));
    }

    /// Takes a status of a task of a known framework.
    pub(crate) fn status_update(&mut self, now: Time, mut update: StatusUpdate, origin: &Origin) {
        let acknowledge = match origin {
            Origin::Agent => None,
            Origin::Executor(container) => Some(container.clone()),
        };
        let Some(framework) = self.frameworks.get_mut(&update.framework_id.value) else {
            return self.refuse_update(&update, "its framework is unknown");
        };
        if framework.terminating {
            return self.refuse_update(&update, "its framework is terminating");
        }
        if let Some(drain) = self.drain {
            decorate_drained(&mut update.status, drain, &framework.info);
        }
        self.counters.valid_status_updates += 1;
        // A uuid that was used before makes no news, whatever comes with it.
        if self.updates.knows(&key_of(&update), &uuid_of(&update)).is_some() {
            return self.enqueue_update(now, update, None, acknowledge);
        }
        if framework.executor_of(&update.status.task_id.value).is_some() {
            self.update_of_known_task(now, update, acknowledge);
        } else {
            self.update_of_unknown_task(now, update, acknowledge);
        }
    }

    fn update_of_known_task(
        &mut self,
        now: Time,
        mut update: StatusUpdate,
        from: Option<ContainerId>,
    ) {
        let agent_id = self.agent_id();
        let task_id = update.status.task_id.value.clone();
        let Some(framework) = self.frameworks.get_mut(&update.framework_id.value) else { return };
        let Some(executor) = framework.executor_of(&task_id) else { return };
        if wants_container_status(executor, &update.status) {
            let ip6 = self.config.ip6.as_deref();
            stamp_container(&mut update.status, executor, &self.config.ip, ip6);
        }
        let applied = if from.as_ref().is_some_and(|from| *from != executor.container) {
            TaskUpdate::Refused("the task belongs to another executor".to_owned())
        } else {
            executor.update_task(&update.status)
        };
        match applied {
            TaskUpdate::Refused(why) => {
                self.outbox.warn(format!(
                    "Dropping status update {} for task {task_id} of framework {}: {why}",
                    update.status.state().as_str_name(),
                    update.framework_id.value
                ));
                if let Some(container) = from {
                    self.acknowledge_executor(&container, &task_id, &uuid_of(&update));
                }
            }
            TaskUpdate::Applied(stage) => {
                self.outbox.change_task(executor.task_record(&task_id));
                let run = executor.run(&self.meta, &agent_id);
                let path = executor.checkpoint.then(|| run.task_updates(&task_id));
                if stage == TaskStage::Terminated {
                    let container = executor.container.clone();
                    self.task_ended(&container, update.status.state());
                }
                self.enqueue_update(now, update, path, from);
            }
        }
    }

    /// Hands an update to the streams: stores it, forwards it, acknowledges it to its executor.
    pub(crate) fn enqueue_update(
        &mut self,
        now: Time,
        update: StatusUpdate,
        path: Option<String>,
        acknowledge: Option<ContainerId>,
    ) {
        let stream = key_of(&update);
        let uuid = uuid_of(&update);
        match self.updates.update(now, update.clone(), path) {
            Taken::Store(path) => {
                if trial::has(Defect::UpdateAcknowledgedBeforeStored)
                    && let Some(container) = &acknowledge
                {
                    self.acknowledge_executor(container, &stream.1, &uuid);
                }
                let mut stored =
                    StatusUpdateRecord { update: Some(update), ..StatusUpdateRecord::default() };
                stored.set_type(status_update_record::Type::Update);
                let write = self.outbox.store(path, Store::Append(record(&stored)));
                self.writes.insert(write, AfterWrite::Update { stream, uuid, acknowledge });
            }
            Taken::Queued | Taken::Duplicate => {
                if let Some(container) = acknowledge {
                    self.acknowledge_executor(&container, &stream.1, &uuid);
                }
            }
            Taken::DuplicateNotStored => {}
            Taken::Full => self.outbox.warn(format!(
                "Dropping a status update of task {} of framework {}: too many are waiting for \
                 their acknowledgement",
                stream.1, stream.0
            )),
        }
        self.flush(now);
    }

    /// Tells a custom executor that its update is taken care of.
    pub(crate) fn acknowledge_executor(
        &mut self,
        container: &ContainerId,
        task_id: &str,
        uuid: &Bytes,
    ) {
        let Some(connection) =
            self.executor_in(container).and_then(|executor| executor.connection())
        else {
            return;
        };
        let acknowledged = event::Acknowledged {
            task_id: TaskId { value: task_id.to_owned() },
            uuid: uuid.clone(),
        };
        let mut event = Event { acknowledged: Some(acknowledged), ..Event::default() };
        event.set_type(event::Type::Acknowledged);
        self.outbox.event(connection, event);
    }

    /// Sends an update to the master.
    pub(crate) fn forward(&mut self, now: Time, mut update: StatusUpdate) {
        let _ = now;
        if self.phase != Phase::Running {
            return;
        }
        let task_id = update.status.task_id.value.as_str();
        let framework = self.frameworks.get_mut(&update.framework_id.value);
        let executor = framework.and_then(|framework| framework.executor_of(task_id));
        if let Some(executor) = executor
            && let Some(live) = executor.live_task_mut(task_id)
        {
            let task = Arc::make_mut(&mut live.task);
            task.set_status_update_state(update.status.state());
            task.status_update_uuid = update.uuid.clone();
            update.set_latest_state(task.state());
        }
        let pid = Some(self.config.pid.clone());
        self.tell_master(ToMaster::StatusUpdate(StatusUpdateMessage { update, pid }));
    }

    /// A scheduler knows that a task has ended.
    pub(crate) fn task_completed(&mut self, now: Time, framework_id: &str, task_id: &str) {
        let Some(framework) = self.frameworks.get_mut(framework_id) else { return };
        let Some(executor) = framework.executor_of(task_id) else { return };
        let Some((record, forgotten)) = executor.complete(task_id) else { return };
        let container = executor.container.clone();
        let executor_id = executor.id.clone();
        let done = executor.state == ExecutorState::Terminated && !executor.has_incomplete_tasks();
        framework.owners.remove(task_id);
        self.outbox.change(Change::Task(Arc::new(record)));
        if let Some(task) = forgotten {
            self.outbox.change(Change::TaskForgotten { container, task });
        }
        if done {
            self.remove_executor(now, framework_id, &executor_id);
        }
        self.remove_framework_if_idle(now, framework_id);
    }

    /// A task has ended: counts it, and takes its resources from its executor.
    fn task_ended(&mut self, container: &ContainerId, state: TaskState) {
        let counters = &mut self.counters;
        match state {
            TaskState::TaskFinished => counters.tasks_finished += 1,
            TaskState::TaskFailed => counters.tasks_failed += 1,
            TaskState::TaskKilled => counters.tasks_killed += 1,
            TaskState::TaskLost => counters.tasks_lost += 1,
            TaskState::TaskGone => counters.tasks_gone += 1,
            TaskState::TaskStaging
            | TaskState::TaskStarting
            | TaskState::TaskRunning
            | TaskState::TaskKilling
            | TaskState::TaskError
            | TaskState::TaskDropped
            | TaskState::TaskUnreachable
            | TaskState::TaskGoneByOperator
            | TaskState::TaskUnknown => {}
        }
        let Some(executor) = self.executor_in(container) else { return };
        if executor.connection().is_some() && executor.state == ExecutorState::Running {
            let resources = executor.allocated();
            let container = container.clone();
            self.outbox.push(Output::UpdateContainer { container, resources });
        }
    }

    /// A status of a task that no executor here has. One that has ended and is acknowledged
    /// cannot change any more; any other is the scheduler's to judge, as in Mesos.
    fn update_of_unknown_task(
        &mut self,
        now: Time,
        update: StatusUpdate,
        from: Option<ContainerId>,
    ) {
        let task_id = update.status.task_id.value.clone();
        let completed =
            from.as_ref().and_then(|container| self.executor_in(container)).is_some_and(
                |executor| executor.completed.iter().any(|task| task.task.task_id.value == task_id),
            );
        if !completed {
            self.outbox.warn(format!("Could not find the executor for status of task {task_id}"));
            return self.enqueue_update(now, update, None, None);
        }
        self.outbox.warn(format!(
            "Dropping status update {} for task {task_id}: the task has ended, and its scheduler \
             knows it",
            update.status.state().as_str_name()
        ));
        if let Some(container) = from {
            self.acknowledge_executor(&container, &task_id, &uuid_of(&update));
        }
    }

    fn refuse_update(&mut self, update: &StatusUpdate, why: &str) {
        self.counters.invalid_status_updates += 1;
        self.outbox.warn(format!(
            "Ignoring status update {} for task {} of framework {} because {why}",
            update.status.state().as_str_name(),
            update.status.task_id.value,
            update.framework_id.value
        ));
    }
}

/// A task that never ran has no container to speak of, nor does the agent speak of one that is
/// gone, or for a task that it declares lost.
fn wants_container_status(executor: &Executor, status: &TaskStatus) -> bool {
    if executor.queued.contains_key(&status.task_id.value) {
        return false;
    }
    let lost = matches!(status.state(), TaskState::TaskDropped | TaskState::TaskLost);
    let gone = executor.container_state == ContainerState::Gone;
    !(status.source() == Source::Agent && (lost || gone))
}

/// Says which container a status is about, unless it names another (a nested one).
fn stamp_container(status: &mut TaskStatus, executor: &Executor, ip: &str, ip6: Option<&str>) {
    let own = executor.container.to_proto();
    let container = status.container_status.get_or_insert_with(ContainerStatus::default);
    if container.container_id.as_ref().is_some_and(|named| *named != own) {
        return;
    }
    container.container_id = Some(own);
    container.executor_pid = executor.pid.or(container.executor_pid);
    if container.network_infos.is_empty() {
        let mut ip_addresses =
            vec![IpAddress { ip_address: Some(ip.to_owned()), ..IpAddress::default() }];
        if let Some(ip6) = ip6 {
            let mut address =
                IpAddress { ip_address: Some(ip6.to_owned()), ..IpAddress::default() };
            address.set_protocol(Protocol::IPv6);
            ip_addresses.push(address);
        }
        container.network_infos.push(NetworkInfo { ip_addresses, ..NetworkInfo::default() });
    }
}
