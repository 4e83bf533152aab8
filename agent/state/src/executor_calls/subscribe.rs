// SPDX-License-Identifier: Apache-2.0

//! SUBSCRIBE: an executor is there, for the first time or again.
//!
//! One that comes again brings the tasks and updates that it has not seen acknowledged. A task
//! that was given to it, has no update, and is not among them never arrived: it is dropped.

use std::collections::BTreeSet;

use mesos_core::{time::Time, trial};
use mesos_proto::v1::{
    TaskState,
    executor::{Call, Event, call, event},
    task_status::Reason,
};

use super::{Refusal, check};
use crate::{
    agent::{Agent, Phase},
    change::ExecutorState,
    executor::Kind,
    executor_end::shutdown_event,
    key::{ConnectionKey, ContainerId},
    output::{Output, Store},
    task_state,
    task_updates::Verdict,
};

impl Agent {
    pub(crate) fn executor_subscribe(&mut self, now: Time, connection: ConnectionKey, call: &Call) {
        match check(call).and_then(|()| self.find_executor(call)) {
            Ok(container) => {
                trial::reached("executor calls", "SUBSCRIBE");
                self.outbox.push(Output::ExecutorAccepted { connection });
                let subscribe = call.subscribe.clone().unwrap_or_default();
                self.subscribe(now, connection, &container, subscribe);
            }
            Err((status, body)) => self.refuse(connection, (status, body)),
        }
    }

    fn refuse(&mut self, connection: ConnectionKey, (status, body): Refusal) {
        self.outbox.push(Output::ExecutorRefused { connection, status, body });
    }

    fn subscribe(
        &mut self,
        now: Time,
        connection: ConnectionKey,
        container: &ContainerId,
        subscribe: call::Subscribe,
    ) {
        let Some((framework_id, executor_id)) = self.containers.get(container).cloned() else {
            return;
        };
        let ending = self.phase == Phase::Terminating
            || self.frameworks.get(&framework_id).is_none_or(|framework| framework.terminating);
        let ended = self.executor_in(container).is_none_or(|executor| {
            matches!(executor.state, ExecutorState::Terminating | ExecutorState::Terminated)
        });
        if ending || ended {
            self.note_refusal(container);
            self.outbox.event(connection, shutdown_event());
            self.outbox.push(Output::CloseExecutor { connection });
            return;
        }
        self.connect(now, connection, container);
        self.drop_tasks_never_delivered(now, container, &subscribe);
        let idle = self
            .executor_in(container)
            .is_some_and(|executor| !executor.ever_sent_task && executor.queued.is_empty());
        if idle && subscribe.unacknowledged_updates.is_empty() {
            self.outbox.warn(format!(
                "Shutting down executor '{executor_id}' of framework {framework_id} because it \
                 has never been sent a task and all of its queued tasks have been killed before \
                 delivery"
            ));
            return self.end_executor(now, &framework_id, &executor_id);
        }
        self.send_subscribed(connection, container);
        for update in subscribe.unacknowledged_updates {
            self.executor_update(now, &framework_id, update.status, container);
        }
        self.deliver_queued(now, container);
        self.deliver_kills(container);
        self.executor_came_back(now);
    }

    /// Notes that a subscription comes too late.
    fn note_refusal(&mut self, container: &ContainerId) {
        match self.executor_in(container).map(|executor| executor.state) {
            Some(ExecutorState::Terminating) => {
                trial::reached("executor", "terminating | runs or subscribes");
            }
            Some(ExecutorState::Terminated) => {
                trial::reached("executor", "terminated | runs or subscribes");
            }
            Some(ExecutorState::Registering | ExecutorState::Running) | None => {}
        }
    }

    /// Makes `connection` the executor's only one.
    fn connect(&mut self, now: Time, connection: ConnectionKey, container: &ContainerId) {
        let agent_id = self.agent_id();
        let meta = self.meta.clone();
        let Some(executor) = self.executor_in(container) else { return };
        let again = executor.state == ExecutorState::Running;
        let row = ["registering | runs or subscribes", "running | runs or subscribes"];
        trial::reached("executor", row[usize::from(again)]);
        executor.state = ExecutorState::Running;
        let deadline = executor.deadline.take();
        let Kind::Custom { connection: current, .. } = &mut executor.kind else { return };
        let old = current.replace(connection);
        let marker = executor.checkpoint.then(|| executor.run(&meta, &agent_id).http_marker());
        self.timers.cancel(deadline);
        if let Some(old) = old {
            self.outbox.warn(format!("Executor in container {container} subscribed again"));
            self.connections.remove(&old);
            self.outbox.push(Output::CloseExecutor { connection: old });
        }
        if let Some(path) = marker {
            self.outbox.store(path, Store::Replace(Default::default()));
        }
        self.connections.insert(connection, container.clone());
        self.schedule_heartbeat(now, container, connection);
        self.publish_executor(container);
    }

    fn drop_tasks_never_delivered(
        &mut self,
        now: Time,
        container: &ContainerId,
        subscribe: &call::Subscribe,
    ) {
        let tasks = subscribe.unacknowledged_tasks.iter().map(|task| &task.task_id.value);
        let updates = subscribe.unacknowledged_updates.iter();
        let known: BTreeSet<&String> =
            tasks.chain(updates.map(|update| &update.status.task_id.value)).collect();
        let Some(executor) = self.executor_in(container) else { return };
        let framework_id = executor.framework_id.clone();
        let executor_id = executor.id.clone();
        let lost: Vec<String> = executor
            .launched
            .iter()
            .filter(|(id, live)| live.task.state() == TaskState::TaskStaging && !known.contains(id))
            .map(|(id, _)| id.clone())
            .collect();
        let Some(framework) = self.frameworks.get(&framework_id) else { return };
        let verdict = Verdict {
            state: task_state::dropped(&framework.info),
            reason: Reason::AgentRestarted,
            message: "Task launched during agent restart".to_owned(),
        };
        for task_id in lost {
            let verdict = verdict.clone();
            self.agent_status(now, &framework_id, &task_id, Some(&executor_id), verdict);
        }
    }

    fn send_subscribed(&mut self, connection: ConnectionKey, container: &ContainerId) {
        let Some((framework_id, executor_id)) = self.containers.get(container) else { return };
        let Some(framework) = self.frameworks.get(framework_id) else { return };
        let Some(executor) = framework.executors.get(executor_id) else { return };
        let subscribed = event::Subscribed {
            executor_info: executor.info.as_ref().clone(),
            framework_info: framework.info.as_ref().clone(),
            agent_info: self.info.clone(),
            container_id: Some(container.to_proto()),
        };
        let mut event = Event { subscribed: Some(subscribed), ..Event::default() };
        event.set_type(event::Type::Subscribed);
        self.outbox.event(connection, event);
    }
}
