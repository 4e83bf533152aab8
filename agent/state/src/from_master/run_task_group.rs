// SPDX-License-Identifier: Apache-2.0

//! RunTaskGroup: tasks that a custom executor is given together. The default executor, which
//! would run them as a pod, is not supported yet: its tasks fail, in so many words.

use mesos_core::time::Time;
use mesos_proto::{
    internal::RunTaskGroupMessage,
    v1::{TaskState, executor_info, task_status::Reason},
};

use super::assignment::Assignment;
use crate::{agent::Agent, task_updates::Verdict, wire_form};

impl Agent {
    pub(super) fn run_task_group(&mut self, now: Time, message: RunTaskGroupMessage) {
        let launch_executor = message.launch_executor;
        let framework = message.framework;
        let framework_id = framework.id.clone().unwrap_or_default().value;
        let role = wire_form::only_role(&framework);
        let mut executor = message.executor;
        wire_form::upgrade_executor(&mut executor, role.as_deref());
        executor.framework_id = framework.id.clone();
        let executor_id = executor.executor_id.value.clone();
        let mut tasks = message.task_group.tasks;
        for task in &mut tasks {
            task.executor = Some(executor.clone());
            wire_form::upgrade_task(task, role.as_deref());
        }
        self.outbox.info(format!(
            "Got assigned a group of {} tasks for framework {framework_id}",
            tasks.len()
        ));
        let empty = tasks.is_empty().then(|| "it is empty".to_owned());
        let refusal = empty.or_else(|| self.refuses(&framework_id, &executor_id, &tasks));
        if let Some(why) = refusal {
            self.outbox.warn(format!("Ignoring running a task group because {why}"));
            return self.ignore(now, &framework, &executor_id, &tasks, launch_executor);
        }
        if executor.r#type() != executor_info::Type::Default {
            let assignment = Assignment {
                framework_id,
                framework,
                tasks,
                is_group: true,
                executor,
                pid: None,
                versions: message.resource_version_uuids,
                launch_executor,
            };
            return self.assign(now, assignment);
        }
        if launch_executor == Some(true) {
            self.send_exited_executor(&framework_id, &executor_id, -1);
        }
        for task in &tasks {
            let verdict = Verdict {
                state: TaskState::TaskError,
                reason: Reason::TaskGroupInvalid,
                message: "The default executor is not supported by this agent yet".to_owned(),
            };
            let task_id = task.task_id.value.as_str();
            let executor = Some(executor_id.as_str());
            let update = self.agent_update(now, &framework_id, task_id, executor, verdict);
            self.enqueue_update(now, update, None, None);
        }
    }
}
