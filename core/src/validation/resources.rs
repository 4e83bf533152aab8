// SPDX-License-Identifier: Apache-2.0

//! Resources in tasks, executors and operations, beyond each one's own shape.
//!
//! Resources here are in the post-refinement format: the master upgrades what
//! it receives before it checks it.

use std::collections::{BTreeMap, BTreeSet};

use mesos_proto::v1::{
    self, Resource as Proto,
    resource::{DiskInfo, reservation_info},
    volume,
};

use super::{Invalid, Within, ensure, ensure_with};
use crate::{
    ids,
    resources::{Printed, Quantities, Resources, Scalar, validate},
};

/// Checks resources as every task, executor and operation must have them.
///
/// # Errors
/// The first thing that is wrong with one of them.
pub fn all(resources: &[Proto]) -> Result<(), Invalid> {
    validate::all(resources).within("Invalid resources")?;
    gpus(resources).within("Invalid 'gpus' resource")?;
    resources
        .iter()
        .filter_map(|resource| resource.disk.as_ref().map(|disk| (resource, disk)))
        .try_for_each(|(resource, disk)| disk_info(resource, disk))
        .within("Invalid DiskInfo")?;
    resources.iter().try_for_each(dynamic_reservation).within("Invalid ReservationInfo")
}

/// Checks that gpus are whole.
///
/// # Errors
/// A fraction.
pub fn gpus(resources: &[Proto]) -> Result<(), Invalid> {
    let gpus: Scalar = resources
        .iter()
        .filter(|resource| resource.name == "gpus")
        .filter_map(|resource| resource.scalar.as_ref())
        .map(Scalar::from)
        .sum();
    ensure(gpus.thousandths() % 1000 == 0, "The 'gpus' resource must be an unsigned integer")
}

fn disk_info(resource: &Proto, disk: &DiskInfo) -> Result<(), Invalid> {
    let Some(persistence) = &disk.persistence else {
        ensure(disk.volume.is_none(), "Non-persistent volume not supported")?;
        return ensure(disk.source.is_some(), "DiskInfo is set but empty");
    };
    ensure(
        resource.revocable.is_none(),
        "Persistent volumes cannot be created from revocable resources",
    )?;
    ensure(
        !resource.reservations.is_empty(),
        "Persistent volumes cannot be created from unreserved resources",
    )?;
    let Some(volume) = &disk.volume else {
        return Err(Invalid::new("Expecting 'volume' to be set for persistent volume"));
    };
    ensure(volume.host_path.is_none(), "Expecting 'host_path' to be unset for persistent volume")?;
    ids::validate(&persistence.id).within("Invalid persistence ID for persistent volume")
}

fn dynamic_reservation(resource: &Proto) -> Result<(), Invalid> {
    ensure_with(!(is_dynamically_reserved(resource) && resource.revocable.is_some()), || {
        format!(
            "Dynamically reserved resource {} cannot be created from revocable resources",
            Printed(resource)
        )
    })
}

/// Checks that no two volumes of one role have the same persistence id.
///
/// # Errors
/// An id that occurs twice.
pub fn unique_persistence_ids(resources: &Resources) -> Result<(), Invalid> {
    let mut ids = BTreeSet::new();
    for volume in &resources.persistent_volumes() {
        let id = volume.disk().and_then(|disk| disk.persistence.as_ref()).map(|p| p.id.clone());
        let Some(id) = id else { continue };
        let role = volume.reservation_role().unwrap_or_default().to_owned();
        ensure_with(ids.insert((role, id.clone())), || {
            format!("Persistence ID '{id}' is not unique")
        })?;
    }
    Ok(())
}

/// Checks that no name has revocable and non-revocable resources.
///
/// # Errors
/// The first name that has both.
pub fn not_partly_revocable(resources: &Resources) -> Result<(), Invalid> {
    let mut revocable: BTreeMap<&str, bool> = BTreeMap::new();
    let mut mixed = BTreeSet::new();
    for resource in resources {
        let name = resource.name().as_str();
        if *revocable.entry(name).or_insert(resource.is_revocable()) != resource.is_revocable() {
            mixed.insert(name);
        }
    }
    match mixed.first() {
        None => Ok(()),
        Some(name) => Err(Invalid::new(format!(
            "Cannot use both revocable and non-revocable '{name}' at the same time"
        ))),
    }
}

/// Checks that all resources are allocated to one role.
///
/// # Errors
/// No role, or several.
pub fn allocated_to_one_role(resources: &Resources) -> Result<(), Invalid> {
    let mut first = None;
    for resource in resources {
        let Some(role) = resource.allocation_role() else {
            return Err(Invalid::new("The resources are not allocated to a role"));
        };
        let first = *first.get_or_insert(role);
        ensure_with(role == first, || {
            format!(
                "The resources have multiple allocation roles ('{role}' and '{first}') \
                 but only one allocation role is allowed"
            )
        })?;
    }
    Ok(())
}

/// Checks that all resources are persistent volumes that can be written.
///
/// # Errors
/// The first that is not.
pub fn persistent_volumes(resources: &[Proto]) -> Result<(), Invalid> {
    resources.iter().try_for_each(|resource| {
        let Some(disk) = &resource.disk else {
            let printed = Printed(resource);
            return Err(Invalid::new(format!("Resource {printed} does not have DiskInfo")));
        };
        ensure(disk.persistence.is_some(), "'persistence' is not set in DiskInfo")?;
        let Some(volume) = &disk.volume else {
            return Err(Invalid::new("Expecting 'volume' to be set for persistent volume"));
        };
        ensure(volume.mode() != volume::Mode::Ro, "Read-only persistent volume not supported")
    })
}

/// Checks that all resources come from one provider, or all from the agent itself.
///
/// # Errors
/// Several providers, or no resources at all (which Mesos words the same).
pub fn from_one_provider(resources: &[Proto]) -> Result<(), Invalid> {
    let providers: BTreeSet<Option<&str>> = resources
        .iter()
        .map(|resource| resource.provider_id.as_ref().map(|id| id.value.as_str()))
        .collect();
    if providers.len() == 1 {
        return Ok(());
    }
    ensure(!providers.contains(&None), "Some resources have a resource provider and some do not")?;
    let ids: Vec<&str> = providers.into_iter().flatten().collect();
    Err(Invalid::new(format!("The resources have multiple resource providers: {}", ids.join(", "))))
}

/// Whether some range or set occurs in more than one of the collections.
///
/// The sum of what each holds is then more than what the sum of them holds.
pub fn overlap<'a>(collections: impl IntoIterator<Item = &'a Resources>) -> bool {
    let mut separately = Quantities::new();
    let mut together = Resources::new();
    for collection in collections {
        separately += &collection.counted_quantities();
        together += collection;
    }
    separately != together.counted_quantities()
}

/// Whether the reservation in force was made at run time.
pub(super) fn is_dynamically_reserved(resource: &Proto) -> bool {
    resource
        .reservations
        .last()
        .is_some_and(|last| last.r#type() == reservation_info::Type::Dynamic)
}

/// The role of the reservation in force; `*` if there is none.
pub(super) fn reservation_role(resource: &Proto) -> &str {
    resource.reservations.last().map_or("*", |last| last.role())
}

/// Whether it is a persistent volume.
pub(super) fn is_persistent_volume(resource: &Proto) -> bool {
    resource.disk.as_ref().is_some_and(|disk| disk.persistence.is_some())
}

/// The amount of a scalar; nothing for other types.
pub(super) fn amount(scalar: Option<&v1::value::Scalar>) -> Scalar {
    scalar.map_or(Scalar::ZERO, Scalar::from)
}
