// SPDX-License-Identifier: Apache-2.0

//! Tasks and their statuses.

use mesos_core::resources::Resources;
use mesos_proto::v1;

use super::{Object, array, object, resources};

/// Appends a task.
pub fn task(task: &v1::Task, out: &mut Vec<u8>) {
    task_with(task, &Resources::from_proto(&task.resources), out);
}

/// Appends a task whose resources, all allocated to one role, are at hand.
pub fn task_with(task: &v1::Task, all: &Resources, out: &mut Vec<u8>) {
    object(out, |object| {
        object.text("id", &task.task_id.value);
        object.text("name", &task.name);
        object.text("framework_id", &task.framework_id.value);
        let executor_id = task.executor_id.as_ref().map_or("", |id| id.value.as_str());
        object.text("executor_id", executor_id);
        object.text("slave_id", &task.agent_id.value);
        object.text("state", task.state().as_str_name());
        resources(all, object.key("resources"));
        if !task.limits.is_empty() {
            object.object("limits", |object| {
                for (name, limit) in &task.limits {
                    object.number(name, limit.value);
                }
            });
        }
        let role = all.iter().next().and_then(|first| first.allocation_role());
        object.text("role", role.unwrap_or_default());
        object.array("statuses", |array| {
            task.statuses.iter().for_each(|one| status(one, array.element()));
        });
        if let Some(user) = &task.user {
            object.text("user", user);
        }
        if let Some(task_labels) = &task.labels {
            labels(task_labels, object.key("labels"));
        }
        if let Some(discovery) = &task.discovery {
            object.message("discovery", discovery);
        }
        if let Some(container) = &task.container {
            object.message("container", container);
        }
        if let Some(health_check) = &task.health_check {
            object.message("health_check", health_check);
        }
    });
}

/// Appends a status.
pub fn status(status: &v1::TaskStatus, out: &mut Vec<u8>) {
    object(out, |object| {
        object.text("state", status.state().as_str_name());
        object.number("timestamp", status.timestamp());
        if let Some(status_labels) = &status.labels {
            labels(status_labels, object.key("labels"));
        }
        if let Some(container) = &status.container_status {
            object.object("container_status", |object| container_status(object, container));
        }
        if let Some(healthy) = status.healthy {
            object.boolean("healthy", healthy);
        }
    });
}

fn container_status(object: &mut Object<'_>, status: &v1::ContainerStatus) {
    if let Some(container_id) = &status.container_id {
        object.message("container_id", container_id);
    }
    if !status.network_infos.is_empty() {
        object.array("network_infos", |array| {
            for info in &status.network_infos {
                array.object(|object| network_info(object, info));
            }
        });
    }
    if let Some(cgroup_info) = &status.cgroup_info {
        object.message("cgroup_info", cgroup_info);
    }
}

fn network_info(object: &mut Object<'_>, info: &v1::NetworkInfo) {
    if !info.groups.is_empty() {
        object.texts("groups", info.groups.iter().map(String::as_str));
    }
    if let Some(info_labels) = &info.labels {
        labels(info_labels, object.key("labels"));
    }
    if !info.ip_addresses.is_empty() {
        object.array("ip_addresses", |array| {
            info.ip_addresses.iter().for_each(|address| array.message(address));
        });
    }
    if let Some(name) = &info.name {
        object.text("name", name);
    }
    if !info.port_mappings.is_empty() {
        object.array("port_mappings", |array| {
            info.port_mappings.iter().for_each(|mapping| array.message(mapping));
        });
    }
}

/// Appends labels: an array of `{"key":…,"value":…}`.
pub fn labels(labels: &v1::Labels, out: &mut Vec<u8>) {
    array(out, |array| labels.labels.iter().for_each(|label| array.message(label)));
}
