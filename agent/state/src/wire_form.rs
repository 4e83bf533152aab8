// SPDX-License-Identifier: Apache-2.0

//! The two spellings of reservations in [`Resource`].
//!
//! Inside, and towards executors, a resource lists its `reservations` and has no `role`. Towards
//! a master an agent spells them the old way (`role`, `reservation`) wherever that loses nothing,
//! that is unless a reservation is refined.
//!
//! In Mesos: `src/common/resources_utils.cpp`.

use mesos_core::resources::convert;
use mesos_proto::v1::{
    ExecutorInfo, FrameworkInfo, Resource, TaskInfo, framework_info::capability, resource,
};

use crate::task_state::has_capability;

/// Respells resources the way masters are told them; refined ones stay as they are.
pub(crate) fn downgrade(resources: &mut [Resource]) {
    for resource in resources {
        if convert::downgrade(resource).is_err() {
            debug_assert!(resource.reservations.len() > 1, "only refined ones keep their spelling");
        }
    }
}

/// Respells the resources of a task, and gives those that say nothing to `role`.
pub(crate) fn upgrade_task(task: &mut TaskInfo, role: Option<&str>) {
    allocate(&mut task.resources, role);
    task.resources.iter_mut().for_each(convert::upgrade);
    if let Some(executor) = &mut task.executor {
        upgrade_executor(executor, role);
    }
}

/// Respells the resources of an executor, and gives those that say nothing to `role`.
pub(crate) fn upgrade_executor(executor: &mut ExecutorInfo, role: Option<&str>) {
    allocate(&mut executor.resources, role);
    executor.resources.iter_mut().for_each(convert::upgrade);
}

/// Masters before 1.3 do not say to which role resources are allocated; their frameworks have
/// only one.
fn allocate(resources: &mut [Resource], role: Option<&str>) {
    let Some(role) = role else { return };
    for resource in resources {
        if resource.allocation_info.is_none() {
            resource.allocation_info =
                Some(resource::AllocationInfo { role: Some(role.to_owned()) });
        }
    }
}

/// The one role of a framework that cannot have several.
pub(crate) fn only_role(framework: &FrameworkInfo) -> Option<String> {
    if has_capability(framework, capability::Type::MultiRole) {
        match framework.roles.as_slice() {
            [role] => Some(role.clone()),
            _ => None,
        }
    } else {
        Some(framework.role().to_owned())
    }
}
