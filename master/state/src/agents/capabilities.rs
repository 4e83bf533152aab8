// SPDX-License-Identifier: Apache-2.0

//! What an agent can do, decoded once.

use mesos_proto::v1::agent_info::{Capability, capability::Type};

/// The capabilities of an agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AgentCapabilities {
    pub(crate) multi_role: bool,
    pub(crate) hierarchical_role: bool,
    pub(crate) reservation_refinement: bool,
    pub(crate) resource_provider: bool,
    pub(crate) operation_feedback: bool,
    pub(crate) task_resource_limits: bool,
    pub(crate) resize_volume: bool,
}

impl AgentCapabilities {
    /// What `list` says; a capability that this master does not know is ignored.
    pub(crate) fn new(list: &[Capability]) -> Self {
        let mut capabilities = AgentCapabilities::default();
        for capability in list {
            match capability.r#type() {
                Type::MultiRole => capabilities.multi_role = true,
                Type::HierarchicalRole => capabilities.hierarchical_role = true,
                Type::ReservationRefinement => capabilities.reservation_refinement = true,
                Type::ResourceProvider => capabilities.resource_provider = true,
                Type::AgentOperationFeedback => capabilities.operation_feedback = true,
                Type::TaskResourceLimits => capabilities.task_resource_limits = true,
                Type::ResizeVolume => capabilities.resize_volume = true,
                Type::AgentDraining | Type::Unknown => {}
            }
        }
        capabilities
    }
}
