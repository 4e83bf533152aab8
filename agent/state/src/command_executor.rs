// SPDX-License-Identifier: Apache-2.0

//! The executor that is made up for a command task.

use mesos_proto::v1::{
    CommandInfo, DurationInfo, ExecutorId, ExecutorInfo, FrameworkId, FrameworkInfo, Resource,
    TaskInfo, resource::AllocationInfo, value,
};

use crate::config::{Config, DEFAULT_EXECUTOR_CPUS, DEFAULT_EXECUTOR_MEM_MB};

/// The longest command shown whole in a made-up executor's name.
const COMMAND_SHOWN: usize = 15;

/// The executor that Mesos makes up for a command task: named after it, with a little cpu and
/// memory of its own that nobody accounts for.
#[expect(deprecated, reason = "endpoints show the source of an executor")]
pub(crate) fn command_executor(
    config: &Config,
    framework_id: &FrameworkId,
    framework: &FrameworkInfo,
    task: &TaskInfo,
) -> ExecutorInfo {
    let command = task.command.clone().unwrap_or_default();
    let task_id = &task.task_id.value;
    let role = task
        .resources
        .first()
        .and_then(|resource| resource.allocation_info.as_ref())
        .and_then(|info| info.role.clone())
        .unwrap_or_else(|| framework.role().to_owned());
    let grace = task.kill_policy.as_ref().and_then(|policy| policy.grace_period);
    ExecutorInfo {
        executor_id: ExecutorId { value: task_id.clone() },
        framework_id: Some(framework_id.clone()),
        command: Some(CommandInfo {
            uris: command.uris.clone(),
            environment: command.environment.clone(),
            shell: Some(false),
            value: Some(format!("{}/mesos-executor", config.launcher_dir)),
            arguments: vec![
                "mesos-executor".to_owned(),
                format!("--launcher_dir={}", config.launcher_dir),
            ],
            user: command.user.clone(),
        }),
        container: task.container.clone(),
        resources: vec![
            scalar("cpus", DEFAULT_EXECUTOR_CPUS, &role),
            scalar("mem", DEFAULT_EXECUTOR_MEM_MB, &role),
        ],
        name: Some(format!("Command Executor (Task: {task_id}) ({})", command_shown(&command))),
        source: Some(task_id.clone()),
        discovery: task.discovery.clone(),
        // Two seconds more than the task gets, for the news to get out.
        shutdown_grace_period: grace.map(|grace| DurationInfo {
            nanoseconds: grace.nanoseconds.saturating_add(2_000_000_000),
        }),
        labels: task.labels.clone(),
        ..ExecutorInfo::default()
    }
}

fn command_shown(command: &CommandInfo) -> String {
    let shorten = |text: String| {
        if text.len() <= COMMAND_SHOWN {
            return (text, "");
        }
        let end = (0..=COMMAND_SHOWN - 3).rev().find(|end| text.is_char_boundary(*end));
        (text[..end.unwrap_or(0)].to_owned(), "...")
    };
    match (&command.value, command.shell()) {
        (None, true) => "Command: NO COMMAND".to_owned(),
        (None, false) => "Command: NO EXECUTABLE".to_owned(),
        (Some(value), true) => {
            let (shown, dots) = shorten(value.clone());
            format!("Command: sh -c '{shown}{dots}'")
        }
        (Some(value), false) => {
            let (shown, dots) = shorten(format!("{value}, {}", command.arguments.join(", ")));
            format!("Command: [{shown}{dots}]")
        }
    }
}

fn scalar(name: &str, value: f64, role: &str) -> Resource {
    let mut resource = Resource {
        name: name.to_owned(),
        scalar: Some(value::Scalar { value }),
        allocation_info: Some(AllocationInfo { role: Some(role.to_owned()) }),
        ..Resource::default()
    };
    resource.set_type(value::Type::Scalar);
    resource
}
