// SPDX-License-Identifier: Apache-2.0

//! PingSlave: answered at once, whoever it is from.

use mesos_core::time::Time;
use mesos_proto::internal::{PingSlaveMessage, PongSlaveMessage};

use crate::{
    agent::{Agent, Phase},
    output::ToMaster,
};

impl Agent {
    pub(super) fn ping(&mut self, now: Time, from: &str, message: PingSlaveMessage) {
        if !message.connected && self.phase == Phase::Running {
            self.outbox.warn(
                "Master marked the agent as disconnected but the agent considers itself \
                 registered! Forcing re-registration."
                    .to_owned(),
            );
            self.redetect();
        } else if self.registration.master.is_some() {
            self.expect_ping(now);
        }
        self.outbox.send(from, ToMaster::Pong(PongSlaveMessage {}));
    }
}
