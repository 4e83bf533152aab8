// SPDX-License-Identifier: Apache-2.0

//! `master/frameworks/<name>/<id>/…`: whether a framework is subscribed, its
//! roles, its tasks by state, its calls, events, offers and operations.

use std::collections::BTreeMap;

use mesos_proto::v1::{
    TaskState,
    offer::operation,
    scheduler::{call, event},
};

use super::Values;
use crate::views::{FrameworkView, Snapshot};

/// States that are not the end of a task.
const ACTIVE: [TaskState; 6] = [
    TaskState::TaskStaging,
    TaskState::TaskStarting,
    TaskState::TaskRunning,
    TaskState::TaskKilling,
    TaskState::TaskUnreachable,
    TaskState::TaskUnknown,
];
/// States that are.
const TERMINAL: [TaskState; 8] = [
    TaskState::TaskFinished,
    TaskState::TaskFailed,
    TaskState::TaskKilled,
    TaskState::TaskError,
    TaskState::TaskLost,
    TaskState::TaskDropped,
    TaskState::TaskGone,
    TaskState::TaskGoneByOperator,
];
/// More numbers than any of the three enums has.
const NUMBERS: std::ops::Range<i32> = 1..64;

/// Adds the metrics of all frameworks, completed ones included.
pub(super) fn add(values: &mut Values, snapshot: &Snapshot) {
    for view in snapshot.frameworks.iter().chain(&snapshot.completed) {
        let name = escaped(&view.record.info.name);
        let prefix = format!("master/frameworks/{name}/{}", view.record.id);
        record(values, &prefix, view);
        activity(values, &prefix, view);
    }
}

fn record(values: &mut Values, prefix: &str, view: &FrameworkView) {
    let record = &view.record;
    values.insert(format!("{prefix}/subscribed"), f64::from(u8::from(record.connected)));
    for role in &record.roles {
        let suppressed = record.suppressed_roles.contains(role);
        let name = format!("{prefix}/roles/{role}/suppressed");
        values.insert(name, f64::from(u8::from(suppressed)));
    }
    for state in ACTIVE {
        let name = state.as_str_name().to_ascii_lowercase();
        let count = if state == TaskState::TaskUnreachable {
            view.unreachable.len()
        } else {
            view.tasks.iter().filter(|task| task.state == state).count()
        };
        values.insert(format!("{prefix}/tasks/active/{name}"), count as f64);
    }
}

fn activity(values: &mut Values, prefix: &str, view: &FrameworkView) {
    let activity = &view.activity;
    for (name, count) in [
        ("sent", activity.offers_sent),
        ("accepted", activity.offers_accepted),
        ("declined", activity.offers_declined),
        ("rescinded", activity.offers_rescinded),
    ] {
        values.insert(format!("{prefix}/offers/{name}"), count as f64);
    }
    for state in TERMINAL {
        let name = state.as_str_name().to_ascii_lowercase();
        let count = activity.terminal.get(&state.into()).copied().unwrap_or_default();
        values.insert(format!("{prefix}/tasks/terminal/{name}"), count as f64);
    }
    let calls = |number| call::Type::try_from(number).ok().map(|one| one.as_str_name());
    family(values, &format!("{prefix}/calls"), &activity.calls, calls);
    let events = |number| event::Type::try_from(number).ok().map(|one| one.as_str_name());
    family(values, &format!("{prefix}/events"), &activity.events, events);
    let operations = |number| operation::Type::try_from(number).ok().map(|one| one.as_str_name());
    family(values, &format!("{prefix}/operations"), &activity.operations, operations);
}

/// A total, and the count of each type.
fn family(
    values: &mut Values,
    prefix: &str,
    counts: &BTreeMap<i32, u64>,
    name: impl Fn(i32) -> Option<&'static str>,
) {
    values.insert(prefix.to_owned(), counts.values().sum::<u64>() as f64);
    for number in NUMBERS {
        if let Some(name) = name(number) {
            let count = counts.get(&number).copied().unwrap_or_default();
            values.insert(format!("{prefix}/{}", name.to_ascii_lowercase()), count as f64);
        }
    }
}

/// Percent-encodes all but letters, digits and `-._~`.
fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
