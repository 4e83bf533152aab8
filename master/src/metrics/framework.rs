// SPDX-License-Identifier: Apache-2.0

//! `master/frameworks/<name>/<id>/…`: what can be told of a framework from its
//! record: whether it is subscribed, its roles, its tasks by state.

use mesos_proto::v1::TaskState;

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

/// Adds the metrics of all frameworks, completed ones included.
pub(super) fn add(values: &mut Values, snapshot: &Snapshot) {
    for view in snapshot.frameworks.iter().chain(&snapshot.completed) {
        one(values, view);
    }
}

fn one(values: &mut Values, view: &FrameworkView) {
    let record = &view.record;
    let prefix = format!("master/frameworks/{}/{}", escaped(&record.info.name), record.id);
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
            view.tasks.values().filter(|task| task.record.state == state).count()
        };
        values.insert(format!("{prefix}/tasks/active/{name}"), count as f64);
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
