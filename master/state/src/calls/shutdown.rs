// SPDX-License-Identifier: Apache-2.0

//! SHUTDOWN: an executor should end.

use mesos_allocator::FrameworkKey;
use mesos_proto::{
    internal::ShutdownExecutorMessage, v1::FrameworkId, v1::scheduler::call::Shutdown,
};

use crate::{master::Master, output::ToAgent};

impl Master {
    /// Call: SHUTDOWN; dropped when the agent is not registered.
    pub(super) fn shutdown(&mut self, framework: FrameworkKey, call: Shutdown) {
        let Some(agent) = self.agents.find(&call.agent_id.value) else {
            return self.warn(format!(
                "Unable to shut down executor '{}': agent {} is not registered",
                call.executor_id.value, call.agent_id.value
            ));
        };
        let framework_id = self.frameworks.registered[framework].record.id.to_string();
        let message = ShutdownExecutorMessage {
            executor_id: Some(call.executor_id),
            framework_id: Some(FrameworkId { value: framework_id }),
        };
        self.send(agent, ToAgent::ShutdownExecutor(message));
    }
}
