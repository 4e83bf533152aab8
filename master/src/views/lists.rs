// SPDX-License-Identifier: Apache-2.0

//! Renders parts of the cluster: `/slaves`, `/frameworks`, `/tasks`,
//! `/state-summary`.
//!
//! In Mesos: the same names in `Master::ReadOnlyHandler`.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bytes::Bytes;
use mesos_core::resources::Resources;
use mesos_master_state::TaskRecord;
use mesos_net::model::{Object, object};
use mesos_proto::{shown::ShownStatus, v1::TaskState};

use super::{
    cluster::Snapshot,
    entries::{AgentView, FrameworkView},
    state::{self, Lists, Static},
    tasks::TaskWriter,
};

/// The states that `/state-summary` counts, in its order.
const COUNTED: [TaskState; 10] = [
    TaskState::TaskStaging,
    TaskState::TaskStarting,
    TaskState::TaskRunning,
    TaskState::TaskKilling,
    TaskState::TaskFinished,
    TaskState::TaskKilled,
    TaskState::TaskFailed,
    TaskState::TaskLost,
    TaskState::TaskError,
    TaskState::TaskUnreachable,
];

/// Which tasks `/tasks` shows.
#[derive(Clone, Debug)]
pub struct TaskFilter {
    /// Only those of this framework.
    pub framework_id: Option<String>,
    /// Only those of this id.
    pub task_id: Option<String>,
    /// How many at most.
    pub limit: usize,
    /// How many to skip first.
    pub offset: usize,
    /// Whether the oldest come first.
    pub ascending: bool,
}

/// The body of `/slaves`, of all agents or of one.
pub fn slaves(snapshot: &Snapshot, agent_id: Option<&str>) -> Vec<Bytes> {
    let is_wanted = |id: &str| agent_id.is_none_or(|wanted| wanted == id);
    let mut out = Vec::new();
    object(&mut out, |object| {
        object.array("slaves", |array| {
            for view in snapshot.agents.iter().filter(|view| is_wanted(&view.record.id)) {
                array.object(|object| slave(object, view));
            }
        });
        object.array("recovered_slaves", |array| {
            let recovered = snapshot
                .recovered
                .iter()
                .filter(|info| is_wanted(info.id.as_ref().map_or("", |id| id.value.as_str())));
            recovered.for_each(|info| array.object(|object| state::agent_info(object, info)));
        });
    });
    vec![out.into()]
}

/// An agent with its resources in full, for `/unreserve` and its like.
fn slave(object: &mut Object<'_>, view: &AgentView) {
    state::agent(object, view);
    let total = &view.record.total;
    let roles: BTreeSet<&str> =
        total.iter().filter_map(|resource| resource.reservation_role()).collect();
    object.object("reserved_resources_full", |object| {
        for role in roles {
            full(object, role, &total.reserved_to(role));
        }
    });
    full(object, "unreserved_resources_full", &total.unreserved());
    full(object, "used_resources_full", &view.used);
    full(object, "offered_resources_full", &view.offered);
}

fn full(object: &mut Object<'_>, name: &str, resources: &Resources) {
    object.array(name, |array| {
        resources.to_endpoint().iter().for_each(|resource| array.message(resource));
    });
}

/// The body of `/frameworks`, of all frameworks or of one.
pub fn frameworks(snapshot: &Snapshot, framework_id: Option<&str>) -> Vec<Bytes> {
    let is_wanted = |id: &str| framework_id.is_none_or(|wanted| wanted == id);
    let mut out = Vec::new();
    let mut lists = Lists::default();
    object(&mut out, |object| {
        for (name, views) in
            [("frameworks", &snapshot.frameworks), ("completed_frameworks", &snapshot.completed)]
        {
            object.array(name, |array| {
                for view in views.iter().filter(|view| is_wanted(&view.record.id)) {
                    array.object(|object| state::framework(object, view, &mut lists));
                }
            });
        }
        object.array("unregistered_frameworks", |_| {});
    });
    lists.body(out)
}

/// The body of `/tasks`.
pub fn tasks(snapshot: &Snapshot, filter: &TaskFilter) -> Vec<Bytes> {
    let is_framework = |view: &&Arc<FrameworkView>| {
        filter.framework_id.as_ref().is_none_or(|wanted| **wanted == *view.record.id)
    };
    let is_task = |task: &&Arc<TaskRecord>| {
        filter.task_id.as_ref().is_none_or(|wanted| **wanted == *task.spec.task_id)
    };
    let views = snapshot.frameworks.iter().chain(&snapshot.completed).filter(is_framework);
    let mut found: Vec<(Option<f64>, &Arc<TaskRecord>)> = views
        .flat_map(|view| all_tasks(view))
        .filter(is_task)
        .map(|task| (first_timestamp(task), task))
        .collect();
    found.sort_by(|left, right| by_age(left.0, right.0, filter.ascending));
    let mut out = Vec::new();
    let mut writer = TaskWriter::default();
    object(&mut out, |object| {
        object.array("tasks", |array| {
            for (_, task) in found.iter().skip(filter.offset).take(filter.limit) {
                writer.write(task, array.element());
            }
        });
    });
    vec![out.into()]
}

/// Tasks without a status are the newest of all: they come last either way.
fn by_age(left: Option<f64>, right: Option<f64>, ascending: bool) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) if ascending => left.total_cmp(&right),
        (Some(left), Some(right)) => right.total_cmp(&left),
        (None, None) => Ordering::Equal,
        (None, Some(_)) if ascending => Ordering::Less,
        (Some(_), None) if ascending => Ordering::Greater,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
    }
}

fn first_timestamp(task: &TaskRecord) -> Option<f64> {
    task.encoded_statuses().next().map(|status| ShownStatus::of(status).timestamp)
}

fn all_tasks(view: &FrameworkView) -> impl Iterator<Item = &Arc<TaskRecord>> {
    view.tasks.iter().chain(view.unreachable.iter()).chain(view.completed.iter())
}

/// The body of `/state-summary`.
pub fn summary(fixed: &Static, snapshot: &Snapshot) -> Vec<Bytes> {
    let mut by_agent: BTreeMap<&str, Summary<'_>> = BTreeMap::new();
    let mut by_framework: BTreeMap<&str, Summary<'_>> = BTreeMap::new();
    for view in &snapshot.frameworks {
        for task in all_tasks(view) {
            let (agent_id, framework_id) = (&*task.spec.agent_id, &*view.record.id);
            by_agent.entry(agent_id).or_default().count(task, framework_id);
            by_framework.entry(framework_id).or_default().count(task, agent_id);
        }
    }
    let nothing = Summary::default();
    let mut out = Vec::new();
    object(&mut out, |object| {
        object.text("hostname", fixed.info.hostname());
        object.array("slaves", |array| {
            for view in snapshot.agents.iter() {
                array.object(|object| {
                    state::agent(object, view);
                    let summary = by_agent.get(&*view.record.id).unwrap_or(&nothing);
                    summary.write(object, "framework_ids");
                });
            }
        });
        object.array("frameworks", |array| {
            for view in &snapshot.frameworks {
                array.object(|object| {
                    state::summary(object, view);
                    let summary = by_framework.get(&*view.record.id).unwrap_or(&nothing);
                    summary.write(object, "slave_ids");
                });
            }
        });
    });
    vec![out.into()]
}

/// Tasks by state, and the ids on the other side.
#[derive(Default)]
struct Summary<'a> {
    states: BTreeMap<i32, i64>,
    ids: BTreeSet<&'a str>,
}

impl<'a> Summary<'a> {
    fn count(&mut self, task: &TaskRecord, other: &'a str) {
        *self.states.entry(task.state.into()).or_default() += 1;
        self.ids.insert(other);
    }

    fn write(&self, object: &mut Object<'_>, ids: &str) {
        for state in COUNTED {
            let count = self.states.get(&state.into()).copied().unwrap_or_default();
            object.integer(state.as_str_name(), count);
        }
        object.texts(ids, self.ids.iter().copied());
    }
}
