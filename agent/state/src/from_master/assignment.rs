// SPDX-License-Identifier: Apache-2.0

//! What RunTask and RunTaskGroup have in common: tasks that are to go to one executor.
//!
//! They are checked, their executor is found or added, and they are queued there. What cannot
//! run is answered with TASK_DROPPED (TASK_LOST for a framework that does not know partitions)
//! and, when the master expects a new executor, with ExitedExecutor, so that the master forgets
//! both.

use std::sync::Arc;

use mesos_core::{
    ids,
    resources::{Resource as ExactResource, Resources},
    time::Time,
};
use mesos_proto::{
    internal::ResourceVersionUuid,
    v1::{
        ExecutorInfo, FrameworkInfo, Resource, TaskInfo, TaskState, executor_info,
        task_status::Reason,
    },
};

use crate::{
    agent::{AfterWrite, Agent, Phase},
    change::{Change, ExecutorState},
    executor::QueuedTask,
    framework::{Framework, new_task},
    key::TaskKey,
    paths::Run,
    task_state,
    task_updates::Verdict,
};

/// Tasks on their way to an executor.
pub(super) struct Assignment {
    pub(super) framework_id: String,
    pub(super) framework: FrameworkInfo,
    /// One, or those of a group.
    pub(super) tasks: Vec<TaskInfo>,
    /// Whether they are a group: delivered, or killed before that, only together.
    pub(super) is_group: bool,
    pub(super) executor: ExecutorInfo,
    /// The scheduler's process id.
    pub(super) pid: Option<String>,
    pub(super) versions: Vec<ResourceVersionUuid>,
    /// Whether the master expects a new executor; old masters do not say.
    pub(super) launch_executor: Option<bool>,
}

/// Why tasks are dropped.
struct Drop(Reason, String);

impl Agent {
    /// Whether tasks are for this agent, and can be taken now. Says why if not.
    pub(super) fn refuses(
        &self,
        framework_id: &str,
        executor_id: &str,
        tasks: &[TaskInfo],
    ) -> Option<String> {
        // While this agent registers again, what arrives was sent before the master knew:
        // it will ask about every task that it did not hear of in the registration.
        if self.phase != Phase::Running {
            return Some(format!("the agent is {}", self.phase.name()));
        }
        let framework = self.frameworks.get(framework_id);
        for task in tasks {
            let task_id = &task.task_id.value;
            if task.agent_id.value != self.agent_id() {
                return Some(format!("it was intended for old agent {}", task.agent_id.value));
            }
            if framework.is_some_and(|framework| framework.owners.contains_key(task_id)) {
                // Any word about it would be taken for one about the task that is there.
                return Some(format!("the framework has a task '{task_id}' here"));
            }
            for id in [framework_id, executor_id, task_id] {
                if let Err(error) = ids::validate(id) {
                    return Some(format!("one of its ids is unusable: {error}"));
                }
            }
        }
        None
    }

    pub(super) fn assign(&mut self, now: Time, assignment: Assignment) {
        let framework_id = assignment.framework_id.clone();
        let executor_id = assignment.executor.executor_id.value.clone();
        let kept = self.keep_directories(&framework_id, &executor_id);
        self.ensure_framework(&assignment);
        let checked = kept
            .and_then(|()| self.check(&assignment))
            .and_then(|()| self.check_executor(now, &assignment, &executor_id));
        match checked {
            Ok(()) => {
                if !self.frameworks[&framework_id].executors.contains_key(&executor_id)
                    && let Some(first) = assignment.tasks.first()
                {
                    self.add_executor(&framework_id, assignment.executor, first);
                }
                let tasks = assignment.tasks;
                self.queue_tasks(now, &framework_id, &executor_id, tasks, assignment.is_group);
            }
            Err(why) => self.drop_tasks(now, &assignment, &executor_id, why),
        }
    }

    /// Ignores tasks of which nothing can be said. The master books an executor that it
    /// expected to be launched for them, unless it is told; and nobody would hear of the other
    /// tasks of a group.
    pub(super) fn ignore(
        &mut self,
        now: Time,
        framework: &FrameworkInfo,
        executor_id: &str,
        tasks: &[TaskInfo],
        launch_executor: Option<bool>,
    ) {
        let is_meant = tasks.iter().all(|task| task.agent_id.value == self.agent_id())
            && ids::validate(executor_id).is_ok();
        // An agent that registers again tells with that what it runs.
        if !is_meant || self.phase != Phase::Running {
            return;
        }
        let framework_id = framework.id.as_ref().map_or("", |id| id.value.as_str());
        if launch_executor == Some(true) {
            self.executor_does_not_start(framework_id, executor_id);
        }
        self.drop_companions(now, framework_id, task_state::dropped(framework), executor_id, tasks);
    }

    /// Drops tasks whose group has one that the framework has here already.
    fn drop_companions(
        &mut self,
        now: Time,
        framework_id: &str,
        state: TaskState,
        executor_id: &str,
        group: &[TaskInfo],
    ) {
        let Some(framework) = self.frameworks.get(framework_id) else { return };
        let ids = || group.iter().map(|task| task.task_id.value.as_str());
        let Some(known) = ids().find(|id| framework.owners.contains_key(*id)) else { return };
        let message = format!("Its group has the task '{known}', which the framework has here");
        let companions: Vec<&str> = ids()
            .filter(|id| !framework.owners.contains_key(*id) && ids::validate(id).is_ok())
            .collect();
        for task_id in companions {
            let verdict =
                Verdict { state, reason: Reason::TaskGroupInvalid, message: message.clone() };
            self.agent_status(now, framework_id, task_id, Some(executor_id), verdict);
        }
    }

    /// Tells the master that an executor it wants launched is not. The end of one that has
    /// not ended yet is still going to be told.
    fn executor_does_not_start(&mut self, framework_id: &str, executor_id: &str) {
        let framework = self.frameworks.get(framework_id);
        let executor = framework.and_then(|it| it.executors.get(executor_id));
        if executor.is_none_or(|it| it.state == ExecutorState::Terminated) {
            self.send_exited_executor(framework_id, executor_id, -1);
        }
    }

    fn drop_tasks(
        &mut self,
        now: Time,
        assignment: &Assignment,
        executor_id: &str,
        Drop(reason, message): Drop,
    ) {
        let framework_id = assignment.framework_id.as_str();
        let state = task_state::dropped(&assignment.framework);
        if assignment.launch_executor == Some(true) {
            self.executor_does_not_start(framework_id, executor_id);
        }
        for task in &assignment.tasks {
            let verdict = Verdict { state, reason, message: message.clone() };
            let task_id = task.task_id.value.as_str();
            self.agent_status(now, framework_id, task_id, Some(executor_id), verdict);
        }
        self.remove_framework_if_idle(now, framework_id);
    }

    /// Takes the directories that the task will use from garbage collection.
    fn keep_directories(&mut self, framework_id: &str, executor_id: &str) -> Result<(), Drop> {
        let agent_id = self.agent_id();
        let mut kept = true;
        for root in [self.config.work_dir.clone(), self.meta.clone()] {
            let run =
                Run { root: &root, agent_id: &agent_id, framework_id, executor_id, container: "" };
            kept &= self.gc.unschedule(&run.framework());
            kept &= self.gc.unschedule(&run.executor());
        }
        if kept {
            return Ok(());
        }
        let text = "Could not launch the task because we failed to unschedule directories \
                    scheduled for gc";
        Err(Drop(Reason::GcError, text.to_owned()))
    }

    fn ensure_framework(&mut self, assignment: &Assignment) {
        let id = &assignment.framework_id;
        if self.frameworks.contains_key(id) {
            return;
        }
        let pid = assignment.pid.clone();
        let mut framework = Framework::new(assignment.framework.clone(), pid);
        let old = self.completed_frameworks.iter().position(|completed| completed.id == *id);
        if let Some(old) = old.and_then(|index| self.completed_frameworks.remove(index)) {
            framework.completed = old.completed;
            let framework_id = id.clone();
            self.outbox.change(Change::FrameworkForgotten { framework_id, revived: true });
        }
        self.outbox.change(Change::Framework(framework.record()));
        self.frameworks.insert(id.clone(), framework);
        if assignment.framework.checkpoint() {
            self.checkpoint_framework(id);
        }
    }

    fn check(&self, assignment: &Assignment) -> Result<(), Drop> {
        if self.frameworks[&assignment.framework_id].terminating {
            return Err(Drop(Reason::ExecutorTerminated, "Framework is shutting down".to_owned()));
        }
        if self.drain.is_some() {
            let text = "Task was received while agent was already draining";
            return Err(Drop(Reason::AgentDraining, text.to_owned()));
        }
        let own = assignment.versions.iter().find(|version| version.resource_provider_id.is_none());
        let from_provider = |resource: &Resource| resource.provider_id.is_some();
        if own.is_some_and(|version| version.uuid.value != self.resource_version)
            || assignment.tasks.iter().flat_map(|task| &task.resources).any(from_provider)
        {
            let text = "Task assumes outdated resource state";
            return Err(Drop(Reason::InvalidOffers, text.to_owned()));
        }
        if assignment.tasks.iter().any(|task| self.has_unknown_volume(&task.resources)) {
            let text = "The checkpointed resources being used by the task or task group are \
                        unknown to the agent";
            return Err(Drop(Reason::ResourcesUnknown, text.to_owned()));
        }
        if self.has_unknown_volume(&assignment.executor.resources) {
            let text = "The checkpointed resources being used by the executor are unknown to the \
                        agent";
            return Err(Drop(Reason::ResourcesUnknown, text.to_owned()));
        }
        Ok(())
    }

    /// Whether one of these is a dynamic reservation or a volume that no master has told of.
    fn has_unknown_volume(&self, resources: &[Resource]) -> bool {
        let wanted = Resources::from_proto(resources)
            .unallocated()
            .filter(ExactResource::needs_checkpointing);
        !wanted.is_empty() && !Resources::from_proto(&self.checkpointed_resources).contains(&wanted)
    }

    /// Whether the executor is there, or not there, as the master takes it to be.
    fn check_executor(
        &mut self,
        now: Time,
        assignment: &Assignment,
        executor_id: &str,
    ) -> Result<(), Drop> {
        if assignment.executor.r#type() == executor_info::Type::Default {
            let text = "The default executor is not supported by this agent yet";
            return Err(Drop(Reason::ExecutorTerminated, text.to_owned()));
        }
        let framework = &self.frameworks[&assignment.framework_id];
        let state = framework.executors.get(executor_id).map(|executor| executor.state);
        let refused = |text: &str| Err(Drop(Reason::ExecutorTerminated, text.to_owned()));
        match state {
            None if assignment.launch_executor == Some(false) => {
                refused("No executor is expected to launch and there is none running")
            }
            None => Ok(()),
            Some(ExecutorState::Terminated) => refused("Executor terminated"),
            Some(ExecutorState::Terminating) => refused("Executor terminating"),
            Some(ExecutorState::Registering | ExecutorState::Running) => {
                if assignment.launch_executor == Some(true) {
                    self.end_executor(now, &assignment.framework_id, executor_id);
                    return refused("Master wants to launch executor, but one already exists");
                }
                Ok(())
            }
        }
    }

    fn queue_tasks(
        &mut self,
        now: Time,
        framework_id: &str,
        executor_id: &str,
        tasks: Vec<TaskInfo>,
        is_group: bool,
    ) {
        let keys: Vec<TaskKey> = tasks.iter().map(|_| self.next_task_key()).collect();
        let group = keys.first().copied().filter(|_| is_group);
        let agent_id = self.agent_id();
        let Some(framework) = self.frameworks.get_mut(framework_id) else { return };
        let Some(executor) = framework.executors.get_mut(executor_id) else { return };
        let container = executor.container.clone();
        let unstored = executor.checkpoint;
        for (key, info) in keys.into_iter().zip(tasks) {
            let task_id = info.task_id.value.clone();
            framework.owners.insert(task_id.clone(), executor_id.to_owned());
            let task = Arc::new(new_task(&info, framework_id, TaskState::TaskStaging));
            if unstored {
                let run = executor.run(&self.meta, &agent_id);
                if executor.is_command() {
                    self.outbox.store_message(run.task_launch(&task_id), &info);
                }
                let write = self.outbox.store_message(run.task_info(&task_id), task.as_ref());
                let (container, task_id) = (container.clone(), task_id.clone());
                self.writes.insert(write, AfterWrite::Task { container, task_id });
            }
            let queued = QueuedTask { key, info: Arc::new(info), task, group, unstored };
            executor.queued.insert(task_id.clone(), queued);
            self.outbox.change_task(executor.task_record(&task_id));
        }
        if !unstored {
            self.task_ready(now, &container);
        }
    }

    /// Checkpoints a framework's description and address.
    pub(crate) fn checkpoint_framework(&mut self, framework_id: &str) {
        let agent_id = self.agent_id();
        let Some(framework) = self.frameworks.get(framework_id) else { return };
        let run = Run {
            root: &self.meta,
            agent_id: &agent_id,
            framework_id,
            executor_id: "",
            container: "",
        };
        let pid = framework.pid.as_deref().unwrap_or("@0.0.0.0:0");
        self.outbox.store_message(run.framework_info(), framework.info.as_ref());
        self.outbox.store_text(run.framework_pid(), pid);
    }
}
