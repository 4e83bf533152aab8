// SPDX-License-Identifier: Apache-2.0

//! UpdateFramework: a scheduler has moved, failed over, or changed its description.

use std::sync::Arc;

use mesos_core::time::Time;
use mesos_proto::internal::UpdateFrameworkMessage;

use crate::{
    agent::{Agent, Phase},
    change::Change,
    framework::scheduler_pid,
};

impl Agent {
    pub(super) fn update_framework(&mut self, now: Time, message: UpdateFrameworkMessage) {
        let framework_id = message.framework_id.value.as_str();
        if self.phase != Phase::Running {
            self.outbox.warn(format!(
                "Dropping update of framework {framework_id} because the agent is {}",
                self.phase.name()
            ));
            self.counters.invalid_framework_messages += 1;
            return;
        }
        let Some(framework) = self.frameworks.get_mut(framework_id) else { return };
        if framework.terminating {
            return;
        }
        framework.pid = scheduler_pid(message.pid.as_ref());
        if let Some(mut info) = message.framework_info {
            info.id = Some(message.framework_id.clone());
            framework.info = Arc::new(info);
        }
        self.outbox.change(Change::Framework(framework.record()));
        if framework.info.checkpoint() {
            self.checkpoint_framework(framework_id);
        }
        // A scheduler that has failed over wants to hear at once what it has not acknowledged.
        self.updates.resume(now);
    }
}
