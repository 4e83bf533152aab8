// SPDX-License-Identifier: Apache-2.0

//! Operations are brought into the one form that the master works with: valid
//! resources, post-refinement, allocated to the role of the offers.

use mesos_core::{resources::convert, validation::operation};
use mesos_proto::v1::{
    Resource,
    offer::{Operation, operation::Type},
    resource::AllocationInfo,
};

use super::accept::Use;
use crate::master::Master;

/// How many resources a task, an executor or an operation may list: sums of
/// them cost the square of their number when all are different.
const MAX_RESOURCES: usize = 1000;

impl Master {
    /// Prepares an operation; the error is what its framework is told.
    pub(super) fn prepare(&self, used: &Use, operation: &mut Operation) -> Result<(), String> {
        let kind = operation.r#type();
        let launches = matches!(kind, Type::Launch | Type::LaunchGroup);
        let longest = longest_list(operation);
        if longest > MAX_RESOURCES {
            return Err(format!(
                "At most {MAX_RESOURCES} resources are accepted in one place, but there are \
                 {longest}"
            ));
        }
        if let Err(error) = operation::shape(operation) {
            return Err(match launches {
                true => error.to_string(),
                false => format!("Operation attempted with invalid resources: {error}"),
            });
        }
        if operation.reserve.as_ref().is_some_and(|reserve| !reserve.source.is_empty()) {
            return Err("Operation attempted with invalid resources: Reservation updates are not \
                        yet implemented for the scheduler API."
                .to_owned());
        }
        for resource in resources_of(operation) {
            convert::upgrade(resource);
            let role = || AllocationInfo { role: Some(used.role.to_string()) };
            resource.allocation_info.get_or_insert_with(role);
        }
        match operation.id.is_some() {
            true if launches => {
                Err(format!("The `id` field cannot be set on {} operations", kind.as_str_name()))
            }
            true => self.check_feedback(used, operation),
            false => Ok(()),
        }
    }

    /// Feedback on an operation needs an agent that can give it.
    fn check_feedback(&self, used: &Use, operation: &Operation) -> Result<(), String> {
        let agent = &self.agents.registered[used.agent];
        let id = &agent.record.id;
        if !agent.capabilities.resource_provider {
            return Err(format!(
                "Operation requested feedback, but agent {id} does not have the required \
                 RESOURCE_PROVIDER capability"
            ));
        }
        let mut operation = operation.clone();
        let on_provider = resources_of(&mut operation).iter().any(|it| it.provider_id.is_some());
        if !on_provider && !agent.capabilities.operation_feedback {
            return Err(format!(
                "Operation on agent default resources requested feedback, but agent {id} does not \
                 have the required AGENT_OPERATION_FEEDBACK and RESOURCE_PROVIDER capabilities"
            ));
        }
        Ok(())
    }
}

/// The length of the longest list of resources in an operation.
fn longest_list(operation: &Operation) -> usize {
    let launched = operation.launch.iter().flat_map(|launch| &launch.task_infos);
    let group = operation.launch_group.as_ref();
    let grouped = group.into_iter().flat_map(|group| &group.task_group.tasks);
    let of_tasks = launched.chain(grouped).flat_map(|task| {
        let executor = task.executor.as_ref().map_or(0, |executor| executor.resources.len());
        [task.resources.len(), executor]
    });
    let others = [
        group.map(|group| group.executor.resources.len()),
        operation.reserve.as_ref().map(|it| it.resources.len()),
        operation.unreserve.as_ref().map(|it| it.resources.len()),
        operation.create.as_ref().map(|it| it.volumes.len()),
        operation.destroy.as_ref().map(|it| it.volumes.len()),
    ];
    of_tasks.chain(others.into_iter().flatten()).max().unwrap_or(0)
}

/// All resources in an operation.
fn resources_of(operation: &mut Operation) -> Vec<&mut Resource> {
    let mut all: Vec<&mut Resource> = Vec::new();
    let mut tasks = Vec::new();
    if let Some(launch) = &mut operation.launch {
        tasks.extend(&mut launch.task_infos);
    }
    if let Some(group) = &mut operation.launch_group {
        all.extend(&mut group.executor.resources);
        tasks.extend(&mut group.task_group.tasks);
    }
    for task in tasks {
        all.extend(&mut task.resources);
        all.extend(task.executor.iter_mut().flat_map(|executor| &mut executor.resources));
    }
    all.extend(operation.reserve.iter_mut().flat_map(|it| &mut it.resources));
    all.extend(operation.unreserve.iter_mut().flat_map(|it| &mut it.resources));
    all.extend(operation.create.iter_mut().flat_map(|it| &mut it.volumes));
    all.extend(operation.destroy.iter_mut().flat_map(|it| &mut it.volumes));
    if let Some(grow) = &mut operation.grow_volume {
        all.extend([&mut grow.volume, &mut grow.addition]);
    }
    all.extend(operation.shrink_volume.iter_mut().map(|it| &mut it.volume));
    all.extend(operation.create_disk.iter_mut().map(|it| &mut it.source));
    all.extend(operation.destroy_disk.iter_mut().map(|it| &mut it.source));
    all
}
