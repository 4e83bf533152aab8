// SPDX-License-Identifier: Apache-2.0

//! Tasks that may come back with their agents.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use crate::tasks::TaskRecord;

/// The tasks of a framework on unreachable agents, bounded, oldest forgotten first.
#[derive(Debug, Default)]
pub(crate) struct UnreachableTasks {
    tasks: BTreeMap<Arc<str>, Arc<TaskRecord>>,
    order: VecDeque<Arc<TaskRecord>>,
}

impl UnreachableTasks {
    /// Adds a task; gives back what is forgotten for it.
    pub(crate) fn insert(&mut self, task: Arc<TaskRecord>, bound: usize) -> Vec<Arc<TaskRecord>> {
        self.tasks.insert(task.spec.task_id.clone(), task.clone());
        self.order.push_back(task);
        if self.order.len() > 2 * self.tasks.len() + 16 {
            // Most of these came back with their agents.
            let order = std::mem::take(&mut self.order);
            self.order = order.into_iter().filter(|task| self.is_current(task)).collect();
        }
        let mut forgotten = Vec::new();
        while self.tasks.len() > bound {
            let Some(oldest) = self.order.pop_front() else { break };
            if self.is_current(&oldest) {
                self.tasks.remove(&oldest.spec.task_id);
                forgotten.push(oldest);
            }
        }
        forgotten
    }

    fn is_current(&self, task: &Arc<TaskRecord>) -> bool {
        let current = self.tasks.get(&task.spec.task_id);
        current.is_some_and(|current| Arc::ptr_eq(current, task))
    }

    /// Takes a task out.
    pub(crate) fn remove(&mut self, task_id: &str) -> Option<Arc<TaskRecord>> {
        self.tasks.remove(task_id)
    }

    /// A task, if it is there.
    pub(crate) fn get(&self, task_id: &str) -> Option<&Arc<TaskRecord>> {
        self.tasks.get(task_id)
    }

    /// Takes all tasks out.
    pub(crate) fn take_all(&mut self) -> Vec<Arc<TaskRecord>> {
        self.order.clear();
        std::mem::take(&mut self.tasks).into_values().collect()
    }
}
