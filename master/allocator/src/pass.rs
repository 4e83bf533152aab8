// SPDX-License-Identifier: Apache-2.0

//! The allocation pass: gives available resources to those who come first.
//!
//! For each agent that may have something new for someone, the clients that may
//! take it are asked in the order of the [tree](crate::tree); the first one that
//! can use what it could have gets all of it, as one offer; and so on until
//! nothing is left or nobody wants it.
//!
//! | happened | considered in the next pass |
//! |---|---|
//! | resources recovered, agent added, changed, activated, whitelisted | this agent, everyone |
//! | framework added, activated, changed; role revived | every agent that has something, this client |
//! | filter expired | this agent, this client |
//!
//! Invariant: after a pass nobody could be given anything more. That is why the
//! rest need not be considered, and why a pass without a cause costs nothing.
//!
//! How often: the first cause after a quiet time is served at once. A pass then
//! buys a pause as long as it was heavy, counted in pairs of agent and client that
//! it looked at, at most `--allocation_interval`. So a busy allocator batches and
//! an idle one does not delay.
//!
//! Room left for what comes later:
//! - quota: a stage before this one gives [`Share`]s cut down to unmet guarantees,
//!   to clients of roles that have such; limits and headroom cut down the share in
//!   [`Allocator::consider`]. Freed quota makes clients of a role dirty;
//! - draining and maintenance: agents are deactivated, or listed anew when an
//!   unavailability changes; inverse offers are another output of a pass;
//! - reservations are there: see [`Agent::share`].

use mesos_core::{
    resources::Quantities,
    time::Time,
    trial::{self, Defect},
};

use crate::{
    agent::{Agent, Share},
    allocator::Allocator,
    bitset::BitSet,
    explain::Obstacle,
    spec::{AgentKey, Allocation},
    tree::ClientIndex,
};

/// The pause that looking at one pair of agent and client buys.
const PAUSE_PER_PAIR_NANOS: u64 = 1_000;

/// Up to so many candidates are put in order themselves instead of walking the tree.
const FEW: u32 = 8;

impl Allocator {
    /// Allocates what can be allocated, if it is time to ([`Allocator::poll_timeout`]).
    ///
    /// Each allocation counts as on offer from now on, until it is given back with
    /// [`recover`](Allocator::recover) or used with [`accept`](Allocator::accept).
    pub fn allocate(&mut self, now: Time) -> Vec<Allocation> {
        if self.paused || now < self.not_before {
            return Vec::new();
        }
        self.expire_filters(now);
        if !self.dirty_clients.is_empty() {
            trial::reached("pass", "framework added, activated, changed; role revived");
        }
        let agents = self.agents_to_look_at();
        if agents.is_empty() {
            self.dirty_clients.clear();
            return Vec::new();
        }
        self.tree.refresh();
        let mut pass = Pass {
            allocations: Vec::with_capacity(agents.len()),
            candidates: BitSet::default(),
            pairs: 0,
        };
        for key in agents {
            self.serve(key, &mut pass);
        }
        self.dirty_clients.clear();
        self.passes += 1;
        let pause = std::time::Duration::from_nanos(pass.pairs * PAUSE_PER_PAIR_NANOS);
        self.not_before = now + pause.min(self.config.allocation_interval);
        pass.allocations
    }

    /// The agents of this pass, in random order.
    fn agents_to_look_at(&mut self) -> Vec<AgentKey> {
        let mut agents = std::mem::take(&mut self.listed);
        if !self.dirty_clients.is_empty() {
            let open = self.open.iter().map(AgentKey);
            agents.extend(open.filter(|key| !self.agent(*key).listed));
        }
        for at in (1..agents.len()).rev() {
            agents.swap(at, self.rng.below(at as u64 + 1) as usize);
        }
        agents
    }

    fn expire_filters(&mut self, now: Time) {
        while let Some((time, key)) = self.expiries.first().copied()
            && time <= now
        {
            self.expiries.pop_first();
            let refusals = &mut self.refusals;
            let agent = self.agents[key.0 as usize].as_mut().expect("only agents have filters");
            let (blocked, woken) = (&mut agent.blocked, &mut agent.woken);
            let known = woken.len();
            agent.filters.expire(now, |client| {
                trial::reached("pass", "filter expired");
                blocked.remove(client.0);
                woken.push(client);
            });
            for client in agent.woken.iter().skip(known) {
                let left = agent.filters.count(*client);
                refusals[client.0 as usize].ended(key, left);
            }
            agent.expiry = agent.filters.next_expiry();
            if let Some(expiry) = agent.expiry {
                self.expiries.insert((expiry, key));
            }
            if !agent.woken.is_empty() {
                self.list(key);
            }
        }
    }

    /// Gives what one agent has.
    fn serve(&mut self, key: AgentKey, pass: &mut Pass) {
        let overridden = self.with_minimum > 0;
        let agent = self.agents[key.0 as usize].as_mut().expect("only live agents are listed");
        let dirty = std::mem::take(&mut agent.dirty);
        agent.listed = false;
        let woken = std::mem::take(&mut agent.woken);
        if !agent.active || !agent.whitelisted || agent.available().is_empty() {
            self.open.remove(key.0);
            return;
        }
        let candidates = &mut pass.candidates;
        candidates.copy_from(self.tree.active());
        if !dirty {
            candidates.intersect(&self.dirty_clients);
        }
        for client in woken.iter().filter(|client| self.tree.is_active(**client)) {
            candidates.insert(client.0);
        }
        let mut left = candidates.subtract(&agent.blocked);
        pass.pairs += 1;
        if left == 0 {
            return;
        }
        let minimums = &self.config.min_allocatable;
        if !overridden && !agent.has_shared() && !is_enough(agent, minimums) {
            return;
        }
        while left > 0 {
            let Some((client, share)) = self.first_taker(key, pass, left) else { return };
            self.give(key, client, share, pass);
            if self.agent(key).available().is_empty() {
                self.open.remove(key.0);
                return;
            }
            pass.candidates.remove(client.0);
            left = pass.candidates.len();
        }
    }

    /// The first of the candidates that can use what it could have. Those that came
    /// before it are candidates no more: what is left can only be less.
    fn first_taker(
        &mut self,
        key: AgentKey,
        pass: &mut Pass,
        left: u32,
    ) -> Option<(ClientIndex, Share)> {
        let agent = self.agents[key.0 as usize].as_mut().expect("the agent is being served");
        let learns = !agent.is_on_offer();
        let mut blocked = std::mem::take(&mut agent.blocked);
        let agent = self.agent(key);
        let Pass { candidates, pairs, .. } = pass;
        let mut ask = |client: ClientIndex, candidates: &mut BitSet| {
            *pairs += 1;
            match self.consider(agent, client) {
                Ok(share) => Some(share),
                Err(_) => {
                    candidates.remove(client.0);
                    if learns {
                        blocked.insert(client.0);
                    }
                    None
                }
            }
        };
        let found = if left <= FEW {
            let mut few: Vec<ClientIndex> = candidates.iter().map(ClientIndex).collect();
            few.sort_by(|a, b| self.tree.compare(*a, *b));
            few.into_iter().find_map(|client| Some((client, ask(client, candidates)?)))
        } else {
            self.tree.find(|client| match candidates.contains(client.0) {
                true => ask(client, candidates),
                false => None,
            })
        };
        self.agent_mut(key).blocked = blocked;
        found
    }

    fn give(&mut self, key: AgentKey, client: ClientIndex, share: Share, pass: &mut Pass) {
        let agent = self.agent_mut(key);
        let charge = agent.offer(client, &share);
        self.tree.grant(client, &charge);
        let client = self.tree.client(client);
        let role = client.path.clone();
        pass.allocations.push(Allocation {
            framework: client.framework,
            agent: key,
            resources: share.resources.allocated(&role),
            role,
        });
    }

    /// What a client would be offered of an agent, or what is in the way.
    pub(crate) fn consider(&self, agent: &Agent, index: ClientIndex) -> Result<Share, Obstacle> {
        let client = self.tree.client(index);
        let framework = self.framework(client.framework);
        let (spec, role) = (&framework.spec, &client.path);
        let capabilities = spec.capabilities;
        if spec.constraints.excludes(role, &agent.spec.info)
            && !trial::has(Defect::ConstraintsIgnored)
        {
            return Err(Obstacle::Constraints);
        }
        if self.config.filter_gpu_resources && !capabilities.gpu && agent.has_gpus() {
            return Err(Obstacle::Gpus);
        }
        if agent.remote && !capabilities.region_aware {
            return Err(Obstacle::RemoteRegion);
        }
        if capabilities.multi_role && !agent.spec.multi_role {
            return Err(Obstacle::AgentNotMultiRole);
        }
        if !agent.spec.hierarchical_role && role.contains('/') {
            return Err(Obstacle::AgentNotHierarchicalRole);
        }
        let share = agent.share(role, capabilities).ok_or(Obstacle::NothingAvailable)?;
        let minimums = match spec.min_allocatable.is_empty() {
            true => &self.config.min_allocatable,
            false => spec.min_allocatable.get(&**role).unwrap_or(&self.config.min_allocatable),
        };
        if !minimums.is_empty() && !minimums.iter().any(|minimum| share.contains(minimum)) {
            return Err(Obstacle::BelowMinimum);
        }
        match agent.filters.refused_until(index, &share.resources) {
            Some(until) => Err(Obstacle::Refused { until }),
            None => Ok(share),
        }
    }
}

/// What a pass has done so far.
struct Pass {
    allocations: Vec<Allocation>,
    /// Of the agent being served: who is still to be asked.
    candidates: BitSet,
    /// Pairs of agent and client looked at, and agents passed over.
    pairs: u64,
}

/// Whether all that is available would do for anyone, by the common minimum.
fn is_enough(agent: &Agent, minimums: &[Quantities]) -> bool {
    let available =
        Share { quantities: agent.available_quantities(), resources: agent.available().clone() };
    minimums.is_empty() || minimums.iter().any(|minimum| available.contains(minimum))
}
