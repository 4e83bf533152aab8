// SPDX-License-Identifier: Apache-2.0

//! What distinguishes two resources of the same name: provider, allocation,
//! reservations, disk, revocable, shared.
//!
//! Comparison follows Mesos: the order of labels, the volume of a disk (how it
//! is used) and the principal of a volume do not distinguish resources.
//!
//! Source in Mesos: `src/common/resources.cpp`.

use std::sync::Arc;

use mesos_proto::v1::{
    Labels,
    resource::{DiskInfo, ReservationInfo, disk_info::Source, disk_info::source},
};

/// Everything about a resource but its name and its value.
///
/// `PartialEq` is exact; [`Metadata::same`] is what Mesos takes for equal.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Metadata {
    /// The role it is allocated to.
    pub(super) allocation: Option<Arc<str>>,
    /// The stack of reservations, the last one being in force.
    pub(super) reservations: Vec<ReservationInfo>,
    pub(super) disk: Option<Box<DiskInfo>>,
    pub(super) provider: Option<Arc<str>>,
    pub(super) revocable: bool,
    pub(super) shared: bool,
}

impl Metadata {
    /// The metadata to store: nothing is stored for a plain resource.
    pub(super) fn stored(self) -> Option<Arc<Metadata>> {
        (self != Metadata::default()).then(|| Arc::new(self))
    }

    /// Whether Mesos takes them for equal.
    pub(super) fn same(&self, other: &Metadata) -> bool {
        self.allocation == other.allocation
            && self.reservations.len() == other.reservations.len()
            && self
                .reservations
                .iter()
                .zip(&other.reservations)
                .all(|(mine, theirs)| same_reservation(mine, theirs))
            && same_option(self.disk.as_deref(), other.disk.as_deref(), same_disk)
            && self.provider == other.provider
            && self.revocable == other.revocable
            && self.shared == other.shared
    }

    /// Whether the resource is used as a whole or not at all: a volume, or a
    /// disk of its own.
    pub(super) fn is_indivisible(&self) -> bool {
        let Some(disk) = &self.disk else {
            return false;
        };
        let exclusive = disk.source.as_ref().is_some_and(|source| match source.r#type() {
            source::Type::Mount | source::Type::Block => true,
            source::Type::Raw => source.id.is_some(),
            source::Type::Path | source::Type::Unknown => false,
        });
        exclusive || disk.persistence.is_some()
    }
}

/// Whether two reservations are of the same kind, for the same role, by the
/// same principal, with the same labels.
pub(super) fn same_reservation(left: &ReservationInfo, right: &ReservationInfo) -> bool {
    left.r#type() == right.r#type()
        && left.role() == right.role()
        && left.principal == right.principal
        && same_option(left.labels.as_ref(), right.labels.as_ref(), same_labels)
}

/// Whether two sets of labels are equal; their order does not matter.
pub(super) fn same_labels(left: &Labels, right: &Labels) -> bool {
    left.labels.len() == right.labels.len()
        && left.labels.iter().all(|label| right.labels.contains(label))
}

fn same_disk(left: &DiskInfo, right: &DiskInfo) -> bool {
    same_option(left.source.as_ref(), right.source.as_ref(), same_source)
        && volume_id(left) == volume_id(right)
}

fn volume_id(disk: &DiskInfo) -> Option<&str> {
    let volume = disk.persistence.as_ref()?;
    Some(&volume.id)
}

fn same_source(left: &Source, right: &Source) -> bool {
    left.r#type() == right.r#type()
        && left.path == right.path
        && left.mount == right.mount
        && left.vendor == right.vendor
        && left.id == right.id
        && same_option(left.metadata.as_ref(), right.metadata.as_ref(), same_labels)
        && left.profile == right.profile
}

fn same_option<T: ?Sized>(
    left: Option<&T>,
    right: Option<&T>,
    same: impl Fn(&T, &T) -> bool,
) -> bool {
    match (left, right) {
        (None, None) => true,
        (Some(left), Some(right)) => same(left, right),
        (None, Some(_)) | (Some(_), None) => false,
    }
}
