// SPDX-License-Identifier: Apache-2.0

//! KILL: a task should end.
//!
//! Repeated kills are sent again, since a kill policy may have changed. While
//! the agent is away the kill is remembered.

use mesos_allocator::FrameworkKey;
use mesos_core::trial::{self, Defect};
use mesos_proto::{
    internal::KillTaskMessage,
    v1::{
        FrameworkId,
        scheduler::call::{Kill, Reconcile, reconcile},
    },
};

use crate::{master::Master, output::ToAgent};

impl Master {
    /// Call: KILL. An unknown task is reconciled instead.
    pub(super) fn kill(&mut self, framework: FrameworkKey, call: Kill) {
        self.metrics.messages_kill_task += 1;
        let task_id = call.task_id.value.as_str();
        let tasks = &self.frameworks.registered[framework].tasks;
        let Some(index) = tasks.get(task_id).copied() else {
            let task = reconcile::Task { task_id: call.task_id, agent_id: call.agent_id };
            return self.reconcile(framework, Reconcile { tasks: vec![task] });
        };
        let task = &self.tasks[index];
        let spec = task.record.spec.clone();
        let agent = task.agent;
        if let Some(wrong) = call.agent_id.filter(|id| *id.value != *spec.agent_id) {
            return self.warn(format!(
                "Ignoring the kill of task '{task_id}' of framework {}: it runs on agent {}, not \
                 on agent {}",
                spec.framework_id, spec.agent_id, wrong.value
            ));
        }
        let owner = &mut self.agents.registered[agent];
        owner.killed.insert((framework, spec.task_id.clone()));
        if owner.record.connected && !trial::has(Defect::KillForgotten) {
            let message = KillTaskMessage {
                framework_id: FrameworkId { value: spec.framework_id.to_string() },
                task_id: call.task_id,
                kill_policy: call.kill_policy,
            };
            self.send(agent, ToAgent::KillTask(message));
        }
    }
}
