// SPDX-License-Identifier: Apache-2.0

//! Tasks to launch.

use mesos_client::{
    Resources,
    v1::{CommandInfo, TaskId, TaskInfo, command_info},
};

/// A shell command.
pub fn command(text: &str) -> CommandInfo {
    CommandInfo { value: Some(text.to_owned()), ..Default::default() }
}

/// A small task that runs `command`.
pub fn task(id: &str, command: CommandInfo) -> TaskInfo {
    let resources = Resources::parse("cpus:0.1;mem:32", "*").expect("the text is right");
    TaskInfo {
        name: id.to_owned(),
        task_id: TaskId { value: id.to_owned() },
        resources: resources.to_proto(),
        command: Some(command),
        ..Default::default()
    }
}

/// `command`, with something to fetch first.
pub fn with_uri(mut command: CommandInfo, uri: command_info::Uri) -> CommandInfo {
    command.uris.push(uri);
    command
}
