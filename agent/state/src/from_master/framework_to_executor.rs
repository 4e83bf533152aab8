// SPDX-License-Identifier: Apache-2.0

//! FrameworkToExecutor: handed on if the executor is there, else dropped and counted.

use mesos_proto::{
    internal::FrameworkToExecutorMessage,
    v1::executor::{Event, event},
};

use crate::{
    agent::{Agent, Phase},
    change::ExecutorState,
    key::ConnectionKey,
};

impl Agent {
    pub(super) fn framework_to_executor(&mut self, message: FrameworkToExecutorMessage) {
        let framework_id = message.framework_id.value.as_str();
        let executor_id = message.executor_id.value.as_str();
        match self.message_target(framework_id, executor_id) {
            Ok(connection) => {
                let mut event = Event {
                    message: Some(event::Message { data: message.data }),
                    ..Event::default()
                };
                event.set_type(event::Type::Message);
                self.outbox.event(connection, event);
                self.counters.valid_framework_messages += 1;
            }
            Err(why) => {
                self.outbox.warn(format!(
                    "Dropping message from framework {framework_id} for executor \
                     '{executor_id}' because {why}"
                ));
                self.counters.invalid_framework_messages += 1;
            }
        }
    }

    fn message_target(
        &self,
        framework_id: &str,
        executor_id: &str,
    ) -> Result<ConnectionKey, &'static str> {
        if self.phase != Phase::Running {
            return Err("the agent is not registered");
        }
        let framework = self.frameworks.get(framework_id).ok_or("framework does not exist")?;
        if framework.terminating {
            return Err("framework is terminating");
        }
        let executor = framework.executors.get(executor_id).ok_or("executor does not exist")?;
        if executor.state != ExecutorState::Running {
            return Err("executor is not running");
        }
        executor.connection().ok_or("executor is not connected")
    }
}
