// SPDX-License-Identifier: Apache-2.0

//! Everything a shell can tell a scheduler driver.

use mesos_proto::v1::scheduler;

use super::output::UpdateKey;
use crate::{Attempt, CallKey, SendKey};

/// An input of the scheduler driver.
#[derive(Clone, Debug)]
pub enum Input {
    /// Begin; before it, everything but `Call` and `Stop` is only remembered.
    Start,
    /// The leading master is at this `host:port`, or none leads.
    ///
    /// With a fixed master, once; with a detector, at each change.
    MasterDetected(Option<String>),
    /// SUBSCRIBE was answered with 200.
    StreamOpened {
        /// Which attempt.
        attempt: Attempt,
        /// The `Mesos-Stream-Id` header.
        stream_id: Option<String>,
    },
    /// SUBSCRIBE was answered with something else.
    StreamRefused {
        /// Which attempt.
        attempt: Attempt,
        /// The status code.
        status: u16,
        /// The `Location` header.
        location: Option<String>,
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
        event: Box<scheduler::Event>,
    },
    /// The shell does not read the stream for now, as the scheduler is slow; or it reads again.
    ///
    /// While it does not read, missing heartbeats mean nothing.
    ReadingPaused(bool),
    /// The scheduler makes a call. SUBSCRIBE and TEARDOWN are the driver's own.
    Call {
        /// Comes back in `Output::Answered`.
        key: CallKey,
        /// The call; `framework_id` is filled in by the driver.
        call: Box<scheduler::Call>,
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
    /// The scheduler has handled an update that came with this key.
    Handled(UpdateKey),
    /// End: with `failover`, leave the framework to its failover timeout, else tear it down.
    Stop {
        /// Whether another scheduler will take over.
        failover: bool,
    },
    /// End for the sake of somebody who waits for it: as `Stop` for failover, with less patience.
    Close,
    /// The time that `poll_timeout` named has come.
    Wake,
}
