// SPDX-License-Identifier: Apache-2.0

//! Takes up an agent's former life.

use mesos_core::time::Time;

use super::RecoveredState;
use crate::{
    agent::{Agent, Phase},
    output::Output,
};

impl Agent {
    pub(crate) fn recover(&mut self, now: Time, recovered: RecoveredState) {
        if let Some(agent) = recovered.agent {
            self.info.id = agent.id;
        }
        for container in recovered.containers.into_keys() {
            self.outbox.push(Output::Destroy { container });
        }
        self.recovery_window_over(now);
    }

    pub(crate) fn recovery_window_over(&mut self, now: Time) {
        self.phase = Phase::Disconnected;
        self.counters.recovery_time_secs = Some(now.since(self.started).as_secs_f64());
        self.schedule_registration(now);
        self.publish_agent();
    }
}
