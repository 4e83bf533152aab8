// SPDX-License-Identifier: Apache-2.0

//! SlaveRegistered: a master has given the agent its id.

use mesos_core::time::Time;
use mesos_proto::internal::SlaveRegisteredMessage;

use crate::{
    agent::{Agent, Phase},
    output::{Output, Store},
    paths,
};

impl Agent {
    pub(super) fn registered(&mut self, now: Time, message: SlaveRegisteredMessage) {
        let agent_id = message.agent_id.value.clone();
        if let Err(error) = mesos_core::ids::validate(&agent_id) {
            self.outbox.error(format!("Ignoring registration with an unusable agent ID: {error}"));
            return;
        }
        self.set_ping_timeout(message.connection.as_ref());
        match self.phase {
            Phase::Disconnected => {
                self.outbox.info(format!("Registered with master; given agent ID {agent_id}"));
                self.info.id = Some(message.agent_id);
                self.accepted(now);
                let path = paths::agent_info(&self.meta, &agent_id);
                let info = self.info_for_master();
                self.outbox.store_message(path, &info);
                let target = paths::agent(&self.meta, &agent_id);
                self.outbox.store(paths::latest_agent(&self.meta), Store::Link(target));
            }
            Phase::Running if self.agent_id() != agent_id => {
                let reason = format!(
                    "Registered but got wrong id: {agent_id} (expected: {})",
                    self.agent_id()
                );
                self.outbox.push(Output::Exit { reason, failed: true });
                return;
            }
            Phase::Running => self.outbox.warn("Already registered with master".to_owned()),
            Phase::Recovering | Phase::Terminating => {
                self.outbox
                    .warn(format!("Ignoring registration because agent is {}", self.phase.name()));
                return;
            }
        }
        self.send_update();
    }
}
