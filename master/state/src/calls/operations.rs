// SPDX-License-Identifier: Apache-2.0

//! Operations on resources: RESERVE, CREATE and their kin are not supported yet,
//! and are refused in the way in which Mesos reports a failed operation.

use mesos_allocator::FrameworkKey;
use mesos_core::validation::{
    Invalid,
    operation::{self, AgentAbilities, Requester},
};
use mesos_proto::v1::{
    OperationState, OperationStatus,
    offer::{Operation, operation::Type},
    scheduler::{
        Event,
        call::{AcknowledgeOperationStatus, ReconcileOperations, reconcile_operations},
        event,
    },
};

use super::accept::Use;
use crate::master::Master;

impl Master {
    /// An operation that this master cannot do.
    pub(super) fn refuse_unsupported(&mut self, used: &Use, operation: &Operation) {
        let framework = used.framework;
        let kind = operation.r#type();
        if kind == Type::Unknown {
            return self.warn("Ignoring an operation of unknown type".to_owned());
        }
        if let Err(error) = self.check_operation(used, operation) {
            let agent = &self.agents.registered[used.agent].record;
            let message = format!(
                "{error}; on agent {} at {} ({})",
                agent.id, agent.pid, agent.info.hostname
            );
            return self.drop_operation(framework, operation, &message);
        }
        let name = kind.as_str_name();
        self.drop_operation(framework, operation, &format!("{name} is not supported yet"));
    }

    /// What is wrong with an operation comes before what this master cannot do.
    fn check_operation(&self, used: &Use, of: &Operation) -> Result<(), Invalid> {
        let agent = &self.agents.registered[used.agent];
        let info = &self.frameworks.registered[used.framework].record.info;
        let (requester, principal) = (Requester::Framework(info), info.principal.as_deref());
        let abilities = AgentAbilities {
            hierarchical_role: agent.capabilities.hierarchical_role,
            reservation_refinement: agent.capabilities.reservation_refinement,
            resize_volume: agent.capabilities.resize_volume,
        };
        let checkpointed = agent.record.total.needing_checkpoint();
        let each = [
            of.reserve.as_ref().map(|it| operation::reserve(it, principal, abilities, requester)),
            of.unreserve.as_ref().map(operation::unreserve),
            of.create
                .as_ref()
                .map(|it| operation::create(it, &checkpointed, principal, abilities, requester)),
            of.destroy.as_ref().map(|it| operation::destroy(it, &checkpointed, [&agent.used])),
            of.grow_volume.as_ref().map(|it| operation::grow_volume(it, abilities)),
            of.shrink_volume.as_ref().map(|it| operation::shrink_volume(it, abilities)),
            of.create_disk.as_ref().map(operation::create_disk),
            of.destroy_disk.as_ref().map(operation::destroy_disk),
        ];
        each.into_iter().flatten().collect()
    }

    /// Reports a failed operation; only one with an id has someone to hear of it.
    pub(super) fn drop_operation(
        &mut self,
        framework: FrameworkKey,
        operation: &Operation,
        message: &str,
    ) {
        let id = &self.frameworks.registered[framework].record.id;
        let name = operation.r#type().as_str_name();
        self.warn(format!("Dropping a {name} operation of framework {id}: {message}"));
        self.metrics.operations_error += 1;
        if operation.id.is_none() {
            return;
        }
        self.send_operation_status(
            framework,
            OperationStatus {
                operation_id: operation.id.clone(),
                state: OperationState::OperationError.into(),
                message: Some(message.to_owned()),
                ..Default::default()
            },
        );
    }

    /// Call: RECONCILE_OPERATIONS. There are no operations, so all are unknown.
    pub(super) fn reconcile_operations(
        &mut self,
        framework: FrameworkKey,
        call: ReconcileOperations,
    ) {
        self.metrics.messages_reconcile_operations += 1;
        for asked in call.operations {
            let (state, message) = self.operation_state(&asked);
            self.send_operation_status(
                framework,
                OperationStatus {
                    operation_id: Some(asked.operation_id),
                    state: state.into(),
                    message: Some(format!("Reconciliation: {message}")),
                    agent_id: asked.agent_id,
                    resource_provider_id: asked.resource_provider_id,
                    ..Default::default()
                },
            );
        }
    }

    fn operation_state(
        &self,
        asked: &reconcile_operations::Operation,
    ) -> (OperationState, &'static str) {
        let Some(agent_id) = asked.agent_id.as_ref().map(|id| id.value.as_str()) else {
            let message = "Operation is unknown and no 'agent_id' was provided";
            return (OperationState::OperationUnknown, message);
        };
        if self.agents.recovered.contains_key(agent_id) {
            let message = "Agent is recovered but has not re-registered";
            return (OperationState::OperationRecovering, message);
        }
        if self.agents.find(agent_id).is_some() {
            return (OperationState::OperationUnknown, "Operation is unknown");
        }
        if self.agents.unreachable.contains_key(agent_id) {
            return (OperationState::OperationUnreachable, "Agent is unreachable");
        }
        if self.agents.gone.contains_key(agent_id) {
            return (OperationState::OperationGoneByOperator, "Agent marked gone by operator");
        }
        (OperationState::OperationUnknown, "Both operation and agent are unknown")
    }

    /// Call: ACKNOWLEDGE_OPERATION_STATUS; no operation has a status to acknowledge.
    pub(super) fn acknowledge_operation_status(
        &mut self,
        framework: FrameworkKey,
        call: &AcknowledgeOperationStatus,
    ) {
        self.metrics.messages_operation_status_update_acknowledgement += 1;
        self.metrics.invalid_operation_status_update_acknowledgements += 1;
        let id = &self.frameworks.registered[framework].record.id;
        self.warn(format!(
            "Ignoring the acknowledgement of operation '{}' by framework {id}: it is unknown",
            call.operation_id.value
        ));
    }

    fn send_operation_status(&mut self, framework: FrameworkKey, status: OperationStatus) {
        self.send_event(
            framework,
            Event {
                r#type: Some(event::Type::UpdateOperationStatus.into()),
                update_operation_status: Some(event::UpdateOperationStatus { status }),
                ..Default::default()
            },
        );
    }
}
