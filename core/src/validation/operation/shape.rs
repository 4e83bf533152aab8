// SPDX-License-Identifier: Apache-2.0

//! Whether an operation has what its type says.

use mesos_proto::v1::{
    Resource, TaskInfo,
    offer::{Operation, operation::Type},
};

use super::Invalid;
use crate::resources::validate as valid;

/// Checks that an operation has what its type says, with resources that are valid.
///
/// An unset or unknown type is refused. Call it before the resources are
/// upgraded to the post-refinement format.
///
/// # Errors
/// The part that is missing, or the first invalid resource.
pub fn shape(operation: &Operation) -> Result<(), Invalid> {
    let missing = |article: &str, offer: &str, end: &str| {
        let kind = operation.r#type().as_str_name();
        let field = kind.to_ascii_lowercase();
        Invalid::new(format!(
            "{article} {kind} {offer}operation must have the Offer.Operation.{field} field set{end}"
        ))
    };
    let resources: Vec<&Resource> = match operation.r#type() {
        Type::Unknown => return Err(Invalid::new("Unknown offer operation")),
        Type::Launch => {
            let launch = operation.launch.as_ref().ok_or_else(|| missing("A", "offer ", "."))?;
            launch.task_infos.iter().flat_map(task_resources).collect()
        }
        Type::LaunchGroup => {
            let group = &operation.launch_group;
            let group = group.as_ref().ok_or_else(|| missing("A", "offer ", "."))?;
            let tasks = group.task_group.tasks.iter().flat_map(task_resources);
            group.executor.resources.iter().chain(tasks).collect()
        }
        Type::Reserve => {
            let reserve = operation.reserve.as_ref().ok_or_else(|| missing("A", "offer ", "."))?;
            reserve.resources.iter().chain(&reserve.source).collect()
        }
        Type::Unreserve => {
            let unreserve = &operation.unreserve;
            let unreserve = unreserve.as_ref().ok_or_else(|| missing("An", "offer ", "."))?;
            unreserve.resources.iter().collect()
        }
        Type::Create => {
            let create = operation.create.as_ref().ok_or_else(|| missing("A", "offer ", "."))?;
            create.volumes.iter().collect()
        }
        Type::Destroy => {
            let destroy = operation.destroy.as_ref().ok_or_else(|| missing("A", "offer ", "."))?;
            destroy.volumes.iter().collect()
        }
        Type::GrowVolume => {
            let grow = operation.grow_volume.as_ref().ok_or_else(|| missing("A", "", ""))?;
            vec![&grow.volume, &grow.addition]
        }
        Type::ShrinkVolume => {
            let shrink = &operation.shrink_volume;
            vec![&shrink.as_ref().ok_or_else(|| missing("A", "offer ", ""))?.volume]
        }
        Type::CreateDisk => {
            let create = &operation.create_disk;
            vec![&create.as_ref().ok_or_else(|| missing("A", "offer ", "."))?.source]
        }
        Type::DestroyDisk => {
            let destroy = &operation.destroy_disk;
            vec![&destroy.as_ref().ok_or_else(|| missing("A", "offer ", "."))?.source]
        }
    };
    Ok(valid::all(resources)?)
}

fn task_resources(task: &TaskInfo) -> impl Iterator<Item = &Resource> {
    let executor = task.executor.iter().flat_map(|executor| &executor.resources);
    task.resources.iter().chain(executor)
}
