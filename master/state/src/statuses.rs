// SPDX-License-Identifier: Apache-2.0

//! Statuses that the master itself makes; they have no uuid and need no acknowledgement.

use std::sync::Arc;

use mesos_core::time::Time;
use mesos_proto::v1::{
    AgentId, ExecutorId, TaskId, TaskState, TaskStatus, TimeInfo,
    task_status::{Reason, Source},
};

use crate::tasks::TaskRecord;

/// A status made by the master.
pub(crate) struct MasterStatus<'a> {
    pub(crate) state: TaskState,
    pub(crate) reason: Reason,
    pub(crate) message: &'a str,
}

impl MasterStatus<'_> {
    /// The status of a task that the master may not know.
    pub(crate) fn of(&self, now: Time, task_id: &str, agent_id: Option<&str>) -> TaskStatus {
        TaskStatus {
            task_id: TaskId { value: task_id.into() },
            state: self.state.into(),
            message: Some(self.message.into()),
            source: Some(Source::Master.into()),
            reason: Some(self.reason.into()),
            agent_id: agent_id.map(|id| AgentId { value: id.into() }),
            timestamp: Some(now.as_secs_f64()),
            ..Default::default()
        }
    }

    /// The status of a task that the master knows.
    pub(crate) fn of_task(&self, now: Time, task: &TaskRecord) -> TaskStatus {
        let spec = &task.spec;
        let executor_id = spec.executor_id.as_ref();
        TaskStatus {
            executor_id: executor_id.map(|id| ExecutorId { value: id.to_string() }),
            ..self.of(now, &spec.task_id, Some(&spec.agent_id))
        }
    }

    /// The same, with the health, checks and container of the last status.
    pub(crate) fn of_task_with_health(&self, now: Time, task: &TaskRecord) -> TaskStatus {
        let mut status = self.of_task(now, task);
        for (age, kept) in task.conditions().enumerate() {
            if age == 0 {
                status.healthy = kept.healthy;
                status.check_status = kept.check_status;
            }
            if kept.container_status.is_some() {
                status.container_status = kept.container_status;
                break;
            }
        }
        status
    }

    /// The status of a task that leaves with its agent or framework.
    pub(crate) fn leaving(
        &self,
        now: Time,
        task: &TaskRecord,
        since: Option<Time>,
    ) -> Arc<TaskStatus> {
        Arc::new(TaskStatus { unreachable_time: since.map(time_info), ..self.of_task(now, task) })
    }
}

/// A time as the APIs write it.
pub(crate) fn time_info(time: Time) -> TimeInfo {
    TimeInfo { nanoseconds: i64::try_from(time.as_nanos()).unwrap_or(i64::MAX) }
}
