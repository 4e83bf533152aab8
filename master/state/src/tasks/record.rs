// SPDX-License-Identifier: Apache-2.0

//! A task as the master keeps it: small, immutable, shared with the views.
//!
//! A cluster has far more tasks than anything else, so what the master decides
//! on is kept as plain values and the rest (labels, container, discovery,
//! statuses) in its encoded form, to be decoded by whoever shows it.

use std::sync::Arc;

use mesos_core::resources::Resources;
use mesos_proto::{
    partial::{Pieces, TaskParts, name_and_rest},
    v1::{self, TaskState},
};
use prost::Message;

use super::{
    Shapes, details,
    history::{Condition, History},
};
use crate::change::TaskKey;

/// What does not change about a task.
#[derive(Debug)]
pub struct TaskSpec {
    /// Its key.
    pub key: TaskKey,
    /// Its id, unique among the tasks of its framework that are not over.
    pub task_id: Arc<str>,
    /// Its framework.
    pub framework_id: Arc<str>,
    /// Its agent.
    pub agent_id: Arc<str>,
    /// Its executor; `None` for a command task.
    pub executor_id: Option<Box<str>>,
    /// The role that its resources are allocated to.
    pub role: Arc<str>,
    /// What it was given, allocated to that role.
    pub resources: Resources,
    /// An encoded [`v1::Task`] that has everything else.
    details: Arc<[u8]>,
}

impl TaskSpec {
    /// The id of the executor that its agent runs it with: a command task's is
    /// named like the task.
    pub(super) fn executor_name(&self) -> &str {
        self.executor_id.as_deref().unwrap_or(&self.task_id)
    }

    /// Its name, and what else it shows besides the fields here: of an encoded
    /// [`v1::Task`], and mostly the same as another's.
    pub fn name_and_rest(&self) -> (&str, Pieces<'_>) {
        name_and_rest(&self.details)
    }
}

/// Names one status of one task; what its acknowledgement must repeat.
pub type StatusUuid = [u8; 16];

/// A task at one moment.
#[derive(Clone, Debug)]
pub struct TaskRecord {
    /// What does not change.
    pub spec: Arc<TaskSpec>,
    /// The newest state that the master knows; may be ahead of the statuses.
    pub state: TaskState,
    history: History,
    /// The state and uuid of the newest status on its way to the scheduler.
    pub forwarded: Option<(TaskState, StatusUuid)>,
}

impl TaskRecord {
    /// A task that is about to be launched.
    pub(crate) fn launched(
        key: TaskKey,
        info: &v1::TaskInfo,
        ids: TaskIds,
        resources: Resources,
        shapes: &mut Shapes,
    ) -> Self {
        let executor = info.executor.as_ref();
        let executor_id = executor.map(|executor| executor.executor_id.value.as_str().into());
        TaskRecord {
            spec: Arc::new(TaskSpec {
                key,
                task_id: ids.task,
                framework_id: ids.framework,
                agent_id: ids.agent,
                executor_id,
                role: ids.role,
                resources: shapes.share_resources(resources),
                details: shapes.share_details(|bytes| details::encode(info, bytes)),
            }),
            state: TaskState::TaskStaging,
            history: History::default(),
            forwarded: None,
        }
    }

    /// A task that an agent reports.
    pub(crate) fn reported(
        key: TaskKey,
        task: &TaskParts<'_>,
        ids: TaskIds,
        resources: Resources,
        shapes: &mut Shapes,
    ) -> Self {
        let uuid = task.status_update_uuid.and_then(|uuid| StatusUuid::try_from(uuid).ok());
        let state = task.status_update_state.unwrap_or(v1::Task::default().status_update_state());
        let spec = TaskSpec {
            key,
            task_id: ids.task,
            framework_id: ids.framework,
            agent_id: ids.agent,
            executor_id: task.executor_id.filter(|id| !id.is_empty()).map(Into::into),
            role: ids.role,
            resources,
            details: shapes.share_details(|details| task.details.append_to(details)),
        };
        TaskRecord {
            state: task.state,
            history: History::reported(task, spec.executor_name()),
            forwarded: uuid.map(|uuid| (state, uuid)),
            spec: Arc::new(spec),
        }
    }

    /// Remembers a status; it replaces the last one if that has the same state.
    pub fn add_status(&mut self, status: &v1::TaskStatus) {
        self.history.add(status, self.spec.executor_name());
    }

    /// The statuses, oldest first.
    pub fn statuses(&self) -> impl Iterator<Item = v1::TaskStatus> + '_ {
        self.history.iter(&self.spec)
    }

    /// The statuses, oldest first, encoded and without what the task says itself.
    pub fn encoded_statuses(&self) -> impl Iterator<Item = &[u8]> {
        self.history.encoded()
    }

    /// What the statuses say of the task's condition, newest first.
    pub fn conditions(&self) -> impl Iterator<Item = Condition> + '_ {
        self.history.conditions()
    }

    /// The task as the APIs show it.
    pub fn to_proto(&self) -> v1::Task {
        let spec = &*self.spec;
        let mut task: v1::Task = decode(&spec.details);
        task.task_id.value = spec.task_id.to_string();
        task.framework_id.value = spec.framework_id.to_string();
        task.agent_id.value = spec.agent_id.to_string();
        task.executor_id =
            spec.executor_id.as_ref().map(|id| v1::ExecutorId { value: id.to_string() });
        task.state = self.state.into();
        task.resources = spec.resources.to_proto();
        task.statuses = self.statuses().collect();
        if let Some((state, uuid)) = &self.forwarded {
            task.status_update_state = Some((*state).into());
            task.status_update_uuid = Some(bytes::Bytes::copy_from_slice(uuid));
        }
        task
    }
}

/// The ids and the role of a task, shared where they can be.
#[derive(Clone, Debug)]
pub struct TaskIds {
    /// Of the task.
    pub task: Arc<str>,
    /// Of its framework.
    pub framework: Arc<str>,
    /// Of its agent.
    pub agent: Arc<str>,
    /// The role that its resources are allocated to.
    pub role: Arc<str>,
}

/// Decodes what was encoded here, or read in part from what is plainly a message.
pub(super) fn decode<M: Message + Default>(bytes: &[u8]) -> M {
    M::decode(bytes).expect("a record holds only what was encoded from a message")
}
