// SPDX-License-Identifier: Apache-2.0

//! What the caller tells the allocator about frameworks and agents.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use mesos_core::resources::{Name, Quantities, Resources, Scalar};
use mesos_proto::v1;
use v1::framework_info::capability::Type as Capability;

use crate::constraints::Constraints;

/// The caller's handle of a framework: dense, small, and free for reuse after
/// [`remove_framework`](crate::Allocator::remove_framework).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FrameworkKey(pub u32);

/// The caller's handle of an agent: dense, small, and free for reuse after
/// [`remove_agent`](crate::Allocator::remove_agent).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgentKey(pub u32);

/// The capabilities of a framework that decide what it may be offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// MULTI_ROLE; agents that are not MULTI_ROLE capable are kept from it.
    pub multi_role: bool,
    /// REVOCABLE_RESOURCES.
    pub revocable: bool,
    /// GPU_RESOURCES.
    pub gpu: bool,
    /// SHARED_RESOURCES.
    pub shared: bool,
    /// RESERVATION_REFINEMENT.
    pub refinement: bool,
    /// REGION_AWARE.
    pub region_aware: bool,
}

/// A framework, as far as allocation goes.
#[derive(Clone, Debug)]
pub struct FrameworkSpec {
    /// Its id; decides between equals, and names it in explanations.
    pub id: Arc<str>,
    /// The roles it is subscribed to.
    pub roles: BTreeSet<String>,
    /// Those of the roles that want no offers.
    pub suppressed: BTreeSet<String>,
    /// What it may be offered.
    pub capabilities: Capabilities,
    /// Per role, what takes the place of [`Config::min_allocatable`](crate::Config).
    pub min_allocatable: BTreeMap<String, Vec<Quantities>>,
    /// The agents it wants, per role.
    pub constraints: Arc<Constraints>,
}

impl FrameworkSpec {
    /// What `info` says; `id` is the framework's even where `info` has none yet.
    pub fn from_info(
        id: &str,
        info: &v1::FrameworkInfo,
        suppressed: BTreeSet<String>,
        constraints: Arc<Constraints>,
    ) -> Self {
        let mut capabilities = Capabilities::default();
        for capability in &info.capabilities {
            match capability.r#type() {
                Capability::MultiRole => capabilities.multi_role = true,
                Capability::RevocableResources => capabilities.revocable = true,
                Capability::GpuResources => capabilities.gpu = true,
                Capability::SharedResources => capabilities.shared = true,
                Capability::ReservationRefinement => capabilities.refinement = true,
                Capability::RegionAware => capabilities.region_aware = true,
                Capability::TaskKillingState | Capability::PartitionAware | Capability::Unknown => {
                }
            }
        }
        let roles = match capabilities.multi_role {
            true => info.roles.iter().cloned().collect(),
            false => BTreeSet::from([info.role().to_owned()]),
        };
        FrameworkSpec {
            id: id.into(),
            roles,
            suppressed,
            capabilities,
            min_allocatable: min_allocatable(info),
            constraints,
        }
    }
}

fn min_allocatable(info: &v1::FrameworkInfo) -> BTreeMap<String, Vec<Quantities>> {
    let of_role = |filters: &v1::OfferFilters| {
        let minimums = filters.min_allocatable_resources.as_ref()?;
        let quantities = minimums.quantities.iter().map(|minimum| {
            let amounts = minimum.quantities.iter();
            amounts.map(|(name, amount)| (Name::new(name), Scalar::from(amount))).collect()
        });
        Some(quantities.collect())
    };
    let roles = info.offer_filters.iter();
    roles.filter_map(|(role, filters)| Some((role.clone(), of_role(filters)?))).collect()
}

/// An agent, as far as allocation goes.
#[derive(Clone, Debug)]
pub struct AgentSpec {
    /// Its hostname, attributes and domain are looked at.
    pub info: Arc<v1::AgentInfo>,
    /// The agent's capability MULTI_ROLE.
    pub multi_role: bool,
    /// The agent's capability HIERARCHICAL_ROLE.
    pub hierarchical_role: bool,
}

/// Resources of an agent that a framework uses in a role.
#[derive(Clone, Debug)]
pub struct Usage {
    /// Who uses them; known to the allocator.
    pub framework: FrameworkKey,
    /// The role that they are allocated to.
    pub role: String,
    /// What is used; allocation info in it is ignored.
    pub resources: Resources,
}

/// Resources of one agent, given to one framework in one role: one offer to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Allocation {
    /// Who gets them.
    pub framework: FrameworkKey,
    /// Where they are.
    pub agent: AgentKey,
    /// The role they are given to.
    pub role: Arc<str>,
    /// What is given, with the allocation info set to `role`.
    pub resources: Resources,
}

/// How resources come back to the allocator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// A task, an executor or an operation no longer uses them.
    Freed,
    /// They were on offer, and the offer was withdrawn by the master.
    Rescinded,
    /// They were on offer, and the framework took nothing of that offer. Not
    /// offered to it again for `refuse`, at least for one allocation interval:
    /// also with a `refuse` of zero, or the two would talk without end.
    Declined {
        /// `Filters.refuse_seconds`, already clamped to its valid range.
        refuse: Duration,
    },
    /// They are what an accepted offer left. Not offered to the framework again
    /// for `refuse`, at least for one allocation interval, unless that is zero.
    Unused {
        /// `Filters.refuse_seconds`, already clamped to its valid range.
        refuse: Duration,
    },
}
