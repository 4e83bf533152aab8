// SPDX-License-Identifier: Apache-2.0

//! RunTask: checks it, finds or adds its executor, and queues it there.
//!
//! What cannot run is answered with TASK_DROPPED (TASK_LOST for a framework that does not know
//! partitions) and, when the master expects a new executor, with ExitedExecutor, so that the
//! master forgets both.

use std::sync::Arc;

use mesos_core::{
    ids,
    resources::{Resource as ExactResource, Resources},
    time::Time,
};
use mesos_proto::{
    internal::{ResourceVersionUuid, RunTaskMessage},
    v1::{
        ExecutorInfo, FrameworkInfo, Resource, TaskInfo, TaskState, executor_info,
        framework_info::capability, task_status::Reason,
    },
};

use crate::{
    agent::{AfterWrite, Agent, Phase},
    change::{Change, ExecutorState},
    executor::QueuedTask,
    framework::{Framework, new_task, scheduler_pid},
    launch::command_executor,
    paths::Run,
    task_state::{self, has_capability},
    task_updates::Verdict,
    wire_form,
};

/// A task on its way to an executor.
struct Launch {
    framework_id: String,
    framework: FrameworkInfo,
    task: TaskInfo,
    executor: ExecutorInfo,
    /// The scheduler's process id.
    pid: Option<String>,
    versions: Vec<ResourceVersionUuid>,
    /// Whether the master expects a new executor; old masters do not say.
    launch_executor: Option<bool>,
}

/// Why a task is dropped.
struct Drop(Reason, String);

impl Agent {
    pub(super) fn run_task(&mut self, now: Time, message: RunTaskMessage) {
        let Some(launch) = self.accept(message) else { return };
        let framework_id = launch.framework_id.clone();
        let executor_id = launch.executor.executor_id.value.clone();
        let kept = self.keep_directories(&framework_id, &executor_id);
        self.ensure_framework(&launch);
        let checked = kept
            .and_then(|()| self.check(&launch))
            .and_then(|()| self.check_executor(now, &launch, &executor_id));
        let Err(Drop(reason, text)) = checked else {
            if !self.frameworks[&framework_id].executors.contains_key(&executor_id) {
                self.add_executor(&framework_id, launch.executor, &launch.task);
            }
            self.queue_task(now, &framework_id, &executor_id, launch.task);
            return;
        };
        let verdict =
            Verdict { state: task_state::dropped(&launch.framework), reason, message: text };
        let task_id = launch.task.task_id.value.as_str();
        self.agent_status(now, &framework_id, task_id, Some(&executor_id), verdict);
        // The end of an executor that has not ended yet is still going to be told.
        let executor = self.frameworks[&framework_id].executors.get(&executor_id);
        let will_end = executor.is_some_and(|it| it.state != ExecutorState::Terminated);
        if launch.launch_executor == Some(true) && !will_end {
            self.send_exited_executor(&framework_id, &executor_id, -1);
        }
        self.remove_framework_if_idle(now, &framework_id);
    }

    /// Brings the message into shape. `None` if it is not for this agent, or not now.
    fn accept(&mut self, message: RunTaskMessage) -> Option<Launch> {
        let mut task = message.task;
        let mut framework = message.framework;
        #[expect(deprecated, reason = "masters before 0.23 name the framework here")]
        let id = framework.id.clone().or(message.framework_id).unwrap_or_default();
        let task_id = task.task_id.value.clone();
        self.outbox.info(format!("Got assigned task '{task_id}' for framework {}", id.value));
        let refusal = if task.agent_id.value != self.agent_id() {
            Some(format!("it was intended for old agent {}", task.agent_id.value))
        } else if self.frameworks.get(&id.value).is_some_and(|fw| fw.owners.contains_key(&task_id))
        {
            // Any word about it would be taken for one about the task that is there.
            Some("the framework has a task of this id here".to_owned())
        } else if matches!(self.phase, Phase::Recovering | Phase::Terminating) {
            Some(format!("the agent is {}", self.phase.name()))
        } else {
            let executor = task.executor.as_ref().map(|executor| &executor.executor_id.value);
            [Some(&id.value), Some(&task_id), executor]
                .into_iter()
                .flatten()
                .find_map(|id| ids::validate(id).err())
                .map(|error| format!("one of its ids is unusable: {error}"))
        };
        if let Some(why) = refusal {
            self.outbox.warn(format!("Ignoring running task '{task_id}' because {why}"));
            return None;
        }
        framework.id = Some(id.clone());
        let role = only_role(&framework);
        wire_form::upgrade_task(&mut task, role.as_deref());
        let mut executor = match &task.executor {
            Some(executor) => executor.clone(),
            None => command_executor(&self.config, &id, &framework, &task),
        };
        executor.framework_id = Some(id.clone());
        if let Some(own) = &mut task.executor {
            own.framework_id = Some(id.clone());
        }
        Some(Launch {
            framework_id: id.value,
            framework,
            task,
            executor,
            pid: scheduler_pid(message.pid.as_ref()),
            versions: message.resource_version_uuids,
            launch_executor: message.launch_executor,
        })
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

    fn ensure_framework(&mut self, launch: &Launch) {
        let id = &launch.framework_id;
        if self.frameworks.contains_key(id) {
            return;
        }
        let pid = launch.pid.clone();
        let mut framework = Framework::new(launch.framework.clone(), pid);
        let old = self.completed_frameworks.iter().position(|completed| completed.id == *id);
        if let Some(old) = old.and_then(|index| self.completed_frameworks.remove(index)) {
            framework.completed = old.completed;
            let framework_id = id.clone();
            self.outbox.change(Change::FrameworkForgotten { framework_id, revived: true });
        }
        self.outbox.change(Change::Framework(framework.record()));
        self.frameworks.insert(id.clone(), framework);
        if launch.framework.checkpoint() {
            self.checkpoint_framework(id);
        }
    }

    fn check(&self, launch: &Launch) -> Result<(), Drop> {
        if self.frameworks[&launch.framework_id].terminating {
            return Err(Drop(Reason::ExecutorTerminated, "Framework is shutting down".to_owned()));
        }
        if self.drain.is_some() {
            let text = "Task was received while agent was already draining";
            return Err(Drop(Reason::AgentDraining, text.to_owned()));
        }
        let own = launch.versions.iter().find(|version| version.resource_provider_id.is_none());
        let from_provider = |resource: &Resource| resource.provider_id.is_some();
        if own.is_some_and(|version| version.uuid.value != self.resource_version)
            || launch.task.resources.iter().any(from_provider)
        {
            let text = "Task assumes outdated resource state";
            return Err(Drop(Reason::InvalidOffers, text.to_owned()));
        }
        if self.has_unknown_volume(&launch.task.resources) {
            let text = "The checkpointed resources being used by the task or task group are \
                        unknown to the agent";
            return Err(Drop(Reason::ResourcesUnknown, text.to_owned()));
        }
        if self.has_unknown_volume(&launch.executor.resources) {
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
        launch: &Launch,
        executor_id: &str,
    ) -> Result<(), Drop> {
        if launch.executor.r#type() == executor_info::Type::Default {
            let text = "The default executor is not supported by this agent yet";
            return Err(Drop(Reason::ExecutorTerminated, text.to_owned()));
        }
        let framework = &self.frameworks[&launch.framework_id];
        let state = framework.executors.get(executor_id).map(|executor| executor.state);
        let refused = |text: &str| Err(Drop(Reason::ExecutorTerminated, text.to_owned()));
        match state {
            None if launch.launch_executor == Some(false) => {
                refused("No executor is expected to launch and there is none running")
            }
            None => Ok(()),
            Some(ExecutorState::Terminated) => refused("Executor terminated"),
            Some(ExecutorState::Terminating) => refused("Executor terminating"),
            Some(ExecutorState::Registering | ExecutorState::Running) => {
                if launch.launch_executor == Some(true) {
                    self.end_executor(now, &launch.framework_id, executor_id);
                    return refused("Master wants to launch executor, but one already exists");
                }
                Ok(())
            }
        }
    }

    fn queue_task(&mut self, now: Time, framework_id: &str, executor_id: &str, task: TaskInfo) {
        let key = self.next_task_key();
        let agent_id = self.agent_id();
        let task_id = task.task_id.value.clone();
        let new = Arc::new(new_task(&task, framework_id, TaskState::TaskStaging));
        let Some(framework) = self.frameworks.get_mut(framework_id) else { return };
        framework.owners.insert(task_id.clone(), executor_id.to_owned());
        let Some(executor) = framework.executors.get_mut(executor_id) else { return };
        let container = executor.container.clone();
        let unstored = executor.checkpoint;
        let run = executor.run(&self.meta, &agent_id);
        let (path, launch) = (run.task_info(&task_id), run.task_launch(&task_id));
        let launch = (executor.is_command() && executor.checkpoint).then_some(launch);
        if let Some(launch) = launch {
            self.outbox.store_message(launch, &task);
        }
        executor.queued.insert(
            task_id.clone(),
            QueuedTask { key, info: Arc::new(task), task: new.clone(), unstored },
        );
        if let Some(record) = executor.task_record(&task_id) {
            self.outbox.change(Change::Task(Arc::new(record)));
        }
        if unstored {
            let write = self.outbox.store_message(path, new.as_ref());
            let after = AfterWrite::Task { container, task_id };
            self.writes.insert(write, after);
        } else {
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

/// The one role of a framework that cannot have several.
fn only_role(framework: &FrameworkInfo) -> Option<String> {
    if has_capability(framework, capability::Type::MultiRole) {
        match framework.roles.as_slice() {
            [role] => Some(role.clone()),
            _ => None,
        }
    } else {
        Some(framework.role().to_owned())
    }
}
