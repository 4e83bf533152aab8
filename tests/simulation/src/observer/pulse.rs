// SPDX-License-Identifier: Apache-2.0

//! Pings and pongs: an agent that is silent for long is given up, another one is not.

use std::{collections::BTreeMap, time::Duration};

use mesos_core::time::Time;
use mesos_master_state::AgentKey;

/// Five pings are missed, 15 seconds apart, and the registry is told.
const SILENCE_MAX: Duration = Duration::from_secs(6 * 15 + 5);

/// Nobody is given up for less.
const SILENCE_MIN: Duration = Duration::from_secs(4 * 15);

#[derive(Debug, Default)]
pub(crate) struct Pulse {
    /// When each agent was heard of last, by the clock of the master.
    last: BTreeMap<AgentKey, Time>,
    /// Agents are given up one by one, and may have to wait for that.
    pub(crate) rate_limited: bool,
}

impl Pulse {
    pub(super) fn starts(&mut self, agent: AgentKey, now: Time) {
        self.last.entry(agent).or_insert(now);
    }

    pub(super) fn beats(&mut self, agent: AgentKey, now: Time) {
        self.last.insert(agent, now);
    }

    pub(super) fn ends(&mut self, agent: AgentKey) {
        self.last.remove(&agent);
    }

    /// The clock of the master has jumped: nobody was silent meanwhile.
    pub(crate) fn jumps(&mut self, by: Duration) {
        self.last.values_mut().for_each(|last| *last = *last + by);
    }

    pub(super) fn given_up(&self, agent: AgentKey, id: &str, now: Time) -> Result<(), String> {
        match self.last.get(&agent) {
            Some(last) if now.since(*last) < SILENCE_MIN => {
                let since = now.since(*last);
                Err(format!("agent {id} is given up, which answered a ping {since:?} ago"))
            }
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn audit(&self, now: Time) -> Result<(), String> {
        let silent = self.last.iter().find(|(_, last)| now.since(**last) > SILENCE_MAX);
        match silent {
            Some((agent, last)) if !self.rate_limited => {
                let since = now.since(*last);
                Err(format!("agent {agent:?} has been silent for {since:?}, and is still there"))
            }
            Some(_) | None => Ok(()),
        }
    }
}
