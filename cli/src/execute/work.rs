// SPDX-License-Identifier: Apache-2.0

//! What is to be run: one task or one task group, without its agent.

use std::collections::BTreeMap;

use mesos_client::{
    Resources,
    v1::{
        CommandInfo, ContainerInfo, Environment, TaskGroupInfo, TaskId, TaskInfo, container_info,
        environment,
    },
};
use mesos_proto::json;

use super::{
    ExecuteError, container,
    flags::{Flags, text_or_file},
};

/// What is to be run.
#[derive(Clone, Debug)]
pub(super) enum Work {
    Task(Box<TaskInfo>),
    Group {
        group: TaskGroupInfo,
        /// The container of the group's executor.
        container: Option<Box<ContainerInfo>>,
    },
}

impl Work {
    /// The tasks of it.
    pub(super) fn tasks(&self) -> &[TaskInfo] {
        match self {
            Work::Task(task) => std::slice::from_ref(task),
            Work::Group { group, .. } => &group.tasks,
        }
    }
}

/// Reads what the flags describe.
pub(super) fn from_flags(flags: &Flags) -> Result<Work, ExecuteError> {
    if let Some(text) = &flags.task {
        let text = text_or_file("--task", text)?;
        let task = json::from_json(text.as_bytes())
            .map_err(|error| ExecuteError::Value(format!("Failed to parse '--task': {error}")))?;
        return Ok(Work::Task(Box::new(task)));
    }
    if let Some(text) = &flags.task_group {
        let text = text_or_file("--task_group", text)?;
        let group: TaskGroupInfo = json::from_json(text.as_bytes()).map_err(|error| {
            ExecuteError::Value(format!("Failed to parse '--task_group': {error}"))
        })?;
        if group.tasks.is_empty() {
            return Err(ExecuteError::Value("'--task_group' names no task".to_owned()));
        }
        let network_infos = container::network_infos(flags);
        let container = (!network_infos.is_empty()).then(|| {
            let r#type = container_info::Type::Mesos.into();
            Box::new(ContainerInfo { r#type, network_infos, ..Default::default() })
        });
        return Ok(Work::Group { group, container });
    }
    command_task(flags).map(|task| Work::Task(Box::new(task)))
}

fn command_task(flags: &Flags) -> Result<TaskInfo, ExecuteError> {
    // `Flags::check` has seen to both.
    let name = flags.name.clone().unwrap_or_default();
    let command = flags.command.clone().unwrap_or_default();
    let resources = Resources::parse(&flags.resources, "*").map_err(|error| {
        ExecuteError::Value(format!("Failed to parse resources '{}': {error}", flags.resources))
    })?;
    let mut command = if flags.shell {
        CommandInfo { shell: Some(true), value: Some(command), ..Default::default() }
    } else {
        let arguments: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        CommandInfo {
            shell: Some(false),
            value: arguments.first().cloned(),
            arguments,
            ..Default::default()
        }
    };
    command.environment = environment(flags)?;
    Ok(TaskInfo {
        task_id: TaskId { value: name.clone() },
        name,
        resources: resources.to_proto(),
        command: Some(command),
        container: container::from_flags(flags)?,
        ..Default::default()
    })
}

fn environment(flags: &Flags) -> Result<Option<Environment>, ExecuteError> {
    let Some(text) = &flags.env else {
        return Ok(None);
    };
    let variables: BTreeMap<String, String> = serde_json::from_str(text).map_err(|error| {
        ExecuteError::Value(format!(
            "Failed to parse '--env': {error}; expected {{\"name\": \"value\"}}"
        ))
    })?;
    let variables = variables
        .into_iter()
        .map(|(name, value)| environment::Variable {
            name,
            value: Some(value),
            ..Default::default()
        })
        .collect();
    Ok(Some(Environment { variables }))
}
