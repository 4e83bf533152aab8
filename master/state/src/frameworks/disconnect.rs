// SPDX-License-Identifier: Apache-2.0

//! A scheduler's stream ended: it has `failover_timeout` to come back.

use std::{sync::Arc, time::Duration};

use mesos_allocator::FrameworkKey;
use mesos_core::trial::{self, Defect};

use crate::{input::StreamKey, master::Master, timers::Timer};

impl Master {
    /// Input: a stream ended. One that the master ended itself is not known any more.
    pub(crate) fn stream_closed(&mut self, stream: StreamKey) {
        let Some(key) = self.frameworks.by_stream.remove(&stream) else { return };
        let framework = &mut self.frameworks.registered[key];
        trial::reached("frameworks", "connected | stream closed");
        framework.stream = None;
        let heartbeat = framework.heartbeat.take();
        let record = Arc::make_mut(&mut framework.record);
        record.connected = false;
        record.active = false;
        let id = record.id.clone();
        self.timers.cancel(heartbeat);
        self.allocator.deactivate_framework(key);
        self.discard_offers_of_framework(key);
        self.framework_changed(key);
        let timeout = self.failover_timeout(key);
        self.info(format!("Framework {id} disconnected; it has {timeout:?} to come back"));
        if timeout.is_zero() {
            return self.complete_framework(key, None);
        }
        let deadline = self.now + timeout;
        let timer = self.timers.set_at(deadline, Timer::Failover(key));
        self.frameworks.registered[key].failover = Some(timer);
        self.store_framework(key, Some(deadline));
    }

    /// How long a framework may be away; negative means not at all.
    pub(super) fn failover_timeout(&self, key: FrameworkKey) -> Duration {
        let seconds = self.frameworks.registered[key].record.info.failover_timeout;
        let seconds = seconds.unwrap_or(0.0).max(0.0);
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// Timer: a framework did not come back.
    pub(crate) fn failover_timer(&mut self, key: FrameworkKey) {
        let Some(framework) = self.frameworks.registered.get_mut(key) else { return };
        framework.failover = None;
        if framework.connected() || trial::has(Defect::FailoverTimeoutIgnored) {
            return;
        }
        trial::reached("frameworks", "disconnected, recovered | failover timeout");
        let id = framework.record.id.clone();
        self.info(format!("Framework {id} did not come back within its failover timeout"));
        self.complete_framework(key, None);
    }
}
