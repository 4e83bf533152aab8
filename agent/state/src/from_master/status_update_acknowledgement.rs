// SPDX-License-Identifier: Apache-2.0

//! StatusUpdateAcknowledgement: a scheduler has taken note of an update.

use mesos_core::{
    time::Time,
    trial::{self, Defect},
};
use mesos_proto::internal::{
    StatusUpdateAcknowledgementMessage, StatusUpdateRecord, status_update_record,
};

use crate::{
    agent::{Agent, Phase},
    outbox::record,
    output::Store,
    status_updates::Acknowledged,
};

impl Agent {
    pub(super) fn status_update_acknowledgement(
        &mut self,
        now: Time,
        from: &str,
        message: StatusUpdateAcknowledgementMessage,
    ) {
        let framework_id = message.framework_id.value;
        let task_id = message.task_id.value;
        if from.starts_with("master") {
            let expected = self.registration.master.as_deref() == Some(from);
            if self.phase != Phase::Running || !expected {
                self.outbox.warn(format!(
                    "Ignoring status update acknowledgement for task {task_id} of framework \
                     {framework_id} from {from}: the agent is {} and its master is {}",
                    self.phase.name(),
                    self.registration.master.as_deref().unwrap_or("None")
                ));
                return;
            }
        }
        let stream = (framework_id.clone(), task_id.clone());
        match self.updates.acknowledge(now, &stream, &message.uuid) {
            Acknowledged::Ignored(why) => self.outbox.warn(format!(
                "Ignoring status update acknowledgement {:x} for task {task_id} of framework \
                 {framework_id}: {why}",
                message.uuid
            )),
            Acknowledged::Done { path, ended, .. } => {
                if let Some(path) = path.filter(|_| !trial::has(Defect::AcknowledgementNotStored)) {
                    let mut acknowledgement =
                        StatusUpdateRecord { uuid: Some(message.uuid), ..Default::default() };
                    acknowledgement.set_type(status_update_record::Type::Ack);
                    self.outbox.store(path, Store::Append(record(&acknowledgement)));
                }
                if ended {
                    self.task_completed(now, &framework_id, &task_id);
                }
            }
        }
    }
}
