// SPDX-License-Identifier: Apache-2.0

//! Changing reservations and allocations of a whole collection.

use std::sync::Arc;

use mesos_proto::v1::{self, resource::ReservationInfo};

use super::{
    Resource, Resources,
    metadata::Metadata,
    validate::{self, InvalidResource},
};

/// Why reservations cannot be changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReservationError {
    /// The new reservation does not refine the old one.
    #[error("Invalid resource {resource}: {reason}")]
    Push {
        /// What it would become.
        resource: String,
        /// What is wrong with it.
        reason: InvalidResource,
    },
    /// There is no reservation to take away.
    #[error("Resource {0} is not reserved")]
    Unreserved(String),
}

impl Resources {
    /// With every reservation refined by `reservation`.
    ///
    /// # Errors
    /// When `reservation` is not a valid refinement of one of the resources.
    pub fn push_reservation(
        &self,
        reservation: &ReservationInfo,
    ) -> Result<Resources, ReservationError> {
        self.iter()
            .map(|resource| {
                let mut pushed = resource.clone();
                pushed.change(|metadata| metadata.reservations.push(reservation.clone()));
                match validate::resource(&v1::Resource::from(&pushed)) {
                    Ok(()) => Ok(pushed),
                    Err(reason) => {
                        Err(ReservationError::Push { resource: pushed.to_string(), reason })
                    }
                }
            })
            .collect()
    }

    /// Without the last reservation of each resource.
    ///
    /// # Errors
    /// When one of the resources is not reserved.
    pub fn pop_reservation(&self) -> Result<Resources, ReservationError> {
        self.iter()
            .map(|resource| {
                if resource.is_unreserved() {
                    return Err(ReservationError::Unreserved(resource.to_string()));
                }
                let mut popped = resource.clone();
                popped.change(|metadata| drop(metadata.reservations.pop()));
                Ok(popped)
            })
            .collect()
    }

    /// Without any reservation.
    pub fn to_unreserved(&self) -> Resources {
        if self.iter().all(Resource::is_unreserved) {
            return self.clone();
        }
        self.iter()
            .map(|resource| {
                let mut unreserved = resource.clone();
                if unreserved.is_reserved() {
                    unreserved.change(|metadata| metadata.reservations.clear());
                }
                unreserved
            })
            .collect()
    }

    /// Only names and amounts of the scalars: the sum over roles, volumes and so on.
    pub fn to_stripped_scalars(&self) -> Resources {
        let scalars = self.iter().filter(|resource| resource.is_scalar());
        scalars.map(Resource::stripped).collect()
    }

    /// Marks all as allocated to `role`.
    pub fn allocate(&mut self, role: &str) {
        if self.iter().all(|resource| resource.allocation_role() == Some(role)) {
            return;
        }
        let role: Arc<str> = role.into();
        self.change_allocation(|metadata| metadata.allocation = Some(Arc::clone(&role)));
    }

    /// Marks all as not allocated.
    pub fn unallocate(&mut self) {
        if self.iter().all(|resource| resource.allocation_role().is_none()) {
            return;
        }
        self.change_allocation(|metadata| metadata.allocation = None);
    }

    /// The same resources, allocated to `role`.
    pub fn allocated(&self, role: &str) -> Resources {
        let mut result = self.clone();
        result.allocate(role);
        result
    }

    /// The same resources, not allocated.
    pub fn unallocated(&self) -> Resources {
        let mut result = self.clone();
        result.unallocate();
        result
    }

    /// Changes the allocation of each resource; neighbours that shared their
    /// metadata before share it afterwards.
    fn change_allocation(&mut self, change: impl Fn(&mut Metadata)) {
        let role = self.iter().next().and_then(Resource::allocation_role);
        let distinct = self.iter().all(|resource| resource.allocation_role() == role);
        let mut changed: Vec<Resource> = Vec::with_capacity(self.len());
        for (at, resource) in self.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| &self.as_slice()[before].metadata);
            let mut resource = resource.clone();
            match (before, changed.last()) {
                (Some(before), Some(twin)) if same_memory(before, &resource.metadata) => {
                    resource.metadata.clone_from(&twin.metadata);
                }
                (_, _) => resource.change(&change),
            }
            changed.push(resource);
        }
        *self = if distinct {
            Resources::from_distinct(changed)
        } else {
            // Resources that differed in their allocation only may now be one kind.
            changed.into_iter().collect()
        };
    }
}

fn same_memory(left: &Option<Arc<Metadata>>, right: &Option<Arc<Metadata>>) -> bool {
    match (left, right) {
        (None, None) => true,
        (Some(left), Some(right)) => Arc::ptr_eq(left, right),
        (None, Some(_)) | (Some(_), None) => false,
    }
}
