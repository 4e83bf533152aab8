// SPDX-License-Identifier: Apache-2.0

//! Amounts of resources: of the cluster, and by role.

use std::collections::{BTreeMap, BTreeSet};

use mesos_core::resources::{Quantities, Resources};

use super::Values;
use crate::views::Snapshot;

/// The resources that have metrics of their own.
const KINDS: [&str; 4] = ["cpus", "gpus", "mem", "disk"];

/// Adds `master/<kind>_{total,used,percent}` and what the allocator reports.
pub(super) fn add(values: &mut Values, snapshot: &Snapshot) {
    let mut total = Sums::default();
    let mut used = Sums::default();
    let mut offered = Sums::default();
    for view in snapshot.agents.iter() {
        total.add(&view.record.total);
        used.add(&view.used);
        offered.add(&view.offered);
    }
    for (kind, index) in KINDS.into_iter().zip(0..) {
        shares(values, &format!("master/{kind}"), total.plain[index], used.plain[index]);
        let prefix = format!("master/{kind}_revocable");
        shares(values, &prefix, total.revocable[index], used.revocable[index]);
        if kind != "gpus" {
            let prefix = format!("allocator/mesos/resources/{kind}");
            values.insert(format!("{prefix}/total"), total.plain[index]);
            let taken = used.plain[index] + offered.plain[index];
            values.insert(format!("{prefix}/offered_or_allocated"), taken);
        }
    }
    roles(values, snapshot, &total);
}

fn shares(values: &mut Values, prefix: &str, total: f64, used: f64) {
    values.insert(format!("{prefix}_total"), total);
    values.insert(format!("{prefix}_used"), used);
    let percent = if total > 0.0 { used / total } else { 0.0 };
    values.insert(format!("{prefix}_percent"), percent);
}

/// The dominant share of each role that has frameworks.
fn roles(values: &mut Values, snapshot: &Snapshot, total: &Sums) {
    let mut taken: BTreeMap<String, Sums> = BTreeMap::new();
    let names: BTreeSet<&String> =
        snapshot.frameworks.iter().flat_map(|view| &view.record.roles).collect();
    for name in names {
        taken.insert(name.clone(), Sums::default());
    }
    for resource in
        snapshot.frameworks.iter().flat_map(|view| view.used.iter().chain(view.offered.iter()))
    {
        if let Some(sums) = resource.allocation_role().and_then(|role| taken.get_mut(role)) {
            sums.add(&Resources::from_iter([resource.clone()]));
        }
    }
    for (role, sums) in taken {
        let share = (0..KINDS.len())
            .filter(|index| total.plain[*index] > 0.0)
            .map(|index| sums.plain[index] / total.plain[index])
            .fold(0.0, f64::max);
        values.insert(format!("allocator/mesos/roles/{role}/shares/dominant"), share);
    }
}

/// Amounts in the order of [`KINDS`].
#[derive(Default)]
struct Sums {
    plain: [f64; 4],
    revocable: [f64; 4],
}

impl Sums {
    fn add(&mut self, resources: &Resources) {
        let plain = amounts(&resources.non_revocable().quantities());
        let revocable = amounts(&resources.revocable().quantities());
        for index in 0..KINDS.len() {
            self.plain[index] += plain[index];
            self.revocable[index] += revocable[index];
        }
    }
}

fn amounts(quantities: &Quantities) -> [f64; 4] {
    [quantities.cpus(), quantities.gpus(), quantities.mem(), quantities.disk()]
        .map(mesos_core::resources::Scalar::as_f64)
}
