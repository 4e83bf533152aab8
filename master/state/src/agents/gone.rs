// SPDX-License-Identifier: Apache-2.0

//! MARK_AGENT_GONE: an operator says that an agent never comes back.

use std::sync::Arc;

use mesos_core::{time::Time, trial};
use mesos_proto::{
    internal::ShutdownMessage,
    v1::{TaskState, task_status::Reason},
};

use super::{Busy, unreachable::Departure};
use crate::{
    change::{AgentFate, Change},
    input::RequestKey,
    master::Master,
    output::ToAgent,
    registry::RegistryChange,
    statuses::MasterStatus,
    tasks,
    writes::Continuation,
};

/// What gone agents and the schedulers of their tasks are told.
pub(super) const MESSAGE: &str = "Agent has been marked gone";

impl Master {
    /// Operator call: MARK_AGENT_GONE. Answered when the registry has stored it.
    pub(crate) fn mark_agent_gone(&mut self, request: RequestKey, agent_id: &str) {
        if self.agents.gone.contains_key(agent_id) {
            return self.answer(request, 200, "");
        }
        let known = self.agents.find(agent_id).is_some()
            || self.agents.unreachable.contains_key(agent_id)
            || self.agents.recovered.contains_key(agent_id);
        if !known {
            return self.answer(request, 404, format!("Agent '{agent_id}' not found"));
        }
        let agent_id: Arc<str> = agent_id.into();
        if let Some(busy) = self.agents.busy.get(&agent_id) {
            let what = match busy {
                Busy::Admitting | Busy::Readmitting(_) => "being admitted",
                Busy::Removing => "being transitioned to removed",
                Busy::MarkingUnreachable => "being transitioned to unreachable",
                Busy::MarkingGone => "already being transitioned to gone",
            };
            return self.answer(request, 503, format!("Agent '{agent_id}' is {what}"));
        }
        self.agents.busy.insert(agent_id.clone(), Busy::MarkingGone);
        let since = self.now;
        let change = RegistryChange::MarkGone { agent_id: agent_id.to_string(), since };
        let request = Some(request);
        self.store(vec![change], Continuation::Gone { agent_id, since, request });
    }

    /// The registry knows that an agent is gone.
    pub(crate) fn agent_gone(
        &mut self,
        agent_id: &Arc<str>,
        since: Time,
        request: Option<RequestKey>,
    ) {
        self.agents.busy.remove(agent_id);
        trial::reached("agents", "any but gone | MARK_AGENT_GONE");
        self.agents.gone.insert(agent_id.clone(), since);
        if let Some(key) = self.agents.find(agent_id) {
            let message = Some(MESSAGE.to_owned());
            self.send(key, ToAgent::Shutdown(ShutdownMessage { message }));
            self.take_apart(key, Departure::Gone);
        } else {
            self.agents.recovered.remove(agent_id);
            self.agents.unreachable.remove(agent_id);
            let (agent_id, to) = (agent_id.clone(), AgentFate::Gone);
            self.changed(Change::AgentRemoved { agent: None, agent_id: agent_id.clone(), to });
            self.end_unreachable_tasks(&agent_id);
        }
        if let Some(request) = request {
            self.answer(request, 200, "");
        }
    }

    /// The tasks of an unreachable agent that is now gone are over.
    fn end_unreachable_tasks(&mut self, agent_id: &str) {
        let tasks = self.agents.unreachable_tasks.remove(agent_id).unwrap_or_default();
        for (framework_id, task_id) in tasks {
            let Some(key) = self.frameworks.find(&framework_id) else { continue };
            let framework = &mut self.frameworks.registered[key];
            let of_agent = framework.unreachable.get(&task_id);
            if of_agent.is_none_or(|task| *task.spec.agent_id != *agent_id) {
                continue;
            }
            let aware = framework.capabilities.partition_aware;
            let Some(mut task) = framework.unreachable.remove(&task_id) else { continue };
            let status = match aware {
                true => MasterStatus {
                    state: TaskState::TaskGoneByOperator,
                    reason: Reason::AgentRemovedByOperator,
                    message: MESSAGE,
                },
                false => MasterStatus {
                    state: TaskState::TaskLost,
                    reason: Reason::AgentRemoved,
                    message: MESSAGE,
                },
            };
            let status = status.leaving(self.now, &task, None);
            tasks::apply(Arc::make_mut(&mut task), &status, status.state());
            self.metrics.tasks_unreachable -= 1;
            self.changed(Change::TaskUpdated { task: task.clone(), status: status.clone() });
            self.changed(Change::TaskCompleted(task));
            if self.frameworks.registered[key].connected() {
                self.forward(key, &status);
            }
        }
    }
}
