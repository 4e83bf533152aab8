// SPDX-License-Identifier: Apache-2.0

//! From a queued task to a running container, and to its executor.

use std::sync::Arc;

use mesos_core::time::Time;
use mesos_proto::v1::{
    ExecutorInfo, FrameworkInfo, TaskGroupInfo, TaskInfo, TaskState,
    executor::{Event, event},
    task_status::Reason,
};

use crate::{
    agent::{AfterWrite, Agent},
    change::{Change, ExecutorState},
    command_task::{CommandTask, Surroundings},
    config::Config,
    environment::{self, Subject},
    executor::{ContainerState, Executor, Kind},
    key::{ContainerId, WriteKey},
    output::{LaunchSpec, Output, Store},
    task_state,
    task_updates::Verdict,
    timers::Timer,
};

impl Agent {
    /// Adds an executor for its first task, with a new container that is not launched yet.
    pub(crate) fn add_executor(&mut self, framework_id: &str, info: ExecutorInfo, task: &TaskInfo) {
        let container = ContainerId::new(&self.rng.uuid_text());
        let agent_id = self.agent_id();
        let Some(framework) = self.frameworks.get_mut(framework_id) else { return };
        let executor_id = info.executor_id.value.clone();
        let checkpoint = framework.info.checkpoint();
        let info = Arc::new(info);
        let mut executor =
            new_executor(&self.config, &agent_id, &framework.info, info.clone(), &container);
        if task.executor.is_none() {
            let around = surroundings(&self.config, &agent_id, &executor, task);
            let command = CommandTask::new(Arc::new(task.clone()), &framework.info, around);
            executor.kind = Kind::Command(Box::new(command));
        }
        if checkpoint {
            let run = executor.run(&self.meta, &agent_id);
            let generated = if executor.is_command() { "1" } else { "0" };
            self.outbox.store_message(run.executor_info(), info.as_ref());
            self.outbox.store_text(run.executor_generated(), generated);
            self.outbox.store(run.latest(), Store::Link(run.run()));
        }
        self.containers.insert(container, (framework_id.to_owned(), executor_id.clone()));
        self.outbox.change(Change::Executor(executor.record()));
        framework.executors.insert(executor_id, executor);
    }

    /// A checkpoint write is done, or has failed.
    pub(crate) fn checkpoint_stored(&mut self, now: Time, write: WriteKey, failed: Option<&str>) {
        if let Some(reason) = failed {
            self.outbox.error(format!("Failed to checkpoint (write {}): {reason}", write.0));
        }
        match self.writes.remove(&write) {
            None => {}
            Some(AfterWrite::Task { container, task_id }) => {
                self.task_stored(now, &container, &task_id, failed);
            }
            Some(AfterWrite::Update { stream, uuid, acknowledge }) => {
                // An update that cannot be kept is still better sent than withheld.
                self.updates.stored(now, &stream, &uuid);
                if let Some(container) = acknowledge {
                    self.acknowledge_executor(&container, &stream.1, &uuid);
                }
            }
        }
    }

    fn task_stored(
        &mut self,
        now: Time,
        container: &ContainerId,
        task_id: &str,
        failed: Option<&str>,
    ) {
        let Some(executor) = self.executor_in(container) else { return };
        let framework_id = executor.framework_id.clone();
        let executor_id = executor.id.clone();
        let Some(queued) = executor.queued.get_mut(task_id) else { return };
        queued.unstored = false;
        let group = queued.group;
        let Some(reason) = failed else { return self.task_ready(now, container) };
        let together = executor.queued.iter().filter(|(id, task)| {
            id.as_str() == task_id || (group.is_some() && task.group == group)
        });
        let lost: Vec<String> = together.map(|(id, _)| id.clone()).collect();
        let framework = self.frameworks.get(&framework_id);
        let state = framework.map_or(TaskState::TaskLost, |fw| task_state::dropped(&fw.info));
        for task_id in lost {
            let verdict = Verdict {
                state,
                reason: Reason::ExecutorTerminated,
                message: format!("Failed to checkpoint the task: {reason}"),
            };
            self.agent_status(now, &framework_id, &task_id, Some(&executor_id), verdict);
        }
        let Some(executor) = self.executor_in(container) else { return };
        if executor.queued.is_empty() && !executor.ever_sent_task {
            self.end_executor(now, &framework_id, &executor_id);
        }
    }

    /// A queued task may go to its executor.
    pub(crate) fn task_ready(&mut self, now: Time, container: &ContainerId) {
        let Some(executor) = self.executor_in(container) else { return };
        match executor.state {
            ExecutorState::Registering => {
                if executor.container_state == ContainerState::Unlaunched {
                    self.launch_container(now, container);
                }
            }
            ExecutorState::Running => self.deliver_queued(now, container),
            ExecutorState::Terminating | ExecutorState::Terminated => {}
        }
    }

    fn launch_container(&mut self, now: Time, container: &ContainerId) {
        let agent_id = self.agent_id();
        let Some((framework_id, executor_id)) = self.containers.get(container).cloned() else {
            return;
        };
        let Some(framework) = self.frameworks.get_mut(&framework_id) else { return };
        let Some(executor) = framework.executors.get_mut(&executor_id) else { return };
        let mut queued: Vec<_> = executor.queued.values().collect();
        queued.sort_by_key(|task| task.key);
        let Some(first) = queued.first() else { return };
        let spec = spec(&self.config, &self.meta, &agent_id, executor, &first.info);
        executor.container_state = ContainerState::Launching;
        let timeout = self.config.executor_registration_timeout;
        let timer = Timer::ExecutorRegistration(container.clone());
        executor.deadline = Some(self.timers.set(now + timeout, timer));
        self.outbox.info(format!(
            "Launching container {container} for executor '{executor_id}' of framework \
             {framework_id}"
        ));
        self.outbox.push(Output::Launch(Box::new(spec)));
    }

    /// Gives a running executor the tasks that are queued for it, oldest first.
    pub(crate) fn deliver_queued(&mut self, now: Time, container: &ContainerId) {
        let Some(executor) = self.executor_in(container) else { return };
        let connection = executor.connection();
        if connection.is_none() && !executor.is_command() {
            return;
        }
        let batches = executor.ready_tasks();
        if batches.is_empty() {
            return;
        }
        let mut outputs = Vec::new();
        if connection.is_some() {
            let resources = executor.allocated();
            outputs.push(Output::UpdateContainer { container: container.clone(), resources });
        }
        for batch in batches {
            let mut tasks = Vec::new();
            for task_id in &batch.tasks {
                let Some((info, record)) = executor.launch(task_id) else { continue };
                outputs.push(Output::Change(Change::Task(Arc::new(record))));
                tasks.push(TaskInfo::clone(&info));
            }
            match &mut executor.kind {
                Kind::Command(task) => task.started(now),
                Kind::Custom { .. } => {
                    let Some(connection) = connection else { continue };
                    let event = Box::new(launch_event(tasks, batch.is_group));
                    outputs.push(Output::ExecutorEvent { connection, event });
                }
            }
        }
        outputs.into_iter().for_each(|output| self.outbox.push(output));
        self.run_command_task(now, container);
    }
}

fn launch_event(mut tasks: Vec<TaskInfo>, is_group: bool) -> Event {
    let mut event = Event::default();
    if is_group {
        event.set_type(event::Type::LaunchGroup);
        event.launch_group = Some(event::LaunchGroup { task_group: TaskGroupInfo { tasks } });
    } else {
        event.set_type(event::Type::Launch);
        event.launch = tasks.pop().map(|task| event::Launch { task });
    }
    event
}

/// An executor without tasks, whose container is not launched yet.
pub(crate) fn new_executor(
    config: &Config,
    agent_id: &str,
    framework: &FrameworkInfo,
    info: Arc<ExecutorInfo>,
    container: &ContainerId,
) -> Executor {
    let user = config.switch_user.then(|| {
        let own = info.command.as_ref().and_then(|command| command.user.clone());
        own.unwrap_or_else(|| framework.user.clone())
    });
    let framework_id = framework.id.as_ref().map(|id| id.value.clone()).unwrap_or_default();
    let mut executor = Executor {
        framework_id,
        id: info.executor_id.value.clone(),
        container: container.clone(),
        info,
        directory: String::new(),
        user,
        checkpoint: framework.checkpoint(),
        kind: Kind::Custom { connection: None, heartbeat: None },
        state: ExecutorState::Registering,
        container_state: ContainerState::Unlaunched,
        destroying: false,
        pid: None,
        queued: Default::default(),
        launched: Default::default(),
        terminated: Default::default(),
        completed: Default::default(),
        kills: Default::default(),
        ever_sent_task: false,
        pending_termination: None,
        deadline: None,
        wake: None,
        refused_updates: 0,
    };
    executor.directory = executor.run(&config.work_dir, agent_id).run();
    executor
}

/// Where and as whom a command task runs.
pub(crate) fn surroundings(
    config: &Config,
    agent_id: &str,
    executor: &Executor,
    task: &TaskInfo,
) -> Surroundings {
    Surroundings {
        environment: environment::of_command_task(subject(config, agent_id, executor), task),
        user: executor.user.clone(),
        directory: executor.directory.clone(),
    }
}

fn subject<'a>(config: &'a Config, agent_id: &'a str, executor: &'a Executor) -> Subject<'a> {
    Subject {
        config,
        agent_id,
        framework_id: &executor.framework_id,
        executor: &executor.info,
        sandbox: &executor.directory,
        checkpoint: executor.checkpoint,
    }
}

fn spec(
    config: &Config,
    meta: &str,
    agent_id: &str,
    executor: &Executor,
    first: &TaskInfo,
) -> LaunchSpec {
    let command_task = executor.is_command();
    let (command, environment) = if command_task {
        let environment = environment::of_command_task(subject(config, agent_id, executor), first);
        (first.command.clone().unwrap_or_default(), environment)
    } else {
        let environment = environment::of_executor(subject(config, agent_id, executor));
        (executor.info.command.clone().unwrap_or_default(), environment)
    };
    let checkpoint = executor.run(meta, agent_id).forked_pid();
    LaunchSpec {
        container: executor.container.clone(),
        framework_id: executor.framework_id.clone(),
        executor_id: executor.id.clone(),
        executor: executor.info.clone(),
        command_task,
        command,
        user: executor.user.clone(),
        environment,
        sandbox: executor.directory.clone(),
        latest: executor.run(&config.work_dir, agent_id).latest(),
        container_info: executor.info.container.clone().or(config.default_container_info.clone()),
        resources: executor.allocated(),
        limits: first.limits.iter().map(|(name, value)| (name.clone(), *value)).collect(),
        pid_checkpoint: executor.checkpoint.then_some(checkpoint),
    }
}
