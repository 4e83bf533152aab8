// SPDX-License-Identifier: Apache-2.0

//! Everything a shell can tell an executor driver.

use bytes::Bytes;
use mesos_proto::v1::{TaskStatus, executor};

use crate::{Attempt, CallKey, SendKey};

/// An input of the executor driver.
#[derive(Clone, Debug)]
pub enum Input {
    /// Begin.
    Start,
    /// SUBSCRIBE was answered with 200.
    StreamOpened {
        /// Which attempt.
        attempt: Attempt,
    },
    /// SUBSCRIBE was answered with something else.
    StreamRefused {
        /// Which attempt.
        attempt: Attempt,
        /// The status code.
        status: u16,
        /// The text of the answer.
        body: String,
    },
    /// There is no connection, or no more, or it carries nonsense.
    StreamFailed {
        /// Which attempt.
        attempt: Attempt,
        /// Why, for a person.
        reason: String,
    },
    /// A record of the event stream.
    Record {
        /// Which attempt.
        attempt: Attempt,
        /// The record.
        event: Box<executor::Event>,
    },
    /// The executor reports on a task.
    Update {
        /// Comes back in `Output::Answered`.
        key: CallKey,
        /// The status; uuid, timestamp, source and executor id are filled in by the driver.
        status: Box<TaskStatus>,
    },
    /// The executor sends a message to its scheduler.
    Message {
        /// Comes back in `Output::Answered`.
        key: CallKey,
        /// The message.
        data: Bytes,
    },
    /// A call that was sent has been answered.
    CallAnswered {
        /// Which call.
        send: SendKey,
        /// The status code.
        status: u16,
        /// The text of the answer.
        body: String,
    },
    /// A call could not be sent, or its answer was lost.
    CallFailed {
        /// Which call.
        send: SendKey,
        /// Why, for a person.
        reason: String,
    },
    /// The executor is done; updates under way are waited for.
    Stop,
    /// The time that `poll_timeout` named has come.
    Wake,
}
