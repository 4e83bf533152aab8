// SPDX-License-Identifier: Apache-2.0

//! DrainSlave: kill every task, within a grace period at most, and take no new ones.

use mesos_core::time::Time;
use mesos_proto::{
    internal::DrainSlaveMessage,
    v1::{DrainConfig, DurationInfo, KillPolicy, TaskState, TaskStatus, task_status::Reason},
};

use crate::{agent::Agent, output::Output, paths, task_state::has_capability};
use mesos_proto::v1::{FrameworkInfo, framework_info::capability};

impl Agent {
    pub(super) fn drain(&mut self, now: Time, message: DrainSlaveMessage) {
        if self.frameworks.is_empty() {
            self.outbox.info("Asked to drain; there is nothing to drain".to_owned());
            return;
        }
        let path = paths::drain_config(&self.meta, &self.agent_id());
        self.outbox.store_message(path, &message.config);
        self.start_draining(now, message.config);
    }

    pub(crate) fn start_draining(&mut self, now: Time, config: DrainConfig) {
        self.outbox.info("Initiating drain".to_owned());
        self.drain = Some(config);
        self.publish_agent();
        let tasks = self.frameworks.iter().flat_map(|(framework_id, framework)| {
            framework.executors.values().flat_map(move |executor| {
                let launched = executor.launched.values().map(|task| &task.task);
                let queued = executor.queued.values().map(|task| &task.task);
                launched.chain(queued).map(move |task| {
                    let policy = kill_policy(config.max_grace_period, task.kill_policy.as_ref());
                    (framework_id.clone(), task.task_id.value.clone(), policy)
                })
            })
        });
        let tasks: Vec<(String, String, Option<KillPolicy>)> = tasks.collect();
        for (framework_id, task_id, policy) in tasks {
            self.kill(now, &framework_id, &task_id, policy.as_ref());
        }
    }

    /// An agent has drained when nothing is left on it.
    pub(crate) fn finish_draining(&mut self) {
        if self.drain.is_none() || !self.frameworks.is_empty() {
            return;
        }
        self.outbox.info("Agent finished draining".to_owned());
        let path = paths::drain_config(&self.meta, &self.agent_id());
        self.outbox.push(Output::RemovePath { path });
        self.drain = None;
        self.publish_agent();
    }
}

/// The drain's limit, unless the task's own grace period is shorter.
fn kill_policy(limit: Option<DurationInfo>, own: Option<&KillPolicy>) -> Option<KillPolicy> {
    let limit = limit?;
    let own = own.and_then(|policy| policy.grace_period);
    own.is_none_or(|own| limit.nanoseconds < own.nanoseconds)
        .then_some(KillPolicy { grace_period: Some(limit) })
}

/// What a drain makes of the status of a task that it killed.
pub(crate) fn decorate(status: &mut TaskStatus, drain: DrainConfig, framework: &FrameworkInfo) {
    match status.state() {
        TaskState::TaskKilling | TaskState::TaskKilled => {
            status.set_reason(Reason::AgentDraining);
            if drain.mark_gone() && has_capability(framework, capability::Type::PartitionAware) {
                status.set_state(TaskState::TaskGoneByOperator);
            }
        }
        TaskState::TaskStaging
        | TaskState::TaskStarting
        | TaskState::TaskRunning
        | TaskState::TaskFinished
        | TaskState::TaskFailed
        | TaskState::TaskError
        | TaskState::TaskLost
        | TaskState::TaskDropped
        | TaskState::TaskUnreachable
        | TaskState::TaskGone
        | TaskState::TaskGoneByOperator
        | TaskState::TaskUnknown => {}
    }
}
