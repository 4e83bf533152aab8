// SPDX-License-Identifier: Apache-2.0

//! GROW_VOLUME.

use mesos_proto::v1::{Resource, offer::operation::GrowVolume};

use super::AgentAbilities;
use crate::{
    resources::{Printed, Resources, Scalar, validate as valid},
    validation::{
        Invalid, Within, ensure, ensure_with,
        resources::{self, amount},
    },
};

/// Checks a GROW_VOLUME.
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn grow_volume(grow: &GrowVolume, agent: AgentAbilities) -> Result<(), Invalid> {
    valid::resource(&grow.volume).within("Invalid resource in the 'GrowVolume.volume' field")?;
    valid::resource(&grow.addition)
        .within("Invalid resource in the 'GrowVolume.addition' field")?;
    ensure(
        amount(grow.addition.scalar.as_ref()) > Scalar::ZERO,
        "The size of 'GrowVolume.addition' field must be greater than zero",
    )?;
    ensure(
        grow.volume.provider_id.is_none(),
        "Growing a volume from a resource provider is not supported",
    )?;
    resources::persistent_volumes(std::slice::from_ref(&grow.volume))
        .within("Invalid persistent volume in the 'GrowVolume.volume' field")?;
    ensure(grow.volume.shared.is_none(), "Growing a shared persistent volume is not supported")?;
    let both = Resources::from_proto(&[without_volume(&grow.volume), grow.addition.clone()]);
    ensure(
        both.len() == 1,
        "Incompatible resources in the 'GrowVolume.volume' and 'GrowVolume.addition' fields",
    )?;
    ensure_with(agent.resize_volume, || {
        format!(
            "Volume {} cannot be grown on an agent without RESIZE_VOLUME capability",
            Printed(&grow.volume)
        )
    })
}

/// The disk space that a volume occupies.
fn without_volume(volume: &Resource) -> Resource {
    let mut space = volume.clone();
    if let Some(disk) = &mut space.disk {
        disk.persistence = None;
        disk.volume = None;
    }
    if space.disk.as_ref().is_some_and(|disk| disk.source.is_none()) {
        space.disk = None;
    }
    space
}
