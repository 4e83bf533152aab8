// SPDX-License-Identifier: Apache-2.0

//! Everything an agent can want done.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use mesos_proto::{
    internal,
    v1::{
        CommandInfo, ContainerInfo, ExecutorInfo, Resource, check_info, executor, health_check,
        value,
    },
};

use crate::{
    change::Change,
    key::{ConnectionKey, ContainerId, ProbeKey, RequestKey, WriteKey},
};

/// One thing to do, from [`Agent::poll_output`](crate::Agent::poll_output). The shell does them
/// in order; messages to one receiver stay in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Ask the detector anew which master leads; the answer is `MasterDetected`.
    Detect,
    /// Open a lasting connection, and report when it breaks.
    Link {
        /// The process to connect to.
        pid: String,
    },
    /// The connection is no longer of interest.
    Unlink {
        /// The process it leads to.
        pid: String,
    },
    /// Send a message over the Mesos wire.
    ToMaster {
        /// The receiving process.
        to: String,
        /// What to say.
        message: Box<ToMaster>,
    },
    /// Answer a SUBSCRIBE with 200 and open the stream.
    ExecutorAccepted {
        /// The stream.
        connection: ConnectionKey,
    },
    /// Answer a SUBSCRIBE with an error.
    ExecutorRefused {
        /// The stream that does not come to be.
        connection: ConnectionKey,
        /// The HTTP status code.
        status: u16,
        /// The text/plain body.
        body: String,
    },
    /// Send an event to an executor.
    ExecutorEvent {
        /// Its stream.
        connection: ConnectionKey,
        /// What to say.
        event: Box<executor::Event>,
    },
    /// End an executor's stream once what was sent is out.
    CloseExecutor {
        /// Its stream.
        connection: ConnectionKey,
    },
    /// Answer an executor's call.
    Answer {
        /// The request.
        request: RequestKey,
        /// The HTTP status code.
        status: u16,
        /// The text/plain body; empty with 202.
        body: String,
    },
    /// Make the sandbox, fetch, and start a container.
    Launch(Box<LaunchSpec>),
    /// The resources of a running container have changed.
    UpdateContainer {
        /// Which one.
        container: ContainerId,
        /// What it may use now.
        resources: Vec<Resource>,
    },
    /// Send a signal to every process of a container, the launcher itself excepted.
    Signal {
        /// Which one.
        container: ContainerId,
        /// The signal's number.
        signal: i32,
    },
    /// Kill every process of a container. `ContainerExited` or `ContainerLaunchFailed` follows.
    Destroy {
        /// Which one.
        container: ContainerId,
    },
    /// Carry out one check of a task.
    RunProbe {
        /// The task's container.
        container: ContainerId,
        /// Names this run in `ProbeFinished`.
        probe: ProbeKey,
        /// What to do.
        what: Box<Probe>,
        /// When to give up; `None` means never.
        timeout: Option<Duration>,
    },
    /// Write to the checkpoint directory; in the order of the keys.
    Checkpoint {
        /// Names this write in `CheckpointStored`.
        write: WriteKey,
        /// The absolute path; missing parent directories are made.
        path: String,
        /// What to write.
        store: Store,
    },
    /// Remove a file or a whole directory for good.
    RemovePath {
        /// The absolute path.
        path: String,
    },
    /// Find out how full the file system of the work directory is.
    MeasureDiskUsage,
    /// Something that views show has changed.
    Change(Change),
    /// For the log.
    Log {
        /// How important.
        level: Level,
        /// One line.
        text: String,
    },
    /// End the process. Nothing follows.
    Exit {
        /// For the log.
        reason: String,
        /// Whether something is wrong: the exit status is 1 then, else 0.
        failed: bool,
    },
}

/// How important a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Normal course of things.
    Info,
    /// Something was dropped or refused.
    Warn,
    /// Something is broken.
    Error,
}

/// The messages an agent sends on the Mesos wire.
#[derive(Clone, Debug, PartialEq)]
pub enum ToMaster {
    /// Ask for an id.
    Register(internal::RegisterSlaveMessage),
    /// Come back under an id.
    Reregister(internal::ReregisterSlaveMessage),
    /// Leave for good.
    Unregister(internal::UnregisterSlaveMessage),
    /// A task's status, to be acknowledged.
    StatusUpdate(internal::StatusUpdateMessage),
    /// An executor's message to its framework.
    ExecutorToFramework(internal::ExecutorToFrameworkMessage),
    /// An executor ended.
    ExitedExecutor(internal::ExitedExecutorMessage),
    /// Resources, operations and the resource version.
    UpdateSlave(internal::UpdateSlaveMessage),
    /// An operation's status.
    UpdateOperationStatus(internal::UpdateOperationStatusMessage),
    /// Yes, I am there.
    Pong(internal::PongSlaveMessage),
}

/// What to write to a checkpoint file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// The whole content, atomically (a temporary file, renamed).
    Replace(Bytes),
    /// More at the end.
    Append(Bytes),
    /// A symbolic link to this target, replacing an old one.
    Link(String),
}

/// Everything needed to start a container. Holds no decision of the shell's.
#[derive(Clone, Debug, PartialEq)]
pub struct LaunchSpec {
    /// The container's id.
    pub container: ContainerId,
    /// The framework it belongs to.
    pub framework_id: String,
    /// The executor it is.
    pub executor_id: String,
    /// The executor, as it is shown and checkpointed. For a command task it is made up.
    pub executor: Arc<ExecutorInfo>,
    /// Whether the process is a command task itself, rather than an executor.
    pub command_task: bool,
    /// The command to run: a command task's own, else the executor's. Its `environment` is
    /// already part of [`LaunchSpec::environment`]; its `uris` are to be fetched first.
    pub command: CommandInfo,
    /// The user to run as; `None` means the agent's own.
    pub user: Option<String>,
    /// The process's whole environment, except that a `PATH` is to be added if it has none.
    pub environment: Vec<(String, String)>,
    /// The sandbox: to be made with mode 0750 (and given to `user`), and worked in.
    pub sandbox: String,
    /// The symbolic link beside it that is to lead to it.
    pub latest: String,
    /// How the task or executor wants to be contained.
    pub container_info: Option<ContainerInfo>,
    /// What it may use: the executor's resources and those of the tasks that wait for it.
    pub resources: Vec<Resource>,
    /// Limits above those requests, by resource name; infinity means none.
    pub limits: Vec<(String, value::Scalar)>,
    /// Where to write the process id once it runs, if the framework checkpoints.
    pub pid_checkpoint: Option<String>,
}

/// One check to carry out.
#[derive(Clone, Debug, PartialEq)]
pub enum Probe {
    /// Run a command in the task's sandbox as the task's user; the outcome is `Exited`.
    Command {
        /// The command, shell or not.
        command: CommandInfo,
        /// Its user, or the agent's own.
        user: Option<String>,
        /// Its whole environment.
        environment: Vec<(String, String)>,
        /// Its working directory.
        directory: String,
    },
    /// A check's GET of `http://127.0.0.1:<port><path>`; the outcome is `HttpStatus`.
    HttpCheck(check_info::Http),
    /// A health check's GET; the outcome is `HttpStatus`.
    HttpHealth(health_check::HttpCheckInfo),
    /// Connect to this port on 127.0.0.1, or `[::1]` when `ipv6`; the outcome is `Connected`.
    Tcp {
        /// The port.
        port: u32,
        /// Whether to use IPv6.
        ipv6: bool,
    },
}
