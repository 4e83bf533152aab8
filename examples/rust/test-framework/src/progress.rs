// SPDX-License-Identifier: Apache-2.0

//! What has been seen of the tasks, and whether it is enough.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use mesos_client::v1::{TaskState, TaskStatus};

/// The tasks that finished, and those that sent their message.
#[derive(Debug)]
pub struct Progress {
    total: u32,
    finished: BTreeSet<String>,
    messages: BTreeSet<String>,
}

impl Progress {
    /// Nothing seen of `total` tasks.
    pub fn new(total: u32) -> Self {
        Progress { total, finished: BTreeSet::new(), messages: BTreeSet::new() }
    }

    /// How many tasks there are to be.
    pub fn total(&self) -> u32 {
        self.total
    }

    /// A message came; each task sends its own, perhaps more than once.
    pub fn message(&mut self, text: &str) {
        self.messages.insert(text.to_owned());
    }

    /// A task changed its state.
    ///
    /// # Errors
    /// A state that a task of this framework must not get into, and a task that
    /// finished without having sent its message.
    pub fn update(&mut self, status: &TaskStatus) -> Result<()> {
        let task = &status.task_id.value;
        match status.state() {
            TaskState::TaskStaging
            | TaskState::TaskStarting
            | TaskState::TaskRunning
            | TaskState::TaskKilling => {}
            TaskState::TaskFinished => {
                if !self.messages.contains(&message_of(task)) {
                    bail!("task {task} finished, but its message never came");
                }
                self.finished.insert(task.clone());
            }
            state @ (TaskState::TaskFailed
            | TaskState::TaskKilled
            | TaskState::TaskError
            | TaskState::TaskLost
            | TaskState::TaskDropped
            | TaskState::TaskUnreachable
            | TaskState::TaskGone
            | TaskState::TaskGoneByOperator
            | TaskState::TaskUnknown) => bail!(
                "task {task} is in state {}, reason {}: {}",
                state.as_str_name(),
                status.reason().as_str_name(),
                status.message.as_deref().unwrap_or("no message")
            ),
        }
        Ok(())
    }

    /// Whether every task has finished.
    pub fn is_done(&self) -> bool {
        self.finished.len() == self.total as usize
    }

    /// One line for the end.
    pub fn summary(&self) -> String {
        format!(
            "All {} tasks finished, {} messages made the round trip",
            self.total,
            self.messages.len()
        )
    }
}

/// The message that the test-executor sends for a task.
pub fn message_of(task: &str) -> String {
    format!("hello from task {task}")
}

#[cfg(test)]
mod tests {
    use mesos_client::v1::TaskId;

    use super::*;

    fn status(task: &str, state: TaskState) -> TaskStatus {
        TaskStatus {
            task_id: TaskId { value: task.into() },
            state: state.into(),
            ..Default::default()
        }
    }

    #[test]
    fn it_is_done_when_every_task_has_spoken_and_finished() {
        let mut progress = Progress::new(2);
        for task in ["0", "1"] {
            assert!(!progress.is_done());
            progress.update(&status(task, TaskState::TaskRunning)).unwrap();
            progress.message(&message_of(task));
            progress.update(&status(task, TaskState::TaskFinished)).unwrap();
            progress.update(&status(task, TaskState::TaskFinished)).unwrap();
        }
        assert!(progress.is_done());
    }

    #[test]
    fn a_lost_task_or_a_missing_message_is_an_error() {
        let mut progress = Progress::new(1);
        let error = progress.update(&status("0", TaskState::TaskFinished)).unwrap_err();
        assert!(error.to_string().contains("never came"), "{error}");
        let error = progress.update(&status("0", TaskState::TaskLost)).unwrap_err();
        assert!(error.to_string().contains("TASK_LOST"), "{error}");
    }
}
