// SPDX-License-Identifier: Apache-2.0

//! Why a framework gets no offers in a role.
//!
//! Asks the very question that a pass asks, of every agent, and counts the
//! answers; so it costs what looking at every agent costs, and cannot tell
//! anything else than what happens.
//!
//! Mesos has nothing like it.

use std::collections::BTreeMap;

use mesos_core::time::Time;
use serde::Serialize;

use crate::{
    allocator::Allocator,
    spec::{AgentKey, FrameworkKey},
    tree::ClientIndex,
};

/// So many of those that come first are named.
const AHEAD_NAMED: usize = 5;

/// What keeps an agent's resources from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The agent is disconnected, deactivated or draining.
    AgentInactive,
    /// The agent's host is not on the whitelist.
    NotWhitelisted,
    /// The framework's offer constraints exclude the agent.
    Constraints,
    /// The agent has GPUs and the framework lacks GPU_RESOURCES.
    Gpus,
    /// The agent is in another region and the framework lacks REGION_AWARE.
    RemoteRegion,
    /// The framework is MULTI_ROLE and the agent is too old for that.
    AgentNotMultiRole,
    /// The role is hierarchical and the agent is too old for that.
    AgentNotHierarchicalRole,
    /// All that the role may have is in use or on offer.
    NothingAvailable,
    /// What is available is less than the smallest offer allowed.
    BelowMinimum,
    /// The framework refused what is available, or more.
    Refused {
        /// The end of the filter.
        until: Time,
    },
}

impl Obstacle {
    /// Its name in explanations.
    pub fn name(self) -> &'static str {
        match self {
            Obstacle::AgentInactive => "agent_inactive",
            Obstacle::NotWhitelisted => "agent_not_whitelisted",
            Obstacle::Constraints => "offer_constraints",
            Obstacle::Gpus => "agent_has_gpus",
            Obstacle::RemoteRegion => "agent_in_remote_region",
            Obstacle::AgentNotMultiRole => "agent_not_multi_role",
            Obstacle::AgentNotHierarchicalRole => "agent_not_hierarchical_role",
            Obstacle::NothingAvailable => "nothing_available",
            Obstacle::BelowMinimum => "below_minimum",
            Obstacle::Refused { .. } => "refused",
        }
    }
}

/// Why a framework gets what it gets in a role.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The framework's id.
    pub framework_id: String,
    /// The role.
    pub role: String,
    /// The whole story in one sentence.
    pub summary: String,
    /// Whether the framework is subscribed to the role.
    pub subscribed: bool,
    /// Whether the framework is connected and active.
    pub active: bool,
    /// Whether it suppressed the role.
    pub suppressed: bool,
    /// Whether all allocation is paused.
    pub paused: bool,
    /// How many agents there are.
    pub agents: u64,
    /// On how many of them something waits for the next pass.
    pub available_on: u64,
    /// How many agents are kept from it, by the first thing that is in the way.
    pub obstacles: BTreeMap<&'static str, u64>,
    /// When the first filter that is in the way ends, in seconds from now.
    pub next_filter_expires_in_seconds: Option<f64>,
    /// When the last filter that is in the way ends, in seconds from now.
    pub last_filter_expires_in_seconds: Option<f64>,
    /// Where it stands between those who compete for resources.
    pub fair_share: FairShare,
}

/// A place in the order of dominant shares.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FairShare {
    /// The framework's dominant share of the cluster in this role.
    pub dominant_share: f64,
    /// The dominant share of the role with all roles below it.
    pub role_dominant_share: f64,
    /// The weight of the role.
    pub role_weight: f64,
    /// How many framework and role pairs come first.
    pub behind: u64,
    /// The first of those.
    pub ahead: Vec<Competitor>,
}

/// Someone who is offered resources first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Competitor {
    /// The framework's id.
    pub framework_id: String,
    /// The role.
    pub role: String,
    /// Its dominant share of the cluster.
    pub dominant_share: f64,
}

impl Allocator {
    /// Why a framework gets what it gets in `role`.
    pub fn explain(&mut self, now: Time, key: FrameworkKey, role: &str) -> Explanation {
        self.tree.refresh();
        let framework = self.framework(key);
        let client = framework.clients.get(role).copied();
        let mut explanation = Explanation {
            framework_id: framework.spec.id.to_string(),
            role: role.to_owned(),
            summary: String::new(),
            subscribed: framework.spec.roles.contains(role),
            active: framework.active,
            suppressed: framework.spec.suppressed.contains(role),
            paused: self.paused,
            agents: self.agents.iter().flatten().count() as u64,
            available_on: 0,
            obstacles: BTreeMap::new(),
            next_filter_expires_in_seconds: None,
            last_filter_expires_in_seconds: None,
            fair_share: FairShare {
                dominant_share: 0.0,
                role_dominant_share: 0.0,
                role_weight: 1.0,
                behind: 0,
                ahead: Vec::new(),
            },
        };
        if let Some(client) = client {
            self.explain_agents(now, client, &mut explanation);
            explanation.fair_share = self.explain_share(client);
        }
        explanation.summary = summary(&explanation);
        explanation
    }

    fn explain_agents(&self, now: Time, client: ClientIndex, explanation: &mut Explanation) {
        let (mut next, mut last) = (None, None);
        for at in 0..self.agents.len() {
            let Some(obstacle) = self.obstacle(AgentKey(at as u32), client) else {
                explanation.available_on += u64::from(self.agents[at].is_some());
                continue;
            };
            *explanation.obstacles.entry(obstacle.name()).or_default() += 1;
            if let Obstacle::Refused { until } = obstacle {
                next = Some(next.map_or(until, |time: Time| time.min(until)));
                last = last.max(Some(until));
            }
        }
        let seconds = |time: Option<Time>| time.map(|time| time.since(now).as_secs_f64());
        explanation.next_filter_expires_in_seconds = seconds(next);
        explanation.last_filter_expires_in_seconds = seconds(last);
    }

    /// What keeps an agent from a client; `None` when nothing does, or there is no agent.
    fn obstacle(&self, key: AgentKey, client: ClientIndex) -> Option<Obstacle> {
        let agent = self.agents[key.0 as usize].as_ref()?;
        if !agent.active {
            return Some(Obstacle::AgentInactive);
        }
        if !agent.whitelisted {
            return Some(Obstacle::NotWhitelisted);
        }
        self.consider(agent, client).err()
    }

    fn explain_share(&self, index: ClientIndex) -> FairShare {
        let client = self.tree.client(index);
        let (role_dominant_share, role_weight) = self.tree.role_share(client.role);
        let mut ahead = Vec::new();
        let mut behind = 0;
        if self.tree.is_active(index) {
            self.tree.find(|other| {
                if other == index {
                    return Some(());
                }
                behind += 1;
                if ahead.len() < AHEAD_NAMED {
                    ahead.push(self.competitor(other));
                }
                None
            });
        }
        FairShare {
            dominant_share: self.tree.client_share(index),
            role_dominant_share,
            role_weight,
            behind,
            ahead,
        }
    }

    fn competitor(&self, index: ClientIndex) -> Competitor {
        let client = self.tree.client(index);
        Competitor {
            framework_id: self.framework(client.framework).spec.id.to_string(),
            role: client.path.to_string(),
            dominant_share: self.tree.client_share(index),
        }
    }
}

fn summary(explanation: &Explanation) -> String {
    let Explanation { role, agents, obstacles, .. } = explanation;
    if !explanation.subscribed {
        return format!("The framework is not subscribed to role '{role}'.");
    }
    if !explanation.active {
        return "The framework is not connected, or not active: it gets no offers.".to_owned();
    }
    if explanation.suppressed {
        return format!("The framework suppressed offers for role '{role}'; REVIVE undoes that.");
    }
    if explanation.paused {
        return "All allocation is paused until enough agents are back.".to_owned();
    }
    if *agents == 0 {
        return "There are no agents.".to_owned();
    }
    if explanation.available_on > 0 {
        return format!(
            "Resources of {} of {agents} agents wait to be offered; {} others are asked first.",
            explanation.available_on, explanation.fair_share.behind
        );
    }
    // Of equally frequent ones the first by name, so that the text is stable.
    let worst = obstacles.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
    let (name, count) = worst.map_or(("nothing", 0), |(name, count)| (*name, *count));
    let expiry = match explanation.next_filter_expires_in_seconds {
        Some(seconds) => format!("; the first filter ends in {seconds:.1} s"),
        None => String::new(),
    };
    format!("No agent has anything for it: {count} of {agents} because of '{name}'{expiry}.")
}
