// SPDX-License-Identifier: Apache-2.0

//! DESTROY_DISK.

use mesos_proto::v1::{offer::operation::DestroyDisk, resource::disk_info::source};

use super::disk_source;
use crate::{
    resources::Printed,
    validation::{
        Invalid, Within, ensure, ensure_with,
        resources::{self, is_persistent_volume},
    },
};

/// Checks a DESTROY_DISK.
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn destroy_disk(destroy: &DestroyDisk) -> Result<(), Invalid> {
    resources::all(std::slice::from_ref(&destroy.source)).within("Invalid resource")?;
    ensure(destroy.source.provider_id.is_some(), "'source' is not managed by a resource provider")?;
    let disk = disk_source(&destroy.source).filter(|disk| {
        matches!(disk.r#type(), source::Type::Mount | source::Type::Block | source::Type::Raw)
    });
    let Some(disk) = disk else {
        return Err(Invalid::new("'source' is neither a MOUNT, BLOCK or RAW disk resource"));
    };
    ensure(disk.id.is_some(), "'source' is not backed by a CSI volume")?;
    ensure_with(!is_persistent_volume(&destroy.source), || {
        format!(
            "A disk resource containing a persistent volume {} cannot be destroyed directly. \
             Please destroy the persistent volume first then destroy the disk resource",
            Printed(&destroy.source)
        )
    })
}
