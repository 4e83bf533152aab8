// SPDX-License-Identifier: Apache-2.0

//! ExitedExecutorMessage: an executor ended; its scheduler gets FAILURE.

use mesos_core::trial::{self, Defect};
use mesos_proto::{
    internal::ExitedExecutorMessage,
    v1::scheduler::{Event, event},
};

use crate::master::Master;

impl Master {
    /// Message: ExitedExecutorMessage; ignored for an executor that is not known.
    pub(crate) fn exited_executor(&mut self, pid: &str, message: &ExitedExecutorMessage) {
        self.metrics.messages_exited_executor += 1;
        let agent = self.agents.find_at(&message.agent_id.value, pid);
        let framework = self.frameworks.find(&message.framework_id.value);
        if trial::has(Defect::ExecutorNeverFreed) {
            return;
        }
        let known = agent.zip(framework).is_some_and(|(agent, framework)| {
            self.remove_executor(agent, framework, &message.executor_id.value)
        });
        let Some(framework) = framework.filter(|_| known) else {
            self.warn(format!(
                "Ignoring the exit of executor '{}' of framework {} on agent {}, told by {pid}: it \
                 is not known",
                message.executor_id.value, message.framework_id.value, message.agent_id.value
            ));
            return;
        };
        self.send_event(
            framework,
            Event {
                r#type: Some(event::Type::Failure.into()),
                failure: Some(event::Failure {
                    agent_id: Some(message.agent_id.clone()),
                    executor_id: Some(message.executor_id.clone()),
                    status: Some(message.status),
                }),
                ..Default::default()
            },
        );
    }
}
