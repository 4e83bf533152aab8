// SPDX-License-Identifier: Apache-2.0

//! LAUNCH_GROUP: all tasks of a group, or none.

use mesos_core::validation::task_group;
use mesos_proto::{
    internal::RunTaskGroupMessage,
    v1::{
        FrameworkId, FrameworkInfo, TaskState, offer::operation::LaunchGroup, task_status::Reason,
    },
};

use super::{
    accept::Use,
    launch::{downgrade, resource_versions},
};
use crate::{master::Master, output::ToAgent, statuses::MasterStatus};

impl Master {
    /// Launches a task group, or says why not.
    pub(super) fn launch_group(&mut self, used: &mut Use, launch: LaunchGroup) {
        let LaunchGroup { executor, task_group: mut group } = launch;
        for task in &mut group.tasks {
            task.executor.get_or_insert_with(|| executor.clone());
        }
        let id = self.frameworks.registered[used.framework].record.id.to_string();
        let framework_id = FrameworkId { value: id };
        let available = used.available();
        let shared_before = self.shares_cgroups(used, &executor.executor_id.value);
        let checked = self.with_context(used, &framework_id, &available, |context| {
            task_group::validate(&group, &executor, context, shared_before)
        });
        if let Err(error) = checked {
            let status = MasterStatus {
                state: TaskState::TaskError,
                reason: Reason::TaskGroupInvalid,
                message: error.message(),
            };
            for task in &group.tasks {
                self.refuse_task(used.framework, task, &status);
            }
            return;
        }
        if group.tasks.is_empty() {
            return;
        }
        let launch_executor = self.start_executor(used, executor.clone());
        for task in &group.tasks {
            self.start_task(used, task);
        }
        let agent = &self.agents.registered[used.agent];
        let framework = &self.frameworks.registered[used.framework];
        let refinement = agent.capabilities.reservation_refinement;
        let mut message = RunTaskGroupMessage {
            framework: FrameworkInfo::clone(&framework.record.info),
            resource_version_uuids: resource_versions(agent),
            launch_executor: Some(launch_executor),
            executor,
            task_group: group,
        };
        if !refinement {
            message.task_group.tasks.iter_mut().for_each(downgrade);
        }
        self.send(used.agent, ToAgent::RunTaskGroup(Box::new(message)));
    }

    /// Whether the tasks that an executor has on the agent share its cgroups.
    fn shares_cgroups(&self, used: &Use, executor_id: &str) -> Option<bool> {
        let tasks = self.agents.registered[used.agent].tasks.iter();
        let of_executor = tasks.map(|index| &self.tasks[*index]).find(|task| {
            task.framework == used.framework
                && task.record.spec.executor_id.as_deref() == Some(executor_id)
        });
        let task = of_executor?.record.to_proto();
        let linux_info = task.container.and_then(|container| container.linux_info);
        Some(linux_info.and_then(|info| info.share_cgroups).unwrap_or(true))
    }
}
