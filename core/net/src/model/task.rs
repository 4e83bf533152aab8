// SPDX-License-Identifier: Apache-2.0

//! Tasks and their statuses.
//!
//! A cluster has many tasks and few kinds of them, so what tasks have in common
//! can be written once and copied for each: [`Description`] and [`Allocation`].

use mesos_core::resources::Resources;
use mesos_proto::{
    Described, json,
    shown::{ShownStatus, ShownTask, each_label},
    v1,
};
use prost::Message;

use super::{Array, Object, array, object, object::members, resources};

/// A task, as far as it is not shared with others.
#[derive(Clone, Copy, Debug)]
pub struct TaskView<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its framework.
    pub framework_id: &'a str,
    /// Its executor; empty for a command task.
    pub executor_id: &'a str,
    /// Its agent.
    pub agent_id: &'a str,
    /// Its state.
    pub state: v1::TaskState,
}

/// What a task was given, written.
#[derive(Debug)]
pub struct Allocation {
    resources: Vec<u8>,
    role: Vec<u8>,
}

impl Allocation {
    /// Writes resources that are all allocated to one role.
    pub fn of(all: &Resources) -> Self {
        let role = all.iter().next().and_then(|first| first.allocation_role());
        Allocation {
            resources: members(128, |object| resources(all, object.key("resources"))),
            role: members(32, |object| object.text("role", role.unwrap_or_default())),
        }
    }
}

/// What a task is besides its ids, name, state, resources and statuses, written.
#[derive(Debug)]
pub struct Description {
    limits: Vec<u8>,
    rest: Vec<u8>,
}

impl Description {
    /// Writes what is shown of an encoded [`v1::Task`].
    pub fn of(task: &[u8]) -> Self {
        let shown = ShownTask::of(task);
        let limits = members(0, |object| {
            if !shown.limits.is_empty() {
                object.object("limits", |object| {
                    shown.limits.iter().for_each(|(name, limit)| object.number(name, *limit));
                });
            }
        });
        // A label is twice as long as it is encoded.
        let rest = members(task.len() * 2 + 32, |object| {
            if let Some(user) = shown.user {
                object.text("user", user);
            }
            if let Some(labels) = shown.labels {
                encoded_labels(labels, object.key("labels"));
            }
            encoded::<v1::DiscoveryInfo>(object, "discovery", shown.discovery);
            encoded::<v1::ContainerInfo>(object, "container", shown.container);
            encoded::<v1::HealthCheck>(object, "health_check", shown.health_check);
        });
        Description { limits, rest }
    }
}

fn encoded<M: Described>(object: &mut Object<'_>, name: &str, message: Option<&[u8]>) {
    if let Some(Ok(message)) = message.map(M::decode) {
        object.message(name, &message);
    }
}

/// Appends a task.
pub fn task(task: &v1::Task, out: &mut Vec<u8>) {
    let view = TaskView {
        id: &task.task_id.value,
        name: &task.name,
        framework_id: &task.framework_id.value,
        executor_id: task.executor_id.as_ref().map_or("", |id| id.value.as_str()),
        agent_id: &task.agent_id.value,
        state: task.state(),
    };
    let allocation = Allocation::of(&Resources::from_proto(&task.resources));
    let description = Description::of(&task.encode_to_vec());
    let statuses: Vec<Vec<u8>> = task.statuses.iter().map(Message::encode_to_vec).collect();
    task_with(&view, &allocation, &description, statuses.iter().map(Vec::as_slice), out);
}

/// Appends a task of which the larger part is at hand; its statuses are encoded.
pub fn task_with<'s>(
    task: &TaskView<'_>,
    allocation: &Allocation,
    description: &Description,
    statuses: impl Iterator<Item = &'s [u8]>,
    out: &mut Vec<u8>,
) {
    object(out, |object| {
        object.text("id", task.id);
        object.text("name", task.name);
        object.text("framework_id", task.framework_id);
        object.text("executor_id", task.executor_id);
        object.text("slave_id", task.agent_id);
        object.text("state", task.state.as_str_name());
        object.members(&allocation.resources);
        object.members(&description.limits);
        object.members(&allocation.role);
        object.array("statuses", |array| {
            statuses.for_each(|encoded| status(&ShownStatus::of(encoded), array));
        });
        object.members(&description.rest);
    });
}

fn status(status: &ShownStatus<'_>, statuses: &mut Array<'_>) {
    statuses.object(|object| {
        object.text("state", status.state.as_str_name());
        object.number("timestamp", status.timestamp);
        if let Some(labels) = status.labels {
            encoded_labels(labels, object.key("labels"));
        }
        if let Some(Ok(container)) = status.container_status.map(v1::ContainerStatus::decode) {
            object.object("container_status", |object| container_status(object, &container));
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
    array(out, |array| {
        labels.labels.iter().for_each(|it| label(&it.key, it.value.as_deref(), array));
    });
}

fn encoded_labels(labels: &[u8], out: &mut Vec<u8>) {
    array(out, |array| each_label(labels, |key, value| label(key, value, array)));
}

/// By hand, as there is more of this than of anything else.
fn label(key: &str, value: Option<&str>, labels: &mut Array<'_>) {
    let out = labels.element();
    out.extend_from_slice(br#"{"key":"#);
    json::write_string(key, out);
    if let Some(value) = value {
        out.extend_from_slice(br#","value":"#);
        json::write_string(value, out);
    }
    out.push(b'}');
}
