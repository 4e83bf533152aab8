// SPDX-License-Identifier: Apache-2.0

//! Pings and pongs: an agent that is silent for long is given up, another one is not.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use mesos_core::time::Time;
use mesos_master_state::AgentKey;

/// Five pings are missed, 15 seconds apart, and the registry is told.
const SILENCE_MAX: Duration = Duration::from_secs(6 * 15 + 5);

/// Nobody is given up for less.
const SILENCE_MIN: Duration = Duration::from_secs(4 * 15);

/// So many pongs within that time are no accident.
const PONGS_MIN: usize = 3;

#[derive(Debug, Default)]
pub(crate) struct Pulse {
    /// When each agent was heard of, by the clock of the master: the last times.
    heard: BTreeMap<AgentKey, VecDeque<Time>>,
    /// Who pinged each pid last: pongs for an older observer may still come, and say nothing.
    asked_by: BTreeMap<String, String>,
    /// Agents are given up one by one, and may have to wait for that.
    pub(crate) rate_limited: bool,
}

impl Pulse {
    pub(super) fn starts(&mut self, agent: AgentKey, now: Time) {
        self.heard.entry(agent).or_insert_with(|| VecDeque::from([now]));
    }

    /// A ping is sent.
    pub(crate) fn asks(&mut self, pid: &str, observer: &str) {
        self.asked_by.insert(pid.to_owned(), observer.to_owned());
    }

    /// Whether a pong that goes to `to` is for who asks now.
    pub(super) fn is_asked_by(&self, pid: &str, to: &str) -> bool {
        let observer = to.split('@').next();
        self.asked_by.get(pid).map(String::as_str) == observer
    }

    pub(super) fn beats(&mut self, agent: AgentKey, now: Time) {
        let heard = self.heard.entry(agent).or_default();
        heard.push_back(now);
        if heard.len() > PONGS_MIN {
            heard.pop_front();
        }
    }

    pub(super) fn ends(&mut self, agent: AgentKey) {
        self.heard.remove(&agent);
    }

    /// The clock of the master has jumped: nobody was silent meanwhile.
    pub(crate) fn jumps(&mut self, by: Duration) {
        self.heard.values_mut().flatten().for_each(|heard| *heard = *heard + by);
    }

    pub(super) fn given_up(&self, agent: AgentKey, id: &str, now: Time) -> Result<(), String> {
        let heard = self.heard.get(&agent).filter(|heard| heard.len() == PONGS_MIN);
        let first = heard.and_then(|heard| heard.front());
        match first {
            Some(first) if now.since(*first) < SILENCE_MIN => {
                let since = now.since(*first);
                Err(format!(
                    "agent {id} is given up, which answered {PONGS_MIN} pings in {since:?}"
                ))
            }
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn audit(&self, now: Time) -> Result<(), String> {
        let last = |heard: &VecDeque<Time>| heard.back().copied().unwrap_or(now);
        let mut silent = self.heard.iter().map(|(agent, heard)| (agent, now.since(last(heard))));
        match silent.find(|(_, since)| *since > SILENCE_MAX) {
            Some((agent, since)) if !self.rate_limited => {
                Err(format!("agent {agent:?} has been silent for {since:?}, and is still there"))
            }
            Some(_) | None => Ok(()),
        }
    }
}
