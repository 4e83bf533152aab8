// SPDX-License-Identifier: Apache-2.0

//! ShutdownExecutor: the scheduler wants an executor ended.

use mesos_core::time::Time;
use mesos_proto::internal::ShutdownExecutorMessage;

use crate::{
    agent::{Agent, Phase},
    change::ExecutorState,
};

impl Agent {
    pub(super) fn shutdown_executor(&mut self, now: Time, message: ShutdownExecutorMessage) {
        let framework_id = message.framework_id.unwrap_or_default().value;
        let executor_id = message.executor_id.unwrap_or_default().value;
        match self.shutdown_refusal(&framework_id, &executor_id) {
            Some(why) => self.outbox.warn(format!(
                "Ignoring shutdown of executor '{executor_id}' of framework {framework_id} \
                 because {why}"
            )),
            None => self.end_executor(now, &framework_id, &executor_id),
        }
    }

    fn shutdown_refusal(&self, framework_id: &str, executor_id: &str) -> Option<&'static str> {
        match self.phase {
            Phase::Recovering | Phase::Disconnected => {
                return Some("the agent has not yet registered with the master");
            }
            Phase::Running | Phase::Terminating => {}
        }
        let Some(framework) = self.frameworks.get(framework_id) else {
            return Some("the framework is unknown");
        };
        if framework.terminating {
            return Some("the framework is terminating");
        }
        match framework.executors.get(executor_id).map(|executor| executor.state) {
            None => Some("the executor is unknown"),
            Some(ExecutorState::Terminating) => Some("the executor is terminating"),
            Some(ExecutorState::Terminated) => Some("the executor is terminated"),
            Some(ExecutorState::Registering | ExecutorState::Running) => None,
        }
    }
}
