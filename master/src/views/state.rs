// SPDX-License-Identifier: Apache-2.0

//! Renders `/state`.
//!
//! In Mesos: `Master::ReadOnlyHandler::state` and the writers it uses.

use std::{collections::BTreeMap, sync::Arc, thread};

use bytes::Bytes;
use mesos_core::time::Time;
use mesos_master_state::TaskRecord;
use mesos_net::model::{self, BuildInfo, Object, object};
use mesos_proto::{json, v1};

use super::{
    chunks::{Chunks, Write},
    cluster::Snapshot,
    entries::{AgentView, ExecutorView, FrameworkView, OfferView},
    tasks::TaskWriter,
};

/// So many chunks without JSON are worth threads.
const MANY_CHUNKS: usize = 64;
/// Threads that write at most.
const THREADS: usize = 4;

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

/// The body of `/state`, in pieces.
pub fn render(fixed: &Static, snapshot: &Snapshot) -> Vec<Bytes> {
    prepare(snapshot);
    let mut out = Vec::with_capacity(16 << 10);
    let mut lists = Lists::default();
    object(&mut out, |object| {
        header(object, fixed, snapshot);
        lists.add(object.key("slaves"), &snapshot.agents, write_agent);
        object.array("recovered_slaves", |array| {
            for info in &snapshot.recovered {
                array.object(|object| agent_info(object, info));
            }
        });
        for (name, views) in
            [("frameworks", &snapshot.frameworks), ("completed_frameworks", &snapshot.completed)]
        {
            object.array(name, |array| {
                for view in views {
                    array.object(|object| framework(object, view, &mut lists));
                }
            });
        }
        // Kept by Mesos for old readers, and always empty.
        object.array("orphan_tasks", |_| {});
        object.array("unregistered_frameworks", |_| {});
    });
    lists.body(out)
}

/// Writes what has no JSON yet, on several threads if it is much.
fn prepare(snapshot: &Snapshot) {
    let frameworks = || snapshot.frameworks.iter().chain(&snapshot.completed);
    let unwritten = |view: &Arc<FrameworkView>| {
        view.tasks.unwritten() + view.unreachable.unwritten() + view.completed.unwritten()
    };
    let chunks = snapshot.agents.unwritten() + frameworks().map(unwritten).sum::<usize>();
    if chunks < MANY_CHUNKS {
        return;
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(THREADS);
    thread::scope(|scope| {
        for part in 0..threads {
            scope.spawn(move || {
                let mut tasks = TaskWriter::default();
                snapshot.agents.write(part, threads, &mut tasks, write_agent);
                for view in frameworks() {
                    view.tasks.write(part, threads, &mut tasks, write_task);
                    view.unreachable.write(part, threads, &mut tasks, write_task);
                    view.completed.write(part, threads, &mut tasks, write_task);
                }
            });
        }
    });
}

/// Long lists, which are not copied into the text around them.
#[derive(Default)]
pub(super) struct Lists {
    /// Where in the text they belong.
    pieces: Vec<(usize, Bytes)>,
    tasks: TaskWriter,
}

impl Lists {
    /// Writes an array; of its pieces, each with a comma before each element, only
    /// the place.
    fn add<K, V>(
        &mut self,
        out: &mut Vec<u8>,
        entries: &Chunks<K, V>,
        write: Write<V, TaskWriter>,
    ) {
        out.push(b'[');
        let place = out.len();
        for (index, piece) in entries.json(&mut self.tasks, write).enumerate() {
            self.pieces.push((place, if index == 0 { piece.slice(1..) } else { piece }));
        }
        out.push(b']');
    }

    /// The text with the lists in their places.
    pub(super) fn body(self, out: Vec<u8>) -> Vec<Bytes> {
        let mut text = Bytes::from(out);
        let mut body = Vec::with_capacity(self.pieces.len() + 16);
        let mut written = 0;
        for (place, piece) in self.pieces {
            if place > written {
                body.push(text.split_to(place - written));
                written = place;
            }
            body.push(piece);
        }
        body.push(text);
        body
    }
}

fn write_agent(view: &Arc<AgentView>, _: &mut TaskWriter, out: &mut Vec<u8>) {
    object(out, |object| agent(object, view));
}

fn write_task(task: &Arc<TaskRecord>, tasks: &mut TaskWriter, out: &mut Vec<u8>) {
    tasks.write(task, out);
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

pub(super) fn framework(object: &mut Object<'_>, view: &FrameworkView, lists: &mut Lists) {
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
    lists.add(object.key("tasks"), &view.tasks, write_task);
    lists.add(object.key("unreachable_tasks"), &view.unreachable, write_task);
    lists.add(object.key("completed_tasks"), &view.completed, write_task);
    object.array("offers", |array| {
        let framework_id = &record.id;
        view.offers.iter().for_each(|one| array.object(|object| offer(object, one, framework_id)));
    });
    object.array("executors", |array| {
        view.executors.iter().for_each(|one| array.object(|object| executor(object, one)));
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
