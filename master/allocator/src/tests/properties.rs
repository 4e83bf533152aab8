// SPDX-License-Identifier: Apache-2.0

//! Laws that hold whatever happens in whatever order.

use std::time::Duration;

use mesos_core::{resources::Resources, rng::Rng};
use proptest::prelude::*;

use super::{Cluster, agent_spec, names, resources, spec};
use crate::{AgentKey, Allocation, Capabilities, FrameworkKey, FrameworkSpec, Recovery};

const ROLES: [&str; 5] = ["*", "a", "a/b", "a/c", "d"];
const TOTALS: [&str; 5] = [
    "cpus:4;mem:1024",
    "cpus:1;mem:64;ports:[1-100]",
    "cpus:2;mem:128;gpus:1",
    "cpus(a):2;mem(a):128;cpus:1",
    "cpus(a/b):1;mem(d):64;mem:32;disk:10",
];

/// One thing that can happen; the numbers choose among what is there.
#[derive(Clone, Copy, Debug)]
enum Step {
    AddFramework { shape: u8 },
    RemoveFramework(u8),
    MoveFramework { which: u8, shape: u8 },
    Activate(u8),
    Deactivate(u8),
    Suppress { which: u8, role: u8 },
    Revive { which: u8, role: u8 },
    AddAgent { total: u8 },
    Agent { which: u8, step: AgentStep },
    Weight { role: u8, tenths: u8 },
    Offered { which: u8, step: OfferedStep },
    Free(u8),
    Advance { millis: u16 },
    Allocate,
}

#[derive(Clone, Copy, Debug)]
enum AgentStep {
    Remove,
    Activate,
    Deactivate,
    ChangeTotal(u8),
}

#[derive(Clone, Copy, Debug)]
enum OfferedStep {
    Decline { refuse_seconds: u8 },
    AcceptHalf,
    Rescind,
}

fn step() -> impl Strategy<Value = Step> {
    let small = any::<u8>;
    prop_oneof![
        2 => small().prop_map(|shape| Step::AddFramework { shape }),
        1 => small().prop_map(Step::RemoveFramework),
        1 => (small(), small()).prop_map(|(which, shape)| Step::MoveFramework { which, shape }),
        1 => small().prop_map(Step::Activate),
        1 => small().prop_map(Step::Deactivate),
        1 => (small(), small()).prop_map(|(which, role)| Step::Suppress { which, role }),
        1 => (small(), small()).prop_map(|(which, role)| Step::Revive { which, role }),
        4 => small().prop_map(|total| Step::AddAgent { total }),
        4 => (small(), agent_step()).prop_map(|(which, step)| Step::Agent { which, step }),
        1 => (small(), 1u8..50).prop_map(|(role, tenths)| Step::Weight { role, tenths }),
        11 => (small(), offered_step()).prop_map(|(which, step)| Step::Offered { which, step }),
        3 => small().prop_map(Step::Free),
        3 => any::<u16>().prop_map(|millis| Step::Advance { millis }),
        6 => Just(Step::Allocate),
    ]
}

fn agent_step() -> impl Strategy<Value = AgentStep> {
    prop_oneof![
        Just(AgentStep::Remove),
        Just(AgentStep::Activate),
        Just(AgentStep::Deactivate),
        any::<u8>().prop_map(AgentStep::ChangeTotal),
    ]
}

fn offered_step() -> impl Strategy<Value = OfferedStep> {
    prop_oneof![
        5 => (0u8..5).prop_map(|refuse_seconds| OfferedStep::Decline { refuse_seconds }),
        4 => Just(OfferedStep::AcceptHalf),
        2 => Just(OfferedStep::Rescind),
    ]
}

/// A cluster with what a master would remember about it.
struct World {
    cluster: Cluster,
    frameworks: Vec<FrameworkKey>,
    agents: Vec<(AgentKey, bool)>,
    offered: Vec<Allocation>,
    used: Vec<Allocation>,
    next: u32,
}

fn pick<T: Clone>(list: &[T], which: u8) -> Option<T> {
    (!list.is_empty()).then(|| list[usize::from(which) % list.len()].clone())
}

fn take(list: &mut Vec<Allocation>, which: u8) -> Option<Allocation> {
    (!list.is_empty()).then(|| list.swap_remove(usize::from(which) % list.len()))
}

fn total_of(which: u8) -> Resources {
    resources(TOTALS[usize::from(which) % TOTALS.len()])
}

fn shaped(id: u32, shape: u8) -> FrameworkSpec {
    let shape = usize::from(shape);
    let role = ROLES[shape % ROLES.len()];
    let other = ROLES[(shape / 5) % ROLES.len()];
    let gpu = shape % 7 < 2;
    let refinement = shape % 3 > 0;
    FrameworkSpec {
        capabilities: Capabilities { multi_role: true, gpu, refinement, ..Default::default() },
        ..spec(&format!("f{id}"), &[role, other])
    }
}

impl World {
    fn new() -> Self {
        World {
            cluster: Cluster::new(),
            frameworks: Vec::new(),
            agents: Vec::new(),
            offered: Vec::new(),
            used: Vec::new(),
            next: 0,
        }
    }

    fn run(&mut self, step: Step) {
        let allocator = &mut self.cluster.allocator;
        match step {
            Step::AddFramework { shape } => {
                let key = FrameworkKey(self.next);
                allocator.add_framework(key, shaped(self.next, shape), true);
                self.frameworks.push(key);
                self.next += 1;
            }
            Step::RemoveFramework(which) => {
                let Some(key) = pick(&self.frameworks, which) else { return };
                allocator.remove_framework(key);
                self.frameworks.retain(|other| *other != key);
                self.forget(|held| held.framework == key);
            }
            Step::MoveFramework { which, shape } => {
                let Some(key) = pick(&self.frameworks, which) else { return };
                allocator.update_framework(key, shaped(key.0, shape));
            }
            Step::Activate(which) => {
                let Some(key) = pick(&self.frameworks, which) else { return };
                allocator.activate_framework(key);
            }
            Step::Deactivate(which) => {
                let Some(key) = pick(&self.frameworks, which) else { return };
                allocator.deactivate_framework(key);
            }
            Step::Suppress { which, role } => {
                let Some(key) = pick(&self.frameworks, which) else { return };
                allocator.suppress(key, &names(&[ROLES[usize::from(role) % ROLES.len()]]));
            }
            Step::Revive { which, role } => {
                let Some(key) = pick(&self.frameworks, which) else { return };
                allocator.revive(key, &names(&[ROLES[usize::from(role) % ROLES.len()]]));
            }
            Step::Weight { role, tenths } => {
                allocator
                    .set_weight(ROLES[usize::from(role) % ROLES.len()], f64::from(tenths) / 10.0);
            }
            Step::AddAgent { total } => {
                let key = AgentKey(self.next);
                let spec = agent_spec(&format!("a{}", self.next));
                allocator.add_agent(key, spec, total_of(total), &[], true);
                self.agents.push((key, false));
                self.next += 1;
            }
            Step::Agent { which, step } => self.run_agent(which, step),
            Step::Offered { which, step } => {
                let Some(held) = take(&mut self.offered, which) else { return };
                self.run_offered(held, step);
            }
            Step::Free(which) => {
                let Some(held) = take(&mut self.used, which) else { return };
                self.cluster.give_back(&held, Recovery::Freed);
            }
            Step::Advance { millis } => self.cluster.advance(Duration::from_millis(millis.into())),
            Step::Allocate => self.allocate(),
        }
    }

    fn run_agent(&mut self, which: u8, step: AgentStep) {
        let allocator = &mut self.cluster.allocator;
        let Some((key, _)) = pick(&self.agents, which) else { return };
        match step {
            AgentStep::Remove => {
                allocator.remove_agent(key);
                self.agents.retain(|(other, _)| *other != key);
                self.forget(|held| held.agent == key);
            }
            AgentStep::Activate => allocator.activate_agent(key),
            AgentStep::Deactivate => allocator.deactivate_agent(key),
            AgentStep::ChangeTotal(total) => {
                allocator.update_total(key, total_of(total));
                let agent = self.agents.iter_mut().find(|(other, _)| *other == key);
                agent.unwrap().1 = true;
            }
        }
    }

    fn run_offered(&mut self, held: Allocation, step: OfferedStep) {
        match step {
            OfferedStep::Decline { refuse_seconds } => {
                self.cluster.decline(&held, Duration::from_secs(refuse_seconds.into()));
            }
            OfferedStep::Rescind => self.cluster.give_back(&held, Recovery::Rescinded),
            OfferedStep::AcceptHalf => {
                let half: Resources = held.resources.iter().step_by(2).collect();
                let rest = &held.resources - &half;
                let used = Allocation { resources: half, ..held.clone() };
                self.cluster.accept(&used);
                self.used.push(used);
                let rest = Allocation { resources: rest, ..held };
                self.cluster.give_back(&rest, Recovery::Unused { refuse: Duration::ZERO });
            }
        }
    }

    fn forget(&mut self, gone: impl Fn(&Allocation) -> bool) {
        self.offered.retain(|held| !gone(held));
        self.used.retain(|held| !gone(held));
    }

    fn allocate(&mut self) {
        let new = self.cluster.allocate();
        new.iter().for_each(|allocation| self.is_wanted(allocation));
        self.offered.extend(new);
        self.nothing_is_given_twice();
        self.nobody_was_forgotten();
    }

    /// Only active frameworks that did not suppress the role are offered anything.
    fn is_wanted(&self, allocation: &Allocation) {
        let framework = self.cluster.allocator.framework(allocation.framework);
        assert!(framework.active, "{allocation:?}");
        assert!(framework.spec.roles.contains(&*allocation.role), "{allocation:?}");
        assert!(!framework.spec.suppressed.contains(&*allocation.role), "{allocation:?}");
    }

    /// On each agent what is held fits into what there is; agents that were
    /// shrunk on purpose are let off.
    fn nothing_is_given_twice(&self) {
        for (key, shrunk) in &self.agents {
            let mut held = Resources::new();
            for allocation in self.offered.iter().chain(&self.used) {
                if allocation.agent == *key {
                    held += &allocation.resources.unallocated();
                }
            }
            let (total, available) = self.cluster.allocator.agent_resources(*key).unwrap();
            if !shrunk {
                assert!(total.contains(&held), "{held} of {total} held");
                assert_eq!(*available, total - &held);
            }
        }
    }

    /// A pass that considers everyone for everything, having forgotten what was
    /// learned, finds nothing that the incremental one left.
    fn nobody_was_forgotten(&mut self) {
        let allocator = &mut self.cluster.allocator;
        for (key, _) in &self.agents {
            allocator.agent_mut(*key).blocked.clear();
            allocator.mark_dirty(*key);
        }
        let found = self.cluster.allocate();
        assert_eq!(found, [], "an incremental pass missed these");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn books_add_up_and_no_pass_misses_anything(steps in prop::collection::vec(step(), 1..120)) {
        let mut world = World::new();
        for step in steps {
            world.run(step);
            world.cluster.check();
        }
        world.run(Step::Allocate);
    }
}

#[test]
fn equal_frameworks_with_tasks_of_random_length_get_equal_shares() {
    let mut rng = Rng::new(11);
    let mut cluster = Cluster::new();
    for framework in 0..8 {
        cluster.framework(&format!("f{framework}"), &["*"]);
    }
    for agent in 0..32 {
        cluster.agent(&format!("a{agent}"), "cpus:1;mem:64");
    }
    let mut used = cluster.allocate();
    used.iter().for_each(|allocation| cluster.accept(allocation));
    let mut seconds_held = [0u32; 8];
    for _ in 0..2000 {
        let at = rng.below(used.len() as u64) as usize;
        let freed = used.swap_remove(at);
        cluster.give_back(&freed, Recovery::Freed);
        cluster.advance(Duration::from_secs(1));
        let new = cluster.allocate();
        new.iter().for_each(|allocation| cluster.accept(allocation));
        used.extend(new);
        used.iter().for_each(|held| seconds_held[held.framework.0 as usize] += 1);
    }
    let (least, most) = (seconds_held.iter().min().unwrap(), seconds_held.iter().max().unwrap());
    assert!(most - least < most / 10, "{seconds_held:?}");
}
