// SPDX-License-Identifier: Apache-2.0

//! Turns changes into snapshots.
//!
//! | change              | effect                                                        |
//! |---------------------|---------------------------------------------------------------|
//! | Agent               | replaced                                                      |
//! | Framework           | replaced, or added among the active ones                      |
//! | FrameworkCompleted  | from the active to the end of the completed ones              |
//! | FrameworkForgotten  | gone, or its history back among the active ones               |
//! | Executor            | replaced, or added to its framework                           |
//! | ExecutorCompleted   | from the active to the end of the completed ones              |
//! | ExecutorForgotten   | gone, with its tasks                                          |
//! | Task, TaskForgotten | replaced, added or gone within its executor                   |
//!
//! A change about something unknown is logged and changes nothing.

use std::{collections::BTreeMap, sync::Arc};

use mesos_agent_state::{
    Change, ContainerId, Metrics,
    change::{ExecutorRecord, FrameworkRecord, TaskRecord},
};

use super::{ExecutorView, FrameworkView, Latest, Snapshot};

/// Keeps the snapshot and publishes it.
#[derive(Debug, Default)]
pub struct Publisher {
    next: Snapshot,
    changed: bool,
    latest: Latest,
    /// The framework of each container shown.
    containers: BTreeMap<ContainerId, String>,
}

impl Publisher {
    /// Where the snapshots appear.
    pub fn latest(&self) -> Latest {
        self.latest.clone()
    }

    /// Publishes what has changed, if anything has.
    pub fn publish(&mut self, metrics: Metrics) {
        if self.next.metrics != metrics {
            self.next.metrics = metrics;
            self.changed = true;
        }
        if std::mem::take(&mut self.changed) {
            self.latest.set(Arc::new(self.next.clone()));
        }
    }

    /// Takes note of a change.
    pub fn change(&mut self, change: Change) {
        self.changed = true;
        match change {
            Change::Agent(record) => self.next.agent = Some(record),
            Change::Framework(record) => self.framework(record),
            Change::FrameworkCompleted { framework_id } => {
                if let Some(view) = self.next.frameworks.remove(&framework_id) {
                    self.next.completed.push(view);
                }
            }
            Change::FrameworkForgotten { framework_id, revived } => {
                self.framework_forgotten(&framework_id, revived);
            }
            Change::Executor(record) => self.executor(record),
            Change::ExecutorCompleted { framework_id, container } => {
                self.executor_completed(&framework_id, &container);
            }
            Change::ExecutorForgotten { framework_id, container } => {
                self.containers.remove(&container);
                if let Some(view) = self.framework_of(&framework_id) {
                    view.executors.retain(|one| one.record.container != container);
                    view.completed_executors.retain(|one| one.record.container != container);
                }
            }
            Change::Task(record) => self.task(record),
            Change::TaskForgotten { container, task } => {
                if let Some(executor) = self.executor_of(&container) {
                    executor.tasks.remove(&task);
                }
            }
        }
    }

    fn framework(&mut self, record: Arc<FrameworkRecord>) {
        match self.next.frameworks.get_mut(&record.framework_id) {
            Some(view) => Arc::make_mut(view).record = record,
            None => {
                let framework_id = record.framework_id.clone();
                let view = FrameworkView { record, executors: vec![], completed_executors: vec![] };
                self.next.frameworks.insert(framework_id, Arc::new(view));
            }
        }
    }

    fn framework_forgotten(&mut self, framework_id: &str, revived: bool) {
        let completed = &mut self.next.completed;
        let found = completed.iter().position(|view| view.record.framework_id == framework_id);
        let Some(old) = found.map(|index| completed.remove(index)) else { return };
        if !revived {
            for executor in old.executors.iter().chain(&old.completed_executors) {
                self.containers.remove(&executor.record.container);
            }
            return;
        }
        match self.next.frameworks.get_mut(framework_id) {
            Some(view) => {
                let view = Arc::make_mut(view);
                view.completed_executors.splice(0..0, old.completed_executors.iter().cloned());
            }
            None => {
                self.next.frameworks.insert(framework_id.to_owned(), old);
            }
        }
    }

    fn executor(&mut self, record: Arc<ExecutorRecord>) {
        self.containers.insert(record.container.clone(), record.framework_id.clone());
        let Some(view) = self.framework_of(&record.framework_id) else {
            tracing::error!(framework = record.framework_id, "executor of an unknown framework");
            return;
        };
        let all = view.executors.iter_mut().chain(&mut view.completed_executors);
        match all.into_iter().find(|one| one.record.container == record.container) {
            Some(executor) => Arc::make_mut(executor).record = record,
            None => {
                view.executors.push(Arc::new(ExecutorView { record, tasks: BTreeMap::new() }));
            }
        }
    }

    fn executor_completed(&mut self, framework_id: &str, container: &ContainerId) {
        if let Some(view) = self.framework_of(framework_id)
            && let Some(index) =
                view.executors.iter().position(|one| one.record.container == *container)
        {
            let executor = view.executors.remove(index);
            view.completed_executors.push(executor);
        }
    }

    fn task(&mut self, record: Arc<TaskRecord>) {
        match self.executor_of(&record.container) {
            Some(executor) => {
                executor.tasks.insert(record.key, record);
            }
            None => tracing::error!(container = %record.container, "task of an unknown executor"),
        }
    }

    /// An active or completed framework, to be changed.
    fn framework_of(&mut self, framework_id: &str) -> Option<&mut FrameworkView> {
        let Snapshot { frameworks, completed, .. } = &mut self.next;
        let view = match frameworks.get_mut(framework_id) {
            Some(view) => view,
            None => {
                completed.iter_mut().rev().find(|view| view.record.framework_id == framework_id)?
            }
        };
        Some(Arc::make_mut(view))
    }

    /// An executor, to be changed.
    fn executor_of(&mut self, container: &ContainerId) -> Option<&mut ExecutorView> {
        let framework_id = self.containers.get(container)?.clone();
        let view = self.framework_of(&framework_id)?;
        let mut all = view.executors.iter_mut().chain(&mut view.completed_executors);
        all.find(|one| one.record.container == *container).map(Arc::make_mut)
    }
}

#[cfg(test)]
mod tests {
    use mesos_agent_state::{
        TaskKey,
        change::{ExecutorState, TaskStage},
    };

    use super::*;

    fn framework() -> Change {
        Change::Framework(Arc::new(FrameworkRecord {
            framework_id: "f".to_owned(),
            info: Arc::default(),
            pid: None,
        }))
    }

    fn executor(container: &str) -> Change {
        Change::Executor(Arc::new(ExecutorRecord {
            framework_id: "f".to_owned(),
            container: ContainerId::new(container),
            info: Arc::default(),
            directory: String::new(),
            generated_for_command_task: true,
            state: ExecutorState::Running,
            pid: None,
        }))
    }

    fn task(container: &str, key: u64) -> Change {
        Change::Task(Arc::new(TaskRecord {
            key: TaskKey(key),
            container: ContainerId::new(container),
            stage: TaskStage::Launched,
            task: Arc::default(),
        }))
    }

    fn published(publisher: &mut Publisher, changes: Vec<Change>) -> Arc<Snapshot> {
        changes.into_iter().for_each(|change| publisher.change(change));
        publisher.publish(Metrics::default());
        publisher.latest().get()
    }

    #[test]
    fn a_framework_goes_through_its_life_and_comes_back() {
        let mut publisher = Publisher::default();
        let id = || "f".to_owned();
        let completed =
            Change::ExecutorCompleted { framework_id: id(), container: ContainerId::new("c") };
        let snapshot = published(&mut publisher, vec![framework(), executor("c"), task("c", 1)]);
        assert_eq!(snapshot.frameworks["f"].executors[0].tasks.len(), 1);
        let done = vec![completed, Change::FrameworkCompleted { framework_id: id() }];
        let snapshot = published(&mut publisher, done);
        assert!(snapshot.frameworks.is_empty());
        assert_eq!(snapshot.completed[0].completed_executors[0].tasks.len(), 1);
        let revived = Change::FrameworkForgotten { framework_id: id(), revived: true };
        let snapshot = published(&mut publisher, vec![framework(), revived, executor("d")]);
        assert!(snapshot.completed.is_empty());
        assert_eq!(snapshot.frameworks["f"].completed_executors.len(), 1);
        assert_eq!(snapshot.frameworks["f"].executors.len(), 1);
    }

    #[test]
    fn a_snapshot_that_was_taken_stays_as_it_is() {
        let mut publisher = Publisher::default();
        let before = published(&mut publisher, vec![framework(), executor("c"), task("c", 1)]);
        let gone = Change::TaskForgotten { container: ContainerId::new("c"), task: TaskKey(1) };
        let after = published(&mut publisher, vec![gone]);
        assert_eq!(before.frameworks["f"].executors[0].tasks.len(), 1);
        assert_eq!(after.frameworks["f"].executors[0].tasks.len(), 0);
    }

    #[test]
    fn nothing_is_published_when_nothing_changed() {
        let mut publisher = Publisher::default();
        let first = published(&mut publisher, vec![framework()]);
        let second = published(&mut publisher, vec![]);
        assert!(Arc::ptr_eq(&first, &second));
    }

    #[test]
    fn a_task_of_an_unknown_executor_is_left_out() {
        let mut publisher = Publisher::default();
        let snapshot = published(&mut publisher, vec![framework(), task("nowhere", 1)]);
        assert!(snapshot.frameworks["f"].executors.is_empty());
    }
}
