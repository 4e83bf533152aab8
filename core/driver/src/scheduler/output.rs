// SPDX-License-Identifier: Apache-2.0

//! Everything a scheduler driver asks of its shell.

use bytes::Bytes;
use mesos_proto::v1::{AgentId, TaskId, scheduler};

use super::event::Event;
use crate::{Attempt, CallKey, Error, SendKey};

/// What acknowledges one status update, handed back when it has been handled.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateKey {
    /// Where the task runs.
    pub agent_id: AgentId,
    /// The task.
    pub task_id: TaskId,
    /// The update.
    pub uuid: Bytes,
}

/// An output of the scheduler driver.
#[derive(Clone, Debug)]
pub enum Output {
    /// Open a connection to `master` and POST `call` there, streaming the answer.
    Subscribe {
        /// Names this attempt in the inputs about it.
        attempt: Attempt,
        /// `host:port`.
        master: String,
        /// The SUBSCRIBE call.
        call: Box<scheduler::Call>,
    },
    /// Drop the connections of this attempt.
    Disconnect {
        /// Which attempt.
        attempt: Attempt,
    },
    /// POST `call` to `master`. Calls arrive in the order in which they come out here.
    Send {
        /// Names this call in the inputs about it.
        send: SendKey,
        /// `host:port`.
        master: String,
        /// The value of the `Mesos-Stream-Id` header.
        stream_id: String,
        /// The call.
        call: Box<scheduler::Call>,
    },
    /// Tell the scheduler.
    Event {
        /// What.
        event: Box<Event>,
        /// When set, hand it back as `Input::Handled` after the scheduler has handled the event.
        handled: Option<Box<UpdateKey>>,
    },
    /// A call of the scheduler is done.
    Answered {
        /// Which.
        key: CallKey,
        /// How.
        result: Result<Accepted, Error>,
    },
    /// Worth a line in the log.
    Note(String),
    /// The last output: after a `Stop`, or because the framework cannot go on.
    Ended(Result<Stopped, Error>),
}

/// How a call was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// The master has it (200 or 202).
    ByMaster,
    /// There is no subscription now; the next one will carry it
    /// (SUPPRESS, REVIVE, UPDATE_FRAMEWORK).
    ForNextSubscription,
}

/// How a driver was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The master has removed the framework and its tasks.
    TornDown,
    /// The framework is still there, until its failover timeout.
    LeftForFailover,
    /// TEARDOWN was wanted but could not be sent or was not answered:
    /// the framework stays until its failover timeout.
    NotTornDown,
}
