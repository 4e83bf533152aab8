// SPDX-License-Identifier: Apache-2.0

//! One run of one executor, and its tasks.
//!
//! | state | runs or subscribes | told to shut down, or too late | container ends |
//! |---|---|---|---|
//! | registering | running: queued tasks are launched | terminating | terminated |
//! | running | (subscribes again) | terminating | terminated |
//! | terminating | refused | – | terminated |
//! | terminated | refused | – | – |
//!
//! A task is queued, then launched, then terminated, then completed; it may skip any but the
//! last two. A terminated executor stays until all its tasks are completed.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use mesos_core::trial::{self, Defect};
use mesos_proto::v1::{
    ExecutorInfo, KillPolicy, Resource, Task, TaskInfo, TaskState, TaskStatus, task_status,
};

use crate::{
    change::{ExecutorRecord, ExecutorState, TaskRecord, TaskStage},
    command_task::CommandTask,
    config::MAX_COMPLETED_TASKS_PER_EXECUTOR,
    key::{ConnectionKey, ContainerId, TaskKey},
    paths,
    task_state::is_terminal,
    timers::TimerKey,
};

/// A task that its executor has not been given yet.
#[derive(Debug)]
pub(crate) struct QueuedTask {
    pub(crate) key: TaskKey,
    pub(crate) info: Arc<TaskInfo>,
    pub(crate) task: Arc<Task>,
    /// Its group, named by the group's first task.
    pub(crate) group: Option<TaskKey>,
    /// Whether its checkpoint is still being written.
    pub(crate) unstored: bool,
}

/// A task that its executor has been given, or that has ended.
#[derive(Debug)]
pub(crate) struct LiveTask {
    pub(crate) key: TaskKey,
    pub(crate) task: Arc<Task>,
}

/// Who plays the executor's part.
#[derive(Debug)]
pub(crate) enum Kind {
    /// This agent does, for a command task.
    Command(Box<CommandTask>),
    /// A process of its own does, over HTTP.
    Custom {
        /// Its stream, while it is subscribed.
        connection: Option<ConnectionKey>,
        /// When it is to have a heartbeat.
        heartbeat: Option<TimerKey>,
    },
}

/// Statuses that a task shows; an executor that goes back and forth comes to this.
const STATUSES_MAX: usize = 64;

/// Tasks that are delivered with one event.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) tasks: Vec<String>,
    pub(crate) is_group: bool,
}

/// Where the container stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContainerState {
    /// Not asked for yet.
    Unlaunched,
    /// Asked for.
    Launching,
    /// Running.
    Running,
    /// Ended, or never came to be.
    Gone,
}

/// What to say of the tasks when the container has ended.
#[derive(Clone, Debug)]
pub(crate) struct Termination {
    pub(crate) state: TaskState,
    pub(crate) reason: task_status::Reason,
    pub(crate) message: String,
}

/// One run of one executor.
#[derive(Debug)]
pub(crate) struct Executor {
    pub(crate) framework_id: String,
    pub(crate) id: String,
    pub(crate) container: ContainerId,
    pub(crate) info: Arc<ExecutorInfo>,
    pub(crate) directory: String,
    pub(crate) user: Option<String>,
    pub(crate) checkpoint: bool,
    pub(crate) kind: Kind,
    pub(crate) state: ExecutorState,
    pub(crate) container_state: ContainerState,
    /// Whether its end has been asked for.
    pub(crate) destroying: bool,
    pub(crate) pid: Option<u32>,
    pub(crate) queued: BTreeMap<String, QueuedTask>,
    pub(crate) launched: BTreeMap<String, LiveTask>,
    pub(crate) terminated: BTreeMap<String, LiveTask>,
    pub(crate) completed: VecDeque<LiveTask>,
    /// Tasks to be killed once it is connected again.
    pub(crate) kills: BTreeMap<String, Option<KillPolicy>>,
    /// Whether it was ever given a task.
    pub(crate) ever_sent_task: bool,
    pub(crate) pending_termination: Option<Termination>,
    /// Registration timeout or shutdown grace period.
    pub(crate) deadline: Option<TimerKey>,
    /// When its command task wants to be woken.
    pub(crate) wake: Option<TimerKey>,
    /// Status updates that there was no room for.
    pub(crate) refused_updates: u64,
}

/// What came of a status for a task of this executor.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TaskUpdate {
    /// It is the task's state now, and this is where the task stands.
    Applied(TaskStage),
    /// It cannot be; the words are for the log.
    Refused(String),
}

impl Executor {
    /// Whether the agent plays its part.
    pub(crate) fn is_command(&self) -> bool {
        match self.kind {
            Kind::Command(_) => true,
            Kind::Custom { .. } => false,
        }
    }

    /// Its stream, while it is subscribed.
    pub(crate) fn connection(&self) -> Option<ConnectionKey> {
        match self.kind {
            Kind::Command(_) => None,
            Kind::Custom { connection, .. } => connection,
        }
    }

    /// Whether there is a task that is not completed.
    pub(crate) fn has_incomplete_tasks(&self) -> bool {
        !self.queued.is_empty() || !self.launched.is_empty() || !self.terminated.is_empty()
    }

    /// Where its files are below a root.
    pub(crate) fn run<'a>(&'a self, root: &'a str, agent_id: &'a str) -> paths::Run<'a> {
        paths::Run {
            root,
            agent_id,
            framework_id: &self.framework_id,
            executor_id: &self.id,
            container: self.container.as_str(),
        }
    }

    /// What it and its live tasks may use.
    pub(crate) fn allocated(&self) -> Vec<Resource> {
        let launched = self.launched.values().flat_map(|task| &task.task.resources);
        let queued = self.queued.values().flat_map(|task| &task.info.resources);
        self.info.resources.iter().chain(launched).chain(queued).cloned().collect()
    }

    /// The queued tasks that can be delivered, oldest first: those that are stored, and of a
    /// group only all together.
    pub(crate) fn ready_tasks(&self) -> Vec<Batch> {
        let mut queued: Vec<(&String, &QueuedTask)> = self.queued.iter().collect();
        queued.sort_by_key(|(_, task)| task.key);
        let mut batches: BTreeMap<TaskKey, (Batch, bool)> = BTreeMap::new();
        for (task_id, task) in queued {
            let is_group = task.group.is_some();
            let (batch, ready) = batches
                .entry(task.group.unwrap_or(task.key))
                .or_insert_with(|| (Batch { tasks: Vec::new(), is_group }, true));
            batch.tasks.push(task_id.clone());
            *ready &= !task.unstored;
        }
        batches.into_values().filter_map(|(batch, ready)| ready.then_some(batch)).collect()
    }

    /// Moves a queued task to the launched ones.
    pub(crate) fn launch(&mut self, task_id: &str) -> Option<(Arc<TaskInfo>, TaskRecord)> {
        let queued = self.queued.remove(task_id)?;
        let live = LiveTask { key: queued.key, task: queued.task };
        let record = self.record_of(&live, TaskStage::Launched);
        self.launched.insert(task_id.to_owned(), live);
        self.ever_sent_task = true;
        Some((queued.info, record))
    }

    /// Takes a status as the state of its task.
    pub(crate) fn update_task(&mut self, status: &TaskStatus) -> TaskUpdate {
        let task_id = status.task_id.value.as_str();
        let terminal = is_terminal(status.state());
        if let Some(ended) = self.terminated.get(task_id)
            && !trial::has(Defect::SecondEndTaken)
        {
            let state = ended.task.state().as_str_name();
            return TaskUpdate::Refused(format!(
                "the task is already terminated with state {state}"
            ));
        }
        let mut live = if let Some(queued) = self.queued.get(task_id) {
            if !terminal {
                return TaskUpdate::Refused("the task has not been launched yet".to_owned());
            }
            LiveTask { key: queued.key, task: queued.task.clone() }
        } else {
            match self.launched.get_mut(task_id) {
                Some(live) => LiveTask { key: live.key, task: live.task.clone() },
                None => match self.terminated.remove(task_id) {
                    // Only with the defect above.
                    Some(live) => live,
                    None => return TaskUpdate::Refused("the task is unknown".to_owned()),
                },
            }
        };
        let task = Arc::make_mut(&mut live.task);
        if task.statuses.last().is_some_and(|last| last.state == status.state) {
            task.statuses.pop();
        }
        if task.statuses.len() == STATUSES_MAX {
            task.statuses.remove(0);
        }
        task.statuses.push(status.clone());
        task.state = status.state;
        let stage = if terminal { TaskStage::Terminated } else { TaskStage::Launched };
        if terminal {
            self.queued.remove(task_id);
            self.launched.remove(task_id);
            self.terminated.insert(task_id.to_owned(), live);
        } else {
            self.launched.insert(task_id.to_owned(), live);
        }
        TaskUpdate::Applied(stage)
    }

    /// Moves a terminated task to the completed ones; gives the one that had to be forgotten.
    pub(crate) fn complete(&mut self, task_id: &str) -> Option<(TaskRecord, Option<TaskKey>)> {
        let live = self.terminated.remove(task_id)?;
        let record = self.record_of(&live, TaskStage::Completed);
        self.completed.push_back(live);
        let forgotten = if self.completed.len() > MAX_COMPLETED_TASKS_PER_EXECUTOR {
            self.completed.pop_front().map(|task| task.key)
        } else {
            None
        };
        Some((record, forgotten))
    }

    /// Gives up all tasks, without a word to anyone but the views.
    pub(crate) fn abandon_tasks(&mut self) -> Vec<TaskRecord> {
        let queued = std::mem::take(&mut self.queued).into_iter();
        let queued = queued.map(|(id, task)| (id, LiveTask { key: task.key, task: task.task }));
        let launched = std::mem::take(&mut self.launched);
        let mut records = Vec::new();
        for (id, live) in launched.into_iter().chain(queued) {
            records.push(self.record_of(&live, TaskStage::Terminated));
            self.terminated.insert(id, live);
        }
        records
    }

    /// The launched or terminated task of this id.
    pub(crate) fn live_task_mut(&mut self, task_id: &str) -> Option<&mut LiveTask> {
        match self.launched.get_mut(task_id) {
            Some(task) => Some(task),
            None => self.terminated.get_mut(task_id),
        }
    }

    /// How a task looks to views.
    pub(crate) fn task_record(&self, task_id: &str) -> Option<TaskRecord> {
        if let Some(task) = self.launched.get(task_id) {
            return Some(self.record_of(task, TaskStage::Launched));
        }
        if let Some(task) = self.terminated.get(task_id) {
            return Some(self.record_of(task, TaskStage::Terminated));
        }
        let queued = self.queued.get(task_id)?;
        Some(TaskRecord {
            key: queued.key,
            container: self.container.clone(),
            stage: TaskStage::Queued,
            task: queued.task.clone(),
        })
    }

    fn record_of(&self, live: &LiveTask, stage: TaskStage) -> TaskRecord {
        TaskRecord {
            key: live.key,
            container: self.container.clone(),
            stage,
            task: live.task.clone(),
        }
    }

    /// How it looks to views.
    pub(crate) fn record(&self) -> Arc<ExecutorRecord> {
        Arc::new(ExecutorRecord {
            framework_id: self.framework_id.clone(),
            container: self.container.clone(),
            info: self.info.clone(),
            directory: self.directory.clone(),
            generated_for_command_task: self.is_command(),
            state: self.state,
            pid: self.pid,
        })
    }
}
