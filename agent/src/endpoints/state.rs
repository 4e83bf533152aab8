// SPDX-License-Identifier: Apache-2.0

//! `/state`.
//!
//! In Mesos: `Http::state` of `src/slave/http.cpp`.

use bytes::Bytes;
use mesos_agent_state::change::{AgentRecord, TaskStage};
use mesos_core::resources::Resources;
use mesos_net::model::{self, Array, Object, object};
use mesos_proto::v1;

use super::Sources;
use crate::views::{ExecutorView, FrameworkView, Snapshot};

pub(super) fn body(sources: &Sources) -> Bytes {
    let snapshot = sources.latest.get();
    let mut out = Vec::with_capacity(16 << 10);
    object(&mut out, |object| {
        header(object, sources, &snapshot);
        super::flags::write(object, sources);
        object.array("frameworks", |array| {
            snapshot.frameworks.values().for_each(|view| framework(array, view));
        });
        object.array("completed_frameworks", |array| {
            snapshot.completed.iter().for_each(|view| framework(array, view));
        });
    });
    out.into()
}

fn header(object: &mut Object<'_>, sources: &Sources, snapshot: &Snapshot) {
    object.text("version", &sources.version);
    sources.build.write(object);
    object.number("start_time", sources.clock.started().as_secs_f64());
    let nothing = v1::AgentInfo::default();
    let agent = snapshot.agent.as_deref();
    let info = agent.map_or(&nothing, |agent| &agent.info);
    object.text("id", info.id.as_ref().map_or("", |id| id.value.as_str()));
    object.text("pid", &sources.pid);
    object.text("hostname", &info.hostname);
    object.texts("capabilities", sources.capabilities.iter().copied());
    model::domain(object, info.domain.as_ref());
    if let Some(drain) = agent.and_then(|agent| agent.drain.as_ref()) {
        object.message("drain_config", drain);
    }
    resources(object, snapshot);
    object.array("resource_providers", |_| {});
    model::attributes(&info.attributes, object.key("attributes"));
    if let Some(hostname) = agent.and_then(master_hostname) {
        object.text("master_hostname", hostname);
    }
    if let Some(directory) = &sources.log_dir {
        object.text("log_dir", &directory.display().to_string());
    }
    if let Some(file) = &sources.external_log_file {
        object.text("external_log_file", &file.display().to_string());
    }
}

/// The host part of the master's process id.
fn master_hostname(agent: &AgentRecord) -> Option<&str> {
    let (_, address) = agent.master.as_deref()?.rsplit_once('@')?;
    let (host, _) = address.rsplit_once(':')?;
    Some(host.trim_start_matches('[').trim_end_matches(']'))
}

fn resources(object: &mut Object<'_>, snapshot: &Snapshot) {
    let total = snapshot.total();
    let allocated = snapshot.allocated().unallocated();
    model::resources(&total, object.key("resources"));
    model::reserved_by_role(&total, object.key("reserved_resources"));
    model::resources(&total.unreserved(), object.key("unreserved_resources"));
    object.object("reserved_resources_full", |object| {
        let mut roles: Vec<&str> =
            total.iter().filter_map(|resource| resource.reservation_role()).collect();
        roles.sort_unstable();
        roles.dedup();
        for role in roles {
            let reserved = total.filter(|resource| resource.reservation_role() == Some(role));
            object.array(role, |array| full(array, &reserved));
        }
    });
    object.array("unreserved_resources_full", |array| full(array, &total.unreserved()));
    model::reserved_by_role(&allocated, object.key("reserved_resources_allocated"));
    model::resources(&allocated.unreserved(), object.key("unreserved_resources_allocated"));
}

fn full(array: &mut Array<'_>, resources: &Resources) {
    for resource in resources.to_endpoint() {
        array.message(&resource);
    }
}

fn framework(array: &mut Array<'_>, view: &FrameworkView) {
    let info = &view.record.info;
    array.object(|object| {
        object.text("id", &view.record.framework_id);
        object.text("name", &info.name);
        object.text("user", &info.user);
        object.number("failover_timeout", info.failover_timeout());
        object.boolean("checkpoint", info.checkpoint());
        object.text("hostname", info.hostname());
        if let Some(principal) = &info.principal {
            object.text("principal", principal);
        }
        let multi_role = info
            .capabilities
            .iter()
            .any(|one| one.r#type() == v1::framework_info::capability::Type::MultiRole);
        if multi_role {
            object.texts("roles", info.roles.iter().map(String::as_str));
        } else {
            #[allow(deprecated, reason = "it is what such a framework has")]
            object.text("role", info.role.as_deref().unwrap_or("*"));
        }
        for (name, executors) in
            [("executors", &view.executors), ("completed_executors", &view.completed_executors)]
        {
            object.array(name, |array| {
                executors.iter().for_each(|view| executor(array, view));
            });
        }
    });
}

fn executor(array: &mut Array<'_>, view: &ExecutorView) {
    let info = &view.record.info;
    array.object(|object| {
        object.text("id", &info.executor_id.value);
        object.text("name", info.name());
        object.text("source", info.source());
        object.text("container", view.record.container.as_str());
        object.text("directory", &view.record.directory);
        model::resources(&view.allocated(), object.key("resources"));
        if let Some(first) = info.resources.first() {
            let allocation = first.allocation_info.as_ref();
            object.text("role", allocation.map_or("", v1::resource::AllocationInfo::role));
        }
        if let Some(labels) = &info.labels {
            model::labels(labels, object.key("labels"));
        }
        if info.r#type.is_some() {
            object.text("type", info.r#type().as_str_name());
        }
        tasks(object, "tasks", view, &[TaskStage::Launched, TaskStage::Terminated]);
        tasks(object, "queued_tasks", view, &[TaskStage::Queued]);
        tasks(object, "completed_tasks", view, &[TaskStage::Completed]);
    });
}

fn tasks(object: &mut Object<'_>, name: &str, view: &ExecutorView, stages: &[TaskStage]) {
    object.array(name, |array| {
        for record in view.tasks.values().filter(|record| stages.contains(&record.stage)) {
            model::task(&record.task, array.element());
        }
    });
}
