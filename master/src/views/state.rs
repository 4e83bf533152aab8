// SPDX-License-Identifier: Apache-2.0

//! Renders `/state`.
//!
//! In Mesos: `Master::ReadOnlyHandler::state` and the writers it uses.

use std::collections::BTreeMap;

use bytes::Bytes;
use mesos_core::time::Time;
use mesos_net::model::{self, BuildInfo, Object, object};
use mesos_proto::{json, v1};

use super::{
    cluster::Snapshot,
    entries::{AgentView, ExecutorView, FrameworkView, OfferView},
};

/// What does not change while the master runs.
#[derive(Clone, Debug)]
pub struct Static {
    /// What the master tells about itself.
    pub info: v1::MasterInfo,
    /// When it was built and by whom.
    pub build: BuildInfo,
    /// When the process started.
    pub start_time: Time,
    /// When it began to lead.
    pub elected_time: Time,
    /// The flags that have a value.
    pub flags: BTreeMap<&'static str, String>,
}

/// The body of `/state`.
pub(super) fn render(fixed: &Static, snapshot: &Snapshot) -> Bytes {
    let mut out = Vec::with_capacity(16 << 10);
    object(&mut out, |object| {
        header(object, fixed, snapshot);
        object.array("slaves", |array| {
            snapshot.agents.iter().for_each(|view| array.object(|object| agent(object, view)));
        });
        object.array("recovered_slaves", |array| {
            for info in &snapshot.recovered {
                array.object(|object| agent_info(object, info));
            }
        });
        for (name, views) in
            [("frameworks", &snapshot.frameworks), ("completed_frameworks", &snapshot.completed)]
        {
            object.array(name, |array| {
                views.iter().for_each(|view| array.object(|object| framework(object, view)));
            });
        }
        // Kept by Mesos for old readers, and always empty.
        object.array("orphan_tasks", |_| {});
        object.array("unregistered_frameworks", |_| {});
    });
    Bytes::from(out)
}

fn header(object: &mut Object<'_>, fixed: &Static, snapshot: &Snapshot) {
    let info = &fixed.info;
    object.text("version", info.version());
    fixed.build.write(object);
    object.number("start_time", fixed.start_time.as_secs_f64());
    object.number("elected_time", fixed.elected_time.as_secs_f64());
    object.text("id", &info.id);
    object.text("pid", info.pid());
    object.text("hostname", info.hostname());
    object.texts("capabilities", ["AGENT_UPDATE", "AGENT_DRAINING", "QUOTA_V2"]);
    let active = snapshot.agents.iter().filter(|view| view.record.active).count();
    object.number("activated_slaves", active as f64);
    object.number("deactivated_slaves", (snapshot.agents.len() - active) as f64);
    object.number("unreachable_slaves", snapshot.unreachable as f64);
    model::domain(object, info.domain.as_ref());
    object.text("leader", info.pid());
    object.object("leader_info", |object| {
        object.text("id", &info.id);
        object.text("pid", info.pid());
        object.integer("port", i64::from(info.port));
        object.text("hostname", info.hostname());
        model::domain(object, info.domain.as_ref());
    });
    for name in ["cluster", "log_dir", "external_log_file"] {
        if let Some(value) = fixed.flags.get(name) {
            object.text(name, value);
        }
    }
    object.object("flags", |object| {
        fixed.flags.iter().for_each(|(name, value)| object.text(name, value));
    });
}

pub(super) fn agent_info(object: &mut Object<'_>, info: &v1::AgentInfo) {
    object.text("id", info.id.as_ref().map_or("", |id| id.value.as_str()));
    object.text("hostname", &info.hostname);
    object.integer("port", i64::from(info.port()));
    model::attributes(&info.attributes, object.key("attributes"));
    model::domain(object, info.domain.as_ref());
}

pub(super) fn agent(object: &mut Object<'_>, view: &AgentView) {
    let record = &view.record;
    agent_info(object, &record.info);
    object.text("pid", &record.pid);
    object.number("registered_time", record.registered_time.as_secs_f64());
    if let Some(time) = record.reregistered_time {
        object.number("reregistered_time", time.as_secs_f64());
    }
    model::resources(&record.total, object.key("resources"));
    model::resources(&view.used, object.key("used_resources"));
    model::resources(&view.offered, object.key("offered_resources"));
    model::reserved_by_role(&record.total, object.key("reserved_resources"));
    model::resources(&record.total.unreserved(), object.key("unreserved_resources"));
    object.boolean("active", record.active);
    object.boolean("deactivated", false);
    object.text("version", &record.version);
    object.texts(
        "capabilities",
        record.capabilities.iter().map(|capability| capability.r#type().as_str_name()),
    );
}

pub(super) fn framework(object: &mut Object<'_>, view: &FrameworkView) {
    summary(object, view);
    let (record, info) = (&view.record, &view.record.info);
    object.text("user", &info.user);
    object.number("failover_timeout", info.failover_timeout());
    object.boolean("checkpoint", info.checkpoint());
    object.number("registered_time", record.registered_time.as_secs_f64());
    let ended = record.unregistered_time.unwrap_or(Time::EPOCH);
    object.number("unregistered_time", ended.as_secs_f64());
    if let Some(principal) = &info.principal {
        object.text("principal", principal);
    }
    let mut all = view.used.clone();
    all += &view.offered;
    model::resources(&all, object.key("resources"));
    if record.registered_time != record.reregistered_time {
        object.number("reregistered_time", record.reregistered_time.as_secs_f64());
    }
    roles(object, info);
    object.array("tasks", |array| {
        view.tasks.values().for_each(|task| array.element().extend_from_slice(task.json()));
    });
    object.array("unreachable_tasks", |array| {
        view.unreachable.values().for_each(|task| array.element().extend_from_slice(task.json()));
    });
    object.array("completed_tasks", |array| {
        view.completed.iter().for_each(|task| array.element().extend_from_slice(task.json()));
    });
    object.array("offers", |array| {
        let framework_id = &record.id;
        view.offers
            .values()
            .for_each(|one| array.object(|object| offer(object, one, framework_id)));
    });
    object.array("executors", |array| {
        view.executors.values().for_each(|one| array.object(|object| executor(object, one)));
    });
    if let Some(labels) = &info.labels {
        model::labels(labels, object.key("labels"));
    }
    json::write_json(&*record.offer_constraints, object.key("offer_constraints"));
}

/// What `/state-summary` has of a framework too. A framework on the HTTP API has
/// no `pid`.
pub(super) fn summary(object: &mut Object<'_>, view: &FrameworkView) {
    let (record, info) = (&view.record, &view.record.info);
    object.text("id", &record.id);
    object.text("name", &info.name);
    model::resources(&view.used, object.key("used_resources"));
    model::resources(&view.offered, object.key("offered_resources"));
    object.texts(
        "capabilities",
        info.capabilities.iter().map(|capability| capability.r#type().as_str_name()),
    );
    object.text("hostname", info.hostname());
    object.text("webui_url", info.webui_url());
    object.boolean("active", record.active);
    object.boolean("connected", record.connected);
    object.boolean("recovered", record.recovered);
}

/// The field that the framework itself uses.
fn roles(object: &mut Object<'_>, info: &v1::FrameworkInfo) {
    use v1::framework_info::capability::Type;
    let is_multi_role =
        info.capabilities.iter().any(|capability| capability.r#type() == Type::MultiRole);
    if is_multi_role {
        object.texts("roles", info.roles.iter().map(String::as_str));
    } else {
        #[allow(deprecated, reason = "single-role frameworks have only this field")]
        object.text("role", info.role());
    }
}

fn offer(object: &mut Object<'_>, view: &OfferView, framework_id: &str) {
    let record = &view.record;
    object.text("id", &record.id);
    object.text("framework_id", framework_id);
    object.object("allocation_info", |object| object.text("role", &record.role));
    object.text("slave_id", &view.agent_id);
    model::resources(&record.resources, object.key("resources"));
}

fn executor(object: &mut Object<'_>, view: &ExecutorView) {
    model::executor(object, &view.info);
    object.text("slave_id", &view.agent_id);
}
