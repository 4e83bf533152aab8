// SPDX-License-Identifier: Apache-2.0

//! What an agent says of itself when it registers or comes back.

use std::collections::BTreeSet;

use mesos_proto::{
    internal::{RegisterSlaveMessage, ReregisterSlaveMessage},
    v1::{AgentInfo, ExecutorInfo, FrameworkId, Task, TaskState},
};

use super::{Invalid, Within, ensure_with, executor, framework};
use crate::{ids, resources::validate as valid};

/// Checks a registration.
///
/// Apache Mesos also refuses checkpointed resources of an agent without the
/// v0 flag `checkpoint`; every agent since 0.22 checkpoints, so v1 has no such flag.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn register(message: &RegisterSlaveMessage) -> Result<(), Invalid> {
    info(&message.agent)?;
    Ok(valid::all(&message.checkpointed_resources)?)
}

/// Checks a re-registration: also that executors and tasks belong to what comes with them.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn reregister(message: &ReregisterSlaveMessage) -> Result<(), Invalid> {
    info(&message.agent)?;
    valid::all(&message.checkpointed_resources)?;
    let mut frameworks = BTreeSet::new();
    for info in &message.frameworks {
        framework::validate(info)?;
        let id = framework_id(info.id.as_ref());
        ensure_with(frameworks.insert(id), || {
            format!("Framework has a duplicate FrameworkID: '{id}'")
        })?;
    }
    let mut executors = BTreeSet::new();
    for executor in &message.executor_infos {
        let id = reported_executor(executor, &frameworks)?;
        ensure_with(executors.insert(id), || {
            format!("Framework '{}' has a duplicate ExecutorID '{}'", id.0, id.1)
        })?;
    }
    message
        .tasks
        .iter()
        .try_for_each(|task| reported_task(task, &message.agent, &frameworks, &executors))
}

fn info(info: &AgentInfo) -> Result<(), Invalid> {
    info.id.as_ref().map_or(Ok(()), |id| ids::validate(&id.value))?;
    Ok(valid::all(&info.resources)?)
}

/// An unset id reads as an empty one.
fn framework_id(id: Option<&FrameworkId>) -> &str {
    id.map_or("", |id| id.value.as_str())
}

fn reported_executor<'a>(
    executor: &'a ExecutorInfo,
    frameworks: &BTreeSet<&str>,
) -> Result<(&'a str, &'a str), Invalid> {
    executor::validate(executor)?;
    valid::all(&executor.resources)?;
    let framework = framework_id(executor.framework_id.as_ref());
    ensure_with(frameworks.contains(framework), || {
        format!("Executor has an invalid FrameworkID '{framework}'")
    })?;
    Ok((framework, executor.executor_id.value.as_str()))
}

fn reported_task(
    task: &Task,
    agent: &AgentInfo,
    frameworks: &BTreeSet<&str>,
    executors: &BTreeSet<(&str, &str)>,
) -> Result<(), Invalid> {
    ids::validate(&task.task_id.value).within("Task has an invalid TaskID")?;
    let agent_id = agent.id.as_ref().map_or("", |id| id.value.as_str());
    ensure_with(task.agent_id.value == agent_id, || {
        format!("Task has an invalid SlaveID '{}'", task.agent_id.value)
    })?;
    let framework = task.framework_id.value.as_str();
    ensure_with(frameworks.contains(framework), || {
        format!("Task has an invalid FrameworkID '{framework}'")
    })?;
    // Only a task that runs must have its executor: a command task's never registers.
    if let (Some(id), TaskState::TaskRunning) = (&task.executor_id, task.state()) {
        ensure_with(executors.contains(&(framework, id.value.as_str())), || {
            format!("Task has an invalid ExecutorID '{}'", id.value)
        })?;
    }
    valid::all(&task.resources).within("Task uses invalid resources")
}
