// SPDX-License-Identifier: Apache-2.0

//! What happens to agents and to what is on them.
//!
//! Resources come and go with or without allocation info in them; the role is
//! always named beside them.

use std::sync::Arc;

use mesos_core::{
    resources::{Quantities, Resources},
    time::Time,
    trial::{self, Defect},
};

use crate::{
    agent::{Agent, Held},
    allocator::Allocator,
    spec::{AgentKey, AgentSpec, FrameworkKey, Recovery, Usage},
    tree::ClientIndex,
};

impl Allocator {
    /// Adds an agent with what it has and what is used of that.
    ///
    /// # Panics
    /// When the key is taken, or when a framework that uses something is not known.
    pub fn add_agent(
        &mut self,
        key: AgentKey,
        spec: AgentSpec,
        total: Resources,
        used: &[Usage],
        active: bool,
    ) {
        let at = key.0 as usize;
        if at >= self.agents.len() {
            self.agents.resize_with(at + 1, || None);
        }
        assert!(self.agents[at].is_none(), "agent {key:?} is already there");
        let mut agent = Agent::new(spec, total, active);
        self.place(&mut agent);
        self.tree.change_total(&Quantities::new(), &agent.total().quantities());
        self.agents[at] = Some(agent);
        for usage in used {
            self.use_resources(usage.framework, key, &usage.role, &usage.resources);
        }
        self.mark_dirty(key);
    }

    /// Removes an agent with everything that is held on it.
    pub fn remove_agent(&mut self, key: AgentKey) {
        let holders: Vec<ClientIndex> =
            self.agent(key).holdings().iter().map(|holding| holding.client).collect();
        for client in holders {
            self.release_all(key, client);
        }
        let agent = self.agents[key.0 as usize].take().expect("it was there above");
        for client in agent.filters.clients() {
            self.refusals[client.0 as usize].ended(key, 0);
        }
        if let Some(expiry) = agent.expiry {
            self.expiries.remove(&(expiry, key));
        }
        if agent.listed {
            self.listed.retain(|listed| *listed != key);
        }
        self.open.remove(key.0);
        self.tree.change_total(&agent.total().quantities(), &Quantities::new());
    }

    /// Changes what an agent is. Other attributes end all that was refused of it.
    pub fn update_agent(&mut self, key: AgentKey, spec: AgentSpec) {
        let mut agent = self.agents[key.0 as usize].take().expect("the agent was added");
        if agent.spec.info.attributes != spec.info.attributes {
            for client in agent.filters.clients() {
                self.refusals[client.0 as usize].ended(key, 0);
            }
            agent.filters = Default::default();
        }
        agent.spec = spec;
        agent.blocked.clear();
        self.place(&mut agent);
        self.agents[key.0 as usize] = Some(agent);
        self.mark_dirty(key);
    }

    /// Changes what an agent has. What is held stays held.
    pub fn update_total(&mut self, key: AgentKey, total: Resources) {
        let agent = self.agent_mut(key);
        let before = agent.total().quantities();
        agent.set_total(total);
        let after = agent.total().quantities();
        self.tree.change_total(&before, &after);
        self.mark_dirty(key);
    }

    /// Lets an agent be offered.
    pub fn activate_agent(&mut self, key: AgentKey) {
        let agent = self.agent_mut(key);
        if !std::mem::replace(&mut agent.active, true) {
            self.mark_dirty(key);
        }
    }

    /// Keeps an agent from being offered; what is on offer stays so until recovered.
    pub fn deactivate_agent(&mut self, key: AgentKey) {
        self.agent_mut(key).active = trial::has(Defect::InactiveAgentOffered);
    }

    /// Counts resources as used that were not on offer: those of tasks that an
    /// agent tells about, or more copies of a shared volume.
    pub fn use_resources(
        &mut self,
        framework: FrameworkKey,
        agent: AgentKey,
        role: &str,
        resources: &Resources,
    ) {
        if resources.is_empty() {
            return;
        }
        let client = self.client_made(framework, role);
        let charge = self.agent_mut(agent).hold(client, &resources.unallocated(), Held::Used);
        self.tree.grant(client, &charge);
    }

    /// Counts offered resources as used from now on.
    ///
    /// # Panics
    /// When they are not on offer to the framework in the role.
    pub fn accept(
        &mut self,
        framework: FrameworkKey,
        agent: AgentKey,
        role: &str,
        resources: &Resources,
    ) {
        if resources.is_empty() {
            return;
        }
        let client = self.framework(framework).clients.get(role).copied();
        let client = client.expect("only a client with an offer accepts it");
        self.agent_mut(agent).settle(client, &resources.unallocated());
    }

    /// Applies an operation (RESERVE, CREATE, …): offered resources become others,
    /// and so do those of the agent.
    ///
    /// # Panics
    /// When `from` is not on offer to the framework in the role.
    pub fn convert(
        &mut self,
        framework: FrameworkKey,
        agent: AgentKey,
        role: &str,
        from: &Resources,
        to: &Resources,
    ) {
        let client = self.framework(framework).clients.get(role).copied();
        let client = client.expect("only a client with an offer converts it");
        let books = self.agent_mut(agent);
        let total = books.total().quantities();
        let (before, after) = books.convert(client, &from.unallocated(), &to.unallocated());
        let new_total = books.total().quantities();
        self.tree.change_total(&total, &new_total);
        self.tree.release(client, &(before.clone() - &after));
        self.tree.grant(client, &(after - &before));
    }

    /// Takes resources back. Nothing happens when the framework or the agent is
    /// gone: what they held went with them.
    ///
    /// # Panics
    /// When they are not held in that way by the framework in the role.
    pub fn recover(
        &mut self,
        now: Time,
        framework: FrameworkKey,
        agent: AgentKey,
        role: &str,
        resources: &Resources,
        how: Recovery,
    ) {
        let known = |framework: FrameworkKey| {
            self.frameworks.get(framework.0 as usize)?.as_ref()?.clients.get(role).copied()
        };
        let there = self.agents.get(agent.0 as usize).is_some_and(Option::is_some);
        let Some(client) = known(framework).filter(|_| there && !resources.is_empty()) else {
            return;
        };
        let held = match how {
            Recovery::Freed => Held::Used,
            Recovery::Rescinded | Recovery::Declined { .. } | Recovery::Unused { .. } => {
                Held::Offered
            }
        };
        let resources = resources.unallocated();
        let credit = self.agent_mut(agent).release(client, &resources, held);
        self.tree.release(client, &credit);
        let refuse = match how {
            Recovery::Freed | Recovery::Rescinded => None,
            Recovery::Declined { refuse } => Some(refuse),
            Recovery::Unused { refuse } => Some(refuse).filter(|refuse| !refuse.is_zero()),
        };
        let refuse = refuse.filter(|_| !trial::has(Defect::FilterForgotten));
        if let Some(refuse) = refuse.filter(|_| self.tree.is_active(client)) {
            let expires = match trial::has(Defect::FilterNeverEnds) {
                true => Time::NEVER,
                false => now + refuse.max(self.config.allocation_interval),
            };
            self.add_filter(agent, client, resources, expires);
        }
        self.remove_client_if_unused(client);
        if trial::has(Defect::RecoveredNotReoffered) {
            return;
        }
        self.mark_dirty(agent);
    }

    fn add_filter(
        &mut self,
        key: AgentKey,
        client: ClientIndex,
        refused: Resources,
        expires: Time,
    ) {
        let agent = self.agent_mut(key);
        let before = agent.filters.count(client);
        agent.filters.add(client, refused, expires);
        let after = agent.filters.count(client);
        let earlier = agent.expiry.filter(|expiry| *expiry > expires);
        if earlier.is_some() || agent.expiry.is_none() {
            agent.expiry = Some(expires);
            if let Some(expiry) = earlier {
                self.expiries.remove(&(expiry, key));
            }
            self.expiries.insert((expires, key));
        }
        let refusals = &mut self.refusals[client.0 as usize];
        refusals.filters = refusals.filters + after as u32 - before as u32;
        if before == 0 {
            refusals.agents.insert(key);
        }
    }

    /// Takes back everything that a client holds on an agent.
    pub(crate) fn release_all(&mut self, key: AgentKey, client: ClientIndex) {
        let agent = self.agent_mut(key);
        let holding = agent.holdings().iter().find(|holding| holding.client == client).cloned();
        let Some(holding) = holding else { return };
        for (resources, held) in [(holding.used, Held::Used), (holding.offered, Held::Offered)] {
            if resources.is_empty() {
                continue;
            }
            let credit = self.agent_mut(key).release(client, &resources, held);
            self.tree.release(client, &credit);
        }
        self.mark_dirty(key);
        self.remove_client_if_unused(client);
    }

    fn place(&self, agent: &mut Agent) {
        agent.whitelisted = self.is_whitelisted(&agent.spec.info.hostname);
        let info = Arc::clone(&agent.spec.info);
        let fault_domain = info.domain.as_ref().and_then(|domain| domain.fault_domain.as_ref());
        agent.remote = match (&self.config.region, fault_domain) {
            (Some(region), Some(domain)) => *region != domain.region.name,
            (None, _) | (_, None) => false,
        };
    }
}
