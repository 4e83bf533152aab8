// SPDX-License-Identifier: Apache-2.0

//! ShutdownFramework: all its executors are to end, its tasks without a word.

use mesos_core::{
    time::Time,
    trial::{self, Defect},
};
use mesos_proto::internal::ShutdownFrameworkMessage;

use crate::{
    agent::{Agent, Phase},
    change::ExecutorState,
};

impl Agent {
    pub(super) fn shutdown_framework(&mut self, now: Time, message: &ShutdownFrameworkMessage) {
        let framework_id = message.framework_id.value.as_str();
        match self.phase {
            Phase::Recovering | Phase::Disconnected => self.outbox.warn(format!(
                "Ignoring shutdown framework message for {framework_id} because the agent has not \
                 yet registered with the master"
            )),
            Phase::Running | Phase::Terminating => {
                if !trial::has(Defect::ShutdownFrameworkIgnored) {
                    self.end_framework(now, framework_id);
                }
            }
        }
    }

    /// Ends all executors of a framework.
    pub(crate) fn end_framework(&mut self, now: Time, framework_id: &str) {
        let Some(framework) = self.frameworks.get_mut(framework_id) else {
            // Nobody will acknowledge what may still be on its way.
            return self.updates.forget_framework(framework_id);
        };
        if framework.terminating {
            return;
        }
        self.outbox.info(format!("Shutting down framework {framework_id}"));
        framework.terminating = true;
        let executors: Vec<(String, ExecutorState)> =
            framework.executors.iter().map(|(id, executor)| (id.clone(), executor.state)).collect();
        for (executor_id, state) in executors {
            match state {
                ExecutorState::Registering | ExecutorState::Running => {
                    self.end_executor(now, framework_id, &executor_id);
                }
                ExecutorState::Terminated => self.remove_executor(now, framework_id, &executor_id),
                ExecutorState::Terminating => {}
            }
        }
        self.remove_framework_if_idle(now, framework_id);
    }
}
