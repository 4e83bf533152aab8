// SPDX-License-Identifier: Apache-2.0

//! A small cluster to try the allocator on, and the tests by subject.

mod explaining;
mod fairness;
mod filtering;
mod matching;
mod properties;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use mesos_core::{resources::Resources, time::Time};
use mesos_proto::v1;

use crate::{
    AgentKey, AgentSpec, Allocation, Allocator, Capabilities, Config, FrameworkKey, FrameworkSpec,
    Recovery, allocator::Refusals,
};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// An allocator with names for its keys and a clock to move by hand.
pub(crate) struct Cluster {
    pub(crate) allocator: Allocator,
    pub(crate) now: Time,
    frameworks: BTreeMap<String, FrameworkKey>,
    agents: BTreeMap<String, AgentKey>,
}

impl Cluster {
    pub(crate) fn new() -> Self {
        Cluster::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Self {
        Cluster {
            allocator: Allocator::new(config, 1),
            now: Time::from_secs_f64(1000.0),
            frameworks: BTreeMap::new(),
            agents: BTreeMap::new(),
        }
    }

    pub(crate) fn framework(&mut self, id: &str, roles: &[&str]) -> FrameworkKey {
        self.framework_with(spec(id, roles))
    }

    pub(crate) fn framework_with(&mut self, spec: FrameworkSpec) -> FrameworkKey {
        let key = FrameworkKey(self.frameworks.len() as u32);
        self.frameworks.insert(spec.id.to_string(), key);
        self.allocator.add_framework(key, spec, true);
        key
    }

    pub(crate) fn agent(&mut self, host: &str, total: &str) -> AgentKey {
        self.agent_with(agent_spec(host), resources(total))
    }

    pub(crate) fn agent_with(&mut self, spec: AgentSpec, total: Resources) -> AgentKey {
        let key = AgentKey(self.agents.len() as u32);
        self.agents.insert(spec.info.hostname.clone(), key);
        self.allocator.add_agent(key, spec, total, &[], true);
        key
    }

    pub(crate) fn advance(&mut self, duration: Duration) {
        self.now = self.now + duration;
    }

    /// What is allocated as soon as it can be.
    pub(crate) fn allocate(&mut self) -> Vec<Allocation> {
        if let Some((time, "allocation")) = self.allocator.poll_timeout() {
            self.now = self.now.max(time);
        }
        let allocations = self.allocator.allocate(self.now);
        self.check();
        if let Some((wake, why)) = self.allocator.poll_timeout() {
            assert!(wake > self.now, "the next {why} is at {wake}: a caller would spin");
        }
        allocations
    }

    /// The same as text: `f1 gets cpus:1 of a1`.
    pub(crate) fn offers(&mut self) -> Vec<String> {
        let mut offers: Vec<String> = self.allocate().iter().map(|a| self.text(a)).collect();
        offers.sort();
        offers
    }

    pub(crate) fn text(&self, allocation: &Allocation) -> String {
        let framework = self.frameworks.iter().find(|(_, key)| **key == allocation.framework);
        let agent = self.agents.iter().find(|(_, key)| **key == allocation.agent);
        let (framework, agent) = (framework.unwrap().0, agent.unwrap().0);
        format!("{framework} gets {} of {agent}", allocation.resources.unallocated())
    }

    pub(crate) fn give_back(&mut self, allocation: &Allocation, how: Recovery) {
        self.allocator.recover(
            self.now,
            allocation.framework,
            allocation.agent,
            &allocation.role,
            &allocation.resources,
            how,
        );
    }

    pub(crate) fn decline(&mut self, allocation: &Allocation, refuse: Duration) {
        self.give_back(allocation, Recovery::Declined { refuse });
    }

    pub(crate) fn accept(&mut self, allocation: &Allocation) {
        self.allocator.accept(
            allocation.framework,
            allocation.agent,
            &allocation.role,
            &allocation.resources,
        );
    }

    /// Fails if the books of the tree or of an agent do not add up.
    pub(crate) fn check(&self) {
        self.allocator.tree.check();
        for (at, agent) in self.allocator.agents.iter().enumerate() {
            let Some(agent) = agent else { continue };
            agent.check();
            let gives = agent.active && agent.whitelisted && !agent.available().is_empty();
            assert!(!gives || self.allocator.open.contains(at as u32), "agent {at} is forgotten");
        }
        self.check_refusals();
    }

    /// What each client is said to refuse is what the agents have filters for.
    fn check_refusals(&self) {
        let mut found = vec![Refusals::default(); self.allocator.refusals.len()];
        for (at, agent) in self.allocator.agents.iter().enumerate() {
            for client in agent.iter().flat_map(|agent| agent.filters.clients()) {
                let refusals = &mut found[client.0 as usize];
                refusals.filters += 1;
                refusals.agents.insert(AgentKey(at as u32));
            }
        }
        assert_eq!(self.allocator.refusals, found);
    }
}

pub(crate) fn spec(id: &str, roles: &[&str]) -> FrameworkSpec {
    FrameworkSpec {
        id: id.into(),
        roles: names(roles),
        suppressed: BTreeSet::new(),
        capabilities: Capabilities { multi_role: true, refinement: true, ..Default::default() },
        min_allocatable: BTreeMap::new(),
        constraints: Arc::default(),
    }
}

pub(crate) fn agent_spec(host: &str) -> AgentSpec {
    let info = v1::AgentInfo { hostname: host.to_owned(), ..Default::default() };
    AgentSpec { info: Arc::new(info), multi_role: true, hierarchical_role: true }
}

pub(crate) fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub(crate) fn resources(text: &str) -> Resources {
    Resources::parse(text, "*").unwrap()
}
