// SPDX-License-Identifier: Apache-2.0

//! What goes wrong, and how it gets right again.

use std::time::Duration;

use mesos_master_state::{Input, OperatorCall, RequestKey, StreamKey};

use crate::{
    event::Event,
    network::{Host, Route},
    world::World,
};

/// One thing that goes wrong, or that an operator does; those that last come back as [`Event::Recover`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A process ends without a word and comes back.
    Crash(Host),
    /// An agent's machine is switched off and on: its containers end too.
    Reboot(usize),
    /// One direction between two hosts carries nothing.
    Partition(Host, Host),
    /// A connection of the wire breaks.
    BreakWire(Host, Host),
    /// A subscription's connection breaks.
    BreakStream(usize),
    /// The connection that carries a scheduler's calls breaks.
    BreakCalls(usize),
    /// An operator ends a framework.
    Teardown(usize),
    /// An operator says that an agent will never come back.
    MarkGone(usize),
    /// An operator ends an agent in good order.
    ShutDown(usize),
}

impl World {
    /// Something goes wrong, and the next thing is planned.
    pub(crate) fn any_fault(&mut self) {
        if self.settling {
            return;
        }
        let pause = Duration::from_millis(200 + self.rng.below(self.plan.fault_gap_millis));
        self.queue.push(self.now + pause, Event::Fault);
        let fault = self.choose_fault();
        self.trace.note(self.now, || format!("FAULT {fault:?}"));
        match fault {
            Fault::Crash(host) => self.crash(host),
            Fault::Reboot(agent) => {
                self.crash(Host::Agent(agent));
                self.end_containers(agent);
            }
            Fault::Partition(from, to) => {
                self.network.block(from, to);
                let lasts = match self.rng.below(3) {
                    0 => Duration::from_secs(1 + self.rng.below(200)),
                    _ => Duration::from_millis(100 + self.rng.below(20_000)),
                };
                self.queue.push(self.now + lasts, Event::Recover(fault));
            }
            Fault::BreakWire(from, to) => self.break_route(Route::Wire { from, to }),
            Fault::BreakStream(scheduler) => {
                if let Some(stream) = self.stream_of(scheduler) {
                    self.break_stream(stream);
                }
            }
            Fault::BreakCalls(scheduler) => self.break_route(Route::Calls(scheduler)),
            Fault::Teardown(scheduler) => {
                let id = self.schedulers[scheduler].app.info.id.clone();
                if let Some(framework_id) = id {
                    self.operator(OperatorCall::Teardown { framework_id });
                }
            }
            Fault::MarkGone(agent) => {
                let pid = format!("slave(1)@10.0.1.{agent}:5051");
                if let Some(agent_id) = self.master.observer.agent_at(&pid) {
                    self.operator(OperatorCall::MarkAgentGone { agent_id });
                }
            }
            Fault::ShutDown(agent) => {
                let reason = "SIGUSR1".to_owned();
                self.agent_input(agent, mesos_agent_state::Input::Shutdown { reason });
            }
        }
    }

    fn choose_fault(&mut self) -> Fault {
        let agent = self.rng.below(self.agents.len() as u64) as usize;
        let scheduler = self.rng.below(self.schedulers.len() as u64) as usize;
        let other = match self.rng.below(3) {
            0 => Host::Scheduler(scheduler),
            _ => Host::Agent(agent),
        };
        match self.rng.below(if self.plan.has_operator { 15 } else { 12 }) {
            0 | 1 => Fault::Crash(Host::Master),
            2 => Fault::Crash(Host::Agent(agent)),
            3 => Fault::Reboot(agent),
            4 | 5 => Fault::Crash(Host::Scheduler(scheduler)),
            6 | 7 => match self.rng.below(2) {
                0 => Fault::Partition(Host::Master, other),
                _ => Fault::Partition(other, Host::Master),
            },
            8 | 9 => match self.rng.below(2) {
                0 => Fault::BreakWire(Host::Agent(agent), Host::Master),
                _ => Fault::BreakWire(Host::Master, Host::Agent(agent)),
            },
            10 => Fault::BreakStream(scheduler),
            11 => Fault::BreakCalls(scheduler),
            12 => Fault::Teardown(scheduler),
            13 => Fault::MarkGone(agent),
            _ => Fault::ShutDown(agent),
        }
    }

    fn operator(&mut self, call: OperatorCall) {
        let request = RequestKey(self.next_key());
        self.master_input(Input::Operator { request, call });
    }

    /// A lasting fault is over.
    pub(crate) fn recover(&mut self, fault: Fault) {
        match fault {
            Fault::Partition(from, to) => self.heal(from, to),
            Fault::Crash(_)
            | Fault::Reboot(_)
            | Fault::BreakWire(..)
            | Fault::BreakStream(_)
            | Fault::BreakCalls(_)
            | Fault::Teardown(_)
            | Fault::MarkGone(_)
            | Fault::ShutDown(_) => {}
        }
    }

    pub(crate) fn heal(&mut self, from: Host, to: Host) {
        for route in self.network.heal(from, to) {
            if self.rng.below(2) == 0 {
                match route {
                    Route::Stream(stream, _) => self.break_stream(stream),
                    Route::Wire { .. } | Route::Calls(_) | Route::Answers(_) => {
                        self.break_route(route);
                    }
                }
                continue;
            }
            for packet in self.network.take_held(route) {
                self.deliver(route, packet);
            }
        }
    }

    /// A process ends without a word, and will be started again.
    pub(crate) fn crash(&mut self, host: Host) {
        if !self.is_alive(host) {
            return;
        }
        self.kill(host);
        let down = match self.rng.below(10) {
            0 => Duration::from_secs(60 + self.rng.below(120)),
            1..4 => Duration::from_secs(1 + self.rng.below(30)),
            _ => Duration::from_millis(50 + self.rng.below(2000)),
        };
        self.queue.push(self.now + down, Event::Start(host));
    }

    /// Ends a process: its connections break, and both sides find out in their time.
    pub(crate) fn kill(&mut self, host: Host) {
        self.trace.note(self.now, || format!("{host:?} is down"));
        match host {
            Host::Master => self.master.kill(&mut self.rng),
            Host::Agent(agent) => {
                self.agents[agent].kill(self.now, &mut self.rng);
                self.agent_left_executors(agent);
            }
            Host::Scheduler(scheduler) => self.schedulers[scheduler].kill(),
        }
        for other in self.hosts() {
            if host == Host::Master && self.plan.detector {
                self.detect_soon(other);
            }
            for route in self.network.routes(other, host) {
                self.break_route(route);
            }
            // What it sent may still arrive.
            if self.rng.below(2) == 0 {
                for route in self.network.routes(host, other) {
                    self.network.break_route(route);
                }
            }
        }
        let streams: Vec<StreamKey> = self.master.streams_of(host);
        for stream in streams {
            self.break_stream(stream);
        }
    }

    pub(crate) fn hosts(&self) -> Vec<Host> {
        let agents = (0..self.agents.len()).map(Host::Agent);
        let schedulers = (0..self.schedulers.len()).map(Host::Scheduler);
        [Host::Master].into_iter().chain(agents).chain(schedulers).collect()
    }
}
