// SPDX-License-Identifier: Apache-2.0

//! SHRINK_VOLUME.

use mesos_proto::v1::{
    offer::operation::ShrinkVolume,
    resource::disk_info::{Source, source},
};

use super::{AgentAbilities, disk_source};
use crate::{
    resources::{Printed, Scalar, validate as valid},
    validation::{
        Invalid, Within, ensure, ensure_with,
        resources::{self, amount},
    },
};

/// Checks a SHRINK_VOLUME.
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn shrink_volume(shrink: &ShrinkVolume, agent: AgentAbilities) -> Result<(), Invalid> {
    valid::resource(&shrink.volume)
        .within("Invalid resource in the 'ShrinkVolume.volume' field")?;
    let subtract = Scalar::from(&shrink.subtract);
    ensure(subtract > Scalar::ZERO, "Value of 'ShrinkVolume.subtract' must be greater than zero")?;
    ensure(
        amount(shrink.volume.scalar.as_ref()) > subtract,
        "Value of 'ShrinkVolume.subtract' must be smaller than the size of 'ShrinkVolume.volume'",
    )?;
    ensure(
        shrink.volume.provider_id.is_none(),
        "Shrinking a volume from a resource provider is not supported",
    )?;
    ensure(
        disk_source(&shrink.volume).map(Source::r#type) != Some(source::Type::Mount),
        "Shrinking a volume on a MOUNT disk is not supported",
    )?;
    resources::persistent_volumes(std::slice::from_ref(&shrink.volume))
        .within("Invalid persistent volume in the 'ShrinkVolume.volume' field")?;
    ensure(
        shrink.volume.shared.is_none(),
        "Shrinking a shared persistent volume is not supported",
    )?;
    ensure_with(agent.resize_volume, || {
        format!(
            "Volume {} cannot be shrunk on an agent without RESIZE_VOLUME capability",
            Printed(&shrink.volume)
        )
    })
}
