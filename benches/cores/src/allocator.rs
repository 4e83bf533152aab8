// SPDX-License-Identifier: Apache-2.0

//! The allocator at the sizes of `HierarchicalAllocator_BENCHMARK_Test`: agents
//! of `cpus:2;mem:1024;disk:4096;ports:[31000-32000]`, added when all frameworks
//! are there. Each figure stands for what Mesos measures or for a goal of ours:
//!
//! | figure | for each | what happens |
//! |---|---|---|
//! | `add-agent` | agent | it is added; nothing is allocated yet |
//! | `first-cycle` | agent | everything is free and offered |
//! | `full-cycle` | agent | everything was rescinded and is offered again |
//! | `decline` | offer | everything is declined for good |
//! | `declined-cycle` | agent | … and offered to the next |
//! | `one-freed` | | what was on offer of one agent is taken back and offered again |
//! | `idle` | | a cycle with nothing to do |
//! | `one-more-agent` | agent | it comes and is offered |
//! | `one-more-framework` | framework | it comes and gets nothing, as nothing is left |
//! | `suppress` | framework | 99 % want no offers any more |
//! | `suppressed-cycle` | agent | everything goes to the others |
//! | `revive` | framework | they want offers again |

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use mesos_allocator::{
    AgentKey, AgentSpec, Allocation, Allocator, Capabilities, Config, FrameworkKey, FrameworkSpec,
    Recovery,
};
use mesos_core::{resources::Resources, time::Time};
use mesos_proto::v1;

use crate::meter::Meter;

/// Long enough to be for good.
const FOR_GOOD: Duration = Duration::from_secs(1_000_000);
/// How often the cheap things are done.
const ROUNDS: u32 = 100;

/// A size of cluster.
#[derive(Clone, Copy)]
pub struct Shape {
    agents: u32,
    frameworks: u32,
    roles: u32,
}

impl Shape {
    /// The group's name.
    pub fn name(self) -> String {
        format!("allocator-{}x{}x{}", self.agents, self.frameworks, self.roles)
    }
}

/// What is measured: ten agents for each framework, a thousand frameworks, ten
/// thousand agents, and a role for each framework.
pub const SHAPES: [Shape; 15] = [
    Shape { agents: 1_000, frameworks: 50, roles: 1 },
    Shape { agents: 1_000, frameworks: 100, roles: 1 },
    Shape { agents: 5_000, frameworks: 500, roles: 1 },
    Shape { agents: 20_000, frameworks: 2_000, roles: 1 },
    Shape { agents: 50_000, frameworks: 5_000, roles: 1 },
    Shape { agents: 1_000, frameworks: 1_000, roles: 1 },
    Shape { agents: 5_000, frameworks: 1_000, roles: 1 },
    Shape { agents: 10_000, frameworks: 1_000, roles: 1 },
    Shape { agents: 20_000, frameworks: 1_000, roles: 1 },
    Shape { agents: 50_000, frameworks: 1_000, roles: 1 },
    Shape { agents: 10_000, frameworks: 50, roles: 1 },
    Shape { agents: 10_000, frameworks: 200, roles: 1 },
    Shape { agents: 10_000, frameworks: 3_000, roles: 1 },
    Shape { agents: 10_000, frameworks: 6_000, roles: 1 },
    Shape { agents: 10_000, frameworks: 1_000, roles: 1_000 },
];

/// A cluster and its clock.
pub struct Cluster {
    /// The allocator.
    pub allocator: Allocator,
    /// Moves on with each cycle.
    pub now: Time,
}

impl Cluster {
    /// Nobody yet.
    pub fn new() -> Self {
        let allocator = Allocator::new(Config::default(), 1);
        Cluster { allocator, now: Time::from_secs_f64(1000.0) }
    }

    /// One more agent with what all have.
    pub fn add_agent(&mut self, agent: u32, total: &Resources) {
        let info = v1::AgentInfo { hostname: format!("agent-{agent}"), ..Default::default() };
        let spec = AgentSpec { info: Arc::new(info), multi_role: true, hierarchical_role: true };
        self.allocator.add_agent(AgentKey(agent), spec, total.clone(), &[], true);
    }

    /// One more framework.
    pub fn add_framework(&mut self, framework: u32, role: String) {
        let spec = FrameworkSpec {
            id: format!("framework-{framework:04}").into(),
            roles: BTreeSet::from([role]),
            suppressed: BTreeSet::new(),
            capabilities: Capabilities { multi_role: true, ..Default::default() },
            min_allocatable: BTreeMap::new(),
            constraints: Arc::default(),
        };
        self.allocator.add_framework(FrameworkKey(framework), spec, true);
    }

    /// A cycle, as late as it may be.
    pub fn cycle(&mut self) -> Vec<Allocation> {
        self.now = self.now + Duration::from_secs(1);
        self.allocator.allocate(self.now)
    }

    /// What was allocated comes back.
    pub fn recover(&mut self, allocations: &[Allocation], how: Recovery) {
        for held in allocations {
            let Allocation { framework, agent, role, resources } = held;
            self.allocator.recover(self.now, *framework, *agent, role, resources, how);
        }
    }
}

/// What every agent has.
pub fn total() -> Resources {
    let total = Resources::parse("cpus:2;mem:1024;disk:4096;ports:[31000-32000]", "*");
    total.expect("the text is valid")
}

fn role(shape: Shape, framework: u32) -> String {
    if shape.roles == 1 { "*".to_owned() } else { format!("r{}", framework % shape.roles) }
}

/// Measures all of it.
pub fn run(shape: Shape, meter: &mut Meter) {
    let mut cluster = Cluster::new();
    for framework in 0..shape.frameworks {
        cluster.add_framework(framework, role(shape, framework));
    }
    let total = total();
    let agents = shape.agents as usize;
    meter.measure("add-agent", agents, || {
        (0..shape.agents).for_each(|agent| cluster.add_agent(agent, &total));
    });
    let mut offers = Vec::new();
    meter.measure("first-cycle", agents, || offers = cluster.cycle());
    cluster.recover(&offers, Recovery::Rescinded);
    let mut next = Vec::new();
    meter.measure("full-cycle", agents, || next = cluster.cycle());
    assert_eq!(next.len(), agents, "every agent is offered");
    meter.measure("decline", agents, || {
        cluster.recover(&next, Recovery::Declined { refuse: FOR_GOOD });
    });
    meter.measure("declined-cycle", agents, || offers = cluster.cycle());
    assert_eq!(offers.len(), agents, "every agent is offered to another");
    small_changes(&mut cluster, &mut offers, meter);
    one_more(shape, &mut cluster, &total, meter);
    suppression(shape, &mut cluster, &offers, meter);
}

fn small_changes(cluster: &mut Cluster, offers: &mut [Allocation], meter: &mut Meter) {
    let rounds = ROUNDS as usize;
    meter.measure("one-freed", rounds, || {
        for offer in offers.iter_mut().take(rounds) {
            cluster.recover(std::slice::from_ref(offer), Recovery::Rescinded);
            *offer = cluster.cycle().pop().expect("it is offered again");
        }
    });
    meter.measure("idle", rounds, || {
        for _ in 0..rounds {
            assert!(cluster.cycle().is_empty(), "there is nothing to offer");
        }
    });
}

fn one_more(shape: Shape, cluster: &mut Cluster, total: &Resources, meter: &mut Meter) {
    meter.measure("one-more-agent", ROUNDS as usize, || {
        for more in 0..ROUNDS {
            cluster.add_agent(shape.agents + more, total);
            assert_eq!(cluster.cycle().len(), 1, "the new agent is offered");
        }
    });
    let roles: Vec<String> = (0..ROUNDS).map(|more| role(shape, shape.frameworks + more)).collect();
    meter.measure("one-more-framework", ROUNDS as usize, || {
        for (more, role) in (0..ROUNDS).zip(&roles) {
            cluster.add_framework(shape.frameworks + more, role.clone());
            assert!(cluster.cycle().is_empty(), "there is nothing to offer");
        }
    });
}

fn suppression(shape: Shape, cluster: &mut Cluster, offers: &[Allocation], meter: &mut Meter) {
    let count = shape.frameworks - (shape.frameworks / 100).max(1);
    let none = BTreeSet::new();
    meter.measure("suppress", count as usize, || {
        (0..count).for_each(|it| cluster.allocator.suppress(FrameworkKey(it), &none));
    });
    cluster.recover(offers, Recovery::Rescinded);
    let mut next = Vec::new();
    meter.measure("suppressed-cycle", offers.len(), || next = cluster.cycle());
    assert!(next.iter().all(|offer| offer.framework.0 >= count), "the suppressed get nothing");
    meter.measure("revive", count as usize, || {
        (0..count).for_each(|it| cluster.allocator.revive(FrameworkKey(it), &none));
    });
}
