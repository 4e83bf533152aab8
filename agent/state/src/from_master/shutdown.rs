// SPDX-License-Identifier: Apache-2.0

//! Shutdown: by the master, or by the operator (SIGUSR1).

use mesos_core::{time::Time, trial};
use mesos_proto::internal::{ShutdownMessage, UnregisterSlaveMessage};

use crate::{
    agent::{Agent, Phase},
    output::{Output, ToMaster},
    paths,
};

impl Agent {
    pub(super) fn shut_down(&mut self, now: Time, message: ShutdownMessage) {
        let why = message.message.unwrap_or_default();
        self.outbox.warn(format!("Agent asked to shut down by the master because '{why}'"));
        self.terminate(now);
    }

    pub(crate) fn shut_down_and_unregister(&mut self, now: Time, reason: &str) {
        if self.phase == Phase::Terminating {
            return;
        }
        self.outbox.info(format!("{reason}; unregistering and shutting down"));
        if let Some(agent_id) = self.info.id.clone() {
            self.tell_master(ToMaster::Unregister(UnregisterSlaveMessage { agent_id }));
        }
        self.terminate(now);
    }

    fn terminate(&mut self, now: Time) {
        match self.phase {
            Phase::Disconnected => trial::reached("agent", "disconnected | terminating"),
            Phase::Running => trial::reached("agent", "running | terminating"),
            Phase::Recovering | Phase::Terminating => {}
        }
        self.phase = Phase::Terminating;
        self.publish_agent();
        let frameworks: Vec<String> = self.frameworks.keys().cloned().collect();
        for framework_id in frameworks {
            self.end_framework(now, &framework_id);
        }
        self.exit_if_done();
    }

    /// A terminating agent exits once nothing is left. Its next start is that of a new agent.
    pub(crate) fn exit_if_done(&mut self) {
        if self.phase == Phase::Terminating && self.frameworks.is_empty() {
            self.outbox.push(Output::RemovePath { path: paths::latest_agent(&self.meta) });
            let reason = "Agent terminated".to_owned();
            self.outbox.push(Output::Exit { reason, failed: false });
        }
    }
}
