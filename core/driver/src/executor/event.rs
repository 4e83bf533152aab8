// SPDX-License-Identifier: Apache-2.0

//! What an executor is told, as a closed enum.

use bytes::Bytes;
use mesos_proto::v1::{
    AgentInfo, ContainerId, ExecutorInfo, FrameworkInfo, KillPolicy, TaskGroupInfo, TaskId,
    TaskInfo, executor,
};

/// One thing that an executor has to know or do.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The executor is subscribed with its agent.
    Subscribed {
        /// The executor, as the framework described it.
        executor: Box<ExecutorInfo>,
        /// The framework.
        framework: Box<FrameworkInfo>,
        /// The agent.
        agent: Box<AgentInfo>,
        /// The container that the executor runs in.
        container_id: Option<ContainerId>,
        /// Whether this driver was subscribed before.
        again: bool,
    },
    /// The agent is away; the driver waits for it to come back.
    Disconnected {
        /// Why, for a person.
        reason: String,
    },
    /// Run a task.
    Launch(Box<TaskInfo>),
    /// Run all the tasks of a group.
    LaunchGroup(TaskGroupInfo),
    /// Stop a task.
    Kill {
        /// Which.
        task_id: TaskId,
        /// How, where the task's own policy is not meant.
        kill_policy: Option<KillPolicy>,
    },
    /// The scheduler has acknowledged an update.
    Acknowledged {
        /// Of which task.
        task_id: TaskId,
        /// Which update.
        uuid: Bytes,
    },
    /// The scheduler sent a message.
    Message(Bytes),
    /// Stop every task, report it, and end within the grace period.
    Shutdown {
        /// Why, for a person.
        reason: String,
    },
}

/// What a record of the event stream means to the driver.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Record {
    /// The stream begins.
    Subscribed(Box<executor::event::Subscribed>),
    /// The agent has no use for this executor.
    Error(String),
    /// Only shows that the agent is there.
    Heartbeat,
    /// The agent wants the executor to end.
    Shutdown,
    /// Something for the executor.
    Event(Event),
    /// An event of a later Mesos than this.
    Unknown,
    /// An event without the part that its type promises.
    Incomplete(&'static str),
}

/// Sorts out what `event` is.
pub(super) fn read(event: executor::Event) -> Record {
    use executor::event::Type;
    let Ok(kind) = Type::try_from(event.r#type.unwrap_or_default()) else {
        return Record::Unknown;
    };
    let read = match kind {
        Type::Unknown => return Record::Unknown,
        Type::Heartbeat => return Record::Heartbeat,
        Type::Shutdown => return Record::Shutdown,
        Type::Subscribed => event.subscribed.map(|it| Record::Subscribed(Box::new(it))),
        Type::Error => event.error.map(|it| Record::Error(it.message)),
        Type::Launch => event.launch.map(|it| Record::Event(Event::Launch(Box::new(it.task)))),
        Type::LaunchGroup => {
            event.launch_group.map(|it| Record::Event(Event::LaunchGroup(it.task_group)))
        }
        Type::Kill => event.kill.map(|it| {
            Record::Event(Event::Kill { task_id: it.task_id, kill_policy: it.kill_policy })
        }),
        Type::Acknowledged => event
            .acknowledged
            .map(|it| Record::Event(Event::Acknowledged { task_id: it.task_id, uuid: it.uuid })),
        Type::Message => event.message.map(|it| Record::Event(Event::Message(it.data))),
    };
    read.unwrap_or(Record::Incomplete(kind.as_str_name()))
}
