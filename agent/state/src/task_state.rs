// SPDX-License-Identifier: Apache-2.0

//! What the states of a task mean.

use mesos_proto::v1::{FrameworkInfo, TaskState, framework_info::capability};

/// Whether nothing comes after this state on an agent.
pub(crate) fn is_terminal(state: TaskState) -> bool {
    match state {
        TaskState::TaskFinished
        | TaskState::TaskFailed
        | TaskState::TaskKilled
        | TaskState::TaskError
        | TaskState::TaskLost
        | TaskState::TaskDropped
        | TaskState::TaskGone
        | TaskState::TaskGoneByOperator => true,
        TaskState::TaskStaging
        | TaskState::TaskStarting
        | TaskState::TaskRunning
        | TaskState::TaskKilling
        | TaskState::TaskUnreachable
        | TaskState::TaskUnknown => false,
    }
}

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
