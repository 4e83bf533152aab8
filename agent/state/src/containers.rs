// SPDX-License-Identifier: Apache-2.0

//! How containers start and end, and what that means for their executors, tasks and frameworks.
//!
//! In Mesos: `Slave::executorLaunched`, `executorTerminated`, `removeExecutor`,
//! `removeFramework`.

use mesos_core::time::Time;
use mesos_flags::duration;
use mesos_proto::{
    internal::ExitedExecutorMessage,
    v1::{
        ExecutorId, FrameworkId, Resource, TaskResourceLimitation, TaskState,
        executor::{Event, event},
        task_status::Reason,
    },
};

use crate::{
    agent::Agent,
    change::{Change, ExecutorState},
    command_task::Effect,
    config::MAX_COMPLETED_FRAMEWORKS,
    environment::shutdown_grace_period,
    executor::{ContainerState, Executor, Kind, Termination},
    framework::{CompletedExecutor, CompletedFramework},
    gc,
    input::{ContainerExit, LaunchFailure, ProbeOutcome},
    key::{ContainerId, ProbeKey},
    output::{Output, Store, ToMaster},
    paths,
    task_state::{self, is_terminal},
    task_updates::{Origin, Verdict},
    timers::Timer,
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

    pub(crate) fn probe_finished(
        &mut self,
        now: Time,
        container: &ContainerId,
        probe: ProbeKey,
        outcome: &ProbeOutcome,
    ) {
        if let Some(executor) = self.executor_in(container)
            && let Kind::Command(task) = &mut executor.kind
        {
            task.probe_finished(now, probe, outcome);
            self.run_command_task(now, container);
        }
    }

    pub(crate) fn wake_command_task(&mut self, now: Time, container: &ContainerId) {
        if let Some(executor) = self.executor_in(container)
            && let Kind::Command(task) = &mut executor.kind
        {
            executor.wake = None;
            task.wake(now);
            self.run_command_task(now, container);
        }
    }

    /// Does what a command task wants done.
    pub(crate) fn run_command_task(&mut self, now: Time, container: &ContainerId) {
        while let Some(executor) = self.executor_in(container) {
            let Kind::Command(task) = &mut executor.kind else { return };
            let Some(effect) = task.poll_effect() else {
                let at = task.poll_timeout();
                let old = executor.wake.take();
                self.timers.cancel(old);
                let key = at.map(|at| self.timers.set(at, Timer::CommandTask(container.clone())));
                if let Some(executor) = self.executor_in(container) {
                    executor.wake = key;
                }
                return;
            };
            let framework_id = executor.framework_id.clone();
            let executor_id = ExecutorId { value: executor.id.clone() };
            match effect {
                Effect::Update(mut status) => {
                    status.executor_id = Some(executor_id);
                    status.timestamp = Some(now.as_secs_f64());
                    status.uuid = Some(self.new_uuid());
                    self.executor_status(now, &framework_id, *status, container);
                }
                Effect::Signal(signal) => {
                    self.outbox.push(Output::Signal { container: container.clone(), signal });
                }
                Effect::Destroy => self.destroy(now, container),
                Effect::Probe { probe, what, timeout } => {
                    let container = container.clone();
                    self.outbox.push(Output::RunProbe { container, probe, what, timeout });
                }
            }
        }
    }

    /// Tells an executor to shut down, and makes sure that it does.
    pub(crate) fn end_executor(&mut self, now: Time, framework_id: &str, executor_id: &str) {
        let Some(framework) = self.frameworks.get_mut(framework_id) else { return };
        let Some(executor) = framework.executors.get_mut(executor_id) else { return };
        match executor.state {
            ExecutorState::Registering | ExecutorState::Running => {}
            ExecutorState::Terminating | ExecutorState::Terminated => return,
        }
        self.outbox
            .info(format!("Shutting down executor '{executor_id}' of framework {framework_id}"));
        executor.state = ExecutorState::Terminating;
        let container = executor.container.clone();
        let grace = shutdown_grace_period(&self.config, &executor.info);
        let running = executor.container_state == ContainerState::Running;
        match &mut executor.kind {
            Kind::Command(task) => task.shutdown(now, grace),
            Kind::Custom { connection: Some(connection), .. } => {
                self.outbox.event(*connection, shutdown_event());
            }
            Kind::Custom { connection: None, .. } => {}
        }
        self.timers.cancel(executor.deadline.take());
        if running {
            let timer = Timer::ExecutorShutdown(container.clone());
            executor.deadline = Some(self.timers.set(now + grace, timer));
            self.publish_executor(&container);
            self.run_command_task(now, &container);
        } else {
            self.publish_executor(&container);
            self.destroy(now, &container);
        }
    }

    pub(crate) fn executor_shutdown_timeout(&mut self, now: Time, container: &ContainerId) {
        if let Some(executor) = self.executor_in(container) {
            executor.deadline = None;
            self.outbox.info(format!("Killing container {container}: it did not end in time"));
            self.destroy(now, container);
        }
    }

    pub(crate) fn executor_registration_timeout(&mut self, now: Time, container: &ContainerId) {
        let timeout = duration::format(self.config.executor_registration_timeout);
        let Some(executor) = self.executor_in(container) else { return };
        executor.deadline = None;
        if executor.state != ExecutorState::Registering {
            return;
        }
        executor.state = ExecutorState::Terminating;
        executor.pending_termination = Some(Termination {
            state: TaskState::TaskFailed,
            reason: Reason::ExecutorRegistrationTimeout,
            message: format!("Executor did not register within {timeout}"),
        });
        self.publish_executor(container);
        self.destroy(now, container);
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
        executor.state = ExecutorState::Terminated;
        let custom = !executor.is_command();
        let verdict = verdict(executor, ending.termination);
        let left: Vec<String> = if silent {
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

    /// Tells the master that an executor is no more.
    pub(crate) fn send_exited_executor(
        &mut self,
        framework_id: &str,
        executor_id: &str,
        status: i32,
    ) {
        let message = ExitedExecutorMessage {
            agent_id: self.info.id.clone().unwrap_or_default(),
            framework_id: FrameworkId { value: framework_id.to_owned() },
            executor_id: ExecutorId { value: executor_id.to_owned() },
            status,
        };
        self.tell_master(ToMaster::ExitedExecutor(message));
    }

    /// Makes history of an ended executor, and gives its files to garbage collection.
    pub(crate) fn remove_executor(&mut self, now: Time, framework_id: &str, executor_id: &str) {
        let agent_id = self.agent_id();
        let bound = self.config.max_completed_executors_per_framework;
        let Some(framework) = self.frameworks.get_mut(framework_id) else { return };
        let Some(executor) = framework.executors.remove(executor_id) else { return };
        for task_id in executor.terminated.keys() {
            framework.owners.remove(task_id);
        }
        self.containers.remove(&executor.container);
        let mut paths = Vec::new();
        let work = executor.run(&self.config.work_dir, &agent_id);
        paths.extend([work.run(), work.executor()]);
        if executor.checkpoint {
            let meta = executor.run(&self.meta, &agent_id);
            self.outbox.store(meta.sentinel(), Store::Replace(Default::default()));
            paths.extend([meta.run(), meta.executor()]);
        }
        for path in paths {
            self.gc.schedule(path, now + self.config.gc_delay);
        }
        let container = executor.container.clone();
        let terminated = executor.terminated.into_values().chain(executor.completed);
        framework.completed.push_back(CompletedExecutor {
            container: container.clone(),
            tasks: terminated.map(|live| (live.key, live.task)).collect(),
        });
        let framework_id = framework_id.to_owned();
        self.outbox
            .change(Change::ExecutorCompleted { framework_id: framework_id.clone(), container });
        while framework.completed.len() > bound {
            let Some(oldest) = framework.completed.pop_front() else { break };
            self.outbox.change(Change::ExecutorForgotten {
                framework_id: framework_id.clone(),
                container: oldest.container,
            });
        }
    }

    /// Makes history of a framework that has nothing left here.
    pub(crate) fn remove_framework_if_idle(&mut self, now: Time, framework_id: &str) {
        let idle = self.frameworks.get(framework_id).is_some_and(|fw| fw.executors.is_empty());
        if !idle {
            return;
        }
        let agent_id = self.agent_id();
        let Some(framework) = self.frameworks.remove(framework_id) else { return };
        if framework.terminating {
            self.updates.forget_framework(framework_id);
        }
        let mut roots = vec![self.config.work_dir.clone()];
        if framework.info.checkpoint() {
            roots.push(self.meta.clone());
        }
        for root in roots {
            let path = format!("{}/{framework_id}", paths::frameworks(&root, &agent_id));
            self.gc.schedule(path, now + self.config.gc_delay);
        }
        let framework_id = framework_id.to_owned();
        self.outbox.change(Change::FrameworkCompleted { framework_id: framework_id.clone() });
        self.completed_frameworks.push_back(CompletedFramework {
            id: framework_id,
            info: framework.info,
            pid: framework.pid,
            completed: framework.completed,
        });
        if self.completed_frameworks.len() > MAX_COMPLETED_FRAMEWORKS
            && let Some(oldest) = self.completed_frameworks.pop_front()
        {
            let framework_id = oldest.id;
            self.outbox.change(Change::FrameworkForgotten { framework_id, revived: false });
        }
        self.finish_draining();
        self.exit_if_done();
    }

    pub(crate) fn publish_executor(&mut self, container: &ContainerId) {
        if let Some(record) = self.executor_in(container).map(|executor| executor.record()) {
            self.outbox.change(Change::Executor(record));
        }
    }

    pub(crate) fn disk_usage(&mut self, now: Time, used: Option<f64>) {
        self.timers.set(now + self.config.disk_watch_interval, Timer::DiskWatch);
        let Some(used) = used else { return };
        let delay = self.config.gc_delay;
        let age = gc::max_allowed_age(delay, self.config.gc_disk_headroom, used);
        self.counters.executor_directory_max_allowed_age_secs = age.as_secs_f64();
        self.collect_garbage(now + delay.saturating_sub(age));
    }

    /// Removes what is due until then.
    pub(crate) fn collect_garbage(&mut self, until: Time) {
        while let Some(path) = self.gc.pop_due(until) {
            self.outbox.push(Output::RemovePath { path });
        }
    }
}

/// The event that tells an executor to end.
pub(crate) fn shutdown_event() -> Event {
    let mut event = Event::default();
    event.set_type(event::Type::Shutdown);
    event
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
