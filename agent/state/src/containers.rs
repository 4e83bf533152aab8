// SPDX-License-Identifier: Apache-2.0

//! How containers start and end, and what that means for their executors and tasks.
//!
//! In Mesos: `Slave::executorLaunched`, `executorTerminated`.

use mesos_core::{
    time::Time,
    trial::{self, Defect},
};
use mesos_proto::v1::{Resource, TaskResourceLimitation, TaskState, task_status::Reason};

use crate::{
    agent::Agent,
    change::{Change, ExecutorState},
    executor::{ContainerState, Executor, Kind, Termination},
    input::{ContainerExit, LaunchFailure},
    key::ContainerId,
    output::Output,
    task_state::{self, is_terminal},
    task_updates::{Origin, Verdict},
};

/// How a container ended, for the tasks that are left in it.
#[derive(Debug, Default)]
struct Ending {
    status: Option<i32>,
    termination: Option<Termination>,
    resources: Vec<Resource>,
}

impl Agent {
    pub(crate) fn container_launched(&mut self, now: Time, container: &ContainerId, pid: u32) {
        let Some(executor) = self.executor_in(container) else {
            self.outbox.warn(format!("Killing unknown container {container}"));
            self.outbox.push(Output::Destroy { container: container.clone() });
            return;
        };
        executor.container_state = ContainerState::Running;
        executor.pid = Some(pid);
        let registering = executor.state == ExecutorState::Registering;
        if registering && executor.is_command() {
            trial::reached("executor", "registering | runs or subscribes");
            executor.state = ExecutorState::Running;
            let deadline = executor.deadline.take();
            self.timers.cancel(deadline);
            self.publish_executor(container);
            self.deliver_queued(now, container);
        } else {
            self.publish_executor(container);
        }
    }

    pub(crate) fn container_launch_failed(
        &mut self,
        now: Time,
        container: &ContainerId,
        failure: LaunchFailure,
    ) {
        let Some((framework_id, _)) = self.containers.get(container).cloned() else { return };
        let Some(framework) = self.frameworks.get(&framework_id) else { return };
        let dropped = task_state::dropped(&framework.info);
        let Some(executor) = self.executor_in(container) else { return };
        executor.container_state = ContainerState::Gone;
        let termination = match failure {
            LaunchFailure::Sandbox(text) => Termination {
                state: dropped,
                reason: Reason::ExecutorTerminated,
                message: format!(
                    "Failed to create executor directory '{}': {text}",
                    executor.directory
                ),
            },
            LaunchFailure::Container(text) => Termination {
                state: TaskState::TaskFailed,
                reason: Reason::ContainerLaunchFailed,
                message: format!("Failed to launch container: {text}"),
            },
            LaunchFailure::Unsupported => Termination {
                state: TaskState::TaskFailed,
                reason: Reason::ExecutorTerminated,
                message: "Abnormal executor termination: unknown container".to_owned(),
            },
        };
        self.counters.container_launch_errors += 1;
        self.outbox
            .error(format!("Container {container} failed to start: {}", termination.message));
        let ending = Ending { termination: Some(termination), ..Ending::default() };
        self.executor_terminated(now, container, ending);
    }

    pub(crate) fn container_exited(
        &mut self,
        now: Time,
        container: &ContainerId,
        exit: ContainerExit,
    ) {
        let Some(executor) = self.executor_in(container) else { return };
        executor.container_state = ContainerState::Gone;
        let mut ending = Ending { status: exit.status, ..Ending::default() };
        match exit.limitation {
            Some(limitation) => {
                ending.termination = Some(Termination {
                    state: TaskState::TaskFailed,
                    reason: limitation.reason,
                    message: limitation.message,
                });
                ending.resources = limitation.resources;
            }
            None => {
                // How a process ended that nobody saw ending is not the task's own word.
                if let Kind::Command(task) = &mut executor.kind
                    && !executor.launched.is_empty()
                    && exit.status.is_some()
                {
                    task.exited(exit.status);
                    self.run_command_task(now, container);
                }
            }
        }
        self.executor_terminated(now, container, ending);
    }

    /// Kills whatever is in a container; one that was never launched is simply over.
    pub(crate) fn destroy(&mut self, now: Time, container: &ContainerId) {
        let Some(executor) = self.executor_in(container) else { return };
        match executor.container_state {
            ContainerState::Unlaunched => {
                executor.container_state = ContainerState::Gone;
                self.executor_terminated(now, container, Ending::default());
            }
            ContainerState::Launching | ContainerState::Running => {
                if !executor.destroying {
                    executor.destroying = true;
                    self.outbox.push(Output::Destroy { container: container.clone() });
                }
            }
            ContainerState::Gone => {}
        }
    }

    /// An executor's container is over: so are the tasks that are left in it.
    fn executor_terminated(&mut self, now: Time, container: &ContainerId, ending: Ending) {
        let Some((framework_id, executor_id)) = self.containers.get(container).cloned() else {
            return;
        };
        let Some(framework) = self.frameworks.get_mut(&framework_id) else { return };
        let silent = framework.terminating;
        let Some(executor) = framework.executors.get_mut(&executor_id) else { return };
        if executor.state == ExecutorState::Terminated {
            return;
        }
        trial::reached(
            "executor",
            match executor.state {
                ExecutorState::Registering => "registering | container ends",
                ExecutorState::Running => "running | container ends",
                ExecutorState::Terminating | ExecutorState::Terminated => {
                    "terminating | container ends"
                }
            },
        );
        executor.state = ExecutorState::Terminated;
        let custom = !executor.is_command();
        let verdict = verdict(executor, ending.termination);
        let left: Vec<String> = if silent || trial::has(Defect::LeftTasksForgotten) {
            executor
                .abandon_tasks()
                .into_iter()
                .for_each(|task| self.outbox.change_task(Some(task)));
            Vec::new()
        } else {
            let launched = executor.launched.iter();
            let running = launched.filter(|(_, live)| !is_terminal(live.task.state()));
            running.map(|(id, _)| id).chain(executor.queued.keys()).cloned().collect()
        };
        self.counters.executors_terminated += 1;
        self.release(container);
        self.publish_executor(container);
        // As in Mesos, the news of the executor come before those of its tasks.
        if custom {
            self.send_exited_executor(&framework_id, &executor_id, ending.status.unwrap_or(-1));
        }
        for task_id in left {
            let mut update = self.agent_update(
                now,
                &framework_id,
                &task_id,
                Some(&executor_id),
                verdict.clone(),
            );
            if !ending.resources.is_empty() {
                let resources = ending.resources.clone();
                update.status.limitation = Some(TaskResourceLimitation { resources });
            }
            self.status_update(now, update, &Origin::Agent);
        }
        let incomplete =
            self.executor_in(container).is_some_and(|executor| executor.has_incomplete_tasks());
        if silent || !incomplete {
            self.remove_executor(now, &framework_id, &executor_id);
        }
        self.remove_framework_if_idle(now, &framework_id);
    }

    /// Lets go of an ended executor's timers and stream. The stream is not closed from here, as
    /// in Mesos: it ends with the process at its other end.
    fn release(&mut self, container: &ContainerId) {
        let Some(executor) = self.executor_in(container) else { return };
        let mut timers = vec![executor.deadline.take(), executor.wake.take()];
        let mut ended = None;
        if let Kind::Custom { connection, heartbeat } = &mut executor.kind {
            timers.push(heartbeat.take());
            ended = connection.take();
        }
        timers.into_iter().for_each(|timer| self.timers.cancel(timer));
        if let Some(connection) = ended {
            self.connections.remove(&connection);
        }
    }

    pub(crate) fn publish_executor(&mut self, container: &ContainerId) {
        if let Some(record) = self.executor_in(container).map(|executor| executor.record()) {
            self.outbox.change(Change::Executor(record));
        }
    }
}

/// What the agent says of the tasks left in a container: what was decided before it ended, and
/// what its end has shown.
fn verdict(executor: &mut Executor, shown: Option<Termination>) -> Verdict {
    let decided = executor.pending_termination.take();
    let messages: Vec<&str> =
        [&decided, &shown].into_iter().flatten().map(|ending| ending.message.as_str()).collect();
    let message =
        if messages.is_empty() { "Executor terminated".to_owned() } else { messages.join("; ") };
    let (state, reason) = shown
        .as_ref()
        .or(decided.as_ref())
        .map_or((TaskState::TaskFailed, Reason::ExecutorTerminated), |ending| {
            (ending.state, ending.reason)
        });
    Verdict { state, reason, message }
}
