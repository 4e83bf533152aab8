// SPDX-License-Identifier: Apache-2.0

//! DESTROY.

use mesos_proto::v1::offer::operation::Destroy;

use crate::{
    resources::Resources,
    validation::{Invalid, Within, ensure, resources},
};

/// Checks a DESTROY.
///
/// `used` are the resources of the tasks and executors of each framework on
/// the agent.
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn destroy<'a>(
    destroy: &Destroy,
    checkpointed: &Resources,
    used: impl IntoIterator<Item = &'a Resources>,
) -> Result<(), Invalid> {
    let mut volumes = destroy.volumes.clone();
    volumes.iter_mut().for_each(|volume| volume.allocation_info = None);
    resources::all(&volumes).within("Invalid resources")?;
    resources::from_one_provider(&volumes).within("Invalid resources")?;
    resources::persistent_volumes(&volumes).within("Not a persistent volume")?;
    let volumes = Resources::from_proto(&volumes);
    let all_known = volumes
        .iter()
        .all(|volume| volume.provider_id().is_some() || checkpointed.contains_one(volume));
    ensure(all_known, "Persistent volumes not found")?;
    for resources in used {
        let used = resources.unallocated();
        ensure(
            !volumes.iter().any(|volume| used.contains_one(volume)),
            "Persistent volumes in use",
        )?;
    }
    Ok(())
}
