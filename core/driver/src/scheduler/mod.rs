// SPDX-License-Identifier: Apache-2.0

//! The scheduler client: keeps a framework subscribed to whichever master
//! leads, and carries its calls.
//!
//! | phase | input | next | what is done |
//! |---|---|---|---|
//! | `Idle` | a master is detected (after `Start`) | `Waiting` | random delay below 500 ms |
//! | `Waiting` | its time comes | `Subscribing` | SUBSCRIBE is sent, with id, suppressed roles and constraints as they are now |
//! | `Subscribing` | SUBSCRIBED | `Subscribed` | the id is kept; the back-off starts over |
//! | `Subscribing` | 307 with a location | `Waiting` | the named master is tried at once, five times in a row at most |
//! | `Subscribing` | 404, 408, 429, 5xx, no connection, no answer in 15 s | `Waiting` | exponential back-off to 15 s |
//! | `Subscribing` | another 4xx | `Ended` | the framework cannot subscribe as it is |
//! | `Subscribed` | stream ends, five heartbeats missed | `Waiting` | `Disconnected`; calls without an answer fail |
//! | `Subscribed` | another master is detected | `Waiting` | the same, then the new one |
//! | any but `Leaving` | no master leads | `Idle` | the same, then waiting for one |
//! | `Subscribing`, `Subscribed` | ERROR event | `Ended` | failed over, removed or refused |
//! | `Subscribed` | `Stop` without failover | `Leaving` | TEARDOWN, answer awaited for 5 s |
//! | `Subscribed` | `Stop` for failover, calls unanswered | `Leaving` | their answers are awaited for 5 s; for 500 ms after `Close` |
//! | any | `Stop` | `Ended` | the connection is dropped |
//! | `Leaving` | the last answer, or its time is over | `Ended` | |
//!
//! Calls are sent only when subscribed, in the order made. Without a
//! subscription SUPPRESS, REVIVE and UPDATE_FRAMEWORK are kept for the next
//! one, or sent as soon as the one that is being made stands; everything else
//! is refused as [`ErrorKind::Disconnected`], since what it speaks of (offers,
//! updates) does not survive the subscription, or since only the caller knows
//! whether it still wants it (KILL, RECONCILE, MESSAGE). What has been sent is
//! not lost by stopping: the connection stays until it is answered. `Close` is
//! a `Stop` for failover of somebody who waits, and whose calls are on their
//! way: it has less patience.
//!
//! Refuses to do: choosing a master (a detector's work), matching offers,
//! resending calls.

mod calls;
mod config;
mod event;
mod input;
mod output;
pub(crate) mod redirect;
mod subscription;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use mesos_core::{
    rng::Rng,
    time::Time,
    trial::{self, Defect},
};
use mesos_proto::v1::{FrameworkId, scheduler};

use self::{
    calls::Outstanding,
    event::Record,
    redirect::{REDIRECTS_IN_A_ROW_MAX, authority},
    subscription::Subscription,
};
pub use self::{
    config::{Acknowledgement, Config},
    event::Event,
    input::Input,
    output::{Accepted, Output, Stopped, UpdateKey},
};
use crate::{Attempt, Error, ErrorKind, SendKey, backoff::Backoff};

/// Used when SUBSCRIBED does not name a heartbeat interval.
const HEARTBEAT_INTERVAL_DEFAULT: Duration = Duration::from_secs(15);

/// How long `Close` waits for answers, once all calls are on their way: a master that answers late
/// loses those that it has not read when the connection is closed.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// Where the driver stands; see the table of this module.
#[derive(Clone, Debug, PartialEq)]
enum Phase {
    Idle,
    Waiting {
        until: Time,
        master: String,
    },
    Subscribing {
        master: String,
        deadline: Time,
        stream_id: Option<String>,
    },
    Subscribed {
        master: String,
        stream_id: String,
        heartbeat: Duration,
        /// When the master counts as lost; moved on by every record.
        deadline: Time,
    },
    Leaving {
        /// The TEARDOWN whose answer ends it; without one, the answers to all calls do.
        teardown: Option<SendKey>,
        deadline: Time,
    },
    Ended,
}

/// The scheduler client state machine; see the module.
#[derive(Debug)]
pub struct Driver {
    config: Config,
    subscription: Subscription,
    /// The same, as the last SUBSCRIBE carried it.
    subscribed_as: Subscription,
    rng: Rng,
    backoff: Backoff,
    started: bool,
    /// What the detector said last.
    detected: Option<String>,
    redirects_in_a_row: u32,
    phase: Phase,
    attempt: Attempt,
    subscribed_before: bool,
    reading_paused: bool,
    last_send: SendKey,
    outstanding: BTreeMap<SendKey, Outstanding>,
    outputs: VecDeque<Output>,
}

impl Driver {
    /// A driver that waits for `Input::Start`.
    pub fn new(config: Config, seed: u64) -> Self {
        let subscription = Subscription::new(
            config.framework.clone(),
            config.suppressed_roles.clone(),
            config.offer_constraints.clone(),
        );
        Driver {
            subscribed_as: subscription.clone(),
            subscription,
            rng: Rng::new(seed),
            backoff: Backoff::new(config.backoff_first, config.effective_backoff_max()),
            started: false,
            detected: None,
            redirects_in_a_row: 0,
            phase: Phase::Idle,
            attempt: Attempt(0),
            subscribed_before: false,
            reading_paused: false,
            last_send: SendKey(0),
            outstanding: BTreeMap::new(),
            outputs: VecDeque::new(),
            config,
        }
    }

    /// The id of the framework, once a master has given it or the config named it.
    pub fn framework_id(&self) -> Option<&FrameworkId> {
        self.subscription.framework_id()
    }

    /// Whether calls can be made now.
    pub fn is_subscribed(&self) -> bool {
        matches!(self.phase, Phase::Subscribed { .. })
    }

    /// Takes what has happened, at the time `now`, which never goes back.
    pub fn handle(&mut self, now: Time, input: Input) {
        if self.phase == Phase::Ended {
            self.handle_ended(input);
            return;
        }
        match input {
            Input::Start => {
                self.started = true;
                self.follow_detector(now);
            }
            Input::MasterDetected(master) => {
                self.detected = master;
                self.follow_detector(now);
            }
            Input::StreamOpened { attempt, stream_id } => {
                if attempt == self.attempt {
                    self.stream_opened(now, stream_id);
                }
            }
            Input::StreamRefused { attempt, status, location, body } => {
                if attempt == self.attempt {
                    self.stream_refused(now, status, location.as_deref(), &body);
                }
            }
            Input::StreamFailed { attempt, reason } => {
                if attempt == self.attempt {
                    self.stream_lost(now, reason);
                }
            }
            Input::Record { attempt, event } => {
                if attempt == self.attempt {
                    self.record(now, *event);
                }
            }
            Input::ReadingPaused(paused) => self.reading_paused(now, paused),
            Input::Call { key, call } => self.call(key, *call),
            Input::CallAnswered { send, status, body } => {
                self.call_answered(now, send, status, &body);
            }
            Input::CallFailed { send, reason } => self.call_failed(send, reason),
            Input::Handled(update) => self.acknowledge(update),
            Input::Stop { failover } => self.stop(now, failover, self.config.teardown_timeout),
            Input::Close => self.close(now),
            Input::Wake => self.wake(now),
        }
    }

    /// The next thing to carry out.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to hand in `Input::Wake`, and what for.
    pub fn poll_timeout(&self) -> Option<(Time, &'static str)> {
        match &self.phase {
            Phase::Idle | Phase::Ended => None,
            Phase::Waiting { until, .. } => Some((*until, "next attempt to subscribe")),
            Phase::Subscribing { .. } | Phase::Subscribed { .. } if self.reading_paused => None,
            Phase::Subscribing { deadline, .. } => Some((*deadline, "subscription not answered")),
            Phase::Subscribed { deadline, .. } => Some((*deadline, "heartbeats missed")),
            Phase::Leaving { deadline, .. } => Some((*deadline, "the last calls not answered")),
        }
    }

    /// After the end, calls are still answered, and the rest is late news.
    fn handle_ended(&mut self, input: Input) {
        if let Input::Call { key, .. } = input {
            let error = Error::new(ErrorKind::Stopped, "the scheduler driver has ended");
            self.outputs.push_back(Output::Answered { key, result: Err(error) });
        }
    }

    /// Goes where the detector points, unless it is there already.
    fn follow_detector(&mut self, now: Time) {
        if !self.started || matches!(self.phase, Phase::Leaving { .. }) {
            return;
        }
        let Some(master) = self.detected.clone() else {
            if self.phase != Phase::Idle {
                trial::reached("scheduler driver", "any but Leaving | no master leads");
                self.leave_stream("no master leads".to_owned());
                self.phase = Phase::Idle;
            }
            return;
        };
        if self.current_master() == Some(&master) {
            return;
        }
        trial::reached(
            "scheduler driver",
            match self.phase {
                Phase::Subscribed { .. } => "Subscribed | another master is detected",
                Phase::Idle
                | Phase::Waiting { .. }
                | Phase::Subscribing { .. }
                | Phase::Leaving { .. }
                | Phase::Ended => "Idle | a master is detected (after Start)",
            },
        );
        self.leave_stream(format!("the master at {master} leads now"));
        self.backoff.reset();
        self.redirects_in_a_row = 0;
        let delay = self.rng.duration_below(self.config.connection_delay_max);
        self.phase = Phase::Waiting { until: now + delay, master };
    }

    fn current_master(&self) -> Option<&String> {
        match &self.phase {
            Phase::Waiting { master, .. }
            | Phase::Subscribing { master, .. }
            | Phase::Subscribed { master, .. } => Some(master),
            Phase::Idle | Phase::Leaving { .. } | Phase::Ended => None,
        }
    }

    fn wake(&mut self, now: Time) {
        let due = self.poll_timeout().is_some_and(|(deadline, _)| deadline <= now);
        if !due {
            return;
        }
        match &self.phase {
            Phase::Idle | Phase::Ended => {}
            Phase::Waiting { master, .. } => {
                trial::reached("scheduler driver", "Waiting | its time comes");
                let master = master.clone();
                self.subscribe(now, master);
            }
            Phase::Subscribing { .. } => {
                let waited = self.config.subscribe_timeout;
                self.stream_lost(now, format!("the subscription was not answered in {waited:?}"));
            }
            Phase::Subscribed { .. } => {
                if trial::has(Defect::DriverIgnoresMissedHeartbeats) {
                    return self.reading_paused(now, false);
                }
                let missed = self.config.missed_heartbeats_max;
                self.stream_lost(now, format!("{missed} heartbeats of the master were missed"));
            }
            Phase::Leaving { teardown, .. } => {
                let left = match teardown {
                    Some(_) => Stopped::NotTornDown,
                    None => Stopped::LeftForFailover,
                };
                self.left(Ok(left));
            }
        }
    }

    fn subscribe(&mut self, now: Time, master: String) {
        self.attempt = Attempt(self.attempt.0 + 1);
        self.outputs.push_back(Output::Subscribe {
            attempt: self.attempt,
            master: master.clone(),
            call: Box::new(self.subscription.call()),
        });
        self.subscribed_as = self.subscription.clone();
        let deadline = now + self.config.subscribe_timeout;
        self.phase = Phase::Subscribing { master, deadline, stream_id: None };
    }

    fn stream_opened(&mut self, now: Time, id: Option<String>) {
        let Phase::Subscribing { stream_id, .. } = &mut self.phase else {
            return;
        };
        if id.is_some() {
            *stream_id = id;
        } else {
            self.stream_lost(now, "the answer has no Mesos-Stream-Id header".to_owned());
        }
    }

    fn stream_refused(&mut self, now: Time, status: u16, location: Option<&str>, body: &str) {
        let Phase::Subscribing { master, .. } = &self.phase else {
            return;
        };
        match status {
            301 | 302 | 307 | 308 => match location.and_then(authority) {
                Some(leader) if leader != *master => self.redirected(now, leader),
                Some(_) | None => {
                    self.stream_lost(now, format!("the master at {master} names no other leader"));
                }
            },
            404 | 408 | 429 | 500..=599 => {
                let error = Error::from_status("SUBSCRIBE", status, body);
                self.stream_lost(now, error.message);
            }
            400..=499 => {
                trial::reached("scheduler driver", "Subscribing | another 4xx");
                self.end(Err(Error::from_status("SUBSCRIBE", status, body)));
            }
            _ => self.stream_lost(now, Error::from_status("SUBSCRIBE", status, body).message),
        }
    }

    fn redirected(&mut self, now: Time, leader: String) {
        trial::reached("scheduler driver", "Subscribing | 307 with a location");
        self.redirects_in_a_row += 1;
        if self.redirects_in_a_row > REDIRECTS_IN_A_ROW_MAX {
            self.stream_lost(now, format!("redirected {REDIRECTS_IN_A_ROW_MAX} times in a row"));
            return;
        }
        self.outputs
            .push_back(Output::Note(format!("redirected to the leading master at {leader}")));
        self.outputs.push_back(Output::Disconnect { attempt: self.attempt });
        self.phase = Phase::Waiting { until: now, master: leader };
    }

    /// The current attempt is over; the next one goes to the detected master after a delay.
    fn stream_lost(&mut self, now: Time, reason: String) {
        match &self.phase {
            // TEARDOWN closes the stream; its answer is what counts.
            Phase::Leaving { .. } | Phase::Idle | Phase::Waiting { .. } | Phase::Ended => return,
            Phase::Subscribing { .. } => trial::reached(
                "scheduler driver",
                "Subscribing | 404, 408, 429, 5xx, no connection, no answer in 15 s",
            ),
            Phase::Subscribed { .. } => trial::reached(
                "scheduler driver",
                "Subscribed | stream ends, five heartbeats missed",
            ),
        }
        self.leave_stream(reason);
        self.redirects_in_a_row = 0;
        let delay = self.backoff.next(&mut self.rng);
        self.phase = match self.detected.clone() {
            Some(_) if trial::has(Defect::DriverDoesNotRetry) => Phase::Idle,
            Some(master) => Phase::Waiting { until: now + delay, master },
            None => Phase::Idle,
        };
    }

    /// Drops the stream of the current attempt, if there is one, and says so.
    fn leave_stream(&mut self, reason: String) {
        match &self.phase {
            Phase::Idle | Phase::Waiting { .. } | Phase::Leaving { .. } | Phase::Ended => {}
            Phase::Subscribing { master, .. } => {
                let note = format!("cannot subscribe with the master at {master}: {reason}");
                self.outputs.push_back(Output::Note(note));
                self.outputs.push_back(Output::Disconnect { attempt: self.attempt });
            }
            Phase::Subscribed { .. } => {
                self.outputs.push_back(Output::Disconnect { attempt: self.attempt });
                self.fail_outstanding(&reason);
                self.outputs.push_back(Output::Event {
                    event: Box::new(Event::Disconnected { reason }),
                    handled: None,
                });
            }
        }
    }

    fn record(&mut self, now: Time, event: scheduler::Event) {
        let subscribed = match &mut self.phase {
            Phase::Subscribing { stream_id, .. } if stream_id.is_some() => false,
            Phase::Subscribed { heartbeat, deadline, .. } => {
                *deadline = now + heartbeat.saturating_mul(self.config.missed_heartbeats_max);
                true
            }
            Phase::Subscribing { .. }
            | Phase::Idle
            | Phase::Waiting { .. }
            | Phase::Leaving { .. }
            | Phase::Ended => return,
        };
        match event::read(event) {
            Record::Subscribed(it) => self.subscribed(now, it),
            Record::Error(message) => {
                trial::reached("scheduler driver", "Subscribing, Subscribed | ERROR event");
                self.end(Err(subscription_error(message)));
            }
            Record::Heartbeat => {}
            Record::Unknown => self.note("an event of an unknown type was skipped"),
            Record::Incomplete(kind) => {
                self.note(&format!("a {kind} event without its content was skipped"));
            }
            Record::Event(event) if subscribed => self.deliver(event),
            Record::Event(_) => {
                self.stream_lost(now, "the stream does not begin with SUBSCRIBED".to_owned());
            }
        }
    }

    fn subscribed(&mut self, now: Time, it: scheduler::event::Subscribed) {
        let (master, stream_id) = match &mut self.phase {
            Phase::Subscribing { master, stream_id: Some(id), .. } => {
                (std::mem::take(master), std::mem::take(id))
            }
            Phase::Subscribed { .. } => {
                self.note("a second SUBSCRIBED on one stream was skipped");
                return;
            }
            Phase::Subscribing { .. }
            | Phase::Idle
            | Phase::Waiting { .. }
            | Phase::Leaving { .. }
            | Phase::Ended => return,
        };
        trial::reached("scheduler driver", "Subscribing | SUBSCRIBED");
        let heartbeat = it
            .heartbeat_interval_seconds
            .filter(|seconds| *seconds > 0.0)
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .unwrap_or(HEARTBEAT_INTERVAL_DEFAULT);
        let deadline = now + heartbeat.saturating_mul(self.config.missed_heartbeats_max);
        self.phase = Phase::Subscribed { master, stream_id, heartbeat, deadline };
        self.backoff.reset();
        self.redirects_in_a_row = 0;
        if !trial::has(Defect::DriverForgetsId) {
            self.subscription.set_framework_id(it.framework_id.clone());
        }
        // What has changed while the answer to SUBSCRIBE was on its way.
        for call in self.subscription.calls_since(&self.subscribed_as) {
            self.send(None, calls::Change::None, call);
        }
        let again = std::mem::replace(&mut self.subscribed_before, true);
        self.deliver(Event::Subscribed {
            framework_id: it.framework_id,
            master: it.master_info,
            again,
        });
    }

    /// Passes `event` on, with what acknowledges it where that is the driver's work.
    fn deliver(&mut self, event: Event) {
        let handled = match (&event, self.config.acknowledgement) {
            (Event::Update(status), Acknowledgement::Implicit) => calls::update_key(status),
            _ => None,
        };
        self.outputs.push_back(Output::Event { event: Box::new(event), handled });
    }

    fn reading_paused(&mut self, now: Time, paused: bool) {
        self.reading_paused = paused;
        if paused {
            return;
        }
        match &mut self.phase {
            Phase::Subscribing { deadline, .. } => *deadline = now + self.config.subscribe_timeout,
            Phase::Subscribed { heartbeat, deadline, .. } => {
                *deadline = now + heartbeat.saturating_mul(self.config.missed_heartbeats_max);
            }
            Phase::Idle | Phase::Waiting { .. } | Phase::Leaving { .. } | Phase::Ended => {}
        }
    }

    /// Who has asked for a TEARDOWN still wants to know that it has arrived.
    fn close(&mut self, now: Time) {
        if let Phase::Leaving { teardown: None, deadline } = &mut self.phase {
            *deadline = (now + CLOSE_TIMEOUT).min(*deadline);
        }
        self.stop(now, true, CLOSE_TIMEOUT);
    }

    fn stop(&mut self, now: Time, failover: bool, patience: Duration) {
        match &self.phase {
            Phase::Subscribed { .. } if !failover => {
                trial::reached("scheduler driver", "Subscribed | Stop without failover");
                let teardown = self.send(None, calls::Change::None, calls::teardown());
                let deadline = now + patience;
                self.phase = Phase::Leaving { teardown, deadline };
            }
            Phase::Subscribed { .. } if !self.outstanding.is_empty() => {
                trial::reached(
                    "scheduler driver",
                    "Subscribed | Stop for failover, calls unanswered",
                );
                let deadline = now + patience;
                self.phase = Phase::Leaving { teardown: None, deadline };
            }
            Phase::Leaving { .. } => {}
            Phase::Idle
            | Phase::Waiting { .. }
            | Phase::Subscribing { .. }
            | Phase::Subscribed { .. }
            | Phase::Ended => {
                trial::reached("scheduler driver", "any | Stop");
                self.end(Ok(if failover {
                    Stopped::LeftForFailover
                } else {
                    Stopped::NotTornDown
                }));
            }
        }
    }

    /// What was waited for while leaving has come, or does not come.
    fn left(&mut self, result: Result<Stopped, Error>) {
        trial::reached("scheduler driver", "Leaving | the last answer, or its time is over");
        self.end(result);
    }

    /// Drops the connection, answers what is open, and says why it is over.
    fn end(&mut self, result: Result<Stopped, Error>) {
        match &self.phase {
            Phase::Subscribing { .. } | Phase::Subscribed { .. } | Phase::Leaving { .. } => {
                self.outputs.push_back(Output::Disconnect { attempt: self.attempt });
            }
            Phase::Idle | Phase::Waiting { .. } | Phase::Ended => {}
        }
        self.phase = Phase::Ended;
        self.fail_outstanding("the scheduler driver has ended");
        self.outputs.push_back(Output::Ended(result));
    }

    fn note(&mut self, text: &str) {
        self.outputs.push_back(Output::Note(text.to_owned()));
    }
}

/// What an ERROR event of the master means.
fn subscription_error(message: String) -> Error {
    let kind = match message.as_str() {
        "Framework failed over" => ErrorKind::FailedOver,
        "Framework has been removed" => ErrorKind::FrameworkRemoved,
        _ => ErrorKind::SubscriptionRefused,
    };
    Error::new(kind, message)
}
