// SPDX-License-Identifier: Apache-2.0

//! Everything an executor driver asks of its shell.

use mesos_proto::v1::executor;

use super::event::Event;
use crate::{Attempt, CallKey, Error, SendKey};

/// An output of the executor driver.
#[derive(Clone, Debug)]
pub enum Output {
    /// Open a connection to the agent and POST `call` there, streaming the answer.
    Subscribe {
        /// Names this attempt in the inputs about it.
        attempt: Attempt,
        /// The SUBSCRIBE call.
        call: Box<executor::Call>,
    },
    /// Drop the connections of this attempt.
    Disconnect {
        /// Which attempt.
        attempt: Attempt,
    },
    /// POST `call` to the agent. Calls arrive in the order in which they come out here.
    Send {
        /// Names this call in the inputs about it.
        send: SendKey,
        /// The call.
        call: Box<executor::Call>,
    },
    /// Tell the executor.
    Event(Event),
    /// A call of the executor is done: the agent has it, or the driver keeps it for the agent.
    Answered {
        /// Which.
        key: CallKey,
        /// How.
        result: Result<(), Error>,
    },
    /// Worth a line in the log.
    Note(String),
    /// The grace period after `Event::Shutdown` is over: kill the executor and all it started.
    KillSelf,
    /// The last output.
    Ended(Result<(), Error>),
}
