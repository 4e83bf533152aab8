// SPDX-License-Identifier: Apache-2.0

//! Task groups of a LAUNCH_GROUP: launched together by one executor, or not at all.

use std::collections::BTreeSet;

use mesos_proto::v1::{
    ExecutorInfo, TaskGroupInfo, TaskInfo, container_info, executor_info, health_check,
};

use super::{
    Invalid, Within, command, container, ensure, ensure_with, executor, resources,
    task::{self, TaskContext},
};
use crate::resources::Resources;

/// Checks a group and its executor.
///
/// Each task has its executor filled in. `shared_before` is the value of
/// `share_cgroups` of the tasks that already run under this executor on the
/// agent, if there are any (unset counts as true).
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn validate(
    group: &TaskGroupInfo,
    executor: &ExecutorInfo,
    context: &TaskContext<'_>,
    shared_before: Option<bool>,
) -> Result<(), Invalid> {
    let mut ids = BTreeSet::new();
    for task in &group.tasks {
        let id = task.task_id.value.as_str();
        validate_task(task, context)
            // Apache Mesos does not look for this, and aborts on it.
            .and_then(|()| ensure_with(ids.insert(id), || format!("Task has duplicate ID: {id}")))
            .within(&format!("Task '{id}' is invalid"))?;
    }
    validate_executor(group, executor, context)?;
    share_cgroups(group, executor, shared_before)
}

fn validate_task(task: &TaskInfo, context: &TaskContext<'_>) -> Result<(), Invalid> {
    task::without_executor(task, context)?;
    ensure(task.executor.is_some(), "'TaskInfo.executor' must be set")?;
    if let Some(container) = &task.container {
        let over_the_network = task.health_check.as_ref().is_some_and(|check| {
            matches!(check.r#type(), health_check::Type::Http | health_check::Type::Tcp)
        });
        ensure(
            container.network_infos.is_empty() || !over_the_network,
            "HTTP and TCP health checks are not supported for nested containers \
             not joining parent's network",
        )?;
        ensure(
            container.r#type() != container_info::Type::Docker,
            "Docker ContainerInfo is not supported on the task",
        )?;
    }
    ensure(
        task.limits.is_empty() || container::share_cgroups(task.container.as_ref()) == Some(false),
        "Resource limits may only be set for tasks within a task group when \
         the 'share_cgroups' field is set to 'false'.",
    )
}

fn validate_executor(
    group: &TaskGroupInfo,
    executor: &ExecutorInfo,
    context: &TaskContext<'_>,
) -> Result<(), Invalid> {
    let running = (context.running_executor)(&executor.executor_id);
    executor::launch(executor, context.framework_id, running)?;
    ensure(executor.r#type.is_some(), "'ExecutorInfo.type' must be set")?;
    ensure(executor.r#type() != executor_info::Type::Unknown, "Unknown executor type")?;
    ensure(
        executor
            .container
            .as_ref()
            .is_none_or(|container| container.r#type() != container_info::Type::Docker),
        "Docker ContainerInfo is not supported on the executor",
    )?;
    let id = &executor.executor_id.value;
    for task in &group.tasks {
        let same = task.executor.as_ref().is_none_or(|own| executor::same(own, executor));
        ensure_with(same, || {
            format!(
                "The `ExecutorInfo` of task '{}' is different from executor '{id}'",
                task.task_id.value
            )
        })?;
    }
    let own = Resources::from_proto(&executor.resources);
    if let Some(refusal) = executor::too_small(executor, &own) {
        return Err(Invalid::new(refusal));
    }
    ensure_with(own.disk().is_some(), || format!("Executor '{id}' uses no disk"))?;
    fits(group, &own, running.is_none(), context)?;
    executor
        .command
        .as_ref()
        .map_or(Ok(()), command::validate)
        .within(&format!("Executor '{id}'contains an invalid command"))
}

/// Checks the resources of the group and its executor taken together.
fn fits(
    group: &TaskGroupInfo,
    executor: &Resources,
    executor_is_new: bool,
    context: &TaskContext<'_>,
) -> Result<(), Invalid> {
    let mut each: Vec<Resources> =
        group.tasks.iter().map(|task| Resources::from_proto(&task.resources)).collect();
    let mut tasks = Resources::new();
    each.iter().for_each(|resources| tasks += resources);
    let total = executor + &tasks;
    resources::unique_persistence_ids(&total)
        .within("Task group and executor use duplicate persistence ID")?;
    resources::not_partly_revocable(&total)
        .within("Task group and executor mix revocable and non-revocable resources")?;
    each.push(executor.clone());
    ensure_with(!resources::overlap(&each), || {
        let printed: Vec<String> =
            each[..each.len() - 1].iter().map(Resources::to_string).collect();
        format!(
            "There are overlapping resources in the task group's task resources \
             {{ {} }} and/or executor resources {executor}",
            printed.join(", ")
        )
    })?;
    let required = if executor_is_new { tasks + executor } else { tasks };
    ensure_with(context.offered.contains(&required), || {
        format!(
            "Total resources {required} required by task group and its executor \
             are more than available {}",
            context.offered
        )
    })
}

fn share_cgroups(
    group: &TaskGroupInfo,
    executor: &ExecutorInfo,
    shared_before: Option<bool>,
) -> Result<(), Invalid> {
    executor::not_sharing_cgroups(executor)?;
    let each = group
        .tasks
        .iter()
        .map(|task| container::share_cgroups(task.container.as_ref()).unwrap_or(true));
    let distinct: BTreeSet<bool> = each.chain(shared_before).collect();
    ensure(
        distinct.len() <= 1 || group.tasks.is_empty(),
        "If set, the value of 'share_cgroups' must be the same for all tasks \
         in each task group and under a single executor",
    )
}
