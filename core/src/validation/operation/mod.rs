// SPDX-License-Identifier: Apache-2.0

//! Operations on offered resources: their shape, and each kind's own rules.
//!
//! LAUNCH and LAUNCH_GROUP have their tasks checked by `task` and `task_group`.

mod create;
mod create_disk;
mod destroy;
mod destroy_disk;
mod grow_volume;
mod reserve;
mod shape;
mod shrink_volume;
mod unreserve;

use mesos_proto::v1::{FrameworkInfo, Resource, resource::disk_info::Source};

pub use self::{
    create::create, create_disk::create_disk, destroy::destroy, destroy_disk::destroy_disk,
    grow_volume::grow_volume, reserve::reserve, shape::shape, shrink_volume::shrink_volume,
    unreserve::unreserve,
};
use super::{Invalid, ensure_with, resources::reservation_role};
use crate::resources::Printed;

/// Who attempts an operation.
#[derive(Clone, Copy, Debug)]
pub enum Requester<'a> {
    /// A framework that accepted an offer.
    Framework(&'a FrameworkInfo),
    /// An operator, through the HTTP API.
    Operator,
}

/// What an agent can do with reservations and volumes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentAbilities {
    /// HIERARCHICAL_ROLE.
    pub hierarchical_role: bool,
    /// RESERVATION_REFINEMENT.
    pub reservation_refinement: bool,
    /// RESIZE_VOLUME.
    pub resize_volume: bool,
}

/// Checks that the agent knows this kind of reservation.
fn agent_understands(
    resource: &Resource,
    agent: AgentAbilities,
    what: &str,
    done: &str,
) -> Result<(), Invalid> {
    let role = reservation_role(resource);
    ensure_with(agent.hierarchical_role || !role.contains('/'), || {
        format!(
            "{what} {} with reservation for hierarchical role '{role}' cannot be {done} \
             on an agent without HIERARCHICAL_ROLE capability",
            Printed(resource)
        )
    })?;
    ensure_with(agent.reservation_refinement || resource.reservations.len() < 2, || {
        format!(
            "{what} {} with reservation refinement cannot be {done} on an agent \
             without RESERVATION_REFINEMENT capability",
            Printed(resource)
        )
    })
}

/// The disk a resource is on, if it is not the agent's root disk.
fn disk_source(resource: &Resource) -> Option<&Source> {
    resource.disk.as_ref()?.source.as_ref()
}
