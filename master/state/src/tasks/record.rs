// SPDX-License-Identifier: Apache-2.0

//! A task as the master keeps it: small, immutable, shared with the views.
//!
//! A cluster has far more tasks than anything else, so what the master decides
//! on is kept as plain values and the rest (labels, container, discovery,
//! statuses) in its encoded form, to be decoded by whoever shows it.

use std::sync::Arc;

use mesos_core::resources::Resources;
use mesos_proto::v1::{self, TaskState};
use prost::Message;

use super::Shapes;
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

/// Names one status of one task; what its acknowledgement must repeat.
pub type StatusUuid = [u8; 16];

/// A task at one moment.
#[derive(Clone, Debug)]
pub struct TaskRecord {
    /// What does not change.
    pub spec: Arc<TaskSpec>,
    /// The newest state that the master knows; may be ahead of the statuses.
    pub state: TaskState,
    /// One for each run of equal states, without `data` and what the task says itself.
    statuses: Vec<StatusRecord>,
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
        let details = v1::Task {
            name: info.name.clone(),
            labels: info.labels.clone(),
            discovery: info.discovery.clone(),
            container: info.container.clone(),
            health_check: info.health_check.clone(),
            kill_policy: info.kill_policy,
            user: user_of(info),
            limits: info.limits.clone(),
            ..Default::default()
        };
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
                details: shapes.share_details(details.encode_to_vec()),
            }),
            state: TaskState::TaskStaging,
            statuses: Vec::new(),
            forwarded: None,
        }
    }

    /// A task that an agent reports.
    pub(crate) fn reported(
        key: TaskKey,
        mut task: v1::Task,
        ids: TaskIds,
        resources: Resources,
        shapes: &mut Shapes,
    ) -> Self {
        let state = task.state();
        let uuid = task.status_update_uuid.take();
        let uuid = uuid.and_then(|uuid| StatusUuid::try_from(&uuid[..]).ok());
        let forwarded = uuid.map(|uuid| (task.status_update_state(), uuid));
        // Not collected: that would keep the allocation of the messages, many times as large.
        let mut statuses = Vec::with_capacity(task.statuses.len());
        statuses.extend(std::mem::take(&mut task.statuses).into_iter().map(StatusRecord::new));
        let executor_id = task.executor_id.take().map(|id| id.value.into_boxed_str());
        task.task_id = v1::TaskId::default();
        task.framework_id = v1::FrameworkId::default();
        task.agent_id = v1::AgentId::default();
        task.status_update_state = None;
        task.resources.clear();
        TaskRecord {
            spec: Arc::new(TaskSpec {
                key,
                task_id: ids.task,
                framework_id: ids.framework,
                agent_id: ids.agent,
                executor_id: executor_id.filter(|id| !id.is_empty()),
                role: ids.role,
                resources: shapes.share_resources(resources),
                details: shapes.share_details(task.encode_to_vec()),
            }),
            state,
            statuses,
            forwarded,
        }
    }

    /// Remembers a status; it replaces the last one if that has the same state.
    pub fn add_status(&mut self, status: &v1::TaskStatus) {
        if self.statuses.last().is_some_and(|last| last.state == status.state()) {
            self.statuses.pop();
        }
        self.statuses.push(StatusRecord::new(v1::TaskStatus { data: None, ..status.clone() }));
    }

    /// The statuses, oldest first.
    pub fn statuses(&self) -> impl DoubleEndedIterator<Item = v1::TaskStatus> + '_ {
        self.statuses.iter().map(|status| status.to_proto(&self.spec))
    }

    /// The newest status.
    pub fn last_status(&self) -> Option<v1::TaskStatus> {
        self.statuses().next_back()
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

/// The user that the task asks to run as, shown in `/state` like Mesos does.
fn user_of(info: &v1::TaskInfo) -> Option<String> {
    let executor = info.executor.as_ref().and_then(|executor| executor.command.as_ref());
    info.command.as_ref().or(executor).and_then(|command| command.user.clone())
}

/// A status of a task: as small as it goes, since every task has several.
#[derive(Clone, Debug)]
struct StatusRecord {
    state: TaskState,
    /// An encoded [`v1::TaskStatus`] without state, task and agent id.
    rest: Arc<[u8]>,
}

impl StatusRecord {
    fn new(mut status: v1::TaskStatus) -> Self {
        let state = status.state();
        status.task_id = v1::TaskId::default();
        status.agent_id = None;
        status.data = None;
        StatusRecord { state, rest: status.encode_to_vec().into() }
    }

    fn to_proto(&self, spec: &TaskSpec) -> v1::TaskStatus {
        let mut status: v1::TaskStatus = decode(&self.rest);
        status.task_id.value = spec.task_id.to_string();
        status.agent_id = Some(v1::AgentId { value: spec.agent_id.to_string() });
        status
    }
}

/// Decodes what this module encoded.
fn decode<M: Message + Default>(bytes: &[u8]) -> M {
    M::decode(bytes).expect("a record holds only what was encoded from a message")
}
