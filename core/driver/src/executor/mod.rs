// SPDX-License-Identifier: Apache-2.0

//! The executor client: keeps an executor subscribed with its agent, and
//! sees that no status update is lost while the agent restarts.
//!
//! | phase | input | next | what is done |
//! |---|---|---|---|
//! | `Idle` | `Start` | `Subscribing` | SUBSCRIBE with the tasks and updates that are not acknowledged |
//! | `Subscribing` | SUBSCRIBED | `Subscribed` | the recovery deadline is off; updates made meanwhile are sent |
//! | `Subscribing` | 404, 5xx | `Waiting` | the agent is starting: random delay, then again |
//! | `Subscribing` | another refusal | `Closing` | `Shutdown`: the agent does not know this executor |
//! | `Subscribing`, `Subscribed` | connection lost, with recovery | `Waiting` | `Disconnected`; random delays until the recovery deadline |
//! | `Subscribing`, `Subscribed` | connection lost, without recovery | `Closing` | `Shutdown` |
//! | `Waiting` | its time comes | `Subscribing` | |
//! | `Subscribing`, `Waiting` | recovery deadline | `Closing` | `Shutdown` |
//! | `Subscribed` | SHUTDOWN | `Subscribed`, closing | `Shutdown`; updates can still be sent |
//! | `Subscribed` | ERROR event | `Closing` | `Shutdown` |
//! | closing | grace period over | `Ended` | `KillSelf` |
//! | any | `Stop` | `Ended` | first waits 5 s for the answers to what was sent |
//!
//! An update is kept until the agent acknowledges it, and a task until the
//! first update about it is acknowledged; both are resent with each SUBSCRIBE,
//! and the agent drops what it has seen. An update that the agent has no room
//! for (5xx) is sent again and again, and later ones of its task wait for it:
//! `lanes` has the table. Only the end of a task does not wait for ever: after
//! 6 s without progress, and at once when the executor is to end, it goes
//! ahead, and what is before it is dropped; the agent always has room for it.
//! Whoever makes an update waits until the agent has it, or has no room: then
//! it is kept, as it is without a subscription. One task may keep half of what
//! all may; an end is always taken.
//!
//! Refuses to do: running tasks, and counting the agent's heartbeats (it
//! sends one every 30 minutes; the connection itself tells more).

mod config;
mod event;
mod input;
mod lanes;
mod output;
mod unacknowledged;
mod updates;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use mesos_core::{rng::Rng, time::Time, trial};
use mesos_proto::v1::{AgentId, executor};

pub use self::{
    config::{Config, Recovery},
    event::Event,
    input::Input,
    output::Output,
};
use self::{event::Record, lanes::Lanes, unacknowledged::Unacknowledged, updates::Outstanding};
use crate::{Attempt, Error, ErrorKind, SendKey};

/// The delay between attempts while the agent is starting, where recovery sets no other.
const RETRY_DELAY_MAX: Duration = Duration::from_secs(1);

/// Where the driver stands; see the table of this module.
#[derive(Clone, Debug, PartialEq)]
enum Phase {
    Idle,
    Subscribing {
        deadline: Time,
    },
    Subscribed {
        /// When the next HEARTBEAT call is due.
        heartbeat: Time,
    },
    Waiting {
        until: Time,
    },
    /// There is no way back to the agent.
    Closing,
    /// Stopped, but calls are under way.
    Leaving {
        deadline: Time,
    },
    Ended,
}

/// The executor client state machine; see the module.
#[derive(Debug)]
pub struct Driver {
    config: Config,
    rng: Rng,
    phase: Phase,
    attempt: Attempt,
    subscribed_before: bool,
    agent_id: Option<AgentId>,
    unacknowledged: Unacknowledged,
    /// What is to be sent on this subscription.
    lanes: Lanes,
    /// For which the agent had no room.
    refused_updates: u64,
    /// When the agent counts as gone for good.
    recovery_deadline: Option<Time>,
    /// When the executor has to be gone.
    shutdown_deadline: Option<Time>,
    /// What forced the end, reported by `Ended`.
    cause: Option<Error>,
    last_send: SendKey,
    outstanding: BTreeMap<SendKey, Outstanding>,
    outputs: VecDeque<Output>,
}

impl Driver {
    /// A driver that waits for `Input::Start`.
    pub fn new(config: Config, seed: u64) -> Self {
        Driver {
            config,
            rng: Rng::new(seed),
            phase: Phase::Idle,
            attempt: Attempt(0),
            subscribed_before: false,
            agent_id: None,
            unacknowledged: Unacknowledged::default(),
            lanes: Lanes::default(),
            refused_updates: 0,
            recovery_deadline: None,
            shutdown_deadline: None,
            cause: None,
            last_send: SendKey(0),
            outstanding: BTreeMap::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Whether messages can be sent now.
    pub fn is_subscribed(&self) -> bool {
        matches!(self.phase, Phase::Subscribed { .. })
    }

    /// How many updates wait for their acknowledgement.
    pub fn unacknowledged_updates(&self) -> usize {
        self.unacknowledged.updates()
    }

    /// Takes what has happened, at the time `now`, which never goes back.
    pub fn handle(&mut self, now: Time, input: Input) {
        match input {
            Input::Start => {
                if self.phase == Phase::Idle {
                    trial::reached("executor driver", "Idle | Start");
                    self.subscribe(now);
                }
            }
            // That SUBSCRIBE was answered says less than the SUBSCRIBED that follows.
            Input::StreamOpened { .. } => {}
            Input::StreamRefused { attempt, status, body } => {
                if attempt == self.attempt {
                    self.stream_refused(now, status, &body);
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
            Input::Update { key, status } => self.update(now, key, *status),
            Input::Message { key, data } => self.message(key, data),
            Input::CallAnswered { send, status, body } => {
                self.call_answered(now, send, status, &body);
            }
            Input::CallFailed { send, reason } => self.call_failed(now, send, reason),
            Input::Stop => self.stop(now),
            Input::Wake => self.wake(now),
        }
    }

    /// The next thing to carry out.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to hand in `Input::Wake`, and what for.
    pub fn poll_timeout(&self) -> Option<(Time, &'static str)> {
        let phase = match self.phase {
            Phase::Idle | Phase::Closing => None,
            Phase::Subscribing { deadline } => Some((deadline, "subscription not answered")),
            Phase::Subscribed { heartbeat } => Some((heartbeat, "heartbeat")),
            Phase::Waiting { until } => Some((until, "next attempt to subscribe")),
            Phase::Leaving { deadline } => Some((deadline, "calls not answered")),
            Phase::Ended => return None,
        };
        let recovery = self.recovery_deadline.map(|deadline| (deadline, "agent did not come back"));
        let shutdown = self.shutdown_deadline.map(|deadline| (deadline, "shutdown grace is over"));
        let lane = match self.phase {
            Phase::Subscribed { .. } | Phase::Leaving { .. } => self.lanes.next_due(),
            Phase::Idle
            | Phase::Subscribing { .. }
            | Phase::Waiting { .. }
            | Phase::Closing
            | Phase::Ended => None,
        };
        let lane = lane.map(|due| (due, "an update is sent again"));
        [phase, recovery, shutdown, lane].into_iter().flatten().min()
    }

    fn wake(&mut self, now: Time) {
        let due = |deadline: Option<Time>| deadline.is_some_and(|deadline| deadline <= now);
        if self.phase == Phase::Ended {
            return;
        }
        if due(self.shutdown_deadline) {
            trial::reached("executor driver", "closing | grace period over");
            self.outputs.push_back(Output::KillSelf);
            self.end();
            return;
        }
        if due(self.recovery_deadline) {
            trial::reached("executor driver", "Subscribing, Waiting | recovery deadline");
            self.drop_stream();
            self.close(now, "the agent did not come back within the recovery timeout");
            return;
        }
        match self.phase {
            Phase::Subscribing { deadline } if deadline <= now => {
                let waited = self.config.subscribe_timeout;
                self.stream_lost(now, format!("the subscription was not answered in {waited:?}"));
            }
            Phase::Subscribed { heartbeat } if heartbeat <= now => {
                self.phase = Phase::Subscribed { heartbeat: now + self.config.heartbeat_interval };
                self.send_heartbeat();
                self.send_due(now);
            }
            Phase::Waiting { until } if until <= now => {
                trial::reached("executor driver", "Waiting | its time comes");
                self.subscribe(now);
            }
            Phase::Leaving { deadline } if deadline <= now => self.end(),
            Phase::Subscribed { .. } | Phase::Leaving { .. } => self.send_due(now),
            Phase::Idle
            | Phase::Subscribing { .. }
            | Phase::Waiting { .. }
            | Phase::Closing
            | Phase::Ended => {}
        }
    }

    fn subscribe(&mut self, now: Time) {
        self.attempt = Attempt(self.attempt.0 + 1);
        let mut call = self.new_call(executor::call::Type::Subscribe);
        call.subscribe = Some(self.unacknowledged.subscribe());
        self.outputs.push_back(Output::Subscribe { attempt: self.attempt, call: Box::new(call) });
        self.phase = Phase::Subscribing { deadline: now + self.config.subscribe_timeout };
    }

    fn stream_refused(&mut self, now: Time, status: u16, body: &str) {
        if !matches!(self.phase, Phase::Subscribing { .. }) {
            return;
        }
        let error = Error::from_status("SUBSCRIBE", status, body);
        self.drop_stream();
        match status {
            404 | 500..=599 => {
                trial::reached("executor driver", "Subscribing | 404, 5xx");
                self.outputs.push_back(Output::Note(error.message));
                self.wait(now);
            }
            _ => {
                trial::reached("executor driver", "Subscribing | another refusal");
                let reason = error.message.clone();
                self.cause = Some(error);
                self.close(now, &reason);
            }
        }
    }

    /// The connection is gone, and perhaps the agent with it.
    fn stream_lost(&mut self, now: Time, reason: String) {
        let was_subscribed = self.is_subscribed();
        if !was_subscribed && !matches!(self.phase, Phase::Subscribing { .. }) {
            return;
        }
        self.drop_stream();
        self.fail_outstanding(&reason);
        let row = [
            "Subscribing, Subscribed | connection lost, without recovery",
            "Subscribing, Subscribed | connection lost, with recovery",
        ];
        trial::reached("executor driver", row[usize::from(self.config.recovery.is_some())]);
        let Some(recovery) = self.config.recovery else {
            self.close(now, &format!("the agent is gone: {reason}"));
            return;
        };
        if self.shutdown_deadline.is_some() {
            self.phase = Phase::Closing;
            return;
        }
        if was_subscribed {
            self.outputs.push_back(Output::Event(Event::Disconnected { reason }));
        } else {
            self.outputs.push_back(Output::Note(format!("cannot subscribe: {reason}")));
        }
        self.recovery_deadline.get_or_insert(now + recovery.timeout);
        self.wait(now);
    }

    fn wait(&mut self, now: Time) {
        let max = self.config.recovery.map_or(RETRY_DELAY_MAX, |recovery| recovery.backoff_max);
        self.phase = Phase::Waiting { until: now + self.rng.duration_below(max) };
    }

    fn record(&mut self, now: Time, event: executor::Event) {
        if !self.is_subscribed() && !matches!(self.phase, Phase::Subscribing { .. }) {
            return;
        }
        match event::read(event) {
            Record::Subscribed(it) => self.subscribed(now, *it),
            Record::Heartbeat => {}
            Record::Unknown => self.note("an event of an unknown type was skipped"),
            Record::Incomplete(kind) => {
                self.note(&format!("a {kind} event without its content was skipped"));
            }
            Record::Error(message) => {
                trial::reached("executor driver", "Subscribed | ERROR event");
                self.drop_stream();
                self.fail_outstanding(&message);
                self.cause = Some(Error::new(ErrorKind::SubscriptionRefused, message.clone()));
                self.close(now, &message);
            }
            // The agent may answer a subscription with SHUTDOWN alone.
            Record::Shutdown => {
                trial::reached("executor driver", "Subscribed | SHUTDOWN");
                self.begin_shutdown(now, "the agent asked for it");
            }
            Record::Event(event) => {
                let acknowledged = self.unacknowledged.follow(&event);
                if let Event::Acknowledged { task_id, .. } = &event {
                    self.acknowledged(&task_id.value, acknowledged);
                }
                self.outputs.push_back(Output::Event(event));
            }
        }
    }

    fn subscribed(&mut self, now: Time, it: executor::event::Subscribed) {
        if self.is_subscribed() {
            self.note("a second SUBSCRIBED on one stream was skipped");
            return;
        }
        trial::reached("executor driver", "Subscribing | SUBSCRIBED");
        self.phase = Phase::Subscribed { heartbeat: now + self.config.heartbeat_interval };
        self.recovery_deadline = None;
        self.agent_id = it.agent_info.id.clone();
        let again = std::mem::replace(&mut self.subscribed_before, true);
        self.outputs.push_back(Output::Event(Event::Subscribed {
            executor: Box::new(it.executor_info),
            framework: Box::new(it.framework_info),
            agent: Box::new(it.agent_info),
            container_id: it.container_id,
            again,
        }));
        self.fill_lanes(now);
    }

    /// Ends the way to the agent, and tells the executor to end.
    fn close(&mut self, now: Time, reason: &str) {
        self.phase = Phase::Closing;
        self.recovery_deadline = None;
        self.begin_shutdown(now, reason);
    }

    fn begin_shutdown(&mut self, now: Time, reason: &str) {
        if self.shutdown_deadline.is_none() {
            self.shutdown_deadline = Some(now + self.config.shutdown_grace);
            self.outputs.push_back(Output::Event(Event::Shutdown { reason: reason.to_owned() }));
            self.let_ends_go_ahead();
        }
    }

    fn stop(&mut self, now: Time) {
        trial::reached("executor driver", "any | Stop");
        if self.is_subscribed() {
            self.let_ends_go_ahead();
            self.await_no_acknowledgements();
        }
        match self.phase {
            Phase::Subscribed { .. } if !self.all_said() => {
                self.phase = Phase::Leaving { deadline: now + self.config.stop_timeout };
            }
            Phase::Leaving { .. } | Phase::Ended => {}
            Phase::Idle
            | Phase::Subscribing { .. }
            | Phase::Subscribed { .. }
            | Phase::Waiting { .. }
            | Phase::Closing => self.end(),
        }
    }

    fn end(&mut self) {
        self.drop_stream();
        self.phase = Phase::Ended;
        self.fail_outstanding("the executor driver has ended");
        self.outputs.push_back(Output::Ended(self.cause.take().map_or(Ok(()), Err)));
    }

    fn drop_stream(&mut self) {
        match self.phase {
            Phase::Subscribing { .. } | Phase::Subscribed { .. } | Phase::Leaving { .. } => {
                self.outputs.push_back(Output::Disconnect { attempt: self.attempt });
            }
            Phase::Idle | Phase::Waiting { .. } | Phase::Closing | Phase::Ended => {}
        }
    }

    fn note(&mut self, text: &str) {
        self.outputs.push_back(Output::Note(text.to_owned()));
    }
}
