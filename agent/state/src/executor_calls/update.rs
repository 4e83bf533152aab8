// SPDX-License-Identifier: Apache-2.0

//! UPDATE: a task's status, acknowledged over the stream once it is taken care of.

use mesos_core::time::Time;
use mesos_proto::v1::TaskStatus;

use crate::{agent::Agent, key::ContainerId};

impl Agent {
    pub(super) fn executor_update(
        &mut self,
        now: Time,
        framework_id: &str,
        status: TaskStatus,
        container: &ContainerId,
    ) {
        if status.uuid.is_none() {
            self.counters.invalid_status_updates += 1;
            self.outbox.warn(format!(
                "Ignoring status update for task {} without 'uuid'",
                status.task_id.value
            ));
            return;
        }
        self.executor_status(now, framework_id, status, container);
    }
}
