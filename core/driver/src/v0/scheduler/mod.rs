// SPDX-License-Identifier: Apache-2.0

//! `MesosSchedulerDriver`: the v1 scheduler machine with the semantics of v0.
//!
//! | state | input | next | what is done |
//! |---|---|---|---|
//! | serving | SUBSCRIBED | serving | `Registered` the first time, `Reregistered` later |
//! | serving | a method, subscribed | serving | its call is sent |
//! | serving | a launch, not subscribed | serving | each task gets a local TASK_LOST (TASK_DROPPED if partition aware) |
//! | serving | another method, not subscribed | serving | roles and framework are kept for the next subscription, the rest is dropped |
//! | serving | the master refuses an ACCEPT | serving | each task of it gets a local TASK_ERROR |
//! | serving | the master refuses an UPDATE_FRAMEWORK | `Quiet` | `Error` |
//! | serving | an ERROR of the master, misuse | `Quiet` | `Error` |
//! | serving | `Abort`, subscribed | `Quiet` | offers in hand are declined, all roles suppressed; the tasks live on |
//! | serving | `Abort`, not subscribed | `Ended` | |
//! | `Quiet` | offers | `Quiet` | they are declined |
//! | `Quiet` | the subscription is lost | `Ended` | |
//! | any | `Stop` | `Ended` | TEARDOWN unless for failover; the answers to what was sent are waited for, 5 s at most |
//! | any | `Close` | `Ended` | the answers to what was sent are waited for, 500 ms at most; 5 s, if one is to a TEARDOWN |
//!
//! A status update is acknowledged when the shell hands its key back, that
//! is, when the callback has returned and the driver still runs.
//!
//! Offers of operations and inverse offers have no callback in v0: they are
//! dropped, as in Apache Mesos.

mod callback;
mod method;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use mesos_core::time::Time;
use mesos_proto::v1::{
    Address, FrameworkInfo, MasterInfo, OfferId, TaskId, TaskState, TaskStatus, framework_info,
    scheduler::{Call, call},
    task_status,
};

use self::method::Asked;
pub use self::{
    callback::Callback,
    method::{Method, Roles},
};
use crate::{
    Attempt, CallKey, Error, ErrorKind, SendKey,
    scheduler::{self, Config, Event, UpdateKey},
};

/// An input of the driver.
#[derive(Clone, Debug)]
pub enum Input {
    /// What happened on the network, and `Start`, `MasterDetected`, `ReadingPaused`, `Handled`
    /// and `Wake`, as for the v1 machine. Its `Call`, `Stop` and `Close` are not for this one
    /// and ignored.
    Client(scheduler::Input),
    /// A method that the lifecycle lets through and that has been checked.
    Method(Box<Method>),
    /// `abort()`.
    Abort,
    /// `stop(failover)`.
    Stop {
        /// Whether another scheduler will take over.
        failover: bool,
    },
    /// The driver is dropped, and that waits for the end.
    Close,
}

/// An output of the driver.
#[derive(Clone, Debug)]
pub enum Output {
    /// As [`scheduler::Output::Subscribe`].
    Subscribe {
        /// Names this attempt in the inputs about it.
        attempt: Attempt,
        /// `host:port`.
        master: String,
        /// The SUBSCRIBE call.
        call: Box<Call>,
    },
    /// As [`scheduler::Output::Disconnect`].
    Disconnect {
        /// Which attempt.
        attempt: Attempt,
    },
    /// As [`scheduler::Output::Send`].
    Send {
        /// Names this call in the inputs about it.
        send: SendKey,
        /// `host:port`.
        master: String,
        /// The value of the `Mesos-Stream-Id` header.
        stream_id: String,
        /// The call.
        call: Box<Call>,
    },
    /// Call back; for [`Callback::Error`], after aborting the driver.
    Callback {
        /// What.
        callback: Box<Callback>,
        /// To hand back as `Handled`, if the driver still runs after the callback.
        handled: Option<Box<UpdateKey>>,
    },
    /// A method that took a place in the queue is done: one more may come.
    MethodDone,
    /// Worth a line in the log.
    Note(String),
    /// The last output.
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Serving,
    /// Aborted: no callback any more, but the framework stays with the master.
    Quiet,
    Ended,
}

/// The call of a method, until it is answered.
#[derive(Debug)]
struct Sent {
    /// The tasks that it launches.
    launched: Vec<TaskId>,
    is_framework_update: bool,
}

/// The native scheduler driver; see the module.
#[derive(Debug)]
pub struct Driver {
    client: scheduler::Driver,
    state: State,
    /// Where SUBSCRIBE went last, for masters that do not say who they are.
    master: String,
    partition_aware: bool,
    last_key: CallKey,
    /// The calls of methods.
    calls: BTreeMap<CallKey, Sent>,
    /// The offers that the framework has in hand.
    offers: BTreeSet<String>,
    outputs: VecDeque<Output>,
}

impl Driver {
    /// A driver that waits for `Start`.
    pub fn new(config: Config, seed: u64) -> Self {
        Driver {
            partition_aware: is_partition_aware(&config.framework),
            client: scheduler::Driver::new(config, seed),
            state: State::Serving,
            master: String::new(),
            last_key: CallKey(0),
            calls: BTreeMap::new(),
            offers: BTreeSet::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Takes what has happened, at the time `now`, which never goes back.
    pub fn handle(&mut self, now: Time, input: Input) {
        match input {
            Input::Client(
                scheduler::Input::Call { .. }
                | scheduler::Input::Stop { .. }
                | scheduler::Input::Close,
            ) => {}
            Input::Client(input) => self.client.handle(now, input),
            Input::Method(method) => self.method(now, *method),
            Input::Abort => self.abort(now),
            Input::Stop { failover } => {
                self.client.handle(now, scheduler::Input::Stop { failover });
            }
            Input::Close => self.client.handle(now, scheduler::Input::Close),
        }
        self.follow_client(now);
    }

    /// The next thing to carry out.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to hand in `Wake`, and what for.
    pub fn poll_timeout(&self) -> Option<(Time, &'static str)> {
        self.client.poll_timeout()
    }

    fn method(&mut self, now: Time, method: Method) {
        if self.state != State::Serving {
            self.outputs.push_back(Output::MethodDone);
            return;
        }
        if let Method::UpdateFramework { framework, .. } = &method {
            if let Err(misuse) = self.check_update(framework) {
                self.outputs.push_back(Output::MethodDone);
                self.fail(now, misuse);
                return;
            }
            self.partition_aware = is_partition_aware(framework);
        }
        self.forget_offers(&method);
        match method.into_asked() {
            Asked::Nothing => self.outputs.push_back(Output::MethodDone),
            Asked::Acknowledge(update) => {
                self.outputs.push_back(Output::MethodDone);
                self.client.handle(now, scheduler::Input::Handled(update));
            }
            Asked::Call(call, launched) => {
                let key = self.next_key();
                let is_framework_update = call.r#type() == call::Type::UpdateFramework;
                self.calls.insert(key, Sent { launched, is_framework_update });
                self.client.handle(now, scheduler::Input::Call { key, call });
            }
        }
    }

    /// The texts are Mesos's.
    fn check_update(&self, framework: &FrameworkInfo) -> Result<(), String> {
        let Some(known) = self.client.framework_id() else {
            return Err("MesosSchedulerDriver::updateFramework() must not be called prior to \
                        registration with the master"
                .to_owned());
        };
        let given = framework.id.as_ref().map_or("", |id| id.value.as_str());
        if given == known.value {
            return Ok(());
        }
        Err(format!(
            "The 'FrameworkInfo.id' provided to MesosSchedulerDriver::updateFramework() ({given}) \
             must be equal to the value known to the MesosSchedulerDriver ({})",
            known.value
        ))
    }

    fn forget_offers(&mut self, method: &Method) {
        match method {
            Method::LaunchTasks { offer_ids, .. } | Method::AcceptOffers { offer_ids, .. } => {
                for offer in offer_ids {
                    self.offers.remove(&offer.value);
                }
            }
            Method::DeclineOffer { offer_id, .. } => {
                self.offers.remove(&offer_id.value);
            }
            Method::RequestResources(_)
            | Method::ReviveOffers(_)
            | Method::SuppressOffers(_)
            | Method::KillTask(_)
            | Method::AcknowledgeStatusUpdate(_)
            | Method::SendFrameworkMessage { .. }
            | Method::ReconcileTasks(_)
            | Method::UpdateFramework { .. } => {}
        }
    }

    /// Keeps the framework and its tasks, and gives back what it was offered.
    fn abort(&mut self, now: Time) {
        if self.state != State::Serving {
            return;
        }
        self.state = State::Quiet;
        if !self.client.is_subscribed() {
            self.client.handle(now, scheduler::Input::Stop { failover: true });
            return;
        }
        let offers = std::mem::take(&mut self.offers);
        self.decline(now, offers.into_iter().map(|value| OfferId { value }).collect());
        let suppress = Call {
            r#type: Some(call::Type::Suppress.into()),
            suppress: Some(call::Suppress::default()),
            ..Default::default()
        };
        self.call(now, suppress);
    }

    fn decline(&mut self, now: Time, offer_ids: Vec<OfferId>) {
        if offer_ids.is_empty() {
            return;
        }
        let decline = Call {
            r#type: Some(call::Type::Decline.into()),
            decline: Some(call::Decline { offer_ids, filters: None }),
            ..Default::default()
        };
        self.call(now, decline);
    }

    /// A call of the driver's own.
    fn call(&mut self, now: Time, call: Call) {
        let key = self.next_key();
        self.client.handle(now, scheduler::Input::Call { key, call: Box::new(call) });
    }

    fn next_key(&mut self) -> CallKey {
        self.last_key = CallKey(self.last_key.0 + 1);
        self.last_key
    }

    /// Carries over what the v1 machine has put out.
    fn follow_client(&mut self, now: Time) {
        while let Some(output) = self.client.poll_output() {
            match output {
                scheduler::Output::Subscribe { attempt, master, call } => {
                    self.master.clone_from(&master);
                    self.outputs.push_back(Output::Subscribe { attempt, master, call });
                }
                scheduler::Output::Disconnect { attempt } => {
                    self.outputs.push_back(Output::Disconnect { attempt });
                }
                scheduler::Output::Send { send, master, stream_id, call } => {
                    self.outputs.push_back(Output::Send { send, master, stream_id, call });
                }
                scheduler::Output::Event { event, handled } => self.event(now, *event, handled),
                scheduler::Output::Answered { key, result } => {
                    self.answered(now, key, result.err());
                }
                scheduler::Output::Note(text) => self.outputs.push_back(Output::Note(text)),
                scheduler::Output::Ended(result) => {
                    if let Err(error) = result {
                        self.fail(now, error.message);
                    }
                    self.state = State::Ended;
                    self.outputs.push_back(Output::Ended);
                }
            }
        }
    }

    fn answered(&mut self, now: Time, key: CallKey, error: Option<Error>) {
        let Some(sent) = self.calls.remove(&key) else { return };
        self.outputs.push_back(Output::MethodDone);
        match error {
            None => {}
            Some(error)
                if sent.is_framework_update
                    && matches!(error.kind, ErrorKind::Refused | ErrorKind::Forbidden) =>
            {
                self.fail(now, error.message);
            }
            Some(error) => self.not_taken(now, sent.launched, &error),
        }
    }

    /// The end, as far as the framework is concerned.
    fn fail(&mut self, now: Time, message: String) {
        if self.state == State::Serving {
            self.tell(Callback::Error(message), None);
            self.abort(now);
        }
    }

    fn tell(&mut self, callback: Callback, handled: Option<Box<UpdateKey>>) {
        self.outputs.push_back(Output::Callback { callback: Box::new(callback), handled });
    }

    fn event(&mut self, now: Time, event: Event, handled: Option<Box<UpdateKey>>) {
        if self.state != State::Serving {
            self.quiet_event(now, event);
            return;
        }
        match event {
            Event::Subscribed { framework_id, master, again } => {
                let master = Box::new(master.unwrap_or_else(|| master_at(&self.master)));
                self.tell(
                    if again {
                        Callback::Reregistered(master)
                    } else {
                        Callback::Registered { framework_id, master }
                    },
                    None,
                );
            }
            Event::Disconnected { reason } => {
                self.outputs.push_back(Output::Note(format!("disconnected: {reason}")));
                self.offers.clear();
                self.tell(Callback::Disconnected, None);
            }
            Event::Offers(offers) => {
                if !offers.is_empty() {
                    self.offers.extend(offers.iter().map(|offer| offer.id.value.clone()));
                    self.tell(Callback::ResourceOffers(offers), None);
                }
            }
            Event::Rescind(offer_id) => {
                self.offers.remove(&offer_id.value);
                self.tell(Callback::OfferRescinded(offer_id), None);
            }
            Event::Update(mut status) => {
                status.uuid = status.uuid.take().filter(|uuid| !uuid.is_empty());
                self.tell(Callback::StatusUpdate(Box::new(status)), handled);
            }
            Event::Message { agent_id, executor_id, data } => {
                self.tell(Callback::FrameworkMessage { executor_id, agent_id, data }, None);
            }
            Event::AgentLost(agent_id) => self.tell(Callback::AgentLost(agent_id), None),
            Event::ExecutorExited { agent_id: Some(agent_id), executor_id, status } => {
                let status = status.unwrap_or(-1);
                self.tell(Callback::ExecutorLost { executor_id, agent_id, status }, None);
            }
            Event::ExecutorExited { agent_id: None, .. }
            | Event::InverseOffers(_)
            | Event::RescindInverseOffer(_)
            | Event::UpdateOperationStatus(_) => {}
        }
    }

    fn quiet_event(&mut self, now: Time, event: Event) {
        match event {
            Event::Offers(offers) => {
                self.decline(now, offers.into_iter().map(|offer| offer.id).collect());
            }
            Event::Disconnected { .. } => {
                self.client.handle(now, scheduler::Input::Stop { failover: true });
            }
            Event::Subscribed { .. }
            | Event::InverseOffers(_)
            | Event::Rescind(_)
            | Event::RescindInverseOffer(_)
            | Event::Update(_)
            | Event::UpdateOperationStatus(_)
            | Event::Message { .. }
            | Event::AgentLost(_)
            | Event::ExecutorExited { .. } => {}
        }
    }

    /// A call did not reach the master, or was refused; a launch must not vanish with it.
    fn not_taken(&mut self, now: Time, launched: Vec<TaskId>, error: &Error) {
        if self.state != State::Serving {
            return;
        }
        self.outputs.push_back(Output::Note(error.message.clone()));
        use TaskState::{TaskDropped, TaskError, TaskLost};
        use task_status::Reason;
        let lost = if self.partition_aware { TaskDropped } else { TaskLost };
        let (state, reason, message) = match error.kind {
            ErrorKind::Disconnected | ErrorKind::Forbidden | ErrorKind::Unavailable => {
                (lost, Reason::MasterDisconnected, "Master disconnected".to_owned())
            }
            ErrorKind::Refused | ErrorKind::InvalidCall => {
                (TaskError, Reason::TaskInvalid, error.message.clone())
            }
            ErrorKind::Busy | ErrorKind::Stopped | ErrorKind::Unauthenticated => {
                (lost, Reason::MasterDisconnected, error.message.clone())
            }
            // The master may have it: only the framework can find out, by reconciliation.
            ErrorKind::Transport
            | ErrorKind::Protocol
            | ErrorKind::SubscriptionRefused
            | ErrorKind::FailedOver
            | ErrorKind::FrameworkRemoved
            | ErrorKind::Configuration => return,
        };
        for task_id in launched {
            let status = TaskStatus {
                task_id,
                state: state.into(),
                source: Some(task_status::Source::Master.into()),
                reason: Some(reason.into()),
                message: Some(message.clone()),
                timestamp: Some(now.as_secs_f64()),
                ..Default::default()
            };
            self.tell(Callback::StatusUpdate(Box::new(status)), None);
        }
    }
}

fn is_partition_aware(framework: &FrameworkInfo) -> bool {
    let aware = i32::from(framework_info::capability::Type::PartitionAware);
    framework.capabilities.iter().any(|it| it.r#type == Some(aware))
}

/// What can be said of a master that only its `host:port` is known of.
pub fn master_at(address: &str) -> MasterInfo {
    let (host, port) = address.rsplit_once(':').unwrap_or((address, ""));
    let ip: Option<core::net::Ipv4Addr> = host.parse().ok();
    let port: u16 = port.parse().unwrap_or(5050);
    let port = u32::from(port);
    // IPv6 has brackets only where a port follows.
    let name = host.trim_matches(['[', ']']);
    MasterInfo {
        // The octets in network order, read as a little-endian number, as Mesos writes it.
        ip: ip.map_or(0, |ip| u32::from_le_bytes(ip.octets())),
        port,
        pid: Some(format!("master@{host}:{port}")),
        hostname: Some(name.to_owned()),
        address: Some(Address {
            hostname: Some(name.to_owned()),
            ip: ip.map(|ip| ip.to_string()),
            port: port.cast_signed(),
        }),
        ..Default::default()
    }
}
