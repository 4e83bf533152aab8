// SPDX-License-Identifier: Apache-2.0

//! One resource: so much of one kind.
//!
//! Two resources are of one kind when name, type of value and metadata are the
//! same. Resources of one kind are added and subtracted, unless they are
//! indivisible (a persistent volume, a disk of its own), which are only ever
//! taken as a whole, or shared, of which copies are counted.

use std::{fmt, sync::Arc};

use mesos_proto::v1::{
    self,
    resource::{DiskInfo, ReservationInfo, disk_info::source, reservation_info},
};

use super::{Name, Scalar, Value, metadata::Metadata};
use crate::roles;

/// So much of one kind of resource; cheap to clone.
#[derive(Clone, Debug)]
pub struct Resource {
    pub(super) name: Name,
    pub(super) value: Value,
    /// How many copies of a shared resource there are; 1 for any other.
    pub(super) copies: u32,
    /// `None` for a plain resource, to make the common case small and fast.
    pub(super) metadata: Option<Arc<Metadata>>,
}

impl Resource {
    /// An unreserved, unallocated amount.
    pub fn scalar(name: impl Into<Name>, amount: Scalar) -> Self {
        Resource { name: name.into(), value: Value::Scalar(amount), copies: 1, metadata: None }
    }

    /// What it is.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// How much of it there is.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// How many copies of a shared resource there are; 1 for any other.
    pub fn copies(&self) -> u32 {
        self.copies
    }

    /// The role it is allocated to.
    pub fn allocation_role(&self) -> Option<&str> {
        self.metadata.as_ref()?.allocation.as_deref()
    }

    /// The stack of reservations, the last one being in force.
    pub fn reservations(&self) -> &[ReservationInfo] {
        match &self.metadata {
            Some(metadata) => &metadata.reservations,
            None => &[],
        }
    }

    /// The role it is reserved to.
    pub fn reservation_role(&self) -> Option<&str> {
        self.reservations().last().map(ReservationInfo::role)
    }

    /// Which disk, and which volume on it.
    pub fn disk(&self) -> Option<&DiskInfo> {
        self.metadata.as_ref()?.disk.as_deref()
    }

    /// The id of the resource provider that has it; `None` for the agent itself.
    pub fn provider_id(&self) -> Option<&str> {
        self.metadata.as_ref()?.provider.as_deref()
    }

    /// Whether there is nothing of it.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty() || self.copies == 0
    }

    /// Whether it is an amount.
    pub fn is_scalar(&self) -> bool {
        matches!(self.value, Value::Scalar(_))
    }

    /// Whether it is reserved to no role.
    pub fn is_unreserved(&self) -> bool {
        self.reservations().is_empty()
    }

    /// Whether it is reserved to any role.
    pub fn is_reserved(&self) -> bool {
        !self.is_unreserved()
    }

    /// Whether it is reserved to exactly `role`.
    pub fn is_reserved_to(&self, role: &str) -> bool {
        self.reservation_role() == Some(role)
    }

    /// Whether the reservation in force was made at run time.
    pub fn is_dynamically_reserved(&self) -> bool {
        self.reservations()
            .last()
            .is_some_and(|last| last.r#type() == reservation_info::Type::Dynamic)
    }

    /// Whether a reservation was refined by another one for a sub-role.
    pub fn has_refined_reservations(&self) -> bool {
        self.reservations().len() > 1
    }

    /// Whether `role` may use it: it is unreserved, or reserved to `role` or to
    /// an ancestor of it.
    pub fn is_allocatable_to(&self, role: &str) -> bool {
        self.reservation_role()
            .is_none_or(|reserved| reserved == role || roles::is_strict_subrole_of(role, reserved))
    }

    /// Whether it is reserved to `role` or to a role below it.
    pub fn is_reserved_to_subtree(&self, role: &str) -> bool {
        self.reservation_role().is_some_and(|reserved| roles::is_in_subtree_of(reserved, role))
    }

    /// Whether it is allocated to `role` or to a role below it.
    pub fn is_allocated_to_subtree(&self, role: &str) -> bool {
        self.allocation_role().is_some_and(|allocated| roles::is_in_subtree_of(allocated, role))
    }

    /// Whether it can be taken back at any time.
    pub fn is_revocable(&self) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| metadata.revocable)
    }

    /// Whether several tasks may use it at once.
    pub fn is_shared(&self) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| metadata.shared)
    }

    /// Whether it is a persistent volume.
    pub fn is_persistent_volume(&self) -> bool {
        self.disk().is_some_and(|disk| disk.persistence.is_some())
    }

    /// Whether it is on a disk of this type.
    pub fn is_disk(&self, disk_type: source::Type) -> bool {
        self.disk()
            .and_then(|disk| disk.source.as_ref())
            .is_some_and(|source| source.r#type() == disk_type)
    }

    /// Whether it is used as a whole or not at all.
    pub fn is_indivisible(&self) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| metadata.is_indivisible())
    }

    /// Whether the agent has to remember it over a restart: what was made at
    /// run time from the agent's own resources.
    pub fn needs_checkpointing(&self) -> bool {
        self.provider_id().is_none()
            && (self.is_dynamically_reserved() || self.is_persistent_volume())
    }

    /// Whether both are of one kind.
    pub fn same_kind(&self, other: &Resource) -> bool {
        self.name == other.name && self.value.same_type(&other.value) && self.same_metadata(other)
    }

    /// Whether both are the same, apart from the number of copies.
    pub fn same(&self, other: &Resource) -> bool {
        self.same_kind(other) && self.value == other.value
    }

    /// Whether `other` could be taken out of this one.
    pub fn contains(&self, other: &Resource) -> bool {
        self.is_subtractable(other)
            && self.value.contains(&other.value)
            && self.copies >= other.copies
    }

    /// A plain resource of the same name and value.
    pub fn stripped(&self) -> Resource {
        Resource { name: self.name.clone(), value: self.value.clone(), copies: 1, metadata: None }
    }

    /// Whether both can become one resource.
    pub(super) fn is_addable(&self, other: &Resource) -> bool {
        if self.is_shared() || other.is_shared() {
            return self.same(other);
        }
        self.same_kind(other) && !self.is_indivisible()
    }

    /// Whether `other` can be subtracted, without regard to amounts.
    pub(super) fn is_subtractable(&self, other: &Resource) -> bool {
        if self.is_shared() || other.is_shared() || self.is_indivisible() {
            return self.same(other);
        }
        self.same_kind(other)
    }

    /// Adds what [`is_addable`](Self::is_addable) allows.
    pub(super) fn add(&mut self, other: &Resource) {
        if self.is_shared() {
            self.copies = self.copies.saturating_add(other.copies);
        } else {
            self.value.add(&other.value);
        }
    }

    /// Subtracts what [`is_subtractable`](Self::is_subtractable) allows, and
    /// tells whether anything is left.
    pub(super) fn subtract(&mut self, other: &Resource) -> bool {
        if self.is_shared() {
            self.copies = self.copies.saturating_sub(other.copies);
        } else {
            self.value.subtract(&other.value);
        }
        let negative = self.value.as_scalar().is_some_and(Scalar::is_negative);
        !negative && !self.is_empty()
    }

    /// Changes a copy of the metadata.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Metadata)) {
        let mut metadata = self.metadata.as_deref().cloned().unwrap_or_default();
        change(&mut metadata);
        self.metadata = metadata.stored();
    }

    fn same_metadata(&self, other: &Resource) -> bool {
        match (&self.metadata, &other.metadata) {
            (None, None) => true,
            (Some(mine), Some(theirs)) => Arc::ptr_eq(mine, theirs) || mine.same(theirs),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
}

/// Equal to Mesos: the volume of a disk, say, does not count; copies do.
impl PartialEq for Resource {
    fn eq(&self, other: &Resource) -> bool {
        self.copies == other.copies && self.same(other)
    }
}

/// Prints as Mesos does: `cpus(allocated: web)(reservations: [(STATIC,web)]):2`.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::text::Printed(&v1::Resource::from(self)).fmt(f)?;
        if self.is_shared() {
            write!(f, "<{}>", self.copies)?;
        }
        Ok(())
    }
}
