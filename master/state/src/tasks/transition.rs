// SPDX-License-Identifier: Apache-2.0

//! What a status does to a task that the master knows.

use std::sync::Arc;

use mesos_proto::v1::{TaskState, TaskStatus};

use super::{TaskIndex, TaskRecord, is_terminal, is_terminal_or_unreachable};
use crate::{change::Change, master::Master};

impl Master {
    /// Applies a status. `latest` is the state that the agent knows, which may
    /// be ahead of the status and frees the resources as early as possible.
    pub(crate) fn update_task(
        &mut self,
        index: TaskIndex,
        status: &Arc<TaskStatus>,
        latest: Option<TaskState>,
    ) {
        let state = latest.unwrap_or(status.state());
        let task = &mut self.tasks[index];
        let (agent, framework) = (task.agent, task.framework);
        let record = Arc::make_mut(&mut task.record);
        let before = record.state;
        apply(record, status, state);
        let after = record.state;
        let record = task.record.clone();
        self.gauge_task(Some(before), Some(after));
        self.changed(Change::TaskUpdated { task: record.clone(), status: status.clone() });
        if !is_terminal_or_unreachable(before) && is_terminal_or_unreachable(state) {
            let spec = &record.spec;
            self.free_resources(agent, framework, &spec.role, &spec.resources);
            self.metrics.task_ended(status);
        }
    }
}

/// Applies a status to a record; a terminal state stays.
pub(crate) fn apply(record: &mut TaskRecord, status: &TaskStatus, state: TaskState) {
    if !is_terminal(record.state) {
        record.state = state;
    }
    record.add_status(status);
}
