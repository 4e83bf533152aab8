// SPDX-License-Identifier: Apache-2.0

//! Whether there is room for what an executor says. A refusal costs nobody else anything: the
//! executor is told, and may say it again when its scheduler has caught up.
//!
//! | what | bound | answer beyond it |
//! |---|---|---|
//! | updates of one task that wait for their acknowledgement | [`PENDING_MAX`] | 503 |
//! | bytes of all such updates of its framework | [`FRAMEWORK_BYTES_MAX`] | 503 |
//! | tasks with such updates, of all executors | [`STREAMS_MAX`] | 503 |
//! | those of one executor | [`EXECUTOR_STREAMS_MAX`] | 503 |
//!
//! The end of a task that the agent knows is always taken.
//!
//! [`PENDING_MAX`]: crate::status_updates::PENDING_MAX
//! [`FRAMEWORK_BYTES_MAX`]: crate::status_updates::FRAMEWORK_BYTES_MAX
//! [`STREAMS_MAX`]: crate::status_updates::STREAMS_MAX
//! [`EXECUTOR_STREAMS_MAX`]: crate::status_updates::EXECUTOR_STREAMS_MAX

use mesos_proto::v1::TaskStatus;
use prost::Message;

use super::Refusal;
use crate::{
    agent::Agent,
    key::ContainerId,
    status_updates::{EXECUTOR_STREAMS_MAX, FRAMEWORK_BYTES_MAX, Room},
    task_state::is_terminal,
};

impl Agent {
    /// Refuses an update that there is no room for.
    pub(super) fn make_room(
        &mut self,
        framework_id: &str,
        status: &TaskStatus,
        container: &ContainerId,
    ) -> Result<(), Refusal> {
        let task_id = status.task_id.value.as_str();
        let key = (framework_id.to_owned(), task_id.to_owned());
        let known = self
            .frameworks
            .get_mut(framework_id)
            .is_some_and(|framework| framework.executor_of(task_id).is_some());
        let is_duplicate =
            status.uuid.as_ref().is_some_and(|uuid| self.updates.knows(&key, uuid).is_some());
        if is_duplicate || (known && is_terminal(status.state())) {
            return Ok(());
        }
        let executor_id = self.executor_in(container).map(|it| it.id.clone()).unwrap_or_default();
        let why = match self.updates.room(&key, &executor_id, status.encoded_len()) {
            Room::Enough => return Ok(()),
            Room::StreamFull => {
                let max = self.config.pending_updates_max;
                format!("{max} status updates of task '{task_id}' are waiting")
            }
            Room::FrameworkFull => format!(
                "status updates of framework {framework_id} with {} MB are waiting",
                FRAMEWORK_BYTES_MAX >> 20
            ),
            Room::TooManyStreams => "too many tasks have status updates waiting".to_owned(),
            Room::ExecutorFull => format!(
                "{EXECUTOR_STREAMS_MAX} tasks of executor '{executor_id}' have status updates \
                 waiting"
            ),
        };
        let text = format!("{why} to be acknowledged by the scheduler; send this one later");
        self.note_no_room(container, &text);
        Err((503, text))
    }

    /// Logs the first refusal, and then ever fewer of them.
    fn note_no_room(&mut self, container: &ContainerId, text: &str) {
        self.counters.invalid_status_updates += 1;
        let Some(executor) = self.executor_in(container) else { return };
        executor.refused_updates += 1;
        let count = executor.refused_updates;
        if count.is_power_of_two() {
            let id = executor.id.clone();
            self.outbox.warn(format!("Refusing status update {count} of executor '{id}': {text}"));
        }
    }
}
