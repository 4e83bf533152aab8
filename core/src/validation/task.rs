// SPDX-License-Identifier: Apache-2.0

//! Tasks of a LAUNCH: the task, its executor, and whether the offer holds both.

use mesos_proto::v1::{
    AgentId, ExecutorId, ExecutorInfo, FrameworkId, Resource, TaskId, TaskInfo, executor_info,
    value,
};

use super::{
    Invalid, Within, check, command, container, ensure, ensure_with, executor, is_negative,
    resources,
};
use crate::{
    ids,
    resources::{Resources, Scalar},
};

/// Who has this task id already, in the task's framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskIdUse {
    /// A task that is not terminal, or terminal and not acknowledged.
    Active,
    /// A task on an agent that is unreachable.
    Unreachable,
}

/// What a task is checked against.
#[derive(Clone, Copy)]
pub struct TaskContext<'a> {
    /// The framework that launches it.
    pub framework_id: &'a FrameworkId,
    /// The agent whose resources were offered.
    pub agent_id: &'a AgentId,
    /// Whether that agent has the capability TASK_RESOURCE_LIMITS.
    pub agent_limits_resources: bool,
    /// What is left of the accepted offers.
    pub offered: &'a Resources,
    /// Whether the framework has this task id already.
    pub task_id_use: &'a dyn Fn(&TaskId) -> Option<TaskIdUse>,
    /// The framework's executor of this id on the agent.
    pub running_executor: &'a dyn Fn(&ExecutorId) -> Option<&'a ExecutorInfo>,
}

/// Checks a task of a LAUNCH.
///
/// Its resources are in the post-refinement format and allocated to the
/// offer's role; its executor has the framework's id.
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn validate(task: &TaskInfo, context: &TaskContext<'_>) -> Result<(), Invalid> {
    without_executor(task, context)?;
    with_executor(task, context)?;
    ensure(
        container::share_cgroups(task.container.as_ref()) != Some(false),
        "Only tasks in a task group may have 'share_cgroups' set to 'false'",
    )
}

/// Checks everything but its executor; of a LAUNCH or a LAUNCH_GROUP.
pub(super) fn without_executor(task: &TaskInfo, context: &TaskContext<'_>) -> Result<(), Invalid> {
    ids::validate(&task.task_id.value)?;
    unused_id(&task.task_id, context)?;
    ensure_with(task.agent_id == *context.agent_id, || {
        format!(
            "Task uses invalid agent {} while agent {} is expected",
            task.agent_id.value, context.agent_id.value
        )
    })?;
    let grace_period = task.kill_policy.as_ref().and_then(|p| p.grace_period.as_ref());
    ensure(!is_negative(grace_period), "Task's 'kill_policy.grace_period' must be non-negative")?;
    ensure(
        !is_negative(task.max_completion_time.as_ref()),
        "Task's `max_completion_time` must be non-negative",
    )?;
    task.check.as_ref().map_or(Ok(()), check::validate).within("Task uses invalid check")?;
    task.health_check
        .as_ref()
        .map_or(Ok(()), check::health)
        .within("Task uses invalid health check")?;
    validate_resources(&task.resources)?;
    task.command
        .as_ref()
        .map_or(Ok(()), command::validate)
        .within("Task's `CommandInfo` is invalid")?;
    task.container
        .as_ref()
        .map_or(Ok(()), container::validate)
        .within("Task's `ContainerInfo` is invalid")?;
    validate_limits(task, context)
}

fn unused_id(task_id: &TaskId, context: &TaskContext<'_>) -> Result<(), Invalid> {
    match (context.task_id_use)(task_id) {
        None => Ok(()),
        Some(TaskIdUse::Active) => {
            Err(Invalid::new(format!("Task has duplicate ID: {}", task_id.value)))
        }
        Some(TaskIdUse::Unreachable) => Err(Invalid::new(format!(
            "Task reuses the ID of an unreachable task: {}",
            task_id.value
        ))),
    }
}

fn validate_resources(list: &[Resource]) -> Result<(), Invalid> {
    ensure(!list.is_empty(), "Task uses no resources")?;
    resources::all(list).within("Task uses invalid resources")?;
    let all = Resources::from_proto(list);
    resources::unique_persistence_ids(&all).within("Task uses duplicate persistence ID")?;
    resources::allocated_to_one_role(&all).within("Invalid task resources")?;
    resources::not_partly_revocable(&all).within("Task mixes revocable and non-revocable resources")
}

fn validate_limits(task: &TaskInfo, context: &TaskContext<'_>) -> Result<(), Invalid> {
    if task.limits.is_empty() {
        return Ok(());
    }
    ensure(
        context.agent_limits_resources,
        "Agent is not capable of handling task resource limits",
    )?;
    ensure(
        task.limits.keys().all(|name| name == "cpus" || name == "mem"),
        "Only cpus and mem may be included in a task's resource limits",
    )?;
    let request = Resources::from_proto(&task.resources);
    if let Some(limit) = task.limits.get("cpus") {
        let Some(cpus) = request.cpus() else {
            return Err(Invalid::new(
                "When a CPU limit is specified, a CPU request must also be specified",
            ));
        };
        ensure(
            is_at_least(limit, cpus),
            "The cpu limit must be greater than or equal to the cpu request",
        )?;
    }
    if let Some(limit) = task.limits.get("mem") {
        let Some(mem) = request.mem() else {
            return Err(Invalid::new(
                "When a memory limit is specified, a memory request must also be specified",
            ));
        };
        let whole = executor::whole_megabytes(mem) as f64;
        ensure(
            limit.value >= whole,
            "The memory limit must be greater than or equal to the memory request",
        )?;
    }
    Ok(())
}

/// A limit may be infinite, which no amount is.
fn is_at_least(limit: &value::Scalar, request: Scalar) -> bool {
    limit.value >= request.as_f64()
}

fn with_executor(task: &TaskInfo, context: &TaskContext<'_>) -> Result<(), Invalid> {
    ensure(
        task.executor.is_some() != task.command.is_some(),
        "Task should have at least one (but not both) of CommandInfo or ExecutorInfo present",
    )?;
    let mut total = Resources::from_proto(&task.resources);
    if let Some(executor) = &task.executor {
        let running = (context.running_executor)(&executor.executor_id);
        executor::launch(executor, context.framework_id, running)?;
        let own = Resources::from_proto(&executor.resources);
        custom_executor(executor, &own)?;
        if running.is_none() {
            total += &own;
        }
    }
    together(task)?;
    ensure_with(context.offered.contains(&total), || {
        format!(
            "Total resources {total} required by task and its executor \
             is more than available {}",
            context.offered
        )
    })
}

/// Checks what a LAUNCH demands of an executor.
fn custom_executor(executor: &ExecutorInfo, own: &Resources) -> Result<(), Invalid> {
    ensure(
        executor.r#type.is_none() || executor.r#type() == executor_info::Type::Custom,
        "'ExecutorInfo.type' must be 'CUSTOM'",
    )?;
    ensure(executor.command.is_some(), "'ExecutorInfo.command' must be set")?;
    ensure_with(own.shared().is_empty(), || {
        format!("Executor resources {own} should not contain any shared resources")
    })?;
    executor::not_sharing_cgroups(executor)
}

/// Checks the resources of the task and its executor taken together.
fn together(task: &TaskInfo) -> Result<(), Invalid> {
    let mut total = Resources::from_proto(&task.resources);
    if let Some(executor) = &task.executor {
        let own = Resources::from_proto(&executor.resources);
        let both = [total.clone(), own];
        total += &both[1];
        resources::all(&total.to_proto()).within("Task and its executor use invalid resources")?;
        ensure_with(!resources::overlap(&both), || {
            format!(
                "There are overlapping resources in the task resources {} \
                 and executor resources {}",
                both[0], both[1]
            )
        })?;
    }
    resources::unique_persistence_ids(&total)
        .within("Task and its executor use duplicate persistence ID")?;
    resources::not_partly_revocable(&total)
        .within("Task and its executor mix revocable and non-revocable resources")
}
