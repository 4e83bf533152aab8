// SPDX-License-Identifier: Apache-2.0

//! The machine of a scheduler: the driver, and the framework on top of it.

use std::{collections::BTreeSet, time::Duration};

use mesos_core::time::Time;
use mesos_driver::{
    Attempt, CallKey, SendKey,
    scheduler::{Config, Driver, Event as Heard, Input, Output},
};
use mesos_master_state::StreamKey;
use mesos_proto::v1::scheduler::Call;

use crate::{
    app::App,
    event::Event,
    network::{Host, Route},
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
    /// Calls that wait for their answers.
    outstanding: BTreeSet<SendKey>,
}

impl SchedulerHost {
    pub(crate) fn new(app: App) -> Self {
        SchedulerHost {
            life: 0,
            driver: None,
            wake: None,
            app,
            generation: 0,
            outstanding: BTreeSet::new(),
        }
    }

    pub(crate) fn kill(&mut self) {
        self.driver = None;
        self.wake = None;
        self.life += 1;
        self.outstanding.clear();
    }
}

impl World {
    pub(crate) fn start_scheduler(&mut self, index: usize) {
        let seed = self.rng.next_u64();
        let host = &mut self.schedulers[index];
        let mut driver = Driver::new(Config::new(host.app.info.clone()), seed);
        driver.handle(self.now, Input::Start);
        host.driver = Some(driver);
        let life = host.life;
        self.drain_driver(index);
        self.detect_soon(Host::Scheduler(index));
        self.queue.push(self.now + Duration::from_secs(1), Event::Tick { scheduler: index, life });
    }

    /// Hands an input to a driver, if its process is up, and does what it wants.
    pub(crate) fn driver_input(&mut self, index: usize, input: Input) {
        let Some(driver) = &mut self.schedulers[index].driver else { return };
        driver.handle(self.now, input);
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
            Output::Subscribe { attempt, call, .. } => {
                let stream = StreamKey(self.next_key());
                self.send(Route::Calls(index), Packet::Subscribe { life, attempt, stream, call });
            }
            Output::Disconnect { attempt } => {
                for stream in self.master.streams_of(Host::Scheduler(index)) {
                    self.disconnect(stream, life, attempt);
                }
            }
            Output::Send { send, stream_id, call, .. } => {
                self.schedulers[index].outstanding.insert(send);
                self.send(Route::Calls(index), Packet::Call { life, send, stream_id, call });
                let input = Input::CallFailed { send, reason: "no answer".to_owned() };
                self.driver_input_later(index, life, CALL_TIMEOUT, input);
            }
            Output::Event { event, handled } => {
                self.heard(index, *event);
                if let Some(update) = handled
                    && self.rng.below(40) > 0
                {
                    let after = Duration::from_millis(self.rng.below(300));
                    self.driver_input_later(index, life, after, Input::Handled(*update));
                }
            }
            Output::Answered { result, .. } => {
                if let Err(error) = result {
                    self.trace.note(self.now, || format!("scheduler {index}: call: {error}"));
                }
            }
            Output::Note(text) => {
                self.trace.note(self.now, || format!("scheduler {index} log: {text}"));
            }
            Output::Ended(result) => self.driver_ended(index, result.err().map(|e| e.to_string())),
        }
    }

    /// The framework is over: removed while it was away. Another one begins.
    fn driver_ended(&mut self, index: usize, error: Option<String>) {
        let error = error.unwrap_or_default();
        self.trace.note(self.now, || format!("scheduler {index} ended: {error}"));
        let known =
            ["Framework has been removed", "Framework failed over", "Framework disconnected"];
        if !known.iter().any(|text| error.contains(text)) {
            self.violate(format!("scheduler {index} ends with '{error}'"));
        }
        self.kill(Host::Scheduler(index));
        let host = &mut self.schedulers[index];
        if error.contains("removed") {
            let settling = host.app.settling;
            host.generation += 1;
            host.app.abandon();
            host.app = App::new(index, host.generation, &mut self.rng);
            host.app.settling = settling;
        }
        self.queue.push(self.now + Duration::from_secs(1), Event::Start(Host::Scheduler(index)));
    }

    fn heard(&mut self, index: usize, event: Heard) {
        let app = &mut self.schedulers[index].app;
        match event {
            Heard::Subscribed { framework_id, .. } => {
                app.info.id = Some(framework_id);
                let call = app.reconcile();
                self.call_later(index, call);
            }
            Heard::Offers(offers) => {
                let calls = app.offers(offers, &mut self.rng);
                for call in calls {
                    self.call_later(index, Some(call));
                }
            }
            Heard::Update(status) => {
                if let Err(text) = app.update(&status) {
                    self.violate(text);
                }
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

    /// Makes a call after some thought.
    fn call_later(&mut self, index: usize, call: Option<Call>) {
        let Some(call) = call else { return };
        let after = match self.rng.below(20) {
            0 => Duration::from_millis(self.rng.below(20_000)),
            _ => Duration::from_millis(self.rng.below(50)),
        };
        let life = self.schedulers[index].life;
        let input = Input::Call { key: CallKey(self.next_key()), call: Box::new(call) };
        self.driver_input_later(index, life, after, input);
    }

    pub(crate) fn tick(&mut self, index: usize) {
        let host = &mut self.schedulers[index];
        let life = host.life;
        let call = host.app.tick(&mut self.rng);
        self.call_later(index, call);
        let pause = Duration::from_millis(500 + self.rng.below(10_000));
        self.queue.push(self.now + pause, Event::Tick { scheduler: index, life });
    }

    pub(crate) fn stream_failed(&mut self, index: usize, life: u64, attempt: Attempt, why: &str) {
        let after = Duration::from_micros(100 + self.rng.below(5000));
        let input = Input::StreamFailed { attempt, reason: why.to_owned() };
        self.driver_input_later(index, life, after, input);
    }

    /// The connection for calls broke: what was not answered will not be.
    pub(crate) fn calls_failed(&mut self, index: usize) {
        let life = self.schedulers[index].life;
        let lost = std::mem::take(&mut self.schedulers[index].outstanding);
        for send in lost {
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
            Packet::Refused { life, attempt, status, body } => {
                (life, Input::StreamRefused { attempt, status, location: None, body })
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
