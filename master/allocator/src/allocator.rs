// SPDX-License-Identifier: Apache-2.0

//! The allocator: its parts, when it works, and what it can be asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use mesos_core::{
    resources::{Quantities, Resources},
    rng::Rng,
    time::Time,
    trial,
};

use crate::{
    agent::Agent,
    bitset::BitSet,
    config::Config,
    spec::{AgentKey, FrameworkKey, FrameworkSpec},
    tree::{ClientIndex, Tree},
};

/// A framework and its clients, one for each role it is in or holds something in.
pub(crate) struct Framework {
    pub(crate) spec: FrameworkSpec,
    pub(crate) active: bool,
    pub(crate) clients: BTreeMap<Arc<str>, ClientIndex>,
}

/// What one client refuses, on all agents: so that dropping it costs no look at others.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Refusals {
    /// How many live filters it has.
    pub(crate) filters: u32,
    /// The agents where it has some.
    pub(crate) agents: BTreeSet<AgentKey>,
}

impl Refusals {
    /// One filter has ended on an agent, where so many are left.
    pub(crate) fn ended(&mut self, agent: AgentKey, left: usize) {
        self.filters -= 1;
        if left == 0 {
            self.agents.remove(&agent);
        }
    }
}

/// Decides who is offered what. See the [crate](crate) for how it works.
pub struct Allocator {
    pub(crate) config: Config,
    pub(crate) rng: Rng,
    pub(crate) tree: Tree,
    pub(crate) frameworks: Vec<Option<Framework>>,
    pub(crate) agents: Vec<Option<Agent>>,
    pub(crate) whitelist: Option<BTreeSet<String>>,
    pub(crate) paused: bool,
    /// Agents to look at in the next pass, each once.
    pub(crate) listed: Vec<AgentKey>,
    /// Agents that may have something to give; all that have are here.
    pub(crate) open: BitSet,
    /// Clients to consider for every agent in the next pass.
    pub(crate) dirty_clients: BitSet,
    /// What each client refuses, by its index.
    pub(crate) refusals: Vec<Refusals>,
    /// When to look for expired filters: one entry at most for each agent.
    pub(crate) expiries: BTreeSet<(Time, AgentKey)>,
    /// No pass before this.
    pub(crate) not_before: Time,
    pub(crate) passes: u64,
    /// Frameworks that bring their own minimum for any role.
    pub(crate) with_minimum: usize,
}

/// What the allocator has done and holds, for metrics.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Passes that had something to do.
    pub passes: u64,
    /// What all agents have.
    pub total: Quantities,
    /// What is used or on offer.
    pub allocated: Quantities,
    /// Live filters by role.
    pub filters: BTreeMap<String, u64>,
}

impl Allocator {
    /// An allocator without frameworks and agents. The order in which a pass goes
    /// through the agents follows from `seed`.
    pub fn new(config: Config, seed: u64) -> Self {
        let tree = Tree::new(&config.weights, &config.fair_sharing_excluded);
        Allocator {
            config,
            rng: Rng::new(seed),
            tree,
            frameworks: Vec::new(),
            agents: Vec::new(),
            whitelist: None,
            paused: false,
            listed: Vec::new(),
            open: BitSet::default(),
            dirty_clients: BitSet::default(),
            refusals: Vec::new(),
            expiries: BTreeSet::new(),
            not_before: Time::EPOCH,
            passes: 0,
            with_minimum: 0,
        }
    }

    /// When [`Allocator::allocate`] has something to do next, and what.
    pub fn poll_timeout(&self) -> Option<(Time, &'static str)> {
        if self.paused {
            return None;
        }
        if !self.listed.is_empty() || !self.dirty_clients.is_empty() {
            return Some((self.not_before, "allocation"));
        }
        let (expiry, _) = self.expiries.first()?;
        Some(((*expiry).max(self.not_before), "offer filter expiry"))
    }

    /// Allocates nothing until [`Allocator::resume`].
    pub fn pause(&mut self) {
        self.paused = true;
    }

    /// Goes on where [`Allocator::pause`] stopped.
    pub fn resume(&mut self) {
        self.paused = false;
    }

    /// Changes the weight of a role from the next pass on.
    ///
    /// # Panics
    /// When the weight is not positive.
    pub fn set_weight(&mut self, role: &str, weight: f64) {
        assert!(weight > 0.0, "the weight {weight} of role {role} is not positive");
        self.tree.set_weight(role, weight);
    }

    /// Lets only agents on these hosts take part; `None` lets all.
    pub fn set_whitelist(&mut self, hostnames: Option<BTreeSet<String>>) {
        self.whitelist = hostnames;
        for at in 0..self.agents.len() {
            let Some(agent) = &self.agents[at] else { continue };
            let whitelisted = self.is_whitelisted(&agent.spec.info.hostname);
            let key = AgentKey(at as u32);
            let agent = self.agent_mut(key);
            let news = whitelisted && !agent.whitelisted;
            agent.whitelisted = whitelisted;
            if news {
                self.mark_dirty(key);
            }
        }
    }

    /// What an agent has, and what of it is neither used nor on offer.
    pub fn agent_resources(&self, agent: AgentKey) -> Option<(&Resources, &Resources)> {
        let agent = self.agents.get(agent.0 as usize)?.as_ref()?;
        Some((agent.total(), agent.available()))
    }

    /// Figures for metrics; costs a look at every agent that has filters.
    pub fn statistics(&self) -> Statistics {
        let mut statistics = Statistics {
            passes: self.passes,
            total: self.tree.total().clone(),
            ..Default::default()
        };
        for framework in self.frameworks.iter().flatten() {
            for (role, client) in &framework.clients {
                statistics.allocated += &self.tree.client(*client).standing.allocated;
                let filters = u64::from(self.refusals[client.0 as usize].filters);
                if filters > 0 {
                    *statistics.filters.entry(role.to_string()).or_default() += filters;
                }
            }
        }
        statistics
    }

    pub(crate) fn is_whitelisted(&self, hostname: &str) -> bool {
        self.whitelist.as_ref().is_none_or(|hostnames| hostnames.contains(hostname))
    }

    pub(crate) fn framework(&self, key: FrameworkKey) -> &Framework {
        let framework = self.frameworks.get(key.0 as usize).and_then(Option::as_ref);
        framework.expect("the framework was added and not removed")
    }

    pub(crate) fn framework_mut(&mut self, key: FrameworkKey) -> &mut Framework {
        let framework = self.frameworks.get_mut(key.0 as usize).and_then(Option::as_mut);
        framework.expect("the framework was added and not removed")
    }

    pub(crate) fn agent(&self, key: AgentKey) -> &Agent {
        let agent = self.agents.get(key.0 as usize).and_then(Option::as_ref);
        agent.expect("the agent was added and not removed")
    }

    pub(crate) fn agent_mut(&mut self, key: AgentKey) -> &mut Agent {
        let agent = self.agents.get_mut(key.0 as usize).and_then(Option::as_mut);
        agent.expect("the agent was added and not removed")
    }

    /// Has everyone considered for an agent in the next pass.
    pub(crate) fn mark_dirty(&mut self, key: AgentKey) {
        trial::reached("pass", "resources recovered, agent added, changed, activated, whitelisted");
        self.agent_mut(key).dirty = true;
        self.open.insert(key.0);
        self.list(key);
    }

    /// Has the next pass look at an agent.
    pub(crate) fn list(&mut self, key: AgentKey) {
        let agent = self.agent_mut(key);
        if !std::mem::replace(&mut agent.listed, true) {
            self.listed.push(key);
        }
    }

    /// Keeps a client's filters from mattering any more, on every agent.
    pub(crate) fn drop_filters(&mut self, client: ClientIndex) {
        let refusals = std::mem::take(&mut self.refusals[client.0 as usize]);
        for key in refusals.agents {
            let agent = self.agent_mut(key);
            agent.filters.remove(client);
            agent.blocked.remove(client.0);
        }
    }

    /// Forgets what was learned about a client, on every agent.
    pub(crate) fn forget_blocks(&mut self, client: ClientIndex) {
        for agent in self.agents.iter_mut().flatten() {
            agent.blocked.remove(client.0);
        }
    }
}
