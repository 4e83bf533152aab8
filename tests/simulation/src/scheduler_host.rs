// SPDX-License-Identifier: Apache-2.0

//! The machine of a scheduler: the driver, and the framework on top of it.

use std::{collections::BTreeMap, time::Duration};

use mesos_core::time::Time;
use mesos_driver::{
    Attempt, CallKey, SendKey,
    scheduler::{Acknowledgement, Config, Driver, Event as Heard, Input, Output, Stopped},
};
use mesos_master_state::StreamKey;
use mesos_proto::v1::{
    TaskState, TaskStatus,
    scheduler::{Call, call},
};

use crate::{
    app::App,
    event::Event,
    network::{Host, Route},
    observer::is_terminal,
    packet::Packet,
    world::World,
};

/// How long a call waits for its answer.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) struct SchedulerHost {
    pub(crate) life: u64,
    pub(crate) driver: Option<Driver>,
    pub(crate) wake: Option<Time>,
    pub(crate) app: App,
    generation: u32,
    /// Calls that wait for their answers, and from whom.
    outstanding: BTreeMap<SendKey, usize>,
    /// How far its clock is ahead of the others.
    pub(crate) ahead: Duration,
    /// Another process has taken over.
    pub(crate) is_ghost: bool,
    quiet: Quiet,
    /// Calls to suppress or revive all roles, which wait for their answers.
    wishes: BTreeMap<CallKey, bool>,
}

/// Whether the framework wants no offers at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Quiet {
    #[default]
    No,
    /// The master knows, but some may be on their way.
    Said,
    /// It was said again with the subscription that is being made.
    Repeated,
    /// With the one that stands.
    Subscribed,
}

impl SchedulerHost {
    pub(crate) fn new(app: App) -> Self {
        SchedulerHost {
            life: 0,
            driver: None,
            wake: None,
            app,
            generation: 0,
            outstanding: BTreeMap::new(),
            ahead: Duration::ZERO,
            is_ghost: false,
            quiet: Quiet::No,
            wishes: BTreeMap::new(),
        }
    }

    /// Another process takes over what this one did.
    pub(crate) fn hand_over(&mut self) -> SchedulerHost {
        let ghost = self.app.ghost();
        self.is_ghost = true;
        let app = std::mem::replace(&mut self.app, ghost);
        SchedulerHost { generation: self.generation, ..SchedulerHost::new(app) }
    }

    pub(crate) fn kill(&mut self) {
        self.driver = None;
        self.wake = None;
        self.life += 1;
        self.outstanding.clear();
        self.quiet = Quiet::No;
        self.wishes.clear();
    }
}

impl World {
    pub(crate) fn start_scheduler(&mut self, index: usize) {
        let seed = self.rng.next_u64();
        let host = &mut self.schedulers[index];
        if host.is_ghost {
            return;
        }
        let mut config = Config::new(host.app.info.clone());
        config.offer_constraints = host.app.constraints.clone();
        if host.app.explicit {
            config.acknowledgement = Acknowledgement::Explicit;
        }
        let mut driver = Driver::new(config, seed);
        driver.handle(self.now + host.ahead, Input::Start);
        host.driver = Some(driver);
        let life = host.life;
        self.drain_driver(index);
        self.detect_soon(Host::Scheduler(index));
        self.queue.push(self.now + Duration::from_secs(1), Event::Tick { scheduler: index, life });
    }

    /// Hands an input to a driver, if its process is up, and does what it wants.
    pub(crate) fn driver_input(&mut self, index: usize, input: Input) {
        let host = &mut self.schedulers[index];
        if let Input::Call { key, call } = &input {
            host.wishes_for(*key, call);
        }
        let Some(driver) = &mut host.driver else { return };
        driver.handle(self.now + host.ahead, input);
        self.drain_driver(index);
    }

    pub(crate) fn driver_input_later(
        &mut self,
        index: usize,
        life: u64,
        after: Duration,
        input: Input,
    ) {
        let event = Event::Driver { scheduler: index, life, input: Box::new(input) };
        self.queue.push(self.now + after, event);
    }

    fn drain_driver(&mut self, index: usize) {
        while let Some(output) =
            self.schedulers[index].driver.as_mut().and_then(Driver::poll_output)
        {
            self.driver_output(index, output);
        }
        let host = &self.schedulers[index];
        let (life, timeout) = (host.life, host.driver.as_ref().and_then(Driver::poll_timeout));
        self.plan_wake(Host::Scheduler(index), life, timeout);
    }

    fn driver_output(&mut self, index: usize, output: Output) {
        let life = self.schedulers[index].life;
        match output {
            Output::Subscribe { attempt, call, master } => {
                let Some(master) = master_at(&master) else { return };
                let quiet = &mut self.schedulers[index].quiet;
                *quiet = if *quiet == Quiet::No { Quiet::No } else { Quiet::Repeated };
                let stream = StreamKey(self.next_key());
                let route = Route::Calls { scheduler: index, master };
                self.send(route, Packet::Subscribe { life, attempt, stream, call });
            }
            Output::Disconnect { attempt } => {
                for (master, stream) in self.streams_of(index) {
                    self.disconnect(master, stream, life, attempt);
                }
            }
            Output::Send { send, stream_id, call, master } => {
                let Some(master) = master_at(&master) else { return };
                self.schedulers[index].outstanding.insert(send, master);
                let route = Route::Calls { scheduler: index, master };
                self.send(route, Packet::Call { life, send, stream_id, call });
                let input = Input::CallFailed { send, reason: "no answer".to_owned() };
                self.driver_input_later(index, life, CALL_TIMEOUT, input);
            }
            Output::Event { event, handled } => {
                self.heard(index, *event);
                if let Some(update) = handled
                    && self.rng.below(40) > 0
                {
                    let takes = if self.plan.bursts { 3000 } else { 300 };
                    let after = Duration::from_millis(self.rng.below(takes));
                    self.driver_input_later(index, life, after, Input::Handled(*update));
                }
            }
            Output::Answered { key, result } => {
                self.schedulers[index].wish_answered(key, result.is_ok());
                if let Err(error) = result {
                    self.trace.note(self.now, || format!("scheduler {index}: call: {error}"));
                }
            }
            Output::Note(text) => {
                self.trace.note(self.now, || format!("scheduler {index} log: {text}"));
            }
            Output::Ended(Ok(stopped)) => self.driver_stopped(index, stopped),
            Output::Ended(Err(error)) => self.driver_failed(index, &error.to_string()),
        }
    }

    /// The driver has been stopped.
    fn driver_stopped(&mut self, index: usize, stopped: Stopped) {
        self.trace.note(self.now, || format!("scheduler {index} stopped: {stopped:?}"));
        self.kill(Host::Scheduler(index));
        if stopped == Stopped::TornDown {
            self.next_framework(index);
        }
        self.queue.push(self.now + Duration::from_secs(1), Event::Start(Host::Scheduler(index)));
    }

    /// The framework is over: removed while it was away. Another one begins.
    fn driver_failed(&mut self, index: usize, error: &str) {
        self.trace.note(self.now, || format!("scheduler {index} ended: {error}"));
        let known = [
            "Framework has been removed",
            "Framework failed over",
            "Framework disconnected",
            "TEARDOWN was answered with",
        ];
        if !known.iter().any(|text| error.contains(text)) {
            self.violate(format!("scheduler {index} ends with '{error}'"));
        }
        self.kill(Host::Scheduler(index));
        if error.contains("removed") {
            self.next_framework(index);
        }
        self.queue.push(self.now + Duration::from_secs(1), Event::Start(Host::Scheduler(index)));
    }

    fn next_framework(&mut self, index: usize) {
        let host = &mut self.schedulers[index];
        let settling = host.app.settling;
        host.generation += 1;
        host.app.abandon();
        host.app = App::new(index, host.generation, &mut self.rng);
        host.app.settling = settling;
    }

    fn heard(&mut self, index: usize, event: Heard) {
        let app = &mut self.schedulers[index].app;
        match event {
            Heard::Subscribed { framework_id, .. } => {
                app.info.id = Some(framework_id);
                let call = app.reconcile();
                let host = &mut self.schedulers[index];
                if host.quiet == Quiet::Repeated {
                    host.quiet = Quiet::Subscribed;
                }
                self.call_later(index, call);
            }
            Heard::Offers(offers) => {
                let calls = app.offers(offers, &mut self.rng);
                let again = std::mem::take(&mut app.reused_now);
                let id = app.info.id.clone();
                for task in again {
                    // A rival process of the framework may hear of the second task too.
                    let rivals = self.schedulers.iter_mut().filter(|it| it.app.info.id == id);
                    rivals.for_each(|rival| rival.app.launched_again(&task));
                    self.reused.insert((id.clone().unwrap_or_default().value, task));
                }
                if self.schedulers[index].quiet == Quiet::Subscribed {
                    self.violate(format!("scheduler {index} is offered what it suppressed"));
                }
                for call in calls {
                    self.call_later(index, Some(call));
                }
            }
            Heard::Update(status) => {
                let checked = app.update(&status);
                let calls = match app.explicit {
                    true => app.acknowledgements(&status, &mut self.rng),
                    false => Vec::new(),
                };
                if let Err(text) = checked {
                    self.violate(text);
                }
                self.check_said(index, &status);
                calls.into_iter().for_each(|call| self.call_later(index, Some(call)));
            }
            Heard::Disconnected { reason } => {
                self.trace
                    .note(self.now, || format!("scheduler {index} lost its master: {reason}"));
            }
            Heard::InverseOffers(_)
            | Heard::Rescind(_)
            | Heard::RescindInverseOffer(_)
            | Heard::UpdateOperationStatus(_)
            | Heard::Message { .. }
            | Heard::AgentLost(_)
            | Heard::ExecutorExited { .. } => {}
        }
    }

    /// Whether anything may be told of a task of a framework.
    pub(crate) fn is_excused(&self, name: &(String, String)) -> bool {
        self.reused.contains(name)
            || self.schedulers.iter().any(|scheduler| {
                let id = scheduler.app.info.id.as_ref().map(|id| id.value.as_str());
                scheduler.app.excused && id == Some(&name.0)
            })
    }

    /// What an executor said of its task is what its framework hears, in order.
    fn check_said(&mut self, index: usize, status: &TaskStatus) {
        let id = self.schedulers[index].app.info.id.clone().unwrap_or_default().value;
        let name = (id, status.task_id.value.clone());
        if status.uuid.is_none() || self.is_excused(&name) {
            return;
        }
        if let Err(text) = self.reports.heard(&name, status) {
            self.violate(text);
        }
        if let Some(said) = self.said.get(&name)
            && is_own_end(status.state())
            && *said != status.state()
        {
            let (said, heard) = (said.as_str_name(), status.state().as_str_name());
            self.violate(format!("task {} is {said}, but {heard} is told", name.1));
        }
    }

    /// Makes a call after some thought.
    fn call_later(&mut self, index: usize, call: Option<Call>) {
        let Some(call) = call else { return };
        let after = match self.rng.below(20) {
            0 => Duration::from_millis(self.rng.below(20_000)),
            _ => Duration::from_millis(self.rng.below(50)),
        };
        let life = self.schedulers[index].life;
        let key = CallKey(self.next_key());
        let input = Input::Call { key, call: Box::new(call) };
        self.driver_input_later(index, life, after, input);
    }

    pub(crate) fn tick(&mut self, index: usize) {
        let host = &mut self.schedulers[index];
        let life = host.life;
        let storm = if self.rng.below(40) == 0 { 30 } else { 1 };
        for _ in 0..storm {
            let call = match storm {
                1 => self.schedulers[index].app.tick(&mut self.rng),
                _ => self.schedulers[index].app.reconcile(),
            };
            self.call_later(index, call);
        }
        let pause = Duration::from_millis(500 + self.rng.below(10_000));
        self.queue.push(self.now + pause, Event::Tick { scheduler: index, life });
    }

    pub(crate) fn stream_failed(&mut self, index: usize, life: u64, attempt: Attempt, why: &str) {
        let after = Duration::from_micros(100 + self.rng.below(5000));
        let input = Input::StreamFailed { attempt, reason: why.to_owned() };
        self.driver_input_later(index, life, after, input);
    }

    /// The connection for calls broke: what was not answered will not be.
    pub(crate) fn calls_failed(&mut self, index: usize, master: usize) {
        let host = &mut self.schedulers[index];
        let life = host.life;
        let all = std::mem::take(&mut host.outstanding).into_iter();
        let (lost, rest): (BTreeMap<_, _>, _) = all.partition(|(_, to)| *to == master);
        host.outstanding = rest;
        for send in lost.into_keys() {
            let after = Duration::from_micros(100 + self.rng.below(5000));
            let input = Input::CallFailed { send, reason: "the connection broke".to_owned() };
            self.driver_input_later(index, life, after, input);
        }
    }

    /// A packet for a scheduler's machine.
    pub(crate) fn arrives_at_scheduler(&mut self, index: usize, packet: Packet) {
        let host = &mut self.schedulers[index];
        let (life, input) = match packet {
            Packet::Answer { life, send, status, body } => {
                host.outstanding.remove(&send);
                (life, Input::CallAnswered { send, status, body })
            }
            Packet::Opened { life, attempt, stream_id } => {
                (life, Input::StreamOpened { attempt, stream_id: Some(stream_id) })
            }
            Packet::Refused { life, attempt, status, location, body } => {
                (life, Input::StreamRefused { attempt, status, location, body })
            }
            Packet::Event { life, attempt, event } => (life, Input::Record { attempt, event }),
            Packet::End { life, attempt } => {
                (life, Input::StreamFailed { attempt, reason: "end of stream".to_owned() })
            }
            Packet::ToMaster { .. }
            | Packet::ToAgent { .. }
            | Packet::Ping { .. }
            | Packet::Subscribe { .. }
            | Packet::Call { .. } => unreachable!("not for a scheduler: {}", packet.label()),
        };
        if life == host.life {
            self.driver_input(index, input);
        }
    }
}

impl SchedulerHost {
    /// Notes that a call, once it is taken, changes whether offers are wanted.
    fn wishes_for(&mut self, key: CallKey, call: &Call) {
        match call.r#type() {
            call::Type::Suppress => {
                if call.suppress.as_ref().is_some_and(|suppress| suppress.roles.is_empty()) {
                    self.wishes.insert(key, true);
                }
            }
            call::Type::Revive | call::Type::UpdateFramework => {
                self.quiet = Quiet::No;
                self.wishes.clear();
            }
            call::Type::Unknown
            | call::Type::Subscribe
            | call::Type::Teardown
            | call::Type::Accept
            | call::Type::Decline
            | call::Type::AcceptInverseOffers
            | call::Type::DeclineInverseOffers
            | call::Type::Kill
            | call::Type::Shutdown
            | call::Type::Acknowledge
            | call::Type::AcknowledgeOperationStatus
            | call::Type::Reconcile
            | call::Type::ReconcileOperations
            | call::Type::Message
            | call::Type::Request => {}
        }
    }

    fn wish_answered(&mut self, key: CallKey, taken: bool) {
        if self.wishes.remove(&key).is_some() && taken {
            self.quiet = Quiet::Said;
        }
    }
}

/// Whether a state is an end that a task itself comes to.
fn is_own_end(state: TaskState) -> bool {
    is_terminal(state)
        && ![
            TaskState::TaskError,
            TaskState::TaskLost,
            TaskState::TaskDropped,
            TaskState::TaskGone,
            TaskState::TaskGoneByOperator,
        ]
        .contains(&state)
}

/// The number of the master at an address.
fn master_at(address: &str) -> Option<usize> {
    address.strip_prefix("10.0.0.")?.strip_suffix(":5050")?.parse().ok()
}
