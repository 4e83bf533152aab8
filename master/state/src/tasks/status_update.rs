// SPDX-License-Identifier: Apache-2.0

//! StatusUpdateMessage: an agent says that a task changed.
//!
//! The scheduler hears of it even when the master does not know the task: it
//! is the one that must acknowledge, or the agent would repeat it for ever. It
//! does not when another agent has the task, or when the sender is not the
//! agent that it names.

use std::sync::Arc;

use bytes::Bytes;
use mesos_allocator::FrameworkKey;
use mesos_proto::{
    internal::{StatusUpdate, StatusUpdateMessage},
    v1::{TaskState, TaskStatus, task_status::Reason},
};

use super::{StatusUuid, is_terminal};
use crate::master::Master;

impl Master {
    /// Message: StatusUpdateMessage.
    pub(crate) fn status_update(&mut self, pid: &str, message: StatusUpdateMessage) {
        self.metrics.messages_status_update += 1;
        let StatusUpdate {
            framework_id,
            executor_id,
            agent_id,
            mut status,
            timestamp,
            uuid,
            latest_state,
        } = message.update;
        let agent = agent_id.as_ref().and_then(|id| self.agents.find_at(&id.value, pid));
        let Some((agent, uuid)) =
            agent.zip(uuid.and_then(|uuid| StatusUuid::try_from(&uuid[..]).ok()))
        else {
            self.metrics.invalid_status_updates += 1;
            let agent_id = agent_id.map_or_else(String::new, |id| id.value);
            self.warn(format!(
                "Ignoring a status update of task '{}' of framework {} from {pid}: its agent \
                 '{agent_id}' is not registered there, or its uuid does not have 16 bytes",
                status.task_id.value, framework_id.value
            ));
            return;
        };
        status.agent_id = agent_id;
        status.executor_id = executor_id.or(status.executor_id);
        status.timestamp = Some(timestamp);
        status.uuid = Some(Bytes::copy_from_slice(&uuid));
        let status = Arc::new(status);
        let framework = self.frameworks.find(&framework_id.value);
        let connected = framework.filter(|key| self.frameworks.registered[*key].connected());
        let task = framework.and_then(|key| {
            let tasks = &self.frameworks.registered[key].tasks;
            tasks.get(status.task_id.value.as_str()).copied()
        });
        if task.is_some_and(|index| self.tasks[index].agent != agent) {
            self.metrics.invalid_status_updates += 1;
            self.warn(format!(
                "Ignoring a status update of task '{}' of framework {} from {pid}: another agent \
                 runs it",
                status.task_id.value, framework_id.value
            ));
            return;
        }
        if let Some(framework) = connected {
            self.forward(framework, &status);
        }
        let Some(task) = task else {
            self.metrics.invalid_status_updates += 1;
            self.warn(format!(
                "Could not look up task '{}' of framework {} for its status update {}",
                status.task_id.value,
                framework_id.value,
                status.state().as_str_name()
            ));
            return;
        };
        let latest = latest_state.and_then(|state| TaskState::try_from(state).ok());
        let forwarded = connected.map(|_| (status.state(), uuid));
        self.update_task(task, &status, latest, forwarded);
        if status.reason() == Reason::Reconciliation && is_terminal(status.state()) {
            self.task_never_arrived(task);
        }
        match connected {
            Some(_) => self.metrics.valid_status_updates += 1,
            None => self.metrics.invalid_status_updates += 1,
        }
    }

    /// Sends a status to its scheduler. One with a uuid must be acknowledged.
    pub(crate) fn forward(&mut self, framework: FrameworkKey, status: &TaskStatus) {
        self.send_status(framework, status.clone());
    }
}
