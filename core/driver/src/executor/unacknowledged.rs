// SPDX-License-Identifier: Apache-2.0

//! The tasks and updates that an agent may not know of after a restart.

use std::collections::BTreeMap;

use mesos_core::trial::{self, Defect};
use mesos_proto::v1::{TaskInfo, TaskStatus, executor::call};

use super::Event;

/// What every SUBSCRIBE repeats.
#[derive(Debug, Default)]
pub(super) struct Unacknowledged {
    tasks: BTreeMap<String, TaskInfo>,
    /// In the order in which they were made.
    updates: Vec<TaskStatus>,
    /// How many of the updates, from the first on, the last SUBSCRIBE carried.
    told: usize,
}

impl Unacknowledged {
    pub(super) fn updates(&self) -> usize {
        self.updates.len()
    }

    pub(super) fn add(&mut self, status: TaskStatus) {
        self.updates.push(status);
    }

    /// Forgets an update that the agent refuses.
    pub(super) fn remove(&mut self, uuid: &[u8]) {
        let told = self.updates.iter().take(self.told);
        self.told -= told.filter(|status| status.uuid.as_deref() == Some(uuid)).count();
        self.updates.retain(|status| status.uuid.as_deref() != Some(uuid));
    }

    /// The updates made since the last SUBSCRIBE.
    pub(super) fn untold(&self) -> Vec<TaskStatus> {
        self.updates[self.told..].to_vec()
    }

    /// Follows what the agent says.
    pub(super) fn follow(&mut self, event: &Event) {
        match event {
            Event::Launch(task) => self.launched(task),
            Event::LaunchGroup(group) => group.tasks.iter().for_each(|task| self.launched(task)),
            Event::Acknowledged { task_id, uuid } => {
                self.tasks.remove(&task_id.value);
                self.remove(uuid);
            }
            Event::Subscribed { .. }
            | Event::Disconnected { .. }
            | Event::Kill { .. }
            | Event::Message(_)
            | Event::Shutdown { .. } => {}
        }
    }

    pub(super) fn subscribe(&mut self) -> call::Subscribe {
        if trial::has(Defect::ExecutorForgetsUpdates) {
            self.updates.clear();
        }
        self.told = self.updates.len();
        call::Subscribe {
            unacknowledged_tasks: self.tasks.values().cloned().collect(),
            unacknowledged_updates: self
                .updates
                .iter()
                .map(|status| call::Update { status: status.clone() })
                .collect(),
        }
    }

    fn launched(&mut self, task: &TaskInfo) {
        self.tasks.insert(task.task_id.value.clone(), task.clone());
    }
}
