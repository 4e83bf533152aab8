// SPDX-License-Identifier: Apache-2.0

//! How long passes take: `cargo bench -p mesos-allocator`.
//!
//! The cluster is that of Mesos's own allocator benchmark: agents of
//! `cpus:2;mem:1024;disk:4096;ports:[31000-32000]`, frameworks in one role.

#![expect(clippy::print_stdout, reason = "the table is what this is for")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use mesos_allocator::{
    AgentKey, AgentSpec, Allocation, Allocator, Capabilities, Config, FrameworkKey, FrameworkSpec,
    Recovery,
};
use mesos_core::{resources::Resources, time::Time};
use mesos_proto::v1;

/// A cluster and its clock.
struct Bench {
    allocator: Allocator,
    now: Time,
}

impl Bench {
    fn new(agents: u32, frameworks: u32, roles: u32) -> Self {
        let mut allocator = Allocator::new(Config::default(), 1);
        for framework in 0..frameworks {
            add_framework(&mut allocator, framework, roles);
        }
        let total = total();
        for agent in 0..agents {
            add_agent(&mut allocator, agent, &total);
        }
        Bench { allocator, now: Time::from_secs_f64(1000.0) }
    }

    fn pass(&mut self) -> (Duration, Vec<Allocation>) {
        self.now = self.now + Duration::from_secs(1);
        let start = Instant::now();
        let allocations = self.allocator.allocate(self.now);
        (start.elapsed(), allocations)
    }

    fn give_back(&mut self, allocations: &[Allocation], how: Recovery) -> Duration {
        let start = Instant::now();
        for held in allocations {
            let Allocation { framework, agent, role, resources } = held;
            self.allocator.recover(self.now, *framework, *agent, role, resources, how);
        }
        start.elapsed()
    }
}

fn total() -> Resources {
    let total = Resources::parse("cpus:2;mem:1024;disk:4096;ports:[31000-32000]", "*");
    total.expect("the text is valid")
}

fn add_framework(allocator: &mut Allocator, framework: u32, roles: u32) {
    let role = if roles == 1 { "*".to_owned() } else { format!("r{}", framework % roles) };
    let spec = FrameworkSpec {
        id: format!("framework-{framework:04}").into(),
        roles: BTreeSet::from([role]),
        suppressed: BTreeSet::new(),
        capabilities: Capabilities { multi_role: true, ..Default::default() },
        min_allocatable: BTreeMap::new(),
        constraints: Arc::default(),
    };
    allocator.add_framework(FrameworkKey(framework), spec, true);
}

fn add_agent(allocator: &mut Allocator, agent: u32, total: &Resources) {
    let info = v1::AgentInfo { hostname: format!("agent-{agent}"), ..Default::default() };
    let spec = AgentSpec { info: Arc::new(info), multi_role: true, hierarchical_role: true };
    allocator.add_agent(AgentKey(agent), spec, total.clone(), &[], true);
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn main() {
    println!(
        "{:>7} {:>10} {:>6} | {:>9} {:>9} {:>9} {:>12} {:>9} {:>10} {:>14}",
        "agents",
        "frameworks",
        "roles",
        "first ms",
        "full ms",
        "decl. ms",
        "1 freed us",
        "idle us",
        "+1 agent us",
        "+1 framework us"
    );
    for (agents, frameworks, roles) in [
        (1000, 100, 1),
        (1000, 1000, 1),
        (10_000, 1000, 1),
        (10_000, 1000, 100),
        (10_000, 1000, 1000),
        (10_000, 3000, 1),
        (50_000, 1000, 1),
    ] {
        measure(agents, frameworks, roles);
    }
}

fn measure(agents: u32, frameworks: u32, roles: u32) {
    let mut bench = Bench::new(agents, frameworks, roles);
    let (first, mut allocations) = bench.pass();
    let mut full = Duration::MAX;
    for _ in 0..20 {
        bench.give_back(&allocations, Recovery::Rescinded);
        let (time, new) = bench.pass();
        assert_eq!(new.len(), agents as usize, "every agent is offered");
        full = full.min(time);
        allocations = new;
    }
    let mut declined = Duration::ZERO;
    let rounds = 20;
    for _ in 0..rounds {
        let refuse = Duration::from_secs(1_000_000);
        bench.give_back(&allocations, Recovery::Declined { refuse });
        let (time, new) = bench.pass();
        declined += time;
        allocations = new;
    }
    let (mut freed, mut idle) = (Duration::MAX, Duration::MAX);
    for at in 0..50 {
        bench.give_back(&allocations[at..=at], Recovery::Rescinded);
        let (time, new) = bench.pass();
        assert_eq!(new.len(), 1, "it is offered again");
        allocations[at] = new[0].clone();
        freed = freed.min(time);
        idle = idle.min(bench.pass().0);
    }
    let (agent, framework) = one_more(&mut bench, agents, frameworks, roles);
    println!(
        "{agents:>7} {frameworks:>10} {roles:>6} | {:>9.2} {:>9.2} {:>9.2} {:>12.2} {:>9.2} \
         {:>10.2} {:>14.2}",
        millis(first),
        millis(full),
        millis(declined / rounds),
        millis(freed) * 1e3,
        millis(idle) * 1e3,
        millis(agent) * 1e3,
        millis(framework) * 1e3
    );
}

/// What one more agent and one more framework cost while everything is on offer.
fn one_more(bench: &mut Bench, agents: u32, frameworks: u32, roles: u32) -> (Duration, Duration) {
    let total = total();
    let (mut agent, mut framework) = (Duration::MAX, Duration::MAX);
    for more in 0..20 {
        let start = Instant::now();
        add_agent(&mut bench.allocator, agents + more, &total);
        let add = start.elapsed();
        let (pass, new) = bench.pass();
        assert_eq!(new.len(), 1, "the new agent is offered");
        agent = agent.min(add + pass);
        let start = Instant::now();
        add_framework(&mut bench.allocator, frameworks + more, roles);
        let add = start.elapsed();
        framework = framework.min(add + bench.pass().0);
    }
    (agent, framework)
}
