// SPDX-License-Identifier: Apache-2.0

//! Whether a resource from outside makes sense, with Mesos's words where not.
//!
//! Two refusals are stricter than Mesos's: ranges overlap in whatever order
//! they come, and amounts that fixed point cannot hold are named as such.
//!
//! Source in Mesos: `Resources::validate` in `src/common/resources.cpp`.

use std::collections::BTreeSet;

use mesos_proto::v1::{
    self,
    resource::{DiskInfo, ReservationInfo, disk_info::source, reservation_info},
    value,
};

use super::{Printed, Scalar, metadata::same_labels};
use crate::roles::{self, InvalidRole};

/// What is wrong with a resource.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what each variant is")]
pub enum InvalidResource {
    #[error("Empty resource name")]
    EmptyName,
    #[error("Invalid resource type")]
    UnknownType,
    #[error("Unsupported resource type")]
    UnsupportedType,
    #[error("Invalid scalar resource")]
    NotScalar,
    #[error("Invalid scalar resource: value <= 0")]
    NotPositive,
    #[error("Invalid scalar resource: value is not a finite number up to {}", Scalar::MAX_VALID)]
    TooLarge,
    #[error("Invalid ranges resource")]
    NotRanges,
    #[error("Invalid ranges resource: begin > end")]
    ReversedRange,
    #[error("Invalid ranges resource: overlapping ranges")]
    OverlappingRanges,
    #[error("Invalid set resource")]
    NotSet,
    #[error("Invalid set resource: duplicated elements")]
    DuplicateItems,
    #[error("DiskInfo should not be set for {0} resource")]
    DiskInfoOnOther(String),
    #[error("Mount should not be set for {0} disk source")]
    MountOnDevice(&'static str),
    #[error("Path should not be set for {0} disk source")]
    PathOnDevice(&'static str),
    #[error("Unsupported 'DiskInfo.Source.Type' in '{0}'")]
    UnknownDiskType(String),
    #[error(transparent)]
    Role(#[from] InvalidRole),
    #[error("'Resource.ReservationInfo.type' must not be set for the 'Resource.reservation' field")]
    TypeInOldReservation,
    #[error("'Resource.ReservationInfo.role' must not be set for the 'Resource.reservation' field")]
    RoleInOldReservation,
    #[error("Invalid reservation: role \"*\" cannot be dynamically reserved")]
    StarDynamicallyReserved,
    #[error("Invalid reservation: 'Resource.ReservationInfo.type' field must be set.")]
    NoReservationType,
    #[error("Invalid reservation: 'Resource.ReservationInfo.role' field must be set.")]
    NoReservationRole,
    #[error("Invalid reservation: role \"*\" cannot be reserved")]
    StarReserved,
    #[error("Invalid refined reservation: A refined reservation cannot be STATIC")]
    StaticRefinement,
    #[error("Invalid refined reservation: role '{role}' is not a refinement of '{parent}'")]
    NotRefinement { role: String, parent: String },
    #[error(
        "Invalid resource format: 'Resource.role' field with '{role}' does not match \
         the role '{reserved}' in 'Resource.reservations'"
    )]
    RoleMismatch { role: String, reserved: String },
    #[error(
        "Invalid resource format: 'Resource.reservation' must not be set if the single \
         reservation in 'Resource.reservations' is STATIC"
    )]
    OldReservationForStatic,
    #[error(
        "Invalid resource format: 'Resource.role' and 'Resource.reservation' must either be \
         both set or both not set if the single reservation in 'Resource.reservations' is DYNAMIC"
    )]
    HalfOldFormat,
    #[error(
        "Invalid resource format: 'Resource.reservation.principal' field with '{old}' does \
         not match the principal '{new}' in 'Resource.reservations'"
    )]
    PrincipalMismatch { old: String, new: String },
    #[error(
        "Invalid resource format: 'Resource.reservation.labels' field with '{old}' does not \
         match the labels '{new}' in 'Resource.reservations'"
    )]
    LabelsMismatch { old: String, new: String },
    #[error("Unsupported 'Resource.ReservationInfo.Type'")]
    UnknownReservationType,
    #[error(
        "Invalid resource format: 'Resource.role' must not be set if there is more than one \
         reservation in 'Resource.reservations'"
    )]
    RoleBesideRefinement,
    #[error(
        "Invalid resource format: 'Resource.reservation' must not be set if there is more \
         than one reservation in 'Resource.reservations'"
    )]
    OldReservationBesideRefinement,
    #[error("Resource {0} cannot be shared")]
    SharedOther(String),
    #[error("Only persistent volumes can be shared")]
    SharedNotVolume,
}

/// Which of several resources is wrong, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Resource '{resource}' is invalid: {reason}")]
pub struct InvalidResources {
    /// The first invalid resource, printed.
    pub resource: String,
    /// What is wrong with it.
    #[source]
    pub reason: InvalidResource,
}

/// Checks each of `resources`.
///
/// # Errors
/// The first invalid resource.
pub fn all<'a>(
    resources: impl IntoIterator<Item = &'a v1::Resource>,
) -> Result<(), InvalidResources> {
    resources.into_iter().try_for_each(|candidate| {
        resource(candidate)
            .map_err(|reason| InvalidResources { resource: Printed(candidate).to_string(), reason })
    })
}

/// Checks one resource, in whatever format of reservation.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn resource(resource: &v1::Resource) -> Result<(), InvalidResource> {
    if resource.name.is_empty() {
        return Err(InvalidResource::EmptyName);
    }
    match value::Type::try_from(resource.r#type) {
        Err(_) => return Err(InvalidResource::UnknownType),
        Ok(value::Type::Scalar) => scalar(resource)?,
        Ok(value::Type::Ranges) => ranges(resource)?,
        Ok(value::Type::Set) => set(resource)?,
        Ok(value::Type::Text) => return Err(InvalidResource::UnsupportedType),
    }
    if let Some(disk) = &resource.disk {
        self::disk(&resource.name, disk)?;
    }
    if resource.reservations.is_empty() {
        old_reservation(resource)?;
    } else {
        reservations(&resource.reservations)?;
        endpoint_format(resource)?;
    }
    if resource.shared.is_none() {
        return Ok(());
    }
    if resource.name != "disk" {
        return Err(InvalidResource::SharedOther(resource.name.clone()));
    }
    let volume = resource.disk.as_ref().and_then(|disk| disk.persistence.as_ref());
    volume.map(drop).ok_or(InvalidResource::SharedNotVolume)
}

fn scalar(resource: &v1::Resource) -> Result<(), InvalidResource> {
    let (Some(scalar), None, None) = (&resource.scalar, &resource.ranges, &resource.set) else {
        return Err(InvalidResource::NotScalar);
    };
    let value = scalar.value;
    if !value.is_finite() || value > Scalar::MAX_VALID.as_f64() {
        return Err(InvalidResource::TooLarge);
    }
    if value != 0.0 && Scalar::from_f64(value) <= Scalar::ZERO {
        return Err(InvalidResource::NotPositive);
    }
    Ok(())
}

fn ranges(resource: &v1::Resource) -> Result<(), InvalidResource> {
    let (None, Some(ranges), None) = (&resource.scalar, &resource.ranges, &resource.set) else {
        return Err(InvalidResource::NotRanges);
    };
    if ranges.range.iter().any(|range| range.begin > range.end) {
        return Err(InvalidResource::ReversedRange);
    }
    let mut sorted: Vec<(u64, u64)> =
        ranges.range.iter().map(|range| (range.begin, range.end)).collect();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[1].0 <= pair[0].1) {
        return Err(InvalidResource::OverlappingRanges);
    }
    Ok(())
}

fn set(resource: &v1::Resource) -> Result<(), InvalidResource> {
    let (None, None, Some(set)) = (&resource.scalar, &resource.ranges, &resource.set) else {
        return Err(InvalidResource::NotSet);
    };
    let distinct: BTreeSet<&String> = set.item.iter().collect();
    if distinct.len() < set.item.len() {
        return Err(InvalidResource::DuplicateItems);
    }
    Ok(())
}

fn disk(name: &str, disk: &DiskInfo) -> Result<(), InvalidResource> {
    if name != "disk" {
        return Err(InvalidResource::DiskInfoOnOther(name.to_owned()));
    }
    let Some(source) = &disk.source else {
        return Ok(());
    };
    let source_type = source::Type::try_from(source.r#type).unwrap_or(source::Type::Unknown);
    match source_type {
        source::Type::Path | source::Type::Mount => Ok(()),
        source::Type::Block | source::Type::Raw => {
            let name = source_type.as_str_name();
            if source.mount.is_some() {
                Err(InvalidResource::MountOnDevice(name))
            } else if source.path.is_some() {
                Err(InvalidResource::PathOnDevice(name))
            } else {
                Ok(())
            }
        }
        source::Type::Unknown => Err(InvalidResource::UnknownDiskType(Printed(source).to_string())),
    }
}

/// Checks `role` and `reservation` of the pre-refinement format.
fn old_reservation(resource: &v1::Resource) -> Result<(), InvalidResource> {
    let role = role(resource).unwrap_or("*");
    roles::validate(role)?;
    let Some(reservation) = &resource.reservation else {
        return Ok(());
    };
    if reservation.r#type.is_some() {
        return Err(InvalidResource::TypeInOldReservation);
    }
    if reservation.role.is_some() {
        return Err(InvalidResource::RoleInOldReservation);
    }
    if role == "*" {
        return Err(InvalidResource::StarDynamicallyReserved);
    }
    Ok(())
}

/// Checks the stack of the post-refinement format.
fn reservations(stack: &[ReservationInfo]) -> Result<(), InvalidResource> {
    for reservation in stack {
        if reservation.r#type.is_none() {
            return Err(InvalidResource::NoReservationType);
        }
        let Some(role) = &reservation.role else {
            return Err(InvalidResource::NoReservationRole);
        };
        roles::validate(role)?;
        if role == "*" {
            return Err(InvalidResource::StarReserved);
        }
    }
    for pair in stack.windows(2) {
        let (parent, refined) = (&pair[0], &pair[1]);
        if refined.r#type() == reservation_info::Type::Static {
            return Err(InvalidResource::StaticRefinement);
        }
        if !roles::is_strict_subrole_of(refined.role(), parent.role()) {
            return Err(InvalidResource::NotRefinement {
                role: refined.role().to_owned(),
                parent: parent.role().to_owned(),
            });
        }
    }
    Ok(())
}

/// Checks that a resource that carries both formats says the same in both.
fn endpoint_format(resource: &v1::Resource) -> Result<(), InvalidResource> {
    let [single] = resource.reservations.as_slice() else {
        if role(resource).is_some() {
            return Err(InvalidResource::RoleBesideRefinement);
        }
        if resource.reservation.is_some() {
            return Err(InvalidResource::OldReservationBesideRefinement);
        }
        return Ok(());
    };
    if let Some(role) = role(resource)
        && role != single.role()
    {
        return Err(InvalidResource::RoleMismatch {
            role: role.to_owned(),
            reserved: single.role().to_owned(),
        });
    }
    match single.r#type() {
        reservation_info::Type::Static if resource.reservation.is_some() => {
            Err(InvalidResource::OldReservationForStatic)
        }
        reservation_info::Type::Static => Ok(()),
        reservation_info::Type::Dynamic => old_matches_single(resource, single),
        reservation_info::Type::Unknown => Err(InvalidResource::UnknownReservationType),
    }
}

fn old_matches_single(
    resource: &v1::Resource,
    single: &ReservationInfo,
) -> Result<(), InvalidResource> {
    if role(resource).is_some() != resource.reservation.is_some() {
        return Err(InvalidResource::HalfOldFormat);
    }
    let Some(old) = &resource.reservation else {
        return Ok(());
    };
    if old.principal() != single.principal() {
        return Err(InvalidResource::PrincipalMismatch {
            old: old.principal().to_owned(),
            new: single.principal().to_owned(),
        });
    }
    let none = v1::Labels::default();
    let old_labels = old.labels.as_ref().unwrap_or(&none);
    let new_labels = single.labels.as_ref().unwrap_or(&none);
    if !same_labels(old_labels, new_labels) {
        return Err(InvalidResource::LabelsMismatch {
            old: Printed(old_labels).to_string(),
            new: Printed(new_labels).to_string(),
        });
    }
    Ok(())
}

/// The field `role` of the pre-refinement format, if it is set.
#[expect(deprecated, reason = "the pre-refinement format is still spoken")]
fn role(resource: &v1::Resource) -> Option<&str> {
    resource.role.as_deref()
}
