// SPDX-License-Identifier: Apache-2.0

//! From protobuf and back, in the three formats that carry reservations.
//!
//! | format | who gets it | unreserved | one reservation | refined |
//! |---|---|---|---|---|
//! | post-refinement | frameworks with RESERVATION_REFINEMENT, the wire | `reservations: []` | `reservations: [r]` | `reservations: [r, …]` |
//! | pre-refinement | other frameworks, old agents | `role: "*"` | `role`, and `reservation` if dynamic | impossible |
//! | endpoint | operators' JSON | `role: "*"` | both of the above | as post-refinement |
//!
//! Source in Mesos: `src/common/resources_utils.cpp`.
#![expect(deprecated, reason = "the pre-refinement format is still spoken")]

use std::sync::Arc;

use mesos_proto::v1::{
    self, ResourceProviderId,
    resource::{
        AllocationInfo, ReservationInfo, RevocableInfo, SharedInfo,
        reservation_info::Type as ReservationType,
    },
    value,
};

use super::{
    Name, Ranges, Resource, Resources, Scalar, Set, Value,
    metadata::Metadata,
    validate::{self, InvalidResource, InvalidResources},
};

/// Refined reservations cannot be said in the pre-refinement format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Cannot downgrade resources containing refined reservations")]
pub struct RefinedReservation;

impl Resources {
    /// The valid ones of `resources`; the others, and empty ones, are left out.
    ///
    /// For what was validated before. Elsewhere use [`Resources::validated`].
    pub fn from_proto(resources: &[v1::Resource]) -> Resources {
        let valid = resources.iter().filter(|resource| validate::resource(resource).is_ok());
        Resources::collect(valid.map(Resource::from_valid))
    }

    /// All of `resources`; empty ones are left out.
    ///
    /// # Errors
    /// When one of them is invalid.
    pub fn validated(resources: &[v1::Resource]) -> Result<Resources, InvalidResources> {
        validate::all(resources)?;
        Ok(Resources::collect(resources.iter().map(Resource::from_valid)))
    }

    /// The resources in the post-refinement format.
    ///
    /// Like Mesos's, the result holds a shared resource once, whatever its
    /// number of copies.
    pub fn to_proto(&self) -> Vec<v1::Resource> {
        self.iter().map(v1::Resource::from).collect()
    }

    /// The resources in the pre-refinement format.
    ///
    /// # Errors
    /// When a reservation is refined.
    pub fn to_pre_refinement(&self) -> Result<Vec<v1::Resource>, RefinedReservation> {
        let mut resources = self.to_proto();
        resources.iter_mut().try_for_each(downgrade)?;
        Ok(resources)
    }

    /// The resources in the format of the operators' endpoints.
    pub fn to_endpoint(&self) -> Vec<v1::Resource> {
        let mut resources = self.to_proto();
        resources.iter_mut().for_each(to_endpoint_format);
        resources
    }

    /// Merges resources; neighbours with the same metadata share it.
    fn collect(resources: impl Iterator<Item = Resource>) -> Resources {
        let mut result = Resources::new();
        let mut last: Option<Arc<Metadata>> = None;
        for mut resource in resources {
            if resource.metadata == last {
                resource.metadata = last;
            }
            result.add_one(&resource);
            last = resource.metadata;
        }
        result
    }
}

impl Resource {
    /// The resource that the protobuf describes.
    ///
    /// # Errors
    /// When it is invalid.
    pub fn from_proto(resource: &v1::Resource) -> Result<Resource, InvalidResource> {
        validate::resource(resource)?;
        Ok(Resource::from_valid(resource))
    }

    /// The resource of a protobuf that passed validation.
    fn from_valid(resource: &v1::Resource) -> Resource {
        let value = match resource.r#type() {
            value::Type::Ranges => {
                let ranges = resource.ranges.as_ref().map(Ranges::from);
                Value::Ranges(ranges.unwrap_or_else(|| Ranges::new([])))
            }
            value::Type::Set => {
                let set = resource.set.as_ref().map(Set::from);
                Value::Set(set.unwrap_or_else(|| Set::new::<&str>([])))
            }
            value::Type::Scalar | value::Type::Text => {
                let scalar = resource.scalar.as_ref().map(Scalar::from);
                Value::Scalar(scalar.unwrap_or_default())
            }
        };
        let allocation = resource.allocation_info.as_ref();
        let metadata = Metadata {
            allocation: allocation.map(|allocation| allocation.role().into()),
            reservations: reservations(resource),
            disk: resource.disk.clone().map(Box::new),
            provider: resource.provider_id.as_ref().map(|id| id.value.as_str().into()),
            revocable: resource.revocable.is_some(),
            shared: resource.shared.is_some(),
        };
        Resource { name: Name::new(&resource.name), value, copies: 1, metadata: metadata.stored() }
    }
}

/// In the post-refinement format.
impl From<&Resource> for v1::Resource {
    fn from(resource: &Resource) -> Self {
        let mut result =
            v1::Resource { name: resource.name.as_str().to_owned(), ..v1::Resource::default() };
        let value_type = match &resource.value {
            Value::Scalar(scalar) => {
                result.scalar = Some((*scalar).into());
                value::Type::Scalar
            }
            Value::Ranges(ranges) => {
                result.ranges = Some(ranges.into());
                value::Type::Ranges
            }
            Value::Set(set) => {
                result.set = Some(set.into());
                value::Type::Set
            }
        };
        result.set_type(value_type);
        if let Some(metadata) = &resource.metadata {
            result.allocation_info = metadata
                .allocation
                .as_ref()
                .map(|role| AllocationInfo { role: Some(role.as_ref().to_owned()) });
            result.reservations = metadata.reservations.clone();
            result.disk = metadata.disk.as_deref().cloned();
            result.provider_id = metadata
                .provider
                .as_ref()
                .map(|id| ResourceProviderId { value: id.as_ref().to_owned() });
            result.revocable = metadata.revocable.then_some(RevocableInfo {});
            result.shared = metadata.shared.then_some(SharedInfo {});
        }
        result
    }
}

/// The reservations that a resource in any format has.
fn reservations(resource: &v1::Resource) -> Vec<ReservationInfo> {
    if !resource.reservations.is_empty() {
        return resource.reservations.clone();
    }
    let role = resource.role();
    if role == "*" {
        return Vec::new();
    }
    let mut reservation = match &resource.reservation {
        None => ReservationInfo::default(),
        Some(reservation) => reservation.clone(),
    };
    reservation.set_type(match resource.reservation {
        None => ReservationType::Static,
        Some(_) => ReservationType::Dynamic,
    });
    reservation.role = Some(role.to_owned());
    vec![reservation]
}

/// Brings a resource in any format into the post-refinement format.
pub fn upgrade(resource: &mut v1::Resource) {
    resource.reservations = reservations(resource);
    resource.role = None;
    resource.reservation = None;
}

/// Brings a resource in the post-refinement format into the pre-refinement format.
///
/// # Errors
/// When its reservation is refined; the resource is unchanged then.
pub fn downgrade(resource: &mut v1::Resource) -> Result<(), RefinedReservation> {
    if resource.reservations.len() > 1 {
        return Err(RefinedReservation);
    }
    to_endpoint_format(resource);
    resource.reservations.clear();
    Ok(())
}

/// Adds the pre-refinement fields to a resource in the post-refinement format,
/// unless its reservation is refined.
pub fn to_endpoint_format(resource: &mut v1::Resource) {
    match resource.reservations.as_slice() {
        [] => resource.role = Some("*".to_owned()),
        [single] => {
            resource.role = Some(single.role().to_owned());
            if single.r#type() == ReservationType::Dynamic {
                resource.reservation = Some(ReservationInfo {
                    principal: single.principal.clone(),
                    labels: single.labels.clone(),
                    ..ReservationInfo::default()
                });
            }
        }
        [_, _, ..] => {}
    }
}
