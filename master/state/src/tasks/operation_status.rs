// SPDX-License-Identifier: Apache-2.0

//! UpdateOperationStatusMessage: until operations are supported, no operation
//! is ever sent to an agent, so none of ours can change.

use mesos_proto::internal::UpdateOperationStatusMessage;

use crate::master::Master;

impl Master {
    /// Message: UpdateOperationStatusMessage; always about an unknown operation.
    pub(crate) fn update_operation_status(&mut self, message: &UpdateOperationStatusMessage) {
        self.metrics.messages_operation_status_update += 1;
        self.metrics.invalid_operation_status_updates += 1;
        let agent_id = message.agent_id.as_ref().map_or("", |id| id.value.as_str());
        self.warn(format!(
            "Ignoring the status {} of an unknown operation on agent '{agent_id}'",
            message.status.state().as_str_name()
        ));
    }
}
