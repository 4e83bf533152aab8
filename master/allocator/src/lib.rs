// SPDX-License-Identifier: Apache-2.0

//! Who is offered what.
//!
//! An [`Allocator`] is told about frameworks, agents and resources, and says which
//! resources to offer to whom: hierarchical dominant resource fairness, as in
//! Mesos, but incremental. It has no I/O, no clock and no threads; the caller gives
//! it handles for frameworks and agents, the time, and a seed.
//!
//! ```text
//!   add / update / remove, suppress / revive ──▶ ┌───────────┐
//!   accept, recover, convert  ───────────────── ▶│ Allocator │──▶ allocate(now): offers
//!   poll_timeout: when to call allocate  ◀────── └───────────┘──▶ explain: why no offer
//! ```
//!
//! The life of a resource: *available* → (allocate) → *on offer* → (accept) →
//! *used* → (recover: freed) → *available*; or back from *on offer* by a decline,
//! which leaves a filter, or by a rescind, which does not.
//!
//! What it refuses to do: know tasks, offers' ids, or what a role may be called.
//! Wrong keys and resources that do not add up are mistakes of the caller, not
//! input from outside, and panic.
//!
//! Source in Mesos: `src/master/allocator/mesos/hierarchical.cpp`. Differences:
//! recovered resources are offered at once, not at the next tick; a decline with a
//! filter of zero seconds holds for one interval; shared resources alone make no
//! offer.

mod agent;
mod agents;
mod allocator;
mod bitset;
mod config;
pub mod constraints;
mod explain;
mod filters;
mod frameworks;
mod pass;
mod spec;
mod tree;

#[cfg(test)]
mod tests;

pub use self::{
    allocator::{Allocator, Statistics},
    config::Config,
    constraints::{ConstraintError, ConstraintLimits, Constraints},
    explain::{Competitor, Explanation, FairShare, Obstacle},
    spec::{
        AgentKey, AgentSpec, Allocation, Capabilities, FrameworkKey, FrameworkSpec, Recovery, Usage,
    },
};
