// SPDX-License-Identifier: Apache-2.0

//! What goes wrong, and how it gets right again.

use std::time::Duration;

use mesos_driver::scheduler as driver;
use mesos_master_state::{Input, OperatorCall, RequestKey};

use crate::{
    event::Event,
    network::{Host, Route},
    world::{World, agent_pid},
};

/// One thing that goes wrong, or that an operator does; those that last come back as [`Event::Recover`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A process ends without a word and comes back.
    Crash(Host),
    /// An agent's machine is switched off and on: its containers end too.
    Reboot(usize),
    /// An agent's disk is lost, mostly with the machine.
    Replace(usize),
    /// An agent comes back with other attributes.
    Reconfigure(usize),
    /// One direction between two hosts carries nothing.
    Partition(Host, Host),
    /// Nothing comes from or gets to a host for long.
    CutOff(Host),
    /// A connection of the wire breaks.
    BreakWire(Host, Host),
    /// A subscription's connection breaks.
    BreakStream(usize),
    /// The connection that carries a scheduler's calls breaks.
    BreakCalls(usize),
    /// Another master is elected while the first one still thinks that it leads.
    Depose,
    /// A clock jumps ahead.
    Jump(Host),
    /// Another process subscribes as the same framework.
    Rival(usize),
    /// A scheduler stops for good.
    Stop(usize),
    /// An operator ends a framework.
    Teardown(usize),
    /// An operator says that an agent will never come back.
    MarkGone(usize),
    /// An operator ends an agent in good order.
    ShutDown(usize),
    /// An operator lets only some agents take part.
    Whitelist(usize),
}

/// So many processes of frameworks in all.
const SCHEDULERS_MAX: usize = 8;

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
            Fault::Replace(agent) => {
                self.crash(Host::Agent(agent));
                if self.rng.below(3) > 0 {
                    self.end_containers(agent);
                }
                self.agents[agent].lose_disk();
            }
            Fault::Reconfigure(agent) => {
                self.crash(Host::Agent(agent));
                self.agents[agent].reconfigure();
            }
            Fault::Partition(from, to) => {
                self.network.block(from, to);
                let lasts = match self.rng.below(3) {
                    0 => Duration::from_secs(1 + self.rng.below(200)),
                    _ => Duration::from_millis(100 + self.rng.below(20_000)),
                };
                self.queue.push(self.now + lasts, Event::Recover(fault));
            }
            Fault::CutOff(host) => {
                for master in (0..self.masters.len()).map(Host::Master) {
                    self.network.block(master, host);
                    self.network.block(host, master);
                }
                let lasts = Duration::from_secs(30 + self.rng.below(270));
                self.queue.push(self.now + lasts, Event::Recover(fault));
            }
            Fault::BreakWire(from, to) => self.break_route(Route::Wire { from, to }),
            Fault::BreakStream(scheduler) => {
                if let Some((master, stream)) = self.stream_of(scheduler) {
                    self.break_stream(master, stream);
                }
            }
            Fault::BreakCalls(scheduler) => {
                for master in 0..self.masters.len() {
                    self.break_route(Route::Calls { scheduler, master });
                }
            }
            Fault::Depose => self.depose(),
            Fault::Jump(host) => self.jump(host),
            Fault::Rival(scheduler) => self.rival(scheduler),
            Fault::Stop(scheduler) => {
                self.driver_input(scheduler, driver::Input::Stop { failover: false });
            }
            Fault::Teardown(_) | Fault::MarkGone(_) | Fault::ShutDown(_) | Fault::Whitelist(_) => {
                self.interfere(fault)
            }
        }
    }

    /// An operator does something.
    fn interfere(&mut self, fault: Fault) {
        match fault {
            Fault::Teardown(scheduler) => {
                let id = self.schedulers[scheduler].app.info.id.clone();
                if let Some(framework_id) = id {
                    self.operator(OperatorCall::Teardown { framework_id });
                }
            }
            Fault::MarkGone(agent) => {
                let Some(leader) = self.leader() else { return };
                let observer = &self.masters[leader].observer;
                let agent_id = observer.agent_at(&agent_pid(agent));
                let unreachable = || observer.any_unreachable();
                if let Some(agent_id) = agent_id.or_else(unreachable) {
                    self.operator(OperatorCall::MarkAgentGone { agent_id });
                }
            }
            Fault::ShutDown(agent) => {
                let reason = "SIGUSR1".to_owned();
                self.agent_input(agent, mesos_agent_state::Input::Shutdown { reason });
            }
            Fault::Whitelist(agent) => {
                let Some(leader) = self.leader() else { return };
                let hosts = match self.rng.below(2) {
                    0 => None,
                    _ => Some(vec![format!("agent-{agent}")]),
                };
                self.whitelist(leader, hosts);
            }
            Fault::Crash(_)
            | Fault::Reboot(_)
            | Fault::Replace(_)
            | Fault::Reconfigure(_)
            | Fault::Partition(..)
            | Fault::CutOff(_)
            | Fault::BreakWire(..)
            | Fault::BreakStream(_)
            | Fault::BreakCalls(_)
            | Fault::Depose
            | Fault::Jump(_)
            | Fault::Rival(_)
            | Fault::Stop(_) => {}
        }
    }

    fn depose(&mut self) {
        if let Some(leader) = self.leader()
            && self.masters.len() > 1
        {
            let master = 1 - leader;
            let after = Duration::from_millis(self.rng.below(3000));
            self.queue.push(self.now + after, Event::Elect { master });
        }
    }

    fn jump(&mut self, host: Host) {
        let by = match self.rng.below(3) {
            0 => Duration::from_secs(self.rng.below(3600)),
            _ => Duration::from_secs(self.rng.below(60)),
        };
        match host {
            Host::Master(master) => self.master_clock_jumps(master, by),
            Host::Agent(agent) => {
                self.agents[agent].ahead += by;
                self.agent_input(agent, mesos_agent_state::Input::Wake);
            }
            Host::Scheduler(scheduler) => {
                self.schedulers[scheduler].ahead += by;
                self.driver_input(scheduler, driver::Input::Wake);
            }
        }
    }

    /// Another process takes over a framework whose former one still runs.
    fn rival(&mut self, scheduler: usize) {
        let host = &mut self.schedulers[scheduler];
        if host.driver.is_none() || host.is_ghost || self.schedulers.len() >= SCHEDULERS_MAX {
            return;
        }
        let index = self.schedulers.len();
        let rival = self.schedulers[scheduler].hand_over();
        self.schedulers.push(rival);
        self.start_scheduler(index);
    }

    fn choose_fault(&mut self) -> Fault {
        let agent = self.rng.below(self.agents.len() as u64) as usize;
        let scheduler = self.rng.below(self.schedulers.len() as u64) as usize;
        let master = Host::Master(self.rng.below(self.masters.len() as u64) as usize);
        let other = match self.rng.below(3) {
            0 => Host::Scheduler(scheduler),
            _ => Host::Agent(agent),
        };
        let kinds = if self.plan.has_operator { 30 } else { 26 };
        match self.rng.below(kinds) {
            0..3 => Fault::Crash(master),
            3 | 4 => Fault::Crash(Host::Agent(agent)),
            5 => Fault::Reboot(agent),
            6..9 => Fault::Crash(Host::Scheduler(scheduler)),
            9..12 => match self.rng.below(2) {
                0 => Fault::Partition(master, other),
                _ => Fault::Partition(other, master),
            },
            12..15 => match self.rng.below(2) {
                0 => Fault::BreakWire(Host::Agent(agent), master),
                _ => Fault::BreakWire(master, Host::Agent(agent)),
            },
            15 | 16 => Fault::BreakStream(scheduler),
            17 => Fault::BreakCalls(scheduler),
            18 | 19 => Fault::Depose,
            20 => Fault::CutOff(other),
            21 => Fault::Reconfigure(agent),
            22 => Fault::Replace(agent),
            23 => Fault::Rival(scheduler),
            24 if self.plan.clocks_jump => Fault::Jump([master, other][self.rng.below(2) as usize]),
            24 => Fault::Crash(other),
            25 => Fault::Stop(scheduler),
            26 => Fault::Teardown(scheduler),
            27 => Fault::MarkGone(agent),
            28 => Fault::Whitelist(agent),
            _ => Fault::ShutDown(agent),
        }
    }

    fn operator(&mut self, call: OperatorCall) {
        let request = RequestKey(self.next_key());
        if let Some(leader) = self.leader() {
            self.master_input(leader, Input::Operator { request, call });
        }
    }

    /// A lasting fault is over.
    pub(crate) fn recover(&mut self, fault: Fault) {
        match fault {
            Fault::Partition(from, to) => self.heal(from, to),
            Fault::CutOff(host) => {
                for master in (0..self.masters.len()).map(Host::Master) {
                    self.heal(master, host);
                    self.heal(host, master);
                }
            }
            Fault::Crash(_)
            | Fault::Reboot(_)
            | Fault::Replace(_)
            | Fault::Reconfigure(_)
            | Fault::BreakWire(..)
            | Fault::BreakStream(_)
            | Fault::BreakCalls(_)
            | Fault::Depose
            | Fault::Jump(_)
            | Fault::Rival(_)
            | Fault::Stop(_)
            | Fault::Teardown(_)
            | Fault::MarkGone(_)
            | Fault::ShutDown(_)
            | Fault::Whitelist(_) => {}
        }
    }

    pub(crate) fn heal(&mut self, from: Host, to: Host) {
        for route in self.network.heal(from, to) {
            if self.rng.below(2) == 0 {
                match route {
                    Route::Stream { stream, master, .. } => self.break_stream(master, stream),
                    Route::Wire { .. } | Route::Calls { .. } | Route::Answers { .. } => {
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
        if let Host::Master(_) = host {
            // Whoever waits is elected, sooner than the former leader is back or later.
            for master in (0..self.masters.len()).map(Host::Master).filter(|it| *it != host) {
                let after = Duration::from_millis(500 + self.rng.below(10_000));
                self.queue.push(self.now + after, Event::Start(master));
            }
        }
    }

    /// Ends a process: its connections break, and both sides find out in their time.
    pub(crate) fn kill(&mut self, host: Host) {
        self.trace.note(self.now, || format!("{host:?} is down"));
        match host {
            Host::Master(master) => {
                self.masters[master].kill(master, &mut self.registry, &mut self.rng);
            }
            Host::Agent(agent) => {
                self.agents[agent].kill(self.now, &mut self.rng);
                self.agent_left_executors(agent);
            }
            Host::Scheduler(scheduler) => self.schedulers[scheduler].kill(),
        }
        let is_master = matches!(host, Host::Master(_));
        for other in self.hosts() {
            if is_master && self.plan.detector {
                self.detect_soon(other);
            }
            for route in self.network.routes(other, host) {
                self.break_route(route);
            }
            // What it sent may still arrive.
            if self.rng.below(2) == 0 {
                for route in self.network.routes(host, other) {
                    self.network.break_route(self.now, route);
                }
            }
        }
        let streams = match host {
            Host::Master(master) => {
                let streams = self.masters[master].streams_of(None).into_iter();
                streams.map(|stream| (master, stream)).collect()
            }
            Host::Scheduler(scheduler) => self.streams_of(scheduler),
            Host::Agent(_) => Vec::new(),
        };
        for (master, stream) in streams {
            self.break_stream(master, stream);
        }
    }

    pub(crate) fn hosts(&self) -> Vec<Host> {
        let agents = (0..self.agents.len()).map(Host::Agent);
        let schedulers = (0..self.schedulers.len()).map(Host::Scheduler);
        let masters = (0..self.masters.len()).map(Host::Master);
        masters.chain(agents).chain(schedulers).collect()
    }
}
