// SPDX-License-Identifier: Apache-2.0

//! An agent becomes unreachable, and how a registered agent is taken apart.

use std::sync::Arc;

use mesos_allocator::{AgentKey, FrameworkKey};
use mesos_core::{
    time::Time,
    trial::{self, Defect},
};
use mesos_proto::v1::{
    AgentId, TaskState,
    scheduler::{Event, event},
    task_status::Reason,
};

use super::Busy;
use crate::{
    change::{AgentFate, Change},
    master::Master,
    output::Output,
    registry::RegistryChange,
    statuses::MasterStatus,
    tasks::Leaving,
    writes::{AgentRemoval, Continuation},
};

/// Why a registered agent is taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) enum Departure<'a> {
    /// It cannot be reached since a time.
    Unreachable { since: Time, message: &'a str },
    /// It never comes back.
    Gone,
    /// It left or was replaced.
    Removed(AgentRemoval),
}

impl Master {
    /// Has the registry know that an agent is unreachable.
    pub(super) fn mark_unreachable(&mut self, agent_id: Arc<str>, message: String) {
        let since = self.now;
        self.agents.busy.insert(agent_id.clone(), Busy::MarkingUnreachable);
        self.warn(format!("Marking agent {agent_id} unreachable: {message}"));
        let change = RegistryChange::MarkUnreachable { agent_id: agent_id.to_string(), since };
        let continuation = Continuation::Unreachable { agent_id, since, message };
        self.store(vec![change], continuation);
    }

    /// The registry knows that an agent is unreachable.
    pub(crate) fn agent_unreachable(&mut self, agent_id: &Arc<str>, since: Time, message: &str) {
        self.agents.busy.remove(agent_id);
        self.metrics.slave_removals += 1;
        self.metrics.slave_removals_reason_unhealthy += 1;
        self.agents.unreachable.insert(agent_id.clone(), since);
        if let Some(key) = self.agents.find(agent_id) {
            trial::reached(
                "agents",
                match self.agents.registered[key].record.connected {
                    true => "registered | pings without pongs",
                    false => "disconnected | agent_reregister_timeout",
                },
            );
            self.take_apart(key, Departure::Unreachable { since, message });
            return;
        }
        if self.agents.recovered.remove(agent_id).is_some() {
            trial::reached("agents", "recovered | agent_reregister_timeout after the start");
            self.metrics.recovery_slave_removals += 1;
            self.changed(Change::AgentRemoved {
                agent: None,
                agent_id: agent_id.clone(),
                to: AgentFate::Unreachable,
            });
            self.agent_lost(agent_id);
        }
    }

    /// Takes a registered agent out, with all that is on it.
    pub(super) fn take_apart(&mut self, key: AgentKey, departure: Departure<'_>) {
        // First of all, so that nothing of it is offered again below.
        self.allocator.remove_agent(key);
        let tasks: Vec<_> = self.agents.registered[key].tasks.iter().copied().collect();
        for index in tasks {
            let framework = self.tasks[index].framework;
            let (status, leaving) = self.departing(key, framework, departure);
            let since = match departure {
                Departure::Unreachable { since, .. } => Some(since),
                Departure::Gone | Departure::Removed(_) => None,
            };
            let status = MasterStatus { message: &status.2, state: status.0, reason: status.1 }
                .leaving(self.now, &self.tasks[index].record, since);
            self.update_task(index, &status, None, None);
            self.remove_task(index, leaving);
            if leaving == Leaving::Completed {
                trial::reached(
                    "tasks",
                    "active, over | its agent is removed, gone, or lost a framework without checkpoints",
                );
            }
            if self.frameworks.registered[framework].connected()
                && !trial::has(Defect::UnreachableNotTold)
            {
                self.forward(framework, &status);
            }
        }
        let agent = &self.agents.registered[key];
        let executors: Vec<_> = agent.executors.keys().cloned().collect();
        for (framework, executor_id) in executors {
            self.remove_executor(key, framework, &executor_id);
        }
        self.rescind_offers_of_agent(key);
        self.forget_agent(key, departure);
    }

    /// The status of a task on a departing agent, and where the task goes.
    fn departing(
        &self,
        key: AgentKey,
        framework: FrameworkKey,
        departure: Departure<'_>,
    ) -> ((TaskState, Reason, String), Leaving) {
        let aware = self.frameworks.registered[framework].capabilities.partition_aware;
        match departure {
            Departure::Unreachable { message, .. } => {
                let state = if aware { TaskState::TaskUnreachable } else { TaskState::TaskLost };
                ((state, Reason::AgentRemoved, message.to_owned()), Leaving::Unreachable)
            }
            Departure::Gone => {
                let message = super::gone::MESSAGE.to_owned();
                let status = match aware {
                    true => {
                        (TaskState::TaskGoneByOperator, Reason::AgentRemovedByOperator, message)
                    }
                    false => (TaskState::TaskLost, Reason::AgentRemoved, message),
                };
                (status, Leaving::Completed)
            }
            Departure::Removed(removal) => {
                let hostname = &self.agents.registered[key].record.info.hostname;
                let message = format!("Agent {hostname} removed: {}", removal.cause());
                ((TaskState::TaskLost, Reason::AgentRemoved, message), Leaving::Completed)
            }
        }
    }

    fn forget_agent(&mut self, key: AgentKey, departure: Departure<'_>) {
        let Some(agent) = self.agents.registered.remove(key) else { return };
        let record = agent.record;
        self.agents.by_id.remove(&record.id);
        if self.agents.by_pid.get(&record.pid) == Some(&key) {
            self.agents.by_pid.remove(&record.pid);
            let pid = record.pid.to_string();
            self.outputs.push_back(Output::Unlink { pid });
        }
        self.timers.cancel(agent.observer.timer);
        self.timers.cancel(agent.reregister_timer);
        let to = match departure {
            Departure::Unreachable { .. } => AgentFate::Unreachable,
            Departure::Gone => AgentFate::Gone,
            Departure::Removed(_) => AgentFate::Removed,
        };
        let agent_id = record.id.clone();
        self.changed(Change::AgentRemoved { agent: Some(key), agent_id, to });
        self.agent_lost(&record.id);
    }

    /// Tells every connected scheduler that an agent is lost.
    pub(super) fn agent_lost(&mut self, agent_id: &str) {
        let frameworks: Vec<_> = self.frameworks.registered.keys().collect();
        for framework in frameworks {
            self.send_event(
                framework,
                Event {
                    r#type: Some(event::Type::Failure.into()),
                    failure: Some(event::Failure {
                        agent_id: Some(AgentId { value: agent_id.into() }),
                        ..Default::default()
                    }),
                    ..Default::default()
                },
            );
        }
    }
}
