// SPDX-License-Identifier: Apache-2.0

//! ACKNOWLEDGE: a scheduler has seen a status. The acknowledgement of a terminal
//! status is what lets the master drop the task.

use mesos_allocator::FrameworkKey;
use mesos_core::trial::{self, Defect};
use mesos_proto::{
    internal::StatusUpdateAcknowledgementMessage,
    v1::{FrameworkId, scheduler::call::Acknowledge},
};

use crate::{
    master::Master,
    output::ToAgent,
    tasks::{Leaving, is_terminal},
};

impl Master {
    /// Call: ACKNOWLEDGE; dropped when the agent is away, it will send the status again.
    pub(super) fn acknowledge(&mut self, framework: FrameworkKey, call: Acknowledge) {
        self.metrics.messages_status_update_acknowledgement += 1;
        let agent = self.agents.find(&call.agent_id.value);
        let agent = agent.filter(|key| self.agents.registered[*key].record.connected);
        let task = self.frameworks.registered[framework].tasks.get(call.task_id.value.as_str());
        let task = task.copied().filter(|index| Some(self.tasks[*index].agent) == agent);
        let record = task.map(|index| self.tasks[index].record.clone());
        let never_sent = record.as_ref().is_some_and(|record| record.forwarded.is_none());
        let Some(agent) = agent.filter(|_| !never_sent) else {
            self.metrics.invalid_status_update_acknowledgements += 1;
            return self.warn(format!(
                "Ignoring the acknowledgement of a status of task '{}' on agent {}: the agent is \
                 not connected, or there was no such status",
                call.task_id.value, call.agent_id.value
            ));
        };
        let forwarded = record.as_ref().and_then(|record| record.forwarded.as_ref());
        let ended =
            forwarded.is_some_and(|(state, uuid)| is_terminal(*state) && call.uuid == uuid[..]);
        if let Some(index) = task.filter(|_| ended && !trial::has(Defect::AcknowledgedTaskKept)) {
            trial::reached("tasks", "over | the terminal update is acknowledged");
            self.remove_task(index, Leaving::Completed);
        }
        let framework_id = self.frameworks.registered[framework].record.id.to_string();
        let message = StatusUpdateAcknowledgementMessage {
            agent_id: call.agent_id,
            framework_id: FrameworkId { value: framework_id },
            task_id: call.task_id,
            uuid: call.uuid,
        };
        self.metrics.valid_status_update_acknowledgements += 1;
        if trial::has(Defect::AcknowledgementDropped) {
            return;
        }
        self.send(agent, ToAgent::StatusUpdateAcknowledgement(message));
    }
}
