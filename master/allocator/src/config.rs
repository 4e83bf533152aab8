// SPDX-License-Identifier: Apache-2.0

//! How an allocator behaves; each field is a flag of `mesos-master`.

use std::{collections::BTreeSet, time::Duration};

use mesos_core::resources::{Name, Quantities, Scalar};

use crate::constraints::ConstraintLimits;

/// The settings of an [`Allocator`](crate::Allocator), with Mesos's defaults.
#[derive(Clone, Debug)]
pub struct Config {
    /// `--allocation_interval`: an upper bound on how long passes are put off while
    /// the allocator is busy, and the shortest life of a filter.
    pub allocation_interval: Duration,
    /// `--min_allocatable_resources`: an offer has at least one of these; with an
    /// empty list anything that is not empty is offered.
    pub min_allocatable: Vec<Quantities>,
    /// `--fair_sharing_excluded_resource_names`: scalars that do not count as share.
    pub fair_sharing_excluded: BTreeSet<String>,
    /// `--filter_gpu_resources`: agents with GPUs are only for frameworks that know GPUs.
    pub filter_gpu_resources: bool,
    /// The region of the master's `--domain`; agents of another one are remote.
    pub region: Option<String>,
    /// `--offer_constraints_re2_max_mem` and `--offer_constraints_re2_max_program_size`.
    pub constraint_limits: ConstraintLimits,
    /// `--weights`, the weights of roles; 1 for a role not named.
    pub weights: Vec<(String, f64)>,
}

impl Default for Config {
    fn default() -> Self {
        let quantities = |name, thousandths| {
            Quantities::from_iter([(name, Scalar::from_thousandths(thousandths))])
        };
        Config {
            allocation_interval: Duration::from_secs(1),
            min_allocatable: vec![quantities(Name::Cpus, 10), quantities(Name::Mem, 32_000)],
            fair_sharing_excluded: BTreeSet::new(),
            filter_gpu_resources: true,
            region: None,
            constraint_limits: ConstraintLimits::default(),
            weights: Vec::new(),
        }
    }
}
