// SPDX-License-Identifier: Apache-2.0

//! Shares in a deep tree of roles: the shapes of Mesos's sorter benchmark
//! (`CommonSorterTest.BENCHMARK_HierarchyFullSort`), about 1,050 leaves each.
//!
//! `accept` and `free` change one leaf's share and everything above it;
//! `full-cycle` picks the poorest leaf once for each of 1,000 agents.

use mesos_allocator::{Allocation, Recovery};

use crate::{
    allocator::{Cluster, total},
    meter::Meter,
};

const AGENTS: u32 = 1_000;

/// Levels and children at each.
#[derive(Clone, Copy)]
pub struct Shape {
    depth: u32,
    width: u32,
}

impl Shape {
    /// The group's name.
    pub fn name(self) -> String {
        format!("tree-{}x{}", self.depth, self.width)
    }

    fn leaf(self, mut number: u32) -> String {
        let mut path = Vec::new();
        for _ in 0..self.depth {
            path.push(format!("r{}", number % self.width));
            number /= self.width;
        }
        path.join("/")
    }
}

/// What is measured.
pub const SHAPES: [Shape; 3] =
    [Shape { depth: 2, width: 32 }, Shape { depth: 3, width: 10 }, Shape { depth: 10, width: 2 }];

/// Measures all of it.
pub fn run(shape: Shape, meter: &mut Meter) {
    let mut cluster = Cluster::new();
    let leaves = shape.width.pow(shape.depth);
    for leaf in 0..leaves {
        cluster.add_framework(leaf, shape.leaf(leaf));
    }
    let total = total();
    (0..AGENTS).for_each(|agent| cluster.add_agent(agent, &total));
    let mut offers = Vec::new();
    meter.measure("full-cycle", AGENTS as usize, || offers = cluster.cycle());
    meter.measure("accept", offers.len(), || {
        for Allocation { framework, agent, role, resources } in &offers {
            cluster.allocator.accept(*framework, *agent, role, resources);
        }
    });
    meter.measure("free", offers.len(), || cluster.recover(&offers, Recovery::Freed));
}
