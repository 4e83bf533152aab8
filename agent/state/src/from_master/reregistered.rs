// SPDX-License-Identifier: Apache-2.0

//! SlaveReregistered: a master has taken the agent back, and names tasks it missed.

use mesos_core::time::Time;
use mesos_proto::{
    internal::{ReconcileTasksMessage, SlaveReregisteredMessage},
    v1::{TaskState, task_status::Reason},
};

use crate::{
    agent::{Agent, Phase},
    output::Output,
    task_state,
    task_updates::Verdict,
};

impl Agent {
    pub(super) fn reregistered(&mut self, now: Time, message: SlaveReregisteredMessage) {
        if self.agent_id() != message.agent_id.value {
            let reason = format!(
                "Re-registered but got wrong id: {} (expected: {})",
                message.agent_id.value,
                self.agent_id()
            );
            self.outbox.push(Output::Exit { reason, failed: true });
            return;
        }
        self.set_ping_timeout(message.connection.as_ref());
        match self.phase {
            Phase::Disconnected => {
                self.outbox.info("Re-registered with master".to_owned());
                self.accepted(now);
            }
            Phase::Running => self.outbox.warn("Already reregistered with master".to_owned()),
            Phase::Recovering | Phase::Terminating => {
                self.outbox.warn(format!(
                    "Ignoring re-registration because agent is {}",
                    self.phase.name()
                ));
                return;
            }
        }
        self.send_update();
        for reconciliation in message.reconciliations {
            self.reconcile_tasks(now, &reconciliation);
        }
    }

    fn reconcile_tasks(&mut self, now: Time, message: &ReconcileTasksMessage) {
        let framework_id = message.framework_id.value.as_str();
        let state = message.framework.as_ref().map_or(TaskState::TaskLost, task_state::dropped);
        for status in &message.statuses {
            let task_id = status.task_id.value.as_str();
            let known = self
                .frameworks
                .get(framework_id)
                .is_some_and(|framework| framework.owners.contains_key(task_id));
            if known {
                continue;
            }
            self.outbox.warn(format!(
                "Agent reconciling task {task_id} of framework {framework_id} in state {}: task \
                 unknown to the agent",
                state.as_str_name()
            ));
            let verdict = Verdict {
                state,
                reason: Reason::Reconciliation,
                message: "Reconciliation: task unknown to the agent".to_owned(),
            };
            let update = self.agent_update(now, framework_id, task_id, None, verdict);
            self.enqueue_update(now, update, None, None);
        }
    }
}
