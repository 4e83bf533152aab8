// SPDX-License-Identifier: Apache-2.0

//! RECONCILE: what are the states of these tasks, or of all?
//!
//! | the task | its agent | answer (without PARTITION_AWARE) |
//! |---|---|---|
//! | known | | its latest state |
//! | unknown | recovered; or not given, and any agent is recovered | none: it may still come |
//! | unknown | registered | TASK_GONE (TASK_LOST) |
//! | unknown | unreachable | TASK_UNREACHABLE (TASK_LOST), with the time |
//! | unknown | gone | TASK_GONE_BY_OPERATOR (TASK_LOST) |
//! | unknown | otherwise | TASK_UNKNOWN (TASK_LOST) |
//!
//! A hundred thousand tasks are not answered for in one go: after each [`SLICE`]
//! others have their turn. The answers are for the stream that was open when the
//! call came; whoever subscribes again asks again.

use std::{ops::Bound, sync::Arc, vec};

use mesos_allocator::FrameworkKey;
use mesos_core::trial::{self, Defect};
use mesos_proto::v1::{
    TaskState, TaskStatus,
    scheduler::call::{Reconcile, reconcile},
    task_status::Reason,
};

use crate::{
    input::StreamKey,
    master::Master,
    statuses::{MasterStatus, time_info},
    tasks::TaskRecord,
};

/// How many tasks are answered for at once.
const SLICE: usize = 500;
/// So many calls may be answered in part; then others wait until the first of them is done.
const UNFINISHED_MAX: usize = 1000;

/// A call that is answered in part.
#[derive(Debug)]
pub(crate) struct Unfinished {
    stream: StreamKey,
    rest: Rest,
}

/// The tasks that are still to be answered for.
#[derive(Debug)]
enum Rest {
    Named(vec::IntoIter<reconcile::Task>),
    /// All that the master holds as active, in the order of their ids, behind this one.
    All {
        behind: Option<Arc<str>>,
    },
}

impl Master {
    /// Call: RECONCILE; without tasks, of all that the master holds as active.
    pub(super) fn reconcile(&mut self, framework: FrameworkKey, call: Reconcile) {
        self.metrics.messages_reconcile_tasks += 1;
        let Some(stream) = &self.frameworks.registered[framework].stream else { return };
        let rest = if call.tasks.is_empty() {
            Rest::All { behind: None }
        } else {
            Rest::Named(call.tasks.into_iter())
        };
        self.reconciliations.push_back(Unfinished { stream: stream.key, rest });
        while self.reconciliations.len() > UNFINISHED_MAX {
            self.reconcile_on();
        }
    }

    /// Answers for some more tasks of the calls that are not answered in full, by turns.
    pub(crate) fn reconcile_on(&mut self) {
        let Some(Unfinished { stream, rest }) = self.reconciliations.pop_front() else { return };
        let Some(framework) = self.frameworks.by_stream.get(&stream).copied() else { return };
        let rest = match rest {
            Rest::Named(tasks) => self.reconcile_named(framework, tasks),
            Rest::All { behind } => self.reconcile_all(framework, behind),
        };
        if let Some(rest) = rest {
            self.reconciliations.push_back(Unfinished { stream, rest });
        }
    }

    fn reconcile_named(
        &mut self,
        framework: FrameworkKey,
        mut tasks: vec::IntoIter<reconcile::Task>,
    ) -> Option<Rest> {
        for asked in tasks.by_ref().take(SLICE) {
            if let Some(status) = self.state_of(framework, &asked) {
                self.send_status(framework, status);
            }
        }
        (tasks.len() > 0).then_some(Rest::Named(tasks))
    }

    fn reconcile_all(&mut self, framework: FrameworkKey, behind: Option<Arc<str>>) -> Option<Rest> {
        let from = behind.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let tasks = &self.frameworks.registered[framework].tasks;
        let slice = tasks.range::<str, _>((from, Bound::Unbounded)).take(SLICE);
        let slice: Vec<_> = slice.map(|(id, index)| (id.clone(), *index)).collect();
        for (_, index) in &slice {
            let status = self.latest(&self.tasks[*index].record);
            self.send_status(framework, status);
        }
        let last = (slice.len() == SLICE).then(|| slice.into_iter().next_back()).flatten();
        last.map(|(id, _)| Rest::All { behind: Some(id) })
    }

    fn latest(&self, task: &TaskRecord) -> TaskStatus {
        let status = MasterStatus {
            state: task.forwarded.as_ref().map_or(task.state, |(state, _)| *state),
            reason: Reason::Reconciliation,
            message: "Reconciliation: Latest task state",
        };
        status.of_task_with_health(self.now, task)
    }

    fn state_of(&self, key: FrameworkKey, asked: &reconcile::Task) -> Option<TaskStatus> {
        let framework = &self.frameworks.registered[key];
        let task_id = asked.task_id.value.as_str();
        if let Some(index) = framework.tasks.get(task_id) {
            trial::reached("reconciliation", "known");
            if trial::has(Defect::ReconciliationOfKnownSkipped) {
                return None;
            }
            return Some(self.latest(&self.tasks[*index].record));
        }
        let agent_id = asked.agent_id.as_ref().map(|id| id.value.as_str());
        let recovering = match agent_id {
            Some(id) => self.agents.recovered.contains_key(id),
            None => !self.agents.recovered.is_empty(),
        };
        if recovering {
            trial::reached(
                "reconciliation",
                "unknown | recovered; or not given, and any agent is recovered",
            );
            return None;
        }
        let unreachable = agent_id.and_then(|id| self.agents.unreachable.get(id)).copied();
        let (state, message) = match agent_id {
            Some(id) if self.agents.find(id).is_some() => {
                (TaskState::TaskGone, "Reconciliation: Task is unknown to the agent")
            }
            Some(_) if unreachable.is_some() => {
                (TaskState::TaskUnreachable, "Reconciliation: Task is unreachable")
            }
            Some(id) if self.agents.gone.contains_key(id) => {
                (TaskState::TaskGoneByOperator, "Reconciliation: Task is gone")
            }
            Some(_) | None => (TaskState::TaskUnknown, "Reconciliation: Task is unknown"),
        };
        trial::reached(
            "reconciliation",
            match state {
                TaskState::TaskGone => "unknown | registered",
                TaskState::TaskUnreachable => "unknown | unreachable",
                TaskState::TaskGoneByOperator => "unknown | gone",
                TaskState::TaskUnknown
                | TaskState::TaskStaging
                | TaskState::TaskStarting
                | TaskState::TaskRunning
                | TaskState::TaskKilling
                | TaskState::TaskFinished
                | TaskState::TaskFailed
                | TaskState::TaskKilled
                | TaskState::TaskError
                | TaskState::TaskLost
                | TaskState::TaskDropped => "unknown | otherwise",
            },
        );
        let since = unreachable.filter(|_| state == TaskState::TaskUnreachable);
        let aware = framework.capabilities.partition_aware;
        let state = if aware { state } else { TaskState::TaskLost };
        let status = MasterStatus { state, reason: Reason::Reconciliation, message };
        Some(TaskStatus {
            unreachable_time: since.map(time_info),
            ..status.of(self.now, task_id, agent_id)
        })
    }
}
