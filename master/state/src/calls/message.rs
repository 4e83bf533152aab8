// SPDX-License-Identifier: Apache-2.0

//! MESSAGE: data for an executor, best effort.

use mesos_allocator::FrameworkKey;
use mesos_proto::{
    internal::FrameworkToExecutorMessage, v1::FrameworkId, v1::scheduler::call::Message,
};

use crate::{master::Master, output::ToAgent};

impl Master {
    /// Call: MESSAGE; dropped when the agent is not there.
    pub(super) fn message(&mut self, framework: FrameworkKey, call: Message) {
        self.metrics.messages_framework_to_executor += 1;
        let agent = self.agents.find(&call.agent_id.value);
        let Some(agent) = agent.filter(|key| self.agents.registered[*key].record.connected) else {
            self.metrics.invalid_framework_to_executor_messages += 1;
            return self.warn(format!(
                "Dropping a message for executor '{}': agent {} is not connected",
                call.executor_id.value, call.agent_id.value
            ));
        };
        let framework_id = self.frameworks.registered[framework].record.id.to_string();
        let message = FrameworkToExecutorMessage {
            agent_id: call.agent_id,
            framework_id: FrameworkId { value: framework_id },
            executor_id: call.executor_id,
            data: call.data,
        };
        self.metrics.valid_framework_to_executor_messages += 1;
        self.send(agent, ToAgent::FrameworkToExecutor(message));
    }
}
