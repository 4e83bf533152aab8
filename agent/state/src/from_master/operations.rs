// SPDX-License-Identifier: Apache-2.0

//! ApplyOperation, ReconcileOperations, AcknowledgeOperationStatus.
//!
//! Reservations and volumes are not supported yet: every operation fails, in so many words, and
//! an operation the master asks about is one that was dropped.

use mesos_proto::{
    internal::{
        AcknowledgeOperationStatusMessage, ApplyOperationMessage, ReconcileOperationsMessage,
        UpdateOperationStatusMessage,
    },
    v1::{FrameworkId, OperationId, OperationState, OperationStatus, Uuid},
};

use crate::{agent::Agent, output::ToMaster};

impl Agent {
    pub(super) fn apply_operation(&mut self, message: ApplyOperationMessage) {
        let kind = message.operation_info.r#type().as_str_name();
        let text = format!("Operation {kind} is not supported by this agent yet");
        self.outbox.warn(text.clone());
        let status = self.operation_status(
            OperationState::OperationFailed,
            message.operation_info.id.clone(),
            text,
        );
        self.operation_update(message.framework_id, message.operation_uuid, status);
    }

    pub(super) fn reconcile_operations(&mut self, message: ReconcileOperationsMessage) {
        for operation in message.operations {
            let Some(uuid) = operation.operation_uuid else { continue };
            let text = "Reconciliation: operation unknown to the agent".to_owned();
            let status = self.operation_status(
                OperationState::OperationDropped,
                operation.operation_id,
                text,
            );
            self.operation_update(message.framework_id.clone(), uuid, status);
        }
    }

    pub(super) fn acknowledge_operation_status(
        &mut self,
        message: &AcknowledgeOperationStatusMessage,
    ) {
        self.outbox
            .info(format!("Acknowledged: status of operation {:x}", message.operation_uuid.value));
    }

    fn operation_status(
        &mut self,
        state: OperationState,
        operation_id: Option<OperationId>,
        message: String,
    ) -> OperationStatus {
        let uuid = operation_id.as_ref().map(|_| Uuid { value: self.new_uuid() });
        let mut status = OperationStatus {
            operation_id,
            message: Some(message),
            uuid,
            agent_id: self.info.id.clone(),
            ..OperationStatus::default()
        };
        status.set_state(state);
        status
    }

    fn operation_update(
        &mut self,
        framework_id: Option<FrameworkId>,
        operation_uuid: Uuid,
        status: OperationStatus,
    ) {
        self.tell_master(ToMaster::UpdateOperationStatus(UpdateOperationStatusMessage {
            framework_id,
            agent_id: self.info.id.clone(),
            latest_status: Some(status.clone()),
            status,
            operation_uuid: Some(operation_uuid),
        }));
    }
}
