// SPDX-License-Identifier: Apache-2.0

//! What a framework can do, as far as the master's own answers go.
//! What it may be offered is the allocator's matter.

use mesos_proto::v1::{FrameworkInfo, framework_info::capability::Type};

/// The capabilities of a framework.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FrameworkCapabilities {
    /// Gets TASK_UNREACHABLE and its kin instead of TASK_LOST.
    pub(crate) partition_aware: bool,
    /// Knows `allocation_info`.
    pub(crate) multi_role: bool,
    /// Knows stacks of reservations.
    pub(crate) reservation_refinement: bool,
}

impl FrameworkCapabilities {
    /// What `info` says.
    pub(crate) fn new(info: &FrameworkInfo) -> Self {
        let mut capabilities = FrameworkCapabilities::default();
        for capability in &info.capabilities {
            match capability.r#type() {
                Type::PartitionAware => capabilities.partition_aware = true,
                Type::MultiRole => capabilities.multi_role = true,
                Type::ReservationRefinement => capabilities.reservation_refinement = true,
                Type::RevocableResources
                | Type::TaskKillingState
                | Type::GpuResources
                | Type::SharedResources
                | Type::RegionAware
                | Type::Unknown => {}
            }
        }
        capabilities
    }
}
