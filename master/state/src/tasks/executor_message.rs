// SPDX-License-Identifier: Apache-2.0

//! ExecutorToFrameworkMessage: data for a scheduler, best effort.

use mesos_proto::{
    internal::ExecutorToFrameworkMessage,
    v1::scheduler::{Event, event},
};

use crate::master::Master;

impl Master {
    /// Message: ExecutorToFrameworkMessage; dropped when either end is not there.
    pub(crate) fn executor_message(&mut self, pid: &str, message: ExecutorToFrameworkMessage) {
        self.metrics.messages_executor_to_framework += 1;
        let agent = self.agents.find_at(&message.agent_id.value, pid);
        let framework = self.frameworks.find(&message.framework_id.value);
        let connected = framework.filter(|key| self.frameworks.registered[*key].connected());
        let Some((_, framework)) = agent.zip(connected) else {
            self.metrics.invalid_executor_to_framework_messages += 1;
            self.warn(format!(
                "Dropping a message of executor '{}' on agent {} for framework {} from {pid}: the \
                 agent is not registered there or the framework is not connected",
                message.executor_id.value, message.agent_id.value, message.framework_id.value
            ));
            return;
        };
        self.metrics.valid_executor_to_framework_messages += 1;
        self.send_event(
            framework,
            Event {
                r#type: Some(event::Type::Message.into()),
                message: Some(event::Message {
                    agent_id: message.agent_id,
                    executor_id: message.executor_id,
                    data: message.data,
                }),
                ..Default::default()
            },
        );
    }
}
