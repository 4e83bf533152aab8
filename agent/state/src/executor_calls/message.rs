// SPDX-License-Identifier: Apache-2.0

//! MESSAGE: handed to the framework, straight to an old scheduler, else through the master.

use bytes::Bytes;
use mesos_proto::{
    internal::ExecutorToFrameworkMessage,
    v1::{ExecutorId, FrameworkId},
};

use crate::{
    agent::{Agent, Phase},
    output::ToMaster,
};

impl Agent {
    pub(super) fn executor_message(
        &mut self,
        framework_id: FrameworkId,
        executor_id: ExecutorId,
        data: Bytes,
    ) {
        let framework = self.frameworks.get(&framework_id.value);
        let ending = framework.is_none_or(|framework| framework.terminating);
        if self.phase != Phase::Running || ending {
            self.outbox.warn(format!(
                "Dropping message from executor '{}' to framework {}: the agent is {}{}",
                executor_id.value,
                framework_id.value,
                self.phase.name(),
                if ending { ", the framework is ending" } else { "" }
            ));
            self.counters.invalid_framework_messages += 1;
            return;
        }
        let scheduler = framework.and_then(|framework| framework.pid.clone());
        let message = ToMaster::ExecutorToFramework(ExecutorToFrameworkMessage {
            agent_id: self.info.id.clone().unwrap_or_default(),
            framework_id,
            executor_id,
            data,
        });
        match scheduler {
            Some(pid) => self.outbox.send(&pid, message),
            None => self.tell_master(message),
        }
        self.counters.valid_framework_messages += 1;
    }
}
