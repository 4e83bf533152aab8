// SPDX-License-Identifier: Apache-2.0

//! LAUNCH: one task, validated and sent to its agent.

use mesos_core::{
    resources::{Resources, convert},
    trial::{self, Defect},
    validation::task::{self, TaskContext, TaskIdUse},
};
use mesos_proto::{
    internal::{ResourceVersionUuid, RunTaskMessage},
    v1::{
        AgentId, ExecutorInfo, FrameworkId, FrameworkInfo, HealthCheck, TaskInfo, TaskState,
        health_check, task_status::Reason,
    },
};

use super::accept::Use;
use crate::{
    agents::Agent,
    master::Master,
    output::ToAgent,
    statuses::MasterStatus,
    tasks::{TaskIds, TaskRecord},
};

impl Master {
    /// Launches a task of a LAUNCH, or says why not.
    pub(super) fn launch(&mut self, used: &mut Use, mut task: TaskInfo) {
        let framework = &self.frameworks.registered[used.framework];
        let framework_id = FrameworkId { value: framework.record.id.to_string() };
        complete(&mut task, &framework_id);
        let available = used.available();
        let checked = self.with_context(used, &framework_id, &available, |context| {
            task::validate(&task, context)
        });
        if let Err(error) = checked {
            let status = MasterStatus {
                state: TaskState::TaskError,
                reason: Reason::TaskInvalid,
                message: error.message(),
            };
            return self.refuse_task(used.framework, &task, &status);
        }
        let launch_executor = match task.executor.clone() {
            Some(executor) => self.start_executor(used, executor),
            None => true,
        };
        self.start_task(used, &task);
        let agent = &self.agents.registered[used.agent];
        let framework = &self.frameworks.registered[used.framework];
        let mut message = RunTaskMessage {
            framework: FrameworkInfo::clone(&framework.record.info),
            pid: Some(super::NO_PID.to_owned()),
            resource_version_uuids: resource_versions(agent),
            launch_executor: Some(launch_executor),
            task,
            ..Default::default()
        };
        if !agent.capabilities.reservation_refinement {
            downgrade(&mut message.task);
        }
        self.send(used.agent, ToAgent::RunTask(Box::new(message)));
    }

    /// Gives validation what it must know about the state of the cluster.
    pub(super) fn with_context<R>(
        &self,
        used: &Use,
        framework_id: &FrameworkId,
        available: &Resources,
        check: impl FnOnce(&TaskContext<'_>) -> R,
    ) -> R {
        let framework = &self.frameworks.registered[used.framework];
        let agent = &self.agents.registered[used.agent];
        let agent_id = AgentId { value: agent.record.id.to_string() };
        check(&TaskContext {
            framework_id,
            agent_id: &agent_id,
            agent_limits_resources: agent.capabilities.task_resource_limits,
            offered: available,
            task_id_use: &|id| {
                if trial::has(Defect::DuplicateTaskAccepted) {
                    return None;
                }
                if framework.tasks.contains_key(id.value.as_str()) {
                    return Some(TaskIdUse::Active);
                }
                framework.unreachable.get(&id.value).map(|_| TaskIdUse::Unreachable)
            },
            running_executor: &|id| {
                let executor = agent.executors.get(&(used.framework, id.value.as_str().into()));
                executor.map(|executor| &*executor.info)
            },
        })
    }

    /// Books an executor unless it runs already; says whether it is new.
    pub(super) fn start_executor(&mut self, used: &mut Use, executor: ExecutorInfo) -> bool {
        let key = (used.framework, executor.executor_id.value.as_str().into());
        if self.agents.registered[used.agent].executors.contains_key(&key) {
            return false;
        }
        let resources = Resources::from_proto(&executor.resources);
        self.consume(used, &resources);
        self.add_executor(used.agent, used.framework, executor, (used.role.clone(), resources));
        true
    }

    /// Books a task.
    pub(super) fn start_task(&mut self, used: &mut Use, task: &TaskInfo) {
        let resources = Resources::from_proto(&task.resources);
        self.consume(used, &resources);
        let ids = TaskIds {
            task: task.task_id.value.as_str().into(),
            framework: self.frameworks.registered[used.framework].record.id.clone(),
            agent: self.agents.registered[used.agent].record.id.clone(),
            role: used.role.clone(),
        };
        let key = self.new_task_key();
        let shapes = &mut self.frameworks.registered[used.framework].shapes;
        let record = TaskRecord::launched(key, task, ids, resources, shapes);
        self.add_task(record, used.framework, used.agent);
    }

    /// Turns offered resources into used ones.
    fn consume(&mut self, used: &mut Use, resources: &Resources) {
        let (framework, agent) = (used.framework, used.agent);
        // Another copy of a shared resource than those on offer.
        let more = match used.shared.is_empty() {
            true => Resources::default(),
            false => resources.shared() - &used.remaining.shared(),
        };
        self.allocator.use_resources(framework, agent, &used.role, &more);
        let offered = resources - &more;
        self.allocator.accept(framework, agent, &used.role, &offered);
        used.remaining -= &offered;
    }
}

/// Fills in what a framework may leave out.
fn complete(task: &mut TaskInfo, framework_id: &FrameworkId) {
    if let Some(executor) = &mut task.executor {
        executor.framework_id.get_or_insert_with(|| framework_id.clone());
    }
    if let Some(check) = task.health_check.as_mut().filter(|check| check.r#type.is_none()) {
        check.r#type = implied_type(check).map(Into::into);
    }
}

fn implied_type(check: &HealthCheck) -> Option<health_check::Type> {
    match (check.command.is_some(), check.http.is_some()) {
        (true, false) => Some(health_check::Type::Command),
        (false, true) => Some(health_check::Type::Http),
        (true, true) | (false, false) => None,
    }
}

/// The versions of an agent's resources that a launch is based on.
pub(super) fn resource_versions(agent: &Agent) -> Vec<ResourceVersionUuid> {
    let version = agent
        .resource_version
        .clone()
        .map(|uuid| ResourceVersionUuid { resource_provider_id: None, uuid });
    version.into_iter().collect()
}

/// Brings a task into the form of agents that do not know stacks of reservations;
/// such agents have no refined ones.
pub(super) fn downgrade(task: &mut TaskInfo) {
    let of_executor = task.executor.iter_mut().flat_map(|executor| &mut executor.resources);
    for resource in task.resources.iter_mut().chain(of_executor) {
        // Nothing to do about a refined reservation, which cannot be there.
        let _refined = convert::downgrade(resource);
    }
}
