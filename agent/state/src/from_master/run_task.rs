// SPDX-License-Identifier: Apache-2.0

//! RunTask: one task, for an executor that it names or for one that is made up for it.

use mesos_core::time::Time;
use mesos_proto::internal::RunTaskMessage;

use super::assignment::Assignment;
use crate::{
    agent::Agent, command_executor::command_executor, framework::scheduler_pid, wire_form,
};

impl Agent {
    pub(super) fn run_task(&mut self, now: Time, message: RunTaskMessage) {
        let mut task = message.task;
        let mut framework = message.framework;
        #[expect(deprecated, reason = "masters before 0.23 name the framework here")]
        let id = framework.id.clone().or(message.framework_id).unwrap_or_default();
        framework.id = Some(id.clone());
        let role = wire_form::only_role(&framework);
        wire_form::upgrade_task(&mut task, role.as_deref());
        if let Some(own) = &mut task.executor {
            own.framework_id = Some(id.clone());
        }
        let executor = match &task.executor {
            Some(executor) => executor.clone(),
            None => command_executor(&self.config, &id, &framework, &task),
        };
        let task_id = task.task_id.value.clone();
        self.outbox.info(format!("Got assigned task '{task_id}' for framework {}", id.value));
        let tasks = vec![task];
        if let Some(why) = self.refuses(&id.value, &executor.executor_id.value, &tasks) {
            self.outbox.warn(format!("Ignoring running task '{task_id}' because {why}"));
            let executor_id = executor.executor_id.value.as_str();
            return self.ignore(now, &framework, executor_id, &tasks, message.launch_executor);
        }
        let assignment = Assignment {
            framework_id: id.value,
            framework,
            tasks,
            is_group: false,
            executor,
            pid: scheduler_pid(message.pid.as_ref()),
            versions: message.resource_version_uuids,
            launch_executor: message.launch_executor,
        };
        self.assign(now, assignment);
    }
}
