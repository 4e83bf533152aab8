// SPDX-License-Identifier: Apache-2.0

//! A framework ends: by TEARDOWN, an operator, or its failover timeout.
//!
//! The agents that have anything of it are told, its tasks become TASK_KILLED in
//! the history (no update is sent), and its id is refused from now on, also by
//! later masters. Whoever asked for it is answered when the registry has stored
//! that. Mesos tells every agent, and those that do not know the framework ignore
//! it; one that comes back with something of it is told then.

use std::{collections::BTreeSet, sync::Arc};

use mesos_allocator::{AgentKey, FrameworkKey};
use mesos_core::trial::{self, Defect};
use mesos_proto::{
    internal::ShutdownFrameworkMessage,
    v1::{FrameworkId, TaskState, task_status::Reason},
};

use crate::{
    change::Change,
    input::RequestKey,
    master::Master,
    output::{Output, ToAgent},
    registry::RegistryChange,
    statuses::MasterStatus,
    tasks::{self, Leaving},
    writes::Continuation,
};

impl Master {
    /// Ends a framework, and answers with a status when that is stored.
    pub(crate) fn complete_framework(
        &mut self,
        key: FrameworkKey,
        answer: Option<(RequestKey, u16)>,
    ) {
        let id = self.frameworks.registered[key].record.id.clone();
        self.allocator.deactivate_framework(key);
        self.discard_offers_of_framework(key);
        let agents = self.agents_with(key);
        for agent in agents.into_iter().filter(|_| !trial::has(Defect::TeardownNotTold)) {
            let framework_id = FrameworkId { value: id.to_string() };
            let message = ShutdownFrameworkMessage { framework_id };
            self.send(agent, ToAgent::ShutdownFramework(message));
        }
        self.end_tasks(key, &id);
        let executors: Vec<_> = self.frameworks.registered[key].executors.iter().cloned().collect();
        for (agent, executor_id) in executors {
            self.remove_executor(agent, key, &executor_id);
        }
        self.allocator.remove_framework(key);
        self.forget_framework(key, answer);
    }

    /// The agents that have tasks or executors of a framework.
    fn agents_with(&self, key: FrameworkKey) -> BTreeSet<AgentKey> {
        let framework = &self.frameworks.registered[key];
        let of_tasks = framework.tasks.values().map(|index| self.tasks[*index].agent);
        of_tasks.chain(framework.executors.iter().map(|(agent, _)| *agent)).collect()
    }

    fn end_tasks(&mut self, key: FrameworkKey, id: &str) {
        let message = format!("Framework {id} removed");
        let status = MasterStatus {
            state: TaskState::TaskKilled,
            reason: Reason::FrameworkRemoved,
            message: &message,
        };
        let active: Vec<_> = self.frameworks.registered[key].tasks.values().copied().collect();
        for index in active {
            let status = status.leaving(self.now, &self.tasks[index].record, None);
            self.update_task(index, &status, None, None);
            trial::reached("tasks", "any but completed | its framework ends");
            self.remove_task(index, Leaving::Completed);
        }
        for mut task in self.frameworks.registered[key].unreachable.take_all() {
            let status = status.leaving(self.now, &task, None);
            tasks::apply(Arc::make_mut(&mut task), &status, TaskState::TaskKilled);
            self.metrics.tasks_unreachable -= 1;
            self.changed(Change::TaskUpdated { task: task.clone(), status });
            self.changed(Change::TaskCompleted(task));
        }
    }

    fn forget_framework(&mut self, key: FrameworkKey, answer: Option<(RequestKey, u16)>) {
        let Some(framework) = self.frameworks.registered.remove(key) else { return };
        self.timers.cancel(framework.heartbeat);
        self.timers.cancel(framework.failover);
        if let Some(stream) = framework.stream {
            self.frameworks.by_stream.remove(&stream.key);
            self.outputs.push_back(Output::CloseStream { stream: stream.key });
        }
        let mut record = framework.record;
        let completed = Arc::make_mut(&mut record);
        completed.unregistered_time = Some(self.now);
        completed.connected = false;
        completed.active = false;
        completed.recovered = false;
        let id = record.id.clone();
        self.frameworks.by_id.remove(&id);
        self.frameworks.completed.insert(id.clone(), self.now);
        self.frameworks.completed_order.push_back(id.clone());
        self.changed(Change::FrameworkCompleted(record));
        self.info(format!("Removed framework {id}"));
        let framework_id = id.to_string();
        let mut changes = vec![RegistryChange::CompleteFramework { framework_id, since: self.now }];
        let framework_ids = self.forget_completed();
        if !framework_ids.is_empty() {
            changes.push(RegistryChange::PruneFrameworks { framework_ids });
        }
        let continuation = match answer {
            Some((request, status)) => Continuation::Answer { request, status },
            None => Continuation::Nothing,
        };
        if trial::has(Defect::CompletionNotStored) {
            return self.go_on(continuation);
        }
        self.store(changes, continuation);
    }

    fn forget_completed(&mut self) -> Vec<String> {
        let bound = self.config.max_completed_framework_ids;
        let mut forgotten = Vec::new();
        while self.frameworks.completed_order.len() > bound {
            let Some(id) = self.frameworks.completed_order.pop_front() else { break };
            self.frameworks.completed.remove(&id);
            forgotten.push(id.to_string());
        }
        forgotten
    }
}
