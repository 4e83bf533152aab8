// SPDX-License-Identifier: Apache-2.0

//! How an executor is made to end: told to, given time, then killed.
//!
//! In Mesos: `Slave::_shutdownExecutor`, `shutdownExecutorTimeout`, `registerExecutorTimeout`.

use mesos_core::{
    time::Time,
    trial::{self, Defect},
};
use mesos_flags::duration;
use mesos_proto::{
    internal::ExitedExecutorMessage,
    v1::{
        ExecutorId, FrameworkId, TaskState,
        executor::{Event, event},
        task_status::Reason,
    },
};

use crate::{
    agent::{Agent, Phase},
    change::ExecutorState,
    environment::shutdown_grace_period,
    executor::{ContainerState, Kind, Termination},
    key::ContainerId,
    output::ToMaster,
    timers::Timer,
};

impl Agent {
    /// Tells an executor to shut down, and makes sure that it does.
    pub(crate) fn end_executor(&mut self, now: Time, framework_id: &str, executor_id: &str) {
        let Some(framework) = self.frameworks.get_mut(framework_id) else { return };
        let Some(executor) = framework.executors.get_mut(executor_id) else { return };
        match executor.state {
            ExecutorState::Registering => {
                trial::reached("executor", "registering | told to shut down, or too late");
            }
            ExecutorState::Running => {
                trial::reached("executor", "running | told to shut down, or too late");
            }
            ExecutorState::Terminating | ExecutorState::Terminated => return,
        }
        self.outbox
            .info(format!("Shutting down executor '{executor_id}' of framework {framework_id}"));
        executor.state = ExecutorState::Terminating;
        let container = executor.container.clone();
        let grace = shutdown_grace_period(&self.config, &executor.info);
        // Whoever is connected runs, though the news of the launch may still be on their way.
        let running =
            executor.container_state == ContainerState::Running || executor.connection().is_some();
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
        trial::reached("executor", "registering | told to shut down, or too late");
        executor.state = ExecutorState::Terminating;
        executor.pending_termination = Some(Termination {
            state: TaskState::TaskFailed,
            reason: Reason::ExecutorRegistrationTimeout,
            message: format!("Executor did not register within {timeout}"),
        });
        self.publish_executor(container);
        self.destroy(now, container);
    }

    /// Tells the master that an executor is no more.
    pub(crate) fn send_exited_executor(
        &mut self,
        framework_id: &str,
        executor_id: &str,
        status: i32,
    ) {
        if trial::has(Defect::ExitedExecutorNotTold) {
            return;
        }
        let message = ExitedExecutorMessage {
            agent_id: self.info.id.clone().unwrap_or_default(),
            framework_id: FrameworkId { value: framework_id.to_owned() },
            executor_id: ExecutorId { value: executor_id.to_owned() },
            status,
        };
        if self.phase != Phase::Running {
            self.registration.exits.push(message.clone());
        }
        self.tell_master(ToMaster::ExitedExecutor(message));
    }
}

/// The event that tells an executor to end.
pub(crate) fn shutdown_event() -> Event {
    let mut event = Event::default();
    event.set_type(event::Type::Shutdown);
    event
}
