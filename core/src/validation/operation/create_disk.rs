// SPDX-License-Identifier: Apache-2.0

//! CREATE_DISK.

use mesos_proto::v1::{offer::operation::CreateDisk, resource::disk_info::source};

use super::disk_source;
use crate::validation::{Invalid, Within, ensure, resources};

/// Checks a CREATE_DISK.
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn create_disk(create: &CreateDisk) -> Result<(), Invalid> {
    resources::all(std::slice::from_ref(&create.source)).within("Invalid resource")?;
    ensure(create.source.provider_id.is_some(), "'source' is not managed by a resource provider")?;
    let raw = disk_source(&create.source).filter(|s| s.r#type() == source::Type::Raw);
    let Some(raw) = raw else {
        return Err(Invalid::new("'source' is not a RAW disk resource"));
    };
    ensure(
        matches!(create.target_type(), source::Type::Mount | source::Type::Block),
        "'target_type' is neither MOUNT or BLOCK",
    )?;
    match (raw.profile.is_some(), create.target_profile.is_some()) {
        (true, true) => {
            Err(Invalid::new("'target_profile' must not be set when 'source' has a profile"))
        }
        (false, false) => {
            Err(Invalid::new("'target_profile' must be set when 'source' has no profile"))
        }
        (true, false) | (false, true) => Ok(()),
    }
}
