// SPDX-License-Identifier: Apache-2.0

//! The tasks and updates that an agent may not know of.

use std::collections::BTreeMap;

use mesos_core::trial::{self, Defect};
use mesos_proto::v1::{TaskInfo, TaskState, TaskStatus, executor::call};

use super::Event;

/// So many updates of one task does SUBSCRIBE carry. The agent may have no room for more, and what
/// it drops of a SUBSCRIBE it drops without a word; the rest follows as UPDATEs, each answered.
const TOLD_PER_TASK_MAX: usize = 256;

/// Numbers updates in the order in which they were made.
pub(super) type Number = u64;

#[derive(Debug)]
struct Update {
    status: TaskStatus,
    /// The last SUBSCRIBE carried it.
    told: bool,
}

/// What every SUBSCRIBE repeats.
#[derive(Debug, Default)]
pub(super) struct Unacknowledged {
    tasks: BTreeMap<String, TaskInfo>,
    updates: BTreeMap<Number, Update>,
    last: Number,
}

impl Unacknowledged {
    pub(super) fn updates(&self) -> usize {
        self.updates.len()
    }

    pub(super) fn add(&mut self, status: TaskStatus) -> Number {
        self.last += 1;
        self.updates.insert(self.last, Update { status, told: false });
        self.last
    }

    pub(super) fn get(&self, number: Number) -> Option<&TaskStatus> {
        self.updates.get(&number).map(|update| &update.status)
    }

    pub(super) fn is_told(&self, number: Number) -> bool {
        self.updates.get(&number).is_some_and(|update| update.told)
    }

    /// Forgets an update that the agent refuses, or has.
    pub(super) fn remove(&mut self, number: Number) {
        self.updates.remove(&number);
    }

    /// All updates, with their tasks.
    pub(super) fn all(&self) -> impl Iterator<Item = (Number, &str)> {
        self.updates.iter().map(|(number, it)| (*number, it.status.task_id.value.as_str()))
    }

    /// Follows what the agent says; returns the updates that it acknowledges, and their states.
    pub(super) fn follow(&mut self, event: &Event) -> Vec<(Number, TaskState)> {
        match event {
            Event::Launch(task) => self.launched(task),
            Event::LaunchGroup(group) => group.tasks.iter().for_each(|task| self.launched(task)),
            Event::Acknowledged { task_id, uuid } => {
                self.tasks.remove(&task_id.value);
                let is_meant = |it: &Update| {
                    it.status.uuid.as_ref() == Some(uuid) && it.status.task_id == *task_id
                };
                let meant = self.updates.iter().filter(|(_, it)| is_meant(it));
                let meant: Vec<_> =
                    meant.map(|(number, it)| (*number, it.status.state())).collect();
                meant.iter().for_each(|(number, _)| self.remove(*number));
                return meant;
            }
            Event::Subscribed { .. }
            | Event::Disconnected { .. }
            | Event::Kill { .. }
            | Event::Message(_)
            | Event::Shutdown { .. } => {}
        }
        Vec::new()
    }

    pub(super) fn subscribe(&mut self) -> call::Subscribe {
        if trial::has(Defect::ExecutorForgetsUpdates) {
            self.updates.clear();
        }
        let mut of_task: BTreeMap<&str, usize> = BTreeMap::new();
        let mut unacknowledged_updates = Vec::new();
        for Update { status, told } in self.updates.values_mut() {
            let count = of_task.entry(&status.task_id.value).or_default();
            *told = *count < TOLD_PER_TASK_MAX;
            if *told {
                *count += 1;
                unacknowledged_updates.push(call::Update { status: status.clone() });
            }
        }
        let unacknowledged_tasks = self.tasks.values().cloned().collect();
        call::Subscribe { unacknowledged_tasks, unacknowledged_updates }
    }

    fn launched(&mut self, task: &TaskInfo) {
        self.tasks.insert(task.task_id.value.clone(), task.clone());
    }
}
