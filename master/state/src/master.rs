// SPDX-License-Identifier: Apache-2.0

//! The state machine's face: what goes in, what comes out, when to wake it.

use std::collections::{BTreeSet, VecDeque};

use mesos_allocator::{AgentKey, Allocator, FrameworkKey};
use mesos_core::{rng::Rng, time::Time};

use crate::{
    agents::Agents,
    calls::Unfinished,
    config::Config,
    frameworks::Frameworks,
    input::{FromAgent, Input},
    metrics::{Gauges, Metrics},
    offers::Offers,
    output::Output,
    registry::RegistrySnapshot,
    slab::Slab,
    tasks::{Task, TaskIndex},
    timers::{Timer, Timers},
    writes::Writes,
};

/// A leading master.
pub struct Master {
    pub(crate) config: Config,
    pub(crate) now: Time,
    pub(crate) rng: Rng,
    pub(crate) allocator: Allocator,
    pub(crate) agents: Agents,
    pub(crate) frameworks: Frameworks,
    pub(crate) offers: Offers,
    pub(crate) tasks: Slab<TaskIndex, Task>,
    pub(crate) next_task: u64,
    pub(crate) timers: Timers,
    pub(crate) writes: Writes,
    /// Calls of RECONCILE that are answered in part, oldest first.
    pub(crate) reconciliations: VecDeque<Unfinished>,
    pub(crate) metrics: Metrics,
    /// Agents and frameworks whose usage the views have yet to hear of.
    pub(crate) dirty_agents: BTreeSet<AgentKey>,
    pub(crate) dirty_frameworks: BTreeSet<FrameworkKey>,
    pub(crate) outputs: VecDeque<Output>,
    /// Set by `Fatal`: nothing is done any more.
    pub(crate) stopped: bool,
}

impl Master {
    /// A master that has just been elected and has read its registry.
    ///
    /// The randomness (stream ids, the allocator) follows from `seed`. Take the
    /// first outputs before the first input: they are about what was recovered.
    pub fn new(config: Config, registry: RegistrySnapshot, now: Time, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let allocator = Allocator::new(config.allocator.clone(), rng.next_u64());
        let mut master = Master {
            now,
            allocator,
            rng,
            agents: Agents::new(),
            frameworks: Frameworks::new(),
            offers: Offers::new(&config.master_info.id),
            config,
            tasks: Slab::new(),
            next_task: 0,
            timers: Timers::default(),
            writes: Writes::default(),
            reconciliations: VecDeque::new(),
            metrics: Metrics::default(),
            dirty_agents: BTreeSet::new(),
            dirty_frameworks: BTreeSet::new(),
            outputs: VecDeque::new(),
            stopped: false,
        };
        master.recover_registry(registry);
        master
    }

    /// Takes one input. Time never runs backwards: an earlier `now` is ignored.
    pub fn handle(&mut self, now: Time, input: Input) {
        self.now = self.now.max(now);
        if self.stopped {
            return;
        }
        match input {
            Input::AgentMessage { pid, message } => self.agent_message(pid, message),
            Input::AgentLinkBroken { pid } => self.agent_link_broken(&pid),
            Input::Subscribe { stream, call, stream_id, principal } => {
                self.subscribe(stream, *call, stream_id.as_deref(), principal.as_deref())
            }
            Input::SchedulerCall { request, stream_id, call, principal } => {
                self.scheduler_call(request, stream_id.as_deref(), *call, principal.as_deref())
            }
            Input::StreamClosed { stream } => self.stream_closed(stream),
            Input::RegistryStored { write } => self.registry_stored(write),
            Input::RegistryFailed { write, reason } => self.registry_failed(write, &reason),
            Input::Operator { request, call } => self.operator_call(request, call),
            Input::WhitelistChanged { hostnames } => self.whitelist_changed(hostnames),
            Input::Wake => {}
        }
        self.reconcile_on();
        self.fire_timers();
        self.allocate();
        self.report_usage();
    }

    /// The next thing to do. Take all of them after each input.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to come back with [`Input::Wake`], and what for.
    pub fn poll_timeout(&self) -> Option<(Time, &'static str)> {
        if self.stopped {
            return None;
        }
        if !self.reconciliations.is_empty() {
            return Some((self.now, "reconciliation"));
        }
        let timer = self.timers.next();
        let allocator = self.allocator.poll_timeout();
        let next = timer.into_iter().chain(allocator).min_by_key(|(time, _)| *time);
        next.filter(|(time, _)| *time < Time::NEVER)
    }

    /// The counters.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The numbers of things that are there now.
    pub fn gauges(&self) -> Gauges {
        Gauges::new(self)
    }

    fn agent_message(&mut self, pid: String, message: FromAgent) {
        match message {
            FromAgent::Register(message) => self.register_agent(pid, *message),
            FromAgent::Reregister(message) => self.reregister_agent(pid, *message),
            FromAgent::Unregister(message) => self.unregister_agent(&pid, &message),
            FromAgent::StatusUpdate(message) => self.status_update(&pid, *message),
            FromAgent::ExecutorToFramework(message) => self.executor_message(&pid, message),
            FromAgent::ExitedExecutor(message) => self.exited_executor(&pid, &message),
            FromAgent::UpdateSlave(message) => self.update_slave(&pid, *message),
            FromAgent::UpdateOperationStatus(message) => self.update_operation_status(&message),
            FromAgent::Pong { observer } => self.pong(&pid, &observer),
        }
    }

    fn fire_timers(&mut self) {
        while let Some(timer) = self.timers.pop_due(self.now) {
            if self.stopped {
                return;
            }
            match timer {
                Timer::Ping(agent) => self.ping_timer(agent),
                Timer::AgentReregister(agent) => self.agent_reregister_timer(agent),
                Timer::Removal => self.removal_timer(),
                Timer::Recovered => self.recovered_timer(),
                Timer::RegistryGc => self.registry_gc_timer(),
                Timer::Heartbeat(framework) => self.heartbeat_timer(framework),
                Timer::Failover(framework) => self.failover_timer(framework),
                Timer::Offer(offer) => self.offer_timer(offer),
            }
        }
    }

    fn allocate(&mut self) {
        if self.stopped || self.allocator.poll_timeout().is_none_or(|(at, _)| at > self.now) {
            return;
        }
        let allocations = self.allocator.allocate(self.now);
        self.metrics.allocation_runs += 1;
        self.send_offers(allocations);
    }
}
