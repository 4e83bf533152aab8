// SPDX-License-Identifier: Apache-2.0

//! Pings: an agent that misses so many pongs in a row is unreachable.
//!
//! Each agent has an observer of its own, `slave-observer(n)`, that pings it
//! once per `agent_ping_timeout`, at once after its registration. Pings go on
//! while the agent waits for the removal rate limit: a pong saves it.

use mesos_allocator::AgentKey;
use mesos_core::trial::{self, Defect};
use mesos_proto::internal::PingSlaveMessage;

use super::removal::Cause;
use crate::{
    master::Master,
    output::Output,
    timers::{Timer, TimerId},
};

/// The pings of one agent.
#[derive(Debug)]
pub(crate) struct Observer {
    /// The `n` of `slave-observer(n)`.
    number: u64,
    /// Pings in a row that had no pong.
    missed: u32,
    /// Whether the last ping had no pong yet.
    waiting: bool,
    /// Whether it waits to be marked unreachable.
    pub(super) condemned: bool,
    /// The next ping.
    pub(super) timer: Option<TimerId>,
}

impl Observer {
    pub(super) fn new(number: u64) -> Self {
        Observer { number, missed: 0, waiting: false, condemned: false, timer: None }
    }

    fn name(&self) -> String {
        format!("slave-observer({})", self.number)
    }
}

impl Master {
    /// Sends the first ping.
    pub(super) fn start_pings(&mut self, key: AgentKey) {
        self.ping(key);
    }

    fn ping(&mut self, key: AgentKey) {
        let timeout = self.config.agent_ping_timeout;
        let timer = self.timers.set(self.now, timeout, Timer::Ping(key));
        let agent = &mut self.agents.registered[key];
        agent.observer.timer = Some(timer);
        agent.observer.waiting = true;
        let connected = agent.record.connected;
        let ping = Output::Ping {
            pid: agent.record.pid.to_string(),
            observer: agent.observer.name(),
            message: PingSlaveMessage { connected },
        };
        self.outputs.push_back(ping);
    }

    /// Timer: counts the last ping as missed if it was, and sends the next.
    pub(crate) fn ping_timer(&mut self, key: AgentKey) {
        let limit = self.config.max_agent_ping_timeouts;
        let Some(agent) = self.agents.registered.get_mut(key) else { return };
        let observer = &mut agent.observer;
        if observer.waiting && !trial::has(Defect::PingsNotCounted) {
            observer.missed += 1;
        }
        let condemn = observer.missed >= limit && !observer.condemned;
        if condemn {
            observer.condemned = true;
            let agent_id = agent.record.id.clone();
            self.remove_rate_limited(agent_id, Cause::Unhealthy);
        }
        if self.agents.registered.get(key).is_some() {
            self.ping(key);
        }
    }

    /// Message: PongSlaveMessage to `observer`.
    pub(crate) fn pong(&mut self, pid: &str, observer: &str) {
        let Some(key) = self.agents.by_pid.get(pid).copied() else { return };
        let agent = &mut self.agents.registered[key];
        if agent.observer.name() != observer || trial::has(Defect::PongIgnored) {
            return;
        }
        agent.observer.missed = 0;
        agent.observer.waiting = false;
        if std::mem::take(&mut agent.observer.condemned) {
            let agent_id = agent.record.id.clone();
            self.cancel_removal(&agent_id, Cause::Unhealthy);
        }
    }
}
