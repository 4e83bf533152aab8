// SPDX-License-Identifier: Apache-2.0

//! What a status does to a task that the master knows.

use std::sync::Arc;

use mesos_core::trial::{self, Defect};
use mesos_proto::v1::{TaskState, TaskStatus, task_status::Source};

use super::{StatusUuid, TaskIndex, TaskRecord, is_terminal};
use crate::{change::Change, master::Master};

impl Master {
    /// Applies a status. `latest` is the state that the agent knows, which may
    /// be ahead of the status and frees the resources as early as possible.
    /// `forwarded` is set when the scheduler has been sent a status to acknowledge.
    pub(crate) fn update_task(
        &mut self,
        index: TaskIndex,
        status: &Arc<TaskStatus>,
        latest: Option<TaskState>,
        forwarded: Option<(TaskState, StatusUuid)>,
    ) {
        let state = latest.unwrap_or(status.state());
        let task = &mut self.tasks[index];
        let (agent, framework) = (task.agent, task.framework);
        let record = Arc::make_mut(&mut task.record);
        let before = record.state;
        apply(record, status, state);
        record.forwarded = forwarded.or(record.forwarded.take());
        let after = record.state;
        let record = task.record.clone();
        let frees = task.holds && holds_nothing(state, status);
        let frees = frees && !trial::has(Defect::ResourcesNeverFreed);
        task.holds &= !frees;
        self.gauge_task(Some(before), Some(after));
        self.changed(Change::TaskUpdated { task: record.clone(), status: status.clone() });
        if !is_terminal(after) {
            trial::reached("tasks", "active | status update, not terminal");
        }
        if frees {
            trial::reached("tasks", "active | terminal update: its resources are free");
            let spec = &record.spec;
            self.free_resources(agent, framework, &spec.role, &spec.resources);
            self.metrics.task_ended(status);
        }
    }
}

/// Whether a task in this state holds no resources. That an agent is unreachable
/// is for the master to say: Mesos aborts when an executor says so.
fn holds_nothing(state: TaskState, status: &TaskStatus) -> bool {
    let is_ours = status.source.is_some() && status.source() == Source::Master;
    is_terminal(state) || state == TaskState::TaskUnreachable && is_ours
}

/// Applies a status to a record; a terminal state stays.
pub(crate) fn apply(record: &mut TaskRecord, status: &TaskStatus, state: TaskState) {
    if !is_terminal(record.state) || trial::has(Defect::TerminalStateLeft) {
        record.state = state;
    }
    record.add_status(status);
}
