// SPDX-License-Identifier: Apache-2.0

//! What the states of a task mean.

pub(crate) use mesos_core::task_state::is_terminal;
use mesos_proto::v1::{FrameworkInfo, TaskState, framework_info::capability};

/// Whether the framework has this capability.
pub(crate) fn has_capability(framework: &FrameworkInfo, wanted: capability::Type) -> bool {
    framework.capabilities.iter().any(|capability| capability.r#type() == wanted)
}

/// TASK_DROPPED, or what a framework that does not know partitions is told instead.
pub(crate) fn dropped(framework: &FrameworkInfo) -> TaskState {
    if has_capability(framework, capability::Type::PartitionAware) {
        TaskState::TaskDropped
    } else {
        TaskState::TaskLost
    }
}

/// TASK_GONE, or what a framework that does not know partitions is told instead.
pub(crate) fn gone(framework: &FrameworkInfo) -> TaskState {
    if has_capability(framework, capability::Type::PartitionAware) {
        TaskState::TaskGone
    } else {
        TaskState::TaskLost
    }
}
