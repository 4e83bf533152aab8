// SPDX-License-Identifier: Apache-2.0

//! The v1 libraries of Mesos: a connection that the user subscribes with,
//! and whatever comes over it.
//!
//! This is `mesos::v1::scheduler::Mesos` and `mesos::v1::executor::Mesos`: they find the other
//! side, say `Connected` and `Disconnected`, and pass calls and events through.
//!
//! | phase | input | next | what is done |
//! |---|---|---|---|
//! | `Idle` | a master is detected (after `Start`) | `Waiting` | |
//! | `Waiting` | its time comes | `Connecting` | |
//! | `Connecting` | connected | `Connected` | `Connected` |
//! | `Connecting` | failed, 10 s | `Waiting` | exponential back-off |
//! | `Connected` | SUBSCRIBE is sent | `Subscribing` | |
//! | `Subscribing` | 200 | `Subscribed` | events are passed on |
//! | `Subscribing` | 307 with a location | `Waiting` | `Disconnected`; the named master is next, at once; back-off after five in a row |
//! | `Subscribing` | 404, 5xx | `Waiting` | `Disconnected`, back-off |
//! | `Subscribing` | another refusal | `Waiting` | an ERROR event with the reason, `Disconnected`, back-off |
//! | connected or more | the connection ends, `Reconnect` | `Waiting` | `Disconnected`, back-off |
//! | connected or more | another master, or none | `Waiting`, `Idle` | `Disconnected` |
//! | any | the agent is away without recovery, or for too long | `Closing` | a SHUTDOWN event |
//! | any | SHUTDOWN, and its grace period is over | `Ended` | `KillSelf` |
//! | any | `Stop` | `Ended` | |
//!
//! A SUBSCRIBE when not `Connected`, and another call when not `Subscribed`, is
//! refused. Refuses to do: counting heartbeats, acknowledging, subscribing again.

mod protocol;

#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    collections::{BTreeMap, VecDeque},
    fmt,
    time::Duration,
};

use bytes::Bytes;
use mesos_core::{rng::Rng, time::Time};

pub use self::protocol::{ExecutorProtocol, Kind, Protocol, SchedulerProtocol};
use crate::{
    Attempt, CallKey, Error, ErrorKind, SendKey,
    backoff::Backoff,
    executor::Recovery,
    scheduler::redirect::{REDIRECTS_IN_A_ROW_MAX, authority},
};

/// How long a connection attempt may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The settings of a raw driver.
#[derive(Clone, Debug)]
pub struct Config {
    /// The first connection waits for a random part of this.
    pub connection_delay_max: Duration,
    /// The longest delay between two attempts.
    pub backoff_max: Duration,
    /// How many calls may wait for their answer.
    pub outstanding_calls_max: usize,
    /// For executors: how they end.
    pub executor: Option<ExecutorConfig>,
}

/// How an executor ends.
#[derive(Clone, Copy, Debug)]
pub struct ExecutorConfig {
    /// Whether, and how long, it waits for an agent that is away.
    pub recovery: Option<Recovery>,
    /// How long it has to end after SHUTDOWN.
    pub shutdown_grace: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            connection_delay_max: Duration::from_millis(500),
            backoff_max: Duration::from_secs(15),
            outstanding_calls_max: 100_000,
            executor: None,
        }
    }
}

/// An input of the driver.
#[derive(Clone, Debug)]
pub enum Input<P: Protocol> {
    /// Begin.
    Start,
    /// The other side is at this `host:port`, or nowhere.
    Detected(Option<String>),
    /// The connection is open.
    Connected {
        /// Which attempt.
        attempt: Attempt,
    },
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
    /// Records of the event stream.
    Records {
        /// Which attempt.
        attempt: Attempt,
        /// The records.
        events: Vec<P::Event>,
    },
    /// The user makes a call, SUBSCRIBE too.
    Call {
        /// Comes back in `Output::Answered`.
        key: CallKey,
        /// The call.
        call: Box<P::Call>,
    },
    /// A call that was sent has been answered.
    CallAnswered {
        /// Which call.
        send: SendKey,
        /// The status code.
        status: u16,
        /// What was answered.
        body: Bytes,
    },
    /// A call could not be sent, or its answer was lost.
    CallFailed {
        /// Which call.
        send: SendKey,
        /// Why, for a person.
        reason: String,
    },
    /// The user wants a new connection.
    Reconnect,
    /// End.
    Stop,
    /// The time that `poll_timeout` named has come.
    Wake,
}

/// What the user is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Callback<E> {
    /// A SUBSCRIBE can be sent.
    Connected,
    /// Calls are refused until `Connected`.
    Disconnected,
    /// Events, in order.
    Received(Vec<E>),
}

/// The answer to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Nothing for 202, a `Response` for 200, in the content type of the call, and a text for the
    /// rest.
    pub body: Bytes,
}

impl Answer {
    /// The body as a text, for a person.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// An output of the driver.
#[derive(Clone, Debug)]
pub enum Output<P: Protocol> {
    /// Open a connection, and report it.
    Connect {
        /// Names this attempt in the inputs about it.
        attempt: Attempt,
        /// `host:port`.
        authority: String,
    },
    /// POST this SUBSCRIBE on the connection of the current attempt, streaming the answer.
    Subscribe(Box<P::Call>),
    /// Drop the connections of this attempt.
    Disconnect {
        /// Which attempt.
        attempt: Attempt,
    },
    /// POST a call, in order.
    Send {
        /// Names this call in the inputs about it.
        send: SendKey,
        /// `host:port`.
        authority: String,
        /// The value of the `Mesos-Stream-Id` header.
        stream_id: Option<String>,
        /// The call.
        call: Box<P::Call>,
    },
    /// Tell the user.
    Callback(Callback<P::Event>),
    /// A call is done. For SUBSCRIBE, it has been sent.
    Answered {
        /// Which.
        key: CallKey,
        /// How.
        result: Result<Answer, Error>,
    },
    /// Worth a line in the log.
    Note(String),
    /// The grace period is over: kill the executor and all it started.
    KillSelf,
    /// The last output.
    Ended,
}

#[derive(Clone, Debug, PartialEq)]
enum Phase {
    Idle,
    Waiting { until: Time, authority: String },
    Connecting { authority: String, deadline: Time },
    Connected { authority: String },
    Subscribing { authority: String },
    Subscribed { authority: String, stream_id: Option<String> },
    Closing,
    Ended,
}

/// The raw driver; see the module.
pub struct Driver<P: Protocol> {
    config: Config,
    rng: Rng,
    backoff: Backoff,
    redirects_in_a_row: u32,
    started: bool,
    detected: Option<String>,
    phase: Phase,
    attempt: Attempt,
    last_send: SendKey,
    outstanding: BTreeMap<SendKey, (CallKey, &'static str)>,
    recovery_deadline: Option<Time>,
    shutdown_deadline: Option<Time>,
    outputs: VecDeque<Output<P>>,
}

impl<P: Protocol> Driver<P> {
    /// A driver that waits for `Input::Start`.
    pub fn new(config: Config, seed: u64) -> Self {
        let backoff_max = config
            .executor
            .and_then(|executor| executor.recovery)
            .map_or(config.backoff_max, |recovery| recovery.backoff_max);
        Driver {
            rng: Rng::new(seed),
            backoff: Backoff::new(Duration::from_millis(500), backoff_max),
            redirects_in_a_row: 0,
            started: false,
            detected: None,
            phase: Phase::Idle,
            attempt: Attempt(0),
            last_send: SendKey(0),
            outstanding: BTreeMap::new(),
            recovery_deadline: None,
            shutdown_deadline: None,
            outputs: VecDeque::new(),
            config,
        }
    }

    /// Takes what has happened, at the time `now`, which never goes back.
    pub fn handle(&mut self, now: Time, input: Input<P>) {
        match input {
            Input::Start => {
                self.started = true;
                self.follow_detector(now);
            }
            Input::Detected(authority) => {
                self.detected = authority;
                self.follow_detector(now);
            }
            Input::Connected { attempt } if attempt == self.attempt => self.connected(),
            Input::StreamOpened { attempt, stream_id } if attempt == self.attempt => {
                self.opened(stream_id);
            }
            Input::StreamRefused { attempt, status, location, body } if attempt == self.attempt => {
                self.refused(now, status, location.as_deref(), &body);
            }
            Input::StreamFailed { attempt, reason } if attempt == self.attempt => {
                self.lost(now, &reason);
            }
            Input::Records { attempt, events } if attempt == self.attempt => {
                self.records(now, events);
            }
            Input::Connected { .. }
            | Input::StreamOpened { .. }
            | Input::StreamRefused { .. }
            | Input::StreamFailed { .. }
            | Input::Records { .. } => {}
            Input::Call { key, call } => self.call(key, call),
            Input::CallAnswered { send, status, body } => {
                if let Some((key, _)) = self.outstanding.remove(&send) {
                    self.answer(key, Ok(Answer { status, body }));
                }
            }
            Input::CallFailed { send, reason } => self.call_failed(now, send, &reason),
            Input::Reconnect => {
                if self.is_connected() {
                    self.lost(now, "a new connection was asked for");
                }
            }
            Input::Stop => self.end(),
            Input::Wake => self.wake(now),
        }
    }

    /// The next thing to carry out.
    pub fn poll_output(&mut self) -> Option<Output<P>> {
        self.outputs.pop_front()
    }

    /// When to hand in `Input::Wake`, and what for.
    pub fn poll_timeout(&self) -> Option<(Time, &'static str)> {
        let phase = match &self.phase {
            Phase::Waiting { until, .. } => Some((*until, "next attempt to connect")),
            Phase::Connecting { deadline, .. } => Some((*deadline, "not connected")),
            Phase::Idle
            | Phase::Connected { .. }
            | Phase::Subscribing { .. }
            | Phase::Subscribed { .. }
            | Phase::Closing => None,
            Phase::Ended => return None,
        };
        let recovery = self.recovery_deadline.map(|at| (at, "agent did not come back"));
        let shutdown = self.shutdown_deadline.map(|at| (at, "shutdown grace is over"));
        [phase, recovery, shutdown].into_iter().flatten().min()
    }

    fn wake(&mut self, now: Time) {
        let due = |deadline: Option<Time>| deadline.is_some_and(|deadline| deadline <= now);
        if self.phase == Phase::Ended {
            return;
        }
        if due(self.shutdown_deadline) {
            self.outputs.push_back(Output::KillSelf);
            self.end();
            return;
        }
        if due(self.recovery_deadline) {
            self.close(now);
            return;
        }
        match &self.phase {
            Phase::Waiting { until, authority } if *until <= now => {
                self.attempt = Attempt(self.attempt.0 + 1);
                let authority = authority.clone();
                self.outputs.push_back(Output::Connect {
                    attempt: self.attempt,
                    authority: authority.clone(),
                });
                self.phase = Phase::Connecting { authority, deadline: now + CONNECT_TIMEOUT };
            }
            Phase::Connecting { deadline, .. } if *deadline <= now => {
                self.lost(now, "no connection in time");
            }
            Phase::Idle
            | Phase::Waiting { .. }
            | Phase::Connecting { .. }
            | Phase::Connected { .. }
            | Phase::Subscribing { .. }
            | Phase::Subscribed { .. }
            | Phase::Closing
            | Phase::Ended => {}
        }
    }

    fn follow_detector(&mut self, now: Time) {
        if !self.started || matches!(self.phase, Phase::Closing | Phase::Ended) {
            return;
        }
        let Some(detected) = self.detected.clone() else {
            self.drop_connection("no master leads");
            self.phase = Phase::Idle;
            return;
        };
        if self.authority() == Some(&detected) {
            return;
        }
        self.drop_connection("another master leads");
        self.backoff.reset();
        self.redirects_in_a_row = 0;
        let delay = self.rng.duration_below(self.config.connection_delay_max);
        self.phase = Phase::Waiting { until: now + delay, authority: detected };
    }

    fn authority(&self) -> Option<&String> {
        match &self.phase {
            Phase::Waiting { authority, .. }
            | Phase::Connecting { authority, .. }
            | Phase::Connected { authority }
            | Phase::Subscribing { authority }
            | Phase::Subscribed { authority, .. } => Some(authority),
            Phase::Idle | Phase::Closing | Phase::Ended => None,
        }
    }

    /// Whether the user has been told `Connected` last.
    fn is_connected(&self) -> bool {
        matches!(
            self.phase,
            Phase::Connected { .. } | Phase::Subscribing { .. } | Phase::Subscribed { .. }
        )
    }

    fn connected(&mut self) {
        if let Phase::Connecting { authority, .. } = &self.phase {
            self.phase = Phase::Connected { authority: authority.clone() };
            self.tell(Callback::Connected);
        }
    }

    fn opened(&mut self, stream_id: Option<String>) {
        if let Phase::Subscribing { authority } = &self.phase {
            self.phase = Phase::Subscribed { authority: authority.clone(), stream_id };
            self.recovery_deadline = None;
            self.backoff.reset();
            self.redirects_in_a_row = 0;
        }
    }

    fn refused(&mut self, now: Time, status: u16, location: Option<&str>, body: &str) {
        if !matches!(self.phase, Phase::Subscribing { .. }) {
            return;
        }
        let error = Error::from_status("SUBSCRIBE", status, body);
        let leader = location.and_then(authority).filter(|it| Some(it) != self.authority());
        match status {
            301 | 302 | 307 | 308 if leader.is_some() && self.config.executor.is_none() => {
                self.drop_connection("the master does not lead");
                self.redirected(now, leader.unwrap_or_default());
            }
            301 | 302 | 307 | 308 | 404 | 500..=599 => {
                // An agent that is starting, whether it is worth waiting for or not.
                self.drop_connection(&error.message);
                self.wait(now);
            }
            _ => {
                if let Some(event) = P::error_event(&error.message) {
                    self.tell(Callback::Received(vec![event]));
                }
                self.lost(now, &error.message);
            }
        }
    }

    /// Masters that name each other are not asked in a circle without a pause.
    fn redirected(&mut self, now: Time, authority: String) {
        self.redirects_in_a_row += 1;
        let delay = if self.redirects_in_a_row > REDIRECTS_IN_A_ROW_MAX {
            self.backoff.next(&mut self.rng)
        } else {
            Duration::ZERO
        };
        self.phase = Phase::Waiting { until: now + delay, authority };
    }

    fn records(&mut self, now: Time, events: Vec<P::Event>) {
        if !matches!(self.phase, Phase::Subscribed { .. }) || events.is_empty() {
            return;
        }
        if events.iter().any(P::is_shutdown) {
            self.begin_grace(now);
        }
        self.tell(Callback::Received(events));
    }

    fn call(&mut self, key: CallKey, call: Box<P::Call>) {
        let max = self.config.outstanding_calls_max;
        match (P::kind(&call), &self.phase) {
            (Kind::Untyped, _) => {
                self.refuse(key, ErrorKind::InvalidCall, "the call has no type".to_owned());
            }
            (Kind::Subscribe, Phase::Connected { authority }) => {
                self.phase = Phase::Subscribing { authority: authority.clone() };
                self.outputs.push_back(Output::Subscribe(call));
                self.answer(key, Ok(Answer { status: 202, body: Bytes::new() }));
            }
            (Kind::Other, Phase::Subscribed { authority, stream_id }) => {
                if self.outstanding.len() >= max {
                    let message = format!("{max} calls wait for their answer already");
                    self.refuse(key, ErrorKind::Busy, message);
                    return;
                }
                let send = SendKey(self.last_send.0 + 1);
                self.last_send = send;
                self.outstanding.insert(send, (key, P::name(&call)));
                let (authority, stream_id) = (authority.clone(), stream_id.clone());
                self.outputs.push_back(Output::Send { send, authority, stream_id, call });
            }
            (Kind::Subscribe | Kind::Other, phase) => {
                let message =
                    format!("{} was dropped: the library {}", P::name(&call), phase.text());
                self.refuse(key, ErrorKind::Disconnected, message);
            }
        }
    }

    fn refuse(&mut self, key: CallKey, kind: ErrorKind, message: String) {
        self.answer(key, Err(Error::new(kind, message)));
    }

    fn answer(&mut self, key: CallKey, result: Result<Answer, Error>) {
        self.outputs.push_back(Output::Answered { key, result });
    }

    fn call_failed(&mut self, now: Time, send: SendKey, reason: &str) {
        if let Some((key, name)) = self.outstanding.remove(&send) {
            let message = format!("the answer to {name} was lost: {reason}");
            self.refuse(key, ErrorKind::Transport, message);
            self.lost(now, reason);
        }
    }

    /// The connection is gone, or is not wanted any more.
    fn lost(&mut self, now: Time, reason: &str) {
        if !self.is_connected() && !matches!(self.phase, Phase::Connecting { .. }) {
            return;
        }
        self.drop_connection(reason);
        if let Some(executor) = self.config.executor {
            let Some(recovery) = executor.recovery else {
                self.close(now);
                return;
            };
            self.recovery_deadline.get_or_insert(now + recovery.timeout);
        }
        self.wait(now);
    }

    fn wait(&mut self, now: Time) {
        let delay = self.backoff.next(&mut self.rng);
        self.phase = match self.detected.clone() {
            Some(authority) => Phase::Waiting { until: now + delay, authority },
            None => Phase::Idle,
        };
    }

    fn drop_connection(&mut self, reason: &str) {
        let connecting = matches!(self.phase, Phase::Connecting { .. });
        if !connecting && !self.is_connected() {
            return;
        }
        self.outputs.push_back(Output::Note(format!("disconnected: {reason}")));
        self.outputs.push_back(Output::Disconnect { attempt: self.attempt });
        for (_, (key, name)) in std::mem::take(&mut self.outstanding) {
            let message = format!("the answer to {name} was lost: {reason}");
            self.refuse(key, ErrorKind::Transport, message);
        }
        self.phase = Phase::Idle;
        if !connecting {
            self.tell(Callback::Disconnected);
        }
    }

    /// The agent is gone for good.
    fn close(&mut self, now: Time) {
        self.drop_connection("the agent is gone");
        self.phase = Phase::Closing;
        self.recovery_deadline = None;
        if self.shutdown_deadline.is_none()
            && let Some(event) = P::shutdown_event()
        {
            self.begin_grace(now);
            self.tell(Callback::Received(vec![event]));
        }
    }

    fn begin_grace(&mut self, now: Time) {
        if let Some(executor) = self.config.executor {
            self.shutdown_deadline.get_or_insert(now + executor.shutdown_grace);
        }
    }

    fn end(&mut self) {
        if self.phase == Phase::Ended {
            return;
        }
        if self.is_connected() || matches!(self.phase, Phase::Connecting { .. }) {
            self.outputs.push_back(Output::Disconnect { attempt: self.attempt });
        }
        self.phase = Phase::Ended;
        for (_, (key, name)) in std::mem::take(&mut self.outstanding) {
            self.refuse(key, ErrorKind::Stopped, format!("the answer to {name} was lost: stopped"));
        }
        self.outputs.push_back(Output::Ended);
    }

    fn tell(&mut self, callback: Callback<P::Event>) {
        self.outputs.push_back(Output::Callback(callback));
    }
}

impl Phase {
    fn text(&self) -> &'static str {
        match self {
            Phase::Idle | Phase::Waiting { .. } => "is disconnected",
            Phase::Connecting { .. } => "is connecting",
            Phase::Connected { .. } => "is connected, but not subscribed",
            Phase::Subscribing { .. } => "is subscribing",
            Phase::Subscribed { .. } => "is subscribed already",
            Phase::Closing | Phase::Ended => "has ended",
        }
    }
}

impl<P: Protocol> fmt::Debug for Driver<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("phase", &self.phase)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}
