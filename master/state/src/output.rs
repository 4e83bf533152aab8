// SPDX-License-Identifier: Apache-2.0

//! Everything that a master asks its shell to do, in this order.

use std::sync::Arc;

use mesos_allocator::Explanation;
use mesos_proto::{
    internal::{
        AcknowledgeOperationStatusMessage, ApplyOperationMessage, CheckpointResourcesMessage,
        DrainSlaveMessage, FrameworkToExecutorMessage, KillTaskMessage, PingSlaveMessage,
        ReconcileOperationsMessage, RunTaskGroupMessage, RunTaskMessage, ShutdownExecutorMessage,
        ShutdownFrameworkMessage, ShutdownMessage, SlaveRegisteredMessage,
        SlaveReregisteredMessage, StatusUpdateAcknowledgementMessage, UpdateFrameworkMessage,
    },
    v1::scheduler,
};

use crate::{
    change::Change,
    input::{RequestKey, StreamKey},
    registry::{RegistryChange, WriteKey},
};

/// One thing to do.
#[derive(Clone, Debug)]
pub enum Output {
    /// Send a message to an agent; best effort, in order per pid.
    ToAgent {
        /// The receiver, e.g. `slave(1)@10.0.0.7:5051`.
        pid: String,
        /// What to send.
        message: ToAgent,
    },
    /// Send a ping; the one message that does not come from the process `master`.
    Ping {
        /// The receiver.
        pid: String,
        /// The sender, e.g. `slave-observer(1)`: pongs are addressed to it.
        observer: String,
        /// The message.
        message: PingSlaveMessage,
    },
    /// Connect to an agent and report with `AgentLinkBroken` when that breaks.
    Link {
        /// The agent.
        pid: String,
    },
    /// Forget the connection to an agent, without a report.
    Unlink {
        /// The agent.
        pid: String,
    },
    /// Answer a request.
    Answer {
        /// The request.
        request: RequestKey,
        /// The HTTP status.
        status: u16,
        /// The text.
        body: String,
    },
    /// Answer an [`OperatorCall::Explain`](crate::OperatorCall::Explain) with 200 and JSON.
    Explained {
        /// The request.
        request: RequestKey,
        /// One per role.
        explanations: Vec<Explanation>,
    },
    /// Answer a SUBSCRIBE with 200 and the start of its stream. A stream that is
    /// refused for its meaning starts like this too, and has one ERROR.
    Subscribed {
        /// The response.
        stream: StreamKey,
        /// The header `Mesos-Stream-Id`.
        stream_id: String,
    },
    /// Answer a SUBSCRIBE with an HTTP error.
    RefuseSubscribe {
        /// The response.
        stream: StreamKey,
        /// The HTTP status.
        status: u16,
        /// The text.
        body: String,
    },
    /// Write one event to a stream.
    Event {
        /// The stream, subscribed before and not closed.
        stream: StreamKey,
        /// The event.
        event: Box<scheduler::Event>,
    },
    /// End a stream after what was written to it; no `StreamClosed` is expected.
    CloseStream {
        /// The stream.
        stream: StreamKey,
    },
    /// Make changes to the registry durable, in order, then report
    /// `RegistryStored` or `RegistryFailed`. Several may be stored together.
    Store {
        /// The name of the write.
        write: WriteKey,
        /// The records, never empty.
        changes: Vec<RegistryChange>,
    },
    /// Something that views, metrics or subscribers of the operator API show changed.
    Change(Change),
    /// Tell the operator something that no client is told.
    Log {
        /// How important it is.
        level: LogLevel,
        /// What happened, to what, and what to do about it.
        message: String,
    },
    /// The master cannot go on: log the reason and exit with a failure.
    Fatal {
        /// Why, and what to do about it.
        reason: String,
    },
}

/// How important a log line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// A step in the life of an agent or a framework.
    Info,
    /// Something was refused, dropped or lost.
    Warning,
}

/// The messages that a master sends to agents as the process `master`.
#[derive(Clone, Debug)]
pub enum ToAgent {
    /// The answer to a registration.
    Registered(SlaveRegisteredMessage),
    /// The answer to a re-registration.
    Reregistered(Box<SlaveReregisteredMessage>),
    /// Kill everything and exit, or start over under a new id.
    Shutdown(ShutdownMessage),
    /// Run a task.
    RunTask(Box<RunTaskMessage>),
    /// Run a group of tasks.
    RunTaskGroup(Box<RunTaskGroupMessage>),
    /// Kill a task.
    KillTask(KillTaskMessage),
    /// Stop an executor.
    ShutdownExecutor(ShutdownExecutorMessage),
    /// Stop all executors of a framework.
    ShutdownFramework(ShutdownFrameworkMessage),
    /// Data from a scheduler to its executor.
    FrameworkToExecutor(FrameworkToExecutorMessage),
    /// A framework's info changed.
    UpdateFramework(Arc<UpdateFrameworkMessage>),
    /// A scheduler has seen an update.
    StatusUpdateAcknowledgement(StatusUpdateAcknowledgementMessage),
    /// The dynamic reservations and volumes of an agent.
    CheckpointResources(CheckpointResourcesMessage),
    /// Apply an operation.
    ApplyOperation(Box<ApplyOperationMessage>),
    /// Report operations the master does not know.
    ReconcileOperations(ReconcileOperationsMessage),
    /// A scheduler has seen an operation's status.
    AcknowledgeOperationStatus(AcknowledgeOperationStatusMessage),
    /// Drain the agent.
    Drain(DrainSlaveMessage),
}
