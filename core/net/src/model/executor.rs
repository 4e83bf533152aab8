// SPDX-License-Identifier: Apache-2.0

//! Executors and their commands.

use mesos_core::resources::Resources;
use mesos_proto::v1;

use super::{Object, labels, object, resources};

/// Adds the members of an executor to an object.
///
/// Resources of an executor all have one role, that of their allocation.
pub fn executor(object: &mut Object<'_>, info: &v1::ExecutorInfo) {
    object.text("executor_id", &info.executor_id.value);
    object.text("name", info.name());
    let framework_id = info.framework_id.as_ref().map_or("", |id| id.value.as_str());
    object.text("framework_id", framework_id);
    command(info.command.as_ref(), object.key("command"));
    resources(&Resources::from_proto(&info.resources), object.key("resources"));
    if let Some(first) = info.resources.first() {
        let allocation = first.allocation_info.as_ref();
        object.text("role", allocation.map_or("", v1::resource::AllocationInfo::role));
    }
    if let Some(info_labels) = &info.labels {
        labels(info_labels, object.key("labels"));
    }
    if info.r#type.is_some() {
        object.text("type", info.r#type().as_str_name());
    }
}

/// Appends a command; the lists are there even when they are empty.
pub fn command(command: Option<&v1::CommandInfo>, out: &mut Vec<u8>) {
    let nothing = v1::CommandInfo::default();
    let command = command.unwrap_or(&nothing);
    object(out, |object| {
        if let Some(shell) = command.shell {
            object.boolean("shell", shell);
        }
        if let Some(value) = &command.value {
            object.text("value", value);
        }
        object.texts("argv", command.arguments.iter().map(String::as_str));
        if let Some(environment) = &command.environment {
            object.message("environment", environment);
        }
        object.array("uris", |array| {
            for uri in &command.uris {
                array.object(|object| {
                    object.text("value", &uri.value);
                    object.boolean("executable", uri.executable());
                });
            }
        });
    });
}
