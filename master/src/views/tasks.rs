// SPDX-License-Identifier: Apache-2.0

//! Tasks as `/state` and `/tasks` show them.
//!
//! Neighbours on a framework's list are mostly of a few kinds: the same labels,
//! container, resources. What they have in common is written for the first of
//! them and copied for the others.

use std::collections::VecDeque;

use mesos_core::resources::Resources;
use mesos_master_state::TaskRecord;
use mesos_net::model::{self, Allocation, Description, TaskView};

/// So many kinds are remembered, as many as the master shares among tasks.
const REMEMBERED: usize = 8;

/// Writes one task after the other; for one answer, on one thread.
#[derive(Default)]
pub(super) struct TaskWriter {
    /// By what they are written from.
    descriptions: Recent<Vec<u8>, Description>,
    /// By the collection itself: equal ones may differ in what they show.
    allocations: Recent<Resources, Allocation>,
}

impl TaskWriter {
    /// Appends a task.
    pub(super) fn write(&mut self, task: &TaskRecord, out: &mut Vec<u8>) {
        let spec = &*task.spec;
        let (name, rest) = spec.name_and_rest();
        let description = self.descriptions.find_or_make(
            |known| rest.is(known),
            || rest.to_vec(),
            |rest| Description::of(rest),
        );
        let allocation = self.allocations.find_or_make(
            |known| known.is_identical(&spec.resources),
            || spec.resources.clone(),
            Allocation::of,
        );
        let view = TaskView {
            id: &spec.task_id,
            name,
            framework_id: &spec.framework_id,
            executor_id: spec.executor_id.as_deref().unwrap_or_default(),
            agent_id: &spec.agent_id,
            state: task.state,
        };
        model::task_with(&view, allocation, description, task.encoded_statuses(), out);
    }
}

/// The last few values that were made, and what of.
struct Recent<K, V>(VecDeque<(K, V)>);

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Recent(VecDeque::with_capacity(REMEMBERED))
    }
}

impl<K, V> Recent<K, V> {
    fn find_or_make(
        &mut self,
        is_it: impl Fn(&K) -> bool,
        key: impl FnOnce() -> K,
        make: impl FnOnce(&K) -> V,
    ) -> &V {
        let found = self.0.iter().position(|(known, _)| is_it(known));
        let index = found.unwrap_or_else(|| {
            if self.0.len() == REMEMBERED {
                self.0.pop_front();
            }
            let key = key();
            let value = make(&key);
            self.0.push_back((key, value));
            self.0.len() - 1
        });
        &self.0[index].1
    }
}

#[cfg(test)]
mod tests;
