// SPDX-License-Identifier: Apache-2.0

//! KillTask: what it takes depends on how far the task has come.
//!
//! | the task is | what happens |
//! |---|---|
//! | unknown, its framework known | TASK_DROPPED or TASK_LOST, "Cannot find executor" |
//! | queued | TASK_KILLED at once; an executor with nothing else to do ends |
//! | launched | its executor is told to kill it, now or when it is connected again |
//! | terminated, or its executor is ending | nothing |

use mesos_core::{
    time::Time,
    trial::{self, Defect},
};
use mesos_proto::{
    internal::KillTaskMessage,
    v1::{
        KillPolicy, TaskId, TaskState,
        executor::{Event, event},
        task_status::Reason,
    },
};

use crate::{
    agent::{Agent, Phase},
    change::ExecutorState,
    executor::{ContainerState, Kind, QueuedTask},
    key::ContainerId,
    task_state,
    task_updates::Verdict,
};

impl Agent {
    pub(super) fn kill_task(&mut self, now: Time, message: &KillTaskMessage) {
        let framework_id = message.framework_id.value.as_str();
        let task_id = message.task_id.value.as_str();
        match self.phase {
            Phase::Recovering | Phase::Terminating => {
                self.outbox.warn(format!(
                    "Cannot kill task {task_id} of framework {framework_id} because the agent is {}",
                    self.phase.name()
                ));
            }
            Phase::Disconnected | Phase::Running => {
                self.kill(now, framework_id, task_id, message.kill_policy.as_ref());
            }
        }
    }

    /// Kills a task at whatever stage it is.
    pub(crate) fn kill(
        &mut self,
        now: Time,
        framework_id: &str,
        task_id: &str,
        policy: Option<&KillPolicy>,
    ) {
        let Some(framework) = self.frameworks.get_mut(framework_id) else {
            self.outbox.warn(format!(
                "Ignoring kill task {task_id} of framework {framework_id} because no such \
                 framework is running"
            ));
            return;
        };
        if framework.terminating {
            return;
        }
        let dropped = task_state::dropped(&framework.info);
        let Some(executor) = framework.executor_of(task_id) else {
            trial::reached("kill", "unknown, its framework known");
            let verdict = Verdict {
                state: dropped,
                reason: Reason::ExecutorTerminated,
                message: "Cannot find executor".to_owned(),
            };
            return self.agent_status(now, framework_id, task_id, None, verdict);
        };
        let executor_id = executor.id.clone();
        match executor.state {
            ExecutorState::Terminating | ExecutorState::Terminated => {
                trial::reached("kill", "terminated, or its executor is ending");
                self.outbox.warn(format!(
                    "Ignoring kill task {task_id} because its executor '{executor_id}' is ending"
                ));
                return;
            }
            ExecutorState::Registering | ExecutorState::Running => {}
        }
        if executor.queued.contains_key(task_id) {
            trial::reached("kill", "queued");
            if executor.is_command() {
                trial::reached("command task", "waiting | kill, shutdown");
            }
            if trial::has(Defect::QueuedKillIgnored) {
                return;
            }
            return self.kill_queued(now, framework_id, &executor_id, task_id);
        }
        let row = ["terminated, or its executor is ending", "launched"];
        trial::reached("kill", row[usize::from(executor.launched.contains_key(task_id))]);
        match &mut executor.kind {
            Kind::Command(task) => {
                task.kill(now, policy);
                let container = executor.container.clone();
                self.run_command_task(now, &container);
            }
            Kind::Custom { .. } => {
                executor.kills.insert(task_id.to_owned(), policy.copied());
                let container = executor.container.clone();
                self.deliver_kills(&container);
            }
        }
    }

    /// Tells an executor, if it is connected, which of its tasks it is to kill.
    pub(crate) fn deliver_kills(&mut self, container: &ContainerId) {
        let Some(executor) = self.executor_in(container) else { return };
        let Some(connection) = executor.connection() else {
            let text = format!("Executor '{}' is not connected: kills have to wait", executor.id);
            return self.outbox.warn(text);
        };
        for (task_id, kill_policy) in std::mem::take(&mut executor.kills) {
            let kill = event::Kill { task_id: TaskId { value: task_id }, kill_policy };
            let mut event = Event { kill: Some(kill), ..Event::default() };
            event.set_type(event::Type::Kill);
            self.outbox.event(connection, event);
        }
    }

    /// Kills a queued task, and with it all of its group.
    fn kill_queued(&mut self, now: Time, framework_id: &str, executor_id: &str, task_id: &str) {
        let Some(framework) = self.frameworks.get(framework_id) else { return };
        let Some(executor) = framework.executors.get(executor_id) else { return };
        let group = executor.queued.get(task_id).and_then(|task| task.group);
        let message = if group.is_some() && executor.state == ExecutorState::Registering {
            "A task within the task group was killed before delivery to the executor"
        } else {
            "Killed before delivery to the executor"
        };
        let together = |(id, task): &(&String, &QueuedTask)| {
            id.as_str() == task_id || (group.is_some() && task.group == group)
        };
        let killed: Vec<String> =
            executor.queued.iter().filter(together).map(|(id, _)| id.clone()).collect();
        for task_id in killed {
            let verdict = Verdict {
                state: TaskState::TaskKilled,
                reason: Reason::TaskKilledDuringLaunch,
                message: message.to_owned(),
            };
            self.agent_status(now, framework_id, &task_id, Some(executor_id), verdict);
        }
        let Some(executor) = self
            .frameworks
            .get_mut(framework_id)
            .and_then(|framework| framework.executors.get_mut(executor_id))
        else {
            return;
        };
        // A custom executor that has not subscribed is told when it does, as in Mesos.
        let at_once = executor.is_command()
            || executor.state == ExecutorState::Running
            || executor.container_state == ContainerState::Unlaunched;
        if at_once && !executor.ever_sent_task && executor.queued.is_empty() {
            self.end_executor(now, framework_id, executor_id);
        }
    }
}
