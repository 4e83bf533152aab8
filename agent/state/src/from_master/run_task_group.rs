// SPDX-License-Identifier: Apache-2.0

//! RunTaskGroup: pods are not supported yet; every task of the group fails, in so many words.

use mesos_core::time::Time;
use mesos_proto::{
    internal::RunTaskGroupMessage,
    v1::{TaskState, task_status::Reason},
};

use crate::{
    agent::{Agent, Phase},
    task_updates::Verdict,
};

impl Agent {
    pub(super) fn run_task_group(&mut self, now: Time, message: RunTaskGroupMessage) {
        match self.phase {
            Phase::Recovering | Phase::Terminating => return,
            Phase::Disconnected | Phase::Running => {}
        }
        let Some(framework_id) = message.framework.id.clone() else { return };
        let executor_id = message.executor.executor_id.value.as_str();
        for task in &message.task_group.tasks {
            let verdict = Verdict {
                state: TaskState::TaskError,
                reason: Reason::TaskGroupInvalid,
                message: "Task groups are not supported by this agent yet".to_owned(),
            };
            let task_id = task.task_id.value.as_str();
            let executor = Some(executor_id);
            let update = self.agent_update(now, &framework_id.value, task_id, executor, verdict);
            self.enqueue_update(now, update, None, None);
        }
        if message.launch_executor() {
            self.send_exited_executor(&framework_id.value, executor_id, -1);
        }
    }
}
