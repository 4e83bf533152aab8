// SPDX-License-Identifier: Apache-2.0

//! What offer operations do to resources.
//!
//! Each operation takes some resources out of a collection and puts others in
//! their place. Whether a framework may do so is not asked here.
//!
//! Source in Mesos: `getResourceConversions` and `applyCheckpointedResources`
//! in `src/common/resources_utils.cpp`.

use mesos_proto::v1::{
    self,
    offer::{Operation, operation},
};

use super::{Resource, Resources, Scalar, convert, reservation::ReservationError};

/// Some resources that become others.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversion {
    /// What is taken out.
    pub consumed: Resources,
    /// What is put in its place.
    pub converted: Resources,
    /// What must not be left afterwards: further copies of a destroyed volume.
    pub exhausts: Option<Resource>,
}

/// Why an operation cannot be carried out, in Mesos's words.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what each variant is")]
pub enum OperationError {
    #[error("Unknown operation")]
    Unknown,
    #[error("Operation not supported")]
    NotSupported,
    #[error("A {name} operation must have the Offer.Operation.{field} field set")]
    FieldNotSet { name: &'static str, field: &'static str },
    #[error("Operation not supported for resource provider")]
    ResourceProvider,
    #[error(transparent)]
    Reservation(#[from] ReservationError),
    #[error("{total} does not contain {missing}")]
    NotContained { total: String, missing: String },
    #[error("Persistent volume {0} cannot be removed due to additional shared copies")]
    SharedCopies(String),
}

/// Why the resources an agent remembers do not fit those it has now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what each variant is")]
pub enum CheckpointError {
    #[error("Unexpected checkpointed resources {0}")]
    Unexpected(String),
    #[error("Incompatible agent resources: {total} does not contain {missing}")]
    NotContained { total: String, missing: String },
}

impl Resources {
    /// These resources after `conversion`.
    ///
    /// # Errors
    /// When they do not contain what it consumes, or more copies of a volume
    /// than the one to be destroyed.
    pub fn apply(&self, conversion: &Conversion) -> Result<Resources, OperationError> {
        if !self.contains(&conversion.consumed) {
            return Err(OperationError::NotContained {
                total: self.to_string(),
                missing: conversion.consumed.to_string(),
            });
        }
        let result = self - &conversion.consumed + &conversion.converted;
        match &conversion.exhausts {
            Some(volume) if result.contains_one(volume) => {
                Err(OperationError::SharedCopies(volume.to_string()))
            }
            Some(_) | None => Ok(result),
        }
    }

    /// These resources after `operation`.
    ///
    /// # Errors
    /// When the operation has no conversions, or one of them cannot be applied.
    pub fn apply_operation(&self, operation: &Operation) -> Result<Resources, OperationError> {
        conversions(operation)?
            .iter()
            .try_fold(self.clone(), |resources, conversion| resources.apply(conversion))
    }

    /// The declared resources of an agent with what was made of them at run
    /// time: dynamic reservations and volumes.
    ///
    /// # Errors
    /// When the declared resources no longer contain what that was made from.
    pub fn apply_checkpointed(
        &self,
        checkpointed: &Resources,
    ) -> Result<Resources, CheckpointError> {
        let mut total = self.clone();
        for resource in checkpointed {
            if !resource.needs_checkpointing() {
                return Err(CheckpointError::Unexpected(resource.to_string()));
            }
            let origin = origin(resource);
            if !total.contains_one(&origin) {
                return Err(CheckpointError::NotContained {
                    total: total.to_string(),
                    missing: origin.to_string(),
                });
            }
            total.subtract_one(&origin);
            total.add_one(resource);
        }
        Ok(total)
    }
}

/// What a resource was before it was dynamically reserved and made a volume.
fn origin(resource: &Resource) -> Resource {
    let mut origin = without_volume(resource);
    if resource.is_dynamically_reserved() {
        origin.change(|metadata| {
            metadata.reservations.truncate(1);
            metadata
                .reservations
                .retain(|first| first.r#type() == v1::resource::reservation_info::Type::Static);
        });
    }
    origin
}

/// The disk that a volume is on, not shared.
fn without_volume(volume: &Resource) -> Resource {
    let mut disk = volume.clone();
    disk.copies = 1;
    disk.change(|metadata| {
        metadata.shared = false;
        metadata.disk = metadata.disk.take().and_then(|mut disk| {
            disk.source.as_ref()?;
            disk.persistence = None;
            disk.volume = None;
            Some(disk)
        });
    });
    disk
}

/// The conversions that an operation on an agent's resources consists of.
///
/// Resources that are invalid or empty are left out: validate them before.
///
/// # Errors
/// When the operation is not one on resources, or its content is missing.
pub fn conversions(operation: &Operation) -> Result<Vec<Conversion>, OperationError> {
    let missing = |name, field| OperationError::FieldNotSet { name, field };
    match operation.r#type() {
        operation::Type::Unknown => Err(OperationError::Unknown),
        operation::Type::Launch
        | operation::Type::LaunchGroup
        | operation::Type::CreateDisk
        | operation::Type::DestroyDisk => Err(OperationError::NotSupported),
        operation::Type::Reserve => {
            let reserve = operation.reserve.as_ref();
            reserve_conversions(reserve.ok_or(missing("RESERVE", "reserve"))?)
        }
        operation::Type::Unreserve => {
            let unreserve = operation.unreserve.as_ref();
            unreserve_conversions(unreserve.ok_or(missing("UNRESERVE", "unreserve"))?)
        }
        operation::Type::Create => {
            let create = operation.create.as_ref();
            let create = create.ok_or(missing("CREATE", "create"))?;
            Ok(each(&create.volumes).map(create_conversion).collect())
        }
        operation::Type::Destroy => {
            let destroy = operation.destroy.as_ref();
            let destroy = destroy.ok_or(missing("DESTROY", "destroy"))?;
            Ok(each(&destroy.volumes).map(destroy_conversion).collect())
        }
        operation::Type::GrowVolume => {
            let grow = operation.grow_volume.as_ref();
            grow_conversion(grow.ok_or(missing("GROW_VOLUME", "grow_volume"))?)
        }
        operation::Type::ShrinkVolume => {
            let shrink = operation.shrink_volume.as_ref();
            shrink_conversion(shrink.ok_or(missing("SHRINK_VOLUME", "shrink_volume"))?)
        }
    }
}

fn each(resources: &[v1::Resource]) -> impl Iterator<Item = Resource> {
    resources.iter().filter_map(|resource| Resource::from_proto(resource).ok())
}

fn simple(consumed: Resources, converted: Resources) -> Conversion {
    Conversion { consumed, converted, exhausts: None }
}

fn reserve_conversions(reserve: &operation::Reserve) -> Result<Vec<Conversion>, OperationError> {
    let reserved = Resources::from_proto(&reserve.resources);
    let source = if reserve.source.is_empty() {
        reserved.pop_reservation()?
    } else {
        Resources::from_proto(&reserve.source)
    };
    Ok(vec![simple(source, reserved)])
}

fn unreserve_conversions(
    unreserve: &operation::Unreserve,
) -> Result<Vec<Conversion>, OperationError> {
    each(&unreserve.resources)
        .map(|resource| {
            let reserved = Resources::from_iter([resource]);
            let popped = reserved.pop_reservation()?;
            Ok(simple(reserved, popped))
        })
        .collect()
}

fn create_conversion(volume: Resource) -> Conversion {
    let disk = without_volume(&volume);
    simple(Resources::from_iter([disk]), Resources::from_iter([volume]))
}

fn destroy_conversion(volume: Resource) -> Conversion {
    let disk = without_volume(&volume);
    Conversion {
        consumed: Resources::from_iter([&volume]),
        converted: Resources::from_iter([disk]),
        exhausts: Some(volume),
    }
}

fn grow_conversion(grow: &operation::GrowVolume) -> Result<Vec<Conversion>, OperationError> {
    refuse_provider(&grow.volume)?;
    let resized = |amount: Scalar| {
        let mut volume = grow.volume.clone();
        volume.scalar = Some((amount + scalar(&grow.addition)).into());
        volume
    };
    let consumed = Resources::from_proto(&[grow.volume.clone(), grow.addition.clone()]);
    let converted = Resources::from_proto(&[resized(scalar(&grow.volume))]);
    Ok(vec![simple(consumed, converted)])
}

fn shrink_conversion(shrink: &operation::ShrinkVolume) -> Result<Vec<Conversion>, OperationError> {
    refuse_provider(&shrink.volume)?;
    let subtract = Scalar::from(&shrink.subtract);
    let sized = |amount: Scalar| {
        let mut volume = shrink.volume.clone();
        volume.scalar = Some(amount.into());
        each(&[volume]).next()
    };
    let shrunk = sized(scalar(&shrink.volume) - subtract);
    let freed = sized(subtract).as_ref().map(without_volume);
    let consumed = Resources::from_proto(std::slice::from_ref(&shrink.volume));
    let converted = shrunk.into_iter().chain(freed).collect();
    Ok(vec![simple(consumed, converted)])
}

fn scalar(resource: &v1::Resource) -> Scalar {
    resource.scalar.as_ref().map(Scalar::from).unwrap_or_default()
}

fn refuse_provider(volume: &v1::Resource) -> Result<(), OperationError> {
    match volume.provider_id {
        Some(_) => Err(OperationError::ResourceProvider),
        None => Ok(()),
    }
}

/// Brings every resource in an operation into the post-refinement format.
pub fn upgrade(operation: &mut Operation) {
    visit_resources(operation, &mut convert::upgrade);
}

/// Calls `visit` with every resource in an operation.
pub fn visit_resources(operation: &mut Operation, visit: &mut dyn FnMut(&mut v1::Resource)) {
    if let Some(launch) = &mut operation.launch {
        for task in &mut launch.task_infos {
            visit_task(task, visit);
        }
    }
    if let Some(group) = &mut operation.launch_group {
        group.executor.resources.iter_mut().for_each(&mut *visit);
        for task in &mut group.task_group.tasks {
            visit_task(task, visit);
        }
    }
    if let Some(reserve) = &mut operation.reserve {
        let source = reserve.source.iter_mut();
        source.chain(&mut reserve.resources).for_each(&mut *visit);
    }
    if let Some(unreserve) = &mut operation.unreserve {
        unreserve.resources.iter_mut().for_each(&mut *visit);
    }
    if let Some(create) = &mut operation.create {
        create.volumes.iter_mut().for_each(&mut *visit);
    }
    if let Some(destroy) = &mut operation.destroy {
        destroy.volumes.iter_mut().for_each(&mut *visit);
    }
    if let Some(grow) = &mut operation.grow_volume {
        visit(&mut grow.volume);
        visit(&mut grow.addition);
    }
    if let Some(shrink) = &mut operation.shrink_volume {
        visit(&mut shrink.volume);
    }
    if let Some(create) = &mut operation.create_disk {
        visit(&mut create.source);
    }
    if let Some(destroy) = &mut operation.destroy_disk {
        visit(&mut destroy.source);
    }
}

/// Calls `visit` with every resource of a task and its executor.
pub fn visit_task(task: &mut v1::TaskInfo, visit: &mut dyn FnMut(&mut v1::Resource)) {
    task.resources.iter_mut().for_each(&mut *visit);
    if let Some(executor) = &mut task.executor {
        executor.resources.iter_mut().for_each(&mut *visit);
    }
}
