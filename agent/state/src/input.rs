// SPDX-License-Identifier: Apache-2.0

//! Everything that can happen to an agent.

use mesos_proto::{
    internal,
    v1::{Resource, executor, task_status},
};

use crate::key::{ConnectionKey, ContainerId, ProbeKey, RequestKey, WriteKey};

/// One thing that happened, for [`Agent::handle`](crate::Agent::handle).
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The detector found a leading master (`master@ip:port`), or lost it. Answers
    /// [`Output::Detect`](crate::Output::Detect) too, with the same master if it still leads.
    MasterDetected(Option<String>),
    /// A message came in over the Mesos wire. `from` is the sender's process id.
    MasterMessage {
        /// The sender, such as `master@10.0.0.1:5050` or `slave-observer(3)@10.0.0.1:5050`.
        from: String,
        /// What it says.
        message: Box<FromMaster>,
    },
    /// A connection asked for with [`Output::Link`](crate::Output::Link) broke.
    MasterLinkBroken {
        /// The process at its other end.
        pid: String,
    },
    /// An executor sent SUBSCRIBE. The answer is `ExecutorAccepted`, or `ExecutorRefused`.
    ExecutorSubscribe {
        /// The response stream, not yet opened.
        connection: ConnectionKey,
        /// The call, of type SUBSCRIBE.
        call: Box<executor::Call>,
    },
    /// An executor sent another call. The answer is [`Output::Answer`](crate::Output::Answer).
    ExecutorCall {
        /// The request to answer.
        request: RequestKey,
        /// The call; its type may be missing or unknown, its required fields are there.
        call: Box<executor::Call>,
    },
    /// An executor's response stream ended, from either side.
    ExecutorConnectionClosed {
        /// The stream.
        connection: ConnectionKey,
    },
    /// The container's process runs.
    ContainerLaunched {
        /// Which one.
        container: ContainerId,
        /// The process at the top of the container's tree, for `executor_pid`.
        pid: u32,
    },
    /// The container did not come to run; nothing of it is left, no `ContainerExited` follows.
    ContainerLaunchFailed {
        /// Which one.
        container: ContainerId,
        /// Why.
        failure: LaunchFailure,
    },
    /// A container that ran has ended, and no process of it is left.
    ContainerExited {
        /// Which one.
        container: ContainerId,
        /// How.
        exit: ContainerExit,
    },
    /// A check or health check asked for with `RunProbe` has its result.
    ProbeFinished {
        /// The container it ran for.
        container: ContainerId,
        /// Which run.
        probe: ProbeKey,
        /// What came of it.
        outcome: ProbeOutcome,
    },
    /// A checkpoint write is on disk.
    CheckpointStored {
        /// Which one.
        write: WriteKey,
    },
    /// A checkpoint write failed, and will not be tried again.
    CheckpointFailed {
        /// Which one.
        write: WriteKey,
        /// What the system said.
        reason: String,
    },
    /// A path that garbage collection gave up is gone.
    PathRemoved {
        /// The path as in [`Output::RemovePath`](crate::Output::RemovePath).
        path: String,
    },
    /// A path that garbage collection gave up could not be removed.
    PathNotRemoved {
        /// The path as in [`Output::RemovePath`](crate::Output::RemovePath).
        path: String,
        /// What the system said.
        reason: String,
    },
    /// How full the file system of the work directory is, in answer to `MeasureDiskUsage`.
    DiskUsage {
        /// Used share, from 0 to 1; `None` when it could not be found out.
        used: Option<f64>,
    },
    /// The operator wants the agent to unregister, end all executors and exit (SIGUSR1).
    Shutdown {
        /// For the log.
        reason: String,
    },
    /// The time named by [`Agent::poll_timeout`](crate::Agent::poll_timeout) has come.
    Wake,
}

/// The messages an agent understands on the Mesos wire.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "it travels in a box")]
pub enum FromMaster {
    /// A first registration succeeded.
    Registered(internal::SlaveRegisteredMessage),
    /// A re-registration succeeded.
    Reregistered(internal::SlaveReregisteredMessage),
    /// Launch a task.
    RunTask(internal::RunTaskMessage),
    /// Launch a group of tasks.
    RunTaskGroup(internal::RunTaskGroupMessage),
    /// Kill a task.
    KillTask(internal::KillTaskMessage),
    /// Shut an executor down.
    ShutdownExecutor(internal::ShutdownExecutorMessage),
    /// Shut all executors of a framework down.
    ShutdownFramework(internal::ShutdownFrameworkMessage),
    /// A framework's message to one of its executors.
    FrameworkToExecutor(internal::FrameworkToExecutorMessage),
    /// A framework's description or address changed.
    UpdateFramework(internal::UpdateFrameworkMessage),
    /// The reservations and volumes the master has decided on (old masters).
    CheckpointResources(internal::CheckpointResourcesMessage),
    /// Change reservations or volumes.
    ApplyOperation(internal::ApplyOperationMessage),
    /// Tell how these operations stand.
    ReconcileOperations(internal::ReconcileOperationsMessage),
    /// A scheduler has taken note of a status update.
    StatusUpdateAcknowledgement(internal::StatusUpdateAcknowledgementMessage),
    /// A scheduler has taken note of an operation status.
    AcknowledgeOperationStatus(internal::AcknowledgeOperationStatusMessage),
    /// Kill everything and exit: the master will not have this agent.
    Shutdown(internal::ShutdownMessage),
    /// Kill everything and take nothing new, but stay.
    Drain(internal::DrainSlaveMessage),
    /// Are you there?
    Ping(internal::PingSlaveMessage),
}

/// Why a container did not come to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaunchFailure {
    /// The sandbox could not be made. The text is what went wrong, as in
    /// `Failed to chown directory to 'x': No such user 'x'`.
    Sandbox(String),
    /// Fetching, isolating or starting failed. The text is what went wrong.
    Container(String),
    /// No enabled containerizer takes such a container.
    Unsupported,
}

/// How a container ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContainerExit {
    /// The wait(2) status of the container's first process; `None` when it is not known.
    pub status: Option<i32>,
    /// The limit it was killed for, if one was.
    pub limitation: Option<Limitation>,
}

/// A limit that a container went over.
#[derive(Clone, Debug, PartialEq)]
pub struct Limitation {
    /// Such as REASON_CONTAINER_LIMITATION_MEMORY.
    pub reason: task_status::Reason,
    /// For people.
    pub message: String,
    /// The resources that were used up.
    pub resources: Vec<Resource>,
}

/// What came of a check or health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeOutcome {
    /// A command ended with this wait(2) status.
    Exited(i32),
    /// An HTTP server answered with this status code.
    HttpStatus(u32),
    /// A TCP connection was made (`true`) or refused.
    Connected(bool),
    /// The timeout passed first.
    TimedOut,
    /// It could not be carried out at all; tells nothing about the task.
    Failed(String),
}
