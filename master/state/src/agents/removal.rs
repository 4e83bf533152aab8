// SPDX-License-Identifier: Apache-2.0

//! `--agent_removal_rate_limit`: a broken network must not cost all agents at once.
//!
//! Agents wait here in the order in which they failed. When the limit lets one
//! go, it is looked at again: if it has come back meanwhile, it stays.

use std::sync::Arc;

use mesos_proto::v1;

use crate::{master::Master, timers::Timer};

/// Why an agent is to be marked unreachable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// It does not answer pings.
    Unhealthy,
    /// It did not come back after its connection broke.
    NotReregistered,
    /// It did not come back after the master started.
    NotRecovered,
}

/// An agent that waits for the rate limit.
#[derive(Clone, Debug)]
pub(crate) struct Removal {
    agent_id: Arc<str>,
    cause: Cause,
}

impl Master {
    /// Marks an agent unreachable as soon as the rate limit lets it.
    pub(super) fn remove_rate_limited(&mut self, agent_id: Arc<str>, cause: Cause) {
        self.metrics.slave_unreachable_scheduled += 1;
        let removal = Removal { agent_id, cause };
        let Some(limit) = self.config.agent_removal_rate_limit else {
            self.remove_now(&removal);
            return;
        };
        if self.agents.removals.is_empty() && self.agents.removal_permit <= self.now {
            self.agents.removal_permit = self.now + limit.spacing();
            self.remove_now(&removal);
            return;
        }
        if self.agents.removals.is_empty() {
            self.timers.set_at(self.agents.removal_permit, Timer::Removal);
        }
        self.agents.removals.push_back(removal);
    }

    /// Timer: the rate limit lets the next agent go.
    pub(crate) fn removal_timer(&mut self) {
        if self.agents.removal_permit > self.now {
            // Left over from a removal that was cancelled; a waiting one has a timer of its own.
            return;
        }
        let Some(removal) = self.agents.removals.pop_front() else { return };
        let limit = self.config.agent_removal_rate_limit;
        let spacing = limit.map(|limit| limit.spacing()).unwrap_or_default();
        self.agents.removal_permit = self.now + spacing;
        if !self.agents.removals.is_empty() {
            self.timers.set_at(self.agents.removal_permit, Timer::Removal);
        }
        self.remove_now(&removal);
    }

    /// An agent that waits is well again.
    pub(super) fn cancel_removal(&mut self, agent_id: &str, cause: Cause) {
        let removals = &mut self.agents.removals;
        let before = removals.len();
        removals.retain(|removal| removal.cause != cause || *removal.agent_id != *agent_id);
        // A timer that finds nothing left does nothing.
        self.metrics.slave_unreachable_canceled += (before - removals.len()) as u64;
    }

    fn remove_now(&mut self, removal: &Removal) {
        let agent_id = &removal.agent_id;
        let registered = self.agents.find(agent_id).map(|key| &self.agents.registered[key]);
        let stands = match removal.cause {
            Cause::Unhealthy => registered.is_some_and(|agent| agent.observer.condemned),
            Cause::NotReregistered => registered.is_some_and(|agent| !agent.record.connected),
            Cause::NotRecovered => self.agents.recovered.contains_key(agent_id),
        };
        if !stands || self.agents.busy.contains_key(agent_id) {
            self.metrics.slave_unreachable_canceled += 1;
            if let Some(key) = self.agents.find(agent_id) {
                // If it goes on to miss pings, it will be condemned again.
                self.agents.registered[key].observer.condemned = false;
            }
            return;
        }
        self.metrics.slave_unreachable_completed += 1;
        let timeout = mesos_duration(self.config.agent_reregister_timeout);
        let message = match removal.cause {
            Cause::Unhealthy => "health check timed out".to_owned(),
            Cause::NotReregistered => {
                format!("agent did not reregister within {timeout} after disconnecting")
            }
            Cause::NotRecovered => {
                format!("did not reregister within {timeout} after master failover")
            }
        };
        self.mark_unreachable(agent_id.clone(), message);
    }
}

/// A duration as Mesos prints it in these messages: `10mins`, `75secs`.
fn mesos_duration(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs_f64();
    let units = [(604_800.0, "weeks"), (86_400.0, "days"), (3600.0, "hrs"), (60.0, "mins")];
    let unit = units.into_iter().find(|(length, _)| seconds >= *length && seconds % length == 0.0);
    let (length, name) = unit.unwrap_or((1.0, "secs"));
    format!("{}{name}", seconds / length)
}

/// The id in an agent's info.
pub(super) fn id_of(info: &v1::AgentInfo) -> &str {
    info.id.as_ref().map_or("", |id| id.value.as_str())
}
