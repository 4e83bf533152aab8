// SPDX-License-Identifier: Apache-2.0

//! Everything that can happen to a master.
//!
//! The shell turns bytes into these values and decides nothing. What needs no
//! state (methods, content types, required fields, sizes) never gets this far.

use mesos_proto::{
    internal::{
        ExecutorToFrameworkMessage, ExitedExecutorMessage, RegisterSlaveMessage,
        StatusUpdateMessage, UnregisterSlaveMessage, UpdateOperationStatusMessage,
        UpdateSlaveMessage,
    },
    partial::Reregistration,
    v1::{self, scheduler},
};

use crate::registry::WriteKey;

/// The shell's name for one response of SUBSCRIBE; never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamKey(pub u64);

/// The shell's name for one request that waits for its answer; never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey(pub u64);

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// A message of an agent arrived.
    AgentMessage {
        /// Who sent it, e.g. `slave(1)@10.0.0.7:5051`.
        pid: String,
        /// What it says.
        message: FromAgent,
    },
    /// The connection asked for by [`Output::Link`](crate::Output::Link) broke.
    AgentLinkBroken {
        /// The agent at its other end.
        pid: String,
    },
    /// A scheduler sent SUBSCRIBE. Answered by `Subscribed` or `RefuseSubscribe`.
    Subscribe {
        /// The response that waits.
        stream: StreamKey,
        /// The whole call; its type is SUBSCRIBE.
        call: Box<scheduler::Call>,
        /// The header `Mesos-Stream-Id`, which a SUBSCRIBE must not carry.
        stream_id: Option<String>,
        /// The authenticated principal, if there is one.
        principal: Option<String>,
    },
    /// A scheduler sent any other call. Answered by exactly one `Answer`.
    SchedulerCall {
        /// The request that waits.
        request: RequestKey,
        /// The header `Mesos-Stream-Id`.
        stream_id: Option<String>,
        /// The call.
        call: Box<scheduler::Call>,
        /// The authenticated principal, if there is one.
        principal: Option<String>,
    },
    /// A scheduler's stream ended: closed by the client, broken, or too slow.
    StreamClosed {
        /// The stream; the master may have closed it already.
        stream: StreamKey,
    },
    /// A registry write is durable.
    RegistryStored {
        /// The write, as named in [`Output::Store`](crate::Output::Store).
        write: WriteKey,
    },
    /// A registry write failed; the master cannot go on.
    RegistryFailed {
        /// The write.
        write: WriteKey,
        /// What the store says.
        reason: String,
    },
    /// An operator wants something. Answered by exactly one `Answer`.
    Operator {
        /// The request that waits.
        request: RequestKey,
        /// What is wanted.
        call: OperatorCall,
    },
    /// The whitelist file has new content; `None` lets every agent take part.
    WhitelistChanged {
        /// Hostnames whose agents may be offered.
        hostnames: Option<Vec<String>>,
    },
    /// The time that `poll_timeout` gave has come.
    Wake,
}

/// The messages that a master takes from agents.
#[derive(Clone, Debug)]
pub enum FromAgent {
    /// A new agent wants to join.
    Register(Box<RegisterSlaveMessage>),
    /// An agent that has an id is back.
    Reregister(Box<Reregistration>),
    /// An agent leaves for good.
    Unregister(UnregisterSlaveMessage),
    /// A task changed its state, or an unacknowledged update is repeated.
    StatusUpdate(Box<StatusUpdateMessage>),
    /// Data from an executor to its scheduler.
    ExecutorToFramework(ExecutorToFrameworkMessage),
    /// An executor ended.
    ExitedExecutor(ExitedExecutorMessage),
    /// An agent's resources, providers or operations changed.
    UpdateSlave(Box<UpdateSlaveMessage>),
    /// An operation changed its state.
    UpdateOperationStatus(Box<UpdateOperationStatusMessage>),
    /// The answer to a ping, sent to `observer` (`slave-observer(1)`).
    Pong {
        /// The process that the pong was addressed to.
        observer: String,
    },
}

/// What operators can ask of the state machine.
#[derive(Clone, Debug)]
pub enum OperatorCall {
    /// Ends a framework: kills its tasks and refuses its id from now on.
    Teardown {
        /// The framework.
        framework_id: v1::FrameworkId,
    },
    /// Declares that an agent will never come back.
    MarkAgentGone {
        /// The agent.
        agent_id: v1::AgentId,
    },
    /// Says why a framework gets no offers; answered with `Explained`, or with an
    /// `Answer` when the framework is not known.
    Explain {
        /// The framework.
        framework_id: v1::FrameworkId,
        /// One role, or all roles of the framework.
        role: Option<String>,
    },
}
