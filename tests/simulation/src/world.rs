// SPDX-License-Identifier: Apache-2.0

//! The cluster: processes, network and clock, and what happens next.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use mesos_core::{rng::Rng, time::Time};
use mesos_driver::{Attempt, scheduler as driver};
use mesos_master_state::{self as master, OperatorCall, RateLimit, RequestKey, StreamKey};
use mesos_proto::v1::{FrameworkId, TaskState};

use crate::{
    Failure, Summary,
    agent_host::AgentHost,
    app::App,
    event::Event,
    executor_host::{Executor, Place},
    master_host::MasterHost,
    network::{Host, Network, Route},
    packet::{self, Packet},
    queue::Queue,
    registry::Registry,
    reports::Reports,
    scheduler_host::SchedulerHost,
    trace::Trace,
};

/// Where a master listens.
pub(crate) fn master_address(index: usize) -> String {
    format!("10.0.0.{index}:5050")
}

/// The wire's name of a master.
pub(crate) fn master_pid(index: usize) -> String {
    format!("master@{}", master_address(index))
}

/// The wire's name of an agent.
pub(crate) fn agent_pid(index: usize) -> String {
    format!("slave(1)@10.0.1.{index}:5051")
}

/// When every run begins.
const START: Time = Time::from_nanos(1_795_400_000_000_000_000);

/// After the faults everything has to be in order within this time.
const SETTLE_MAX: Duration = Duration::from_secs(3600);

/// How often what must not last is looked at.
const AUDIT_GAP: Duration = Duration::from_secs(1);

/// No run has more events than this, unless something runs in circles.
const EVENTS_MAX: u64 = 1_000_000;

/// So many events at one moment mean that the cluster is running in circles.
const AT_ONCE_MAX: u32 = 100_000;

/// In one run in so many, this one first, executors say more than their agents have room for.
const BURSTS_IN: u64 = 8;
const BURSTS_FIRST: u64 = 3;

/// What kind of run a seed stands for.
#[derive(Debug)]
pub(crate) struct Plan {
    masters: usize,
    agents: usize,
    schedulers: usize,
    /// How long things go wrong.
    unrest: Duration,
    pub(crate) fault_gap_millis: u64,
    pub(crate) agent_reregister_timeout: Duration,
    /// Whether masters are found by a detector that knows when none leads.
    pub(crate) detector: bool,
    /// One packet in so many comes twice, if it may.
    twice_in: u64,
    pub(crate) offer_timeout: Option<Duration>,
    /// Whether an operator interferes.
    pub(crate) has_operator: bool,
    /// The registry does not outlive a master.
    pub(crate) forgetful: bool,
    /// One registry write in so many fails.
    pub(crate) write_fails_in: u64,
    /// One checkpoint in so many fails.
    pub(crate) checkpoint_fails_in: u64,
    /// One broken connection in so many goes unnoticed at one end.
    pub(crate) unnoticed_in: u64,
    pub(crate) removal_rate_limit: Option<RateLimit>,
    /// Whether agents that are gone are soon forgotten.
    pub(crate) prunes: bool,
    pub(crate) gc_delay: Duration,
    pub(crate) executor_registration_timeout: Duration,
    /// Whether clocks jump.
    pub(crate) clocks_jump: bool,
    /// Whether tasks exist that never end by themselves.
    pub(crate) has_services: bool,
    /// Executors make many updates at once, agents have little room for them, and
    /// schedulers acknowledge late.
    pub(crate) bursts: bool,
}

impl Plan {
    fn new(seed: u64, rng: &mut Rng) -> Self {
        let detector = rng.below(2) == 0;
        let masters = if detector { 1 + rng.below(2) as usize } else { 1 };
        let one_in = |rng: &mut Rng, chance: u64, often: u64| match rng.below(chance) {
            0 => often,
            _ => u64::MAX,
        };
        let limit = RateLimit { permits: 1, period: Duration::from_secs(20) };
        Plan {
            masters,
            detector,
            forgetful: masters == 1 && rng.below(10) == 0,
            write_fails_in: one_in(rng, 4, 30),
            checkpoint_fails_in: one_in(rng, 6, 100),
            unnoticed_in: one_in(rng, 2, 6),
            removal_rate_limit: [Some(limit), None, None][rng.below(3) as usize],
            prunes: rng.below(4) == 0,
            gc_delay: Duration::from_secs([604_800, 20][rng.below(2) as usize]),
            executor_registration_timeout: Duration::from_secs([60, 5][rng.below(2) as usize]),
            clocks_jump: rng.below(5) == 0,
            has_services: rng.below(2) == 0,
            agents: 1 + rng.below(4) as usize,
            schedulers: 1 + rng.below(3) as usize,
            unrest: Duration::from_secs(60 + rng.below(600)),
            fault_gap_millis: [2_000, 20_000, 100_000][rng.below(3) as usize],
            agent_reregister_timeout: Duration::from_secs([600, 120][rng.below(2) as usize]),
            twice_in: [20, 1_000_000][rng.below(2) as usize],
            offer_timeout: [None, Some(Duration::from_secs(3))][rng.below(2) as usize],
            has_operator: rng.below(3) == 0,
            bursts: seed % BURSTS_IN == BURSTS_FIRST,
        }
    }
}

/// A whole cluster in one value.
pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) rng: Rng,
    pub(crate) queue: Queue<Event>,
    pub(crate) trace: Trace,
    pub(crate) plan: Plan,
    pub(crate) network: Network,
    pub(crate) masters: Vec<MasterHost>,
    pub(crate) registry: Registry,
    /// How often a master was elected.
    pub(crate) elections: u64,
    pub(crate) agents: Vec<AgentHost>,
    pub(crate) schedulers: Vec<SchedulerHost>,
    pub(crate) executors: BTreeMap<Place, Executor>,
    /// Who wants to know when the connection to whom breaks.
    links: BTreeSet<(Host, Host)>,
    /// Every task that was ever started: framework and task.
    pub(crate) launched: BTreeSet<(String, String)>,
    /// What executors have said last of their tasks, when it counts.
    pub(crate) said: BTreeMap<(String, String), TaskState>,
    /// What executors have made known of their tasks.
    pub(crate) reports: Reports,
    /// Tasks that were launched again under the same id.
    pub(crate) reused: BTreeSet<(String, String)>,
    /// No more faults.
    pub(crate) settling: bool,
    violation: Option<String>,
    keys: u64,
    events: u64,
}

impl World {
    pub(crate) fn new(seed: u64, traced: bool) -> Self {
        let mut rng = Rng::new(seed);
        let plan = Plan::new(seed, &mut rng);
        let masters = (0..plan.masters).map(|_| MasterHost::default()).collect();
        let agents = (0..plan.agents).map(|index| AgentHost::new(index, &plan)).collect();
        let schedulers = (0..plan.schedulers)
            .map(|index| SchedulerHost::new(App::new(index, 0, &mut rng)))
            .collect();
        let mut world = World {
            now: START,
            rng,
            queue: Queue::new(),
            trace: Trace::new(START, traced),
            plan,
            network: Network::default(),
            masters,
            registry: Registry::default(),
            elections: 0,
            agents,
            schedulers,
            executors: BTreeMap::new(),
            links: BTreeSet::new(),
            launched: BTreeSet::new(),
            said: BTreeMap::new(),
            reports: Reports::default(),
            reused: BTreeSet::new(),
            settling: false,
            violation: None,
            keys: 0,
            events: 0,
        };
        world.trace.note(START, || format!("{:?}", world.plan));
        for host in world.hosts() {
            let after = Duration::from_millis(world.rng.below(3000));
            world.queue.push(START + after, Event::Start(host));
        }
        world.queue.push(START + Duration::from_secs(5), Event::Fault);
        world.queue.push(START + world.plan.unrest, Event::Settle);
        world.queue.push(START + AUDIT_GAP, Event::Audit);
        world
    }

    /// Lets it all happen.
    pub(crate) fn run(mut self, seed: u64) -> Result<Summary, Failure> {
        let (mut at_once, mut last) = (0, self.now);
        while let Some((at, event)) = self.queue.pop() {
            self.now = at;
            at_once = if at == last { at_once + 1 } else { 0 };
            last = at;
            self.events += 1;
            if at_once > AT_ONCE_MAX || self.events > EVENTS_MAX {
                self.violate("the cluster runs in circles".to_owned());
            }
            if matches!(event, Event::Inspect) && self.inspect() {
                let seconds = self.now.since(START).as_secs_f64();
                let tasks = self.launched.len();
                let trace = self.trace.take();
                return Ok(Summary { events: self.events, seconds, tasks, trace });
            }
            self.happen(event);
            if let Some(what) = self.violation.take() {
                let seconds = self.now.since(START).as_secs_f64();
                return Err(Failure { seed, seconds, what, trace: self.trace.take() });
            }
        }
        unreachable!("an inspection is always planned")
    }

    /// Something is wrong with the cluster; only the first such thing counts.
    pub(crate) fn violate(&mut self, what: String) {
        self.trace.note(self.now, || format!("VIOLATION {what}"));
        self.violation.get_or_insert(what);
    }

    pub(crate) fn next_key(&mut self) -> u64 {
        self.keys += 1;
        self.keys
    }

    fn happen(&mut self, event: Event) {
        if let Some(label) = event.label() {
            self.trace.note(self.now, || label);
        }
        match event {
            Event::Arrive { route, epoch, packet } => self.arrive(route, epoch, packet),
            Event::Master { master, life, input } if life == self.masters[master].life => {
                self.master_input(master, *input);
            }
            Event::Agent { agent, life, input } if life == self.agents[agent].life => {
                self.agent_input(agent, *input);
            }
            Event::Driver { scheduler, life, input } if life == self.schedulers[scheduler].life => {
                self.driver_input(scheduler, *input);
            }
            Event::Wake { host, life } => self.wake(host, life),
            Event::Detect { host, life } => self.detect(host, life),
            Event::RegistryStored { master, life } if life == self.masters[master].life => {
                self.registry_stored(master);
            }
            Event::Abdicate { master, life } if life == self.masters[master].life => {
                self.abdicate(master);
            }
            Event::Elect { master } => self.takes_over(master),
            Event::KillDue { agent, life, container } if life == self.agents[agent].life => {
                self.kill_due(agent, &container);
            }
            Event::Audit => self.audit(),
            Event::CheckpointStored { agent, life } if life == self.agents[agent].life => {
                self.checkpoint_stored(agent);
            }
            Event::Start(host) if !self.is_alive(host) => self.start(host),
            Event::ContainerStarts { agent, container } => self.container_starts(agent, container),
            Event::ContainerFails { agent, container } => self.container_fails(agent, container),
            Event::ContainerEnds { agent, container, status } => {
                self.container_ends(agent, container, status);
            }
            Event::Tick { scheduler, life } if life == self.schedulers[scheduler].life => {
                self.tick(scheduler);
            }
            Event::Executor { place, deed } => self.executor_does(&place, deed),
            Event::Fault => self.any_fault(),
            Event::Recover(fault) => self.recover(fault),
            Event::Settle => self.settle(),
            Event::Inspect => {
                self.queue.push(self.now + Duration::from_secs(10), Event::Inspect);
            }
            // Meant for a former life of a process, which heard of it no more.
            Event::Master { .. }
            | Event::Agent { .. }
            | Event::Driver { .. }
            | Event::RegistryStored { .. }
            | Event::Abdicate { .. }
            | Event::KillDue { .. }
            | Event::CheckpointStored { .. }
            | Event::Start(_)
            | Event::Tick { .. } => {}
        }
    }

    pub(crate) fn is_alive(&self, host: Host) -> bool {
        match host {
            Host::Master(master) => self.masters[master].core.is_some(),
            Host::Agent(agent) => self.agents[agent].core.is_some(),
            Host::Scheduler(scheduler) => self.schedulers[scheduler].driver.is_some(),
        }
    }

    fn start(&mut self, host: Host) {
        match host {
            Host::Master(master) => self.start_master(master),
            Host::Agent(agent) => self.start_agent(agent),
            Host::Scheduler(scheduler) => self.start_scheduler(scheduler),
        }
    }

    fn settle(&mut self) {
        self.settling = true;
        for index in 0..self.masters.len() {
            self.whitelist(index, None);
        }
        for (from, to) in self.network.partitions() {
            self.heal(from, to);
        }
        for scheduler in &mut self.schedulers {
            scheduler.app.settling = true;
        }
        self.queue.push(self.now + Duration::from_secs(10), Event::Inspect);
    }

    /// Looks at what must not last, and at the gauges.
    fn audit(&mut self) {
        for index in 0..self.masters.len() {
            let now = self.master_now(index);
            let host = &mut self.masters[index];
            let Some(core) = &host.core else { continue };
            if let Err(text) = host.observer.audit(now, &core.gauges()) {
                self.explain(index);
                self.violate(format!("master {index}: {text}"));
            }
        }
        self.queue.push(self.now + AUDIT_GAP, Event::Audit);
    }

    /// Has a master say for the story why frameworks get no offers.
    fn explain(&mut self, index: usize) {
        for value in self.masters[index].observer.framework_ids() {
            let request = RequestKey(self.next_key());
            let framework_id = FrameworkId { value };
            let call = OperatorCall::Explain { framework_id, role: None };
            self.master_input(index, master::Input::Operator { request, call });
        }
    }

    /// Whether everything is over that should be; complains when it takes too long.
    fn inspect(&mut self) -> bool {
        let mut left = self.leftovers();
        if left.is_empty() {
            return true;
        }
        if self.now.since(START) > self.plan.unrest + SETTLE_MAX {
            let more = left.len().saturating_sub(5);
            left.truncate(5);
            let left = left.join("; ");
            self.violate(format!("not over in an hour of peace: {left}; and {more} more"));
        }
        false
    }

    /// What is not over yet.
    fn leftovers(&self) -> Vec<String> {
        let Some(leader) = self.leader() else { return vec!["no master leads".to_owned()] };
        let observer = &self.masters[leader].observer;
        if self.registry.forgot_an_end {
            // What has come back goes with its failover timeout only.
            return Vec::new();
        }
        let mut left = observer.leftovers(&self.registry.snapshot);
        for (index, scheduler) in self.schedulers.iter().enumerate() {
            if scheduler.is_ghost {
                continue;
            }
            if !scheduler.driver.as_ref().is_some_and(|driver| driver.is_subscribed()) {
                left.push(format!("scheduler {index} is not subscribed"));
            }
            for (id, task) in scheduler.app.unsettled() {
                if task.is_unreachable() && !observer.knows_agent(&task.agent_id) {
                    continue; // Its agent forgot who it was: this is the last word.
                }
                let state = task.state.as_str_name();
                left.push(format!(
                    "scheduler {index} waits for task {id}, {state} to its knowledge"
                ));
            }
        }
        for (index, agent) in self.agents.iter().enumerate() {
            if agent.core.is_none() {
                left.push(format!("agent {index} is not up"));
            }
            for (id, container) in &agent.containers {
                if container.is_alive() && !self.is_lost(&container.spec.executor_id) {
                    let task = &container.spec.executor_id;
                    left.push(format!("agent {index} still has container {id} of {task}"));
                }
            }
        }
        left
    }

    /// Whether a framework was told that a task is lost. A launch that arrives minutes
    /// later is run all the same, and ended when the agent registers again, as in Mesos.
    fn is_lost(&self, task_id: &str) -> bool {
        let tasks = self.schedulers.iter().filter_map(|it| it.app.tasks.get(task_id));
        tasks.into_iter().any(|task| task.state == TaskState::TaskLost)
    }

    /// Has a process woken when it wants to be.
    pub(crate) fn plan_wake(&mut self, host: Host, life: u64, timeout: Option<(Time, &str)>) {
        let (wake, ahead) = match host {
            Host::Master(index) => {
                let process = &mut self.masters[index];
                (&mut process.wake, process.ahead)
            }
            Host::Agent(index) => {
                let process = &mut self.agents[index];
                (&mut process.wake, process.ahead)
            }
            Host::Scheduler(index) => {
                let process = &mut self.schedulers[index];
                (&mut process.wake, process.ahead)
            }
        };
        let timeout = timeout.map(|(at, _)| before(at, ahead));
        if let Some(at) = timeout
            && wake.is_none_or(|planned| at < planned)
        {
            *wake = Some(at);
            self.queue.push(at.max(self.now), Event::Wake { host, life });
        }
    }

    fn wake(&mut self, host: Host, life: u64) {
        let now = self.now;
        let due = |wake: &mut Option<Time>| wake.take_if(|at| *at <= now).is_some();
        match host {
            Host::Master(master) => {
                let process = &mut self.masters[master];
                if life == process.life && due(&mut process.wake) {
                    self.master_input(master, master::Input::Wake);
                }
            }
            Host::Agent(agent) => {
                let process = &mut self.agents[agent];
                if life == process.life && due(&mut process.wake) {
                    self.agent_input(agent, mesos_agent_state::Input::Wake);
                }
            }
            Host::Scheduler(scheduler) => {
                let process = &mut self.schedulers[scheduler];
                if life == process.life && due(&mut process.wake) {
                    self.driver_input(scheduler, driver::Input::Wake);
                }
            }
        }
    }

    /// Has the detector of a process look where the master is.
    pub(crate) fn detect_soon(&mut self, host: Host) {
        let life = match host {
            Host::Master(_) => return,
            Host::Agent(agent) => self.agents[agent].life,
            Host::Scheduler(scheduler) => self.schedulers[scheduler].life,
        };
        let after = match self.rng.below(8) {
            0 => Duration::from_millis(self.rng.below(8_000)),
            _ => Duration::from_millis(self.rng.below(500)),
        };
        self.queue.push(self.now + after, Event::Detect { host, life });
    }

    fn detect(&mut self, host: Host, life: u64) {
        let leader = if self.plan.detector { self.leader() } else { Some(0) };
        match host {
            Host::Agent(agent) if life == self.agents[agent].life => {
                let master = leader.map(master_pid);
                self.agent_input(agent, mesos_agent_state::Input::MasterDetected(master));
            }
            Host::Scheduler(scheduler) if life == self.schedulers[scheduler].life => {
                let master = leader.map(master_address);
                self.driver_input(scheduler, driver::Input::MasterDetected(master));
            }
            Host::Master(_) | Host::Agent(_) | Host::Scheduler(_) => {}
        }
    }

    pub(crate) fn send(&mut self, route: Route, packet: Packet) {
        let twice = packet::may_come_twice(&packet) && self.rng.below(self.plan.twice_in) == 0;
        if twice {
            self.send_once(route, packet.clone());
        }
        self.send_once(route, packet);
    }

    fn send_once(&mut self, route: Route, packet: Packet) {
        let (at, epoch) = self.network.send(self.now, &mut self.rng, route);
        self.queue.push(at, Event::Arrive { route, epoch, packet });
    }

    pub(crate) fn send_wire(&mut self, from: Host, pid: &str, packet: Packet) {
        if let Some(to) = self.host_of(pid) {
            self.send(Route::Wire { from, to }, packet);
        }
    }

    fn arrive(&mut self, route: Route, epoch: u64, packet: Packet) {
        if let Some(packet) = self.network.arrive(route, epoch, packet) {
            self.deliver(route, packet);
        }
    }

    pub(crate) fn deliver(&mut self, route: Route, packet: Packet) {
        let (from, to) = (route.from(), route.to());
        let alive = self.is_alive(to);
        self.trace.note(self.now, || {
            let lost = if alive { "" } else { " LOST" };
            format!("{from:?} -> {to:?}: {}{lost}", packet.label())
        });
        match to {
            Host::Master(master) => self.arrives_at_master(master, route, packet),
            Host::Agent(agent) if alive => self.arrives_at_agent(agent, from, packet),
            Host::Scheduler(scheduler) if alive => self.arrives_at_scheduler(scheduler, packet),
            Host::Agent(_) | Host::Scheduler(_) => self.break_route(route),
        }
    }

    fn host_of(&self, pid: &str) -> Option<Host> {
        let address = pid.split('@').nth(1)?;
        let master = address.strip_prefix("10.0.0.").and_then(|rest| rest.strip_suffix(":5050"));
        if let Some(master) = master {
            return master.parse().ok().map(Host::Master);
        }
        let index = address.strip_prefix("10.0.1.")?.strip_suffix(":5051")?;
        index.parse().ok().map(Host::Agent)
    }

    pub(crate) fn link(&mut self, from: Host, pid: &str) {
        let Some(to) = self.host_of(pid) else { return };
        self.links.insert((from, to));
        if let Host::Agent(_) = from {
            // Each attempt to register opens the connection anew.
            self.network.open(Route::Wire { from, to }, self.is_alive(to));
        }
        if !self.is_alive(to) {
            self.report_broken(from, to, true);
        }
    }

    pub(crate) fn unlink(&mut self, from: Host, pid: &str) {
        if let Some(to) = self.host_of(pid) {
            self.links.remove(&(from, to));
        }
    }

    /// Tells a process about a broken connection that it wanted to know about.
    /// Whoever sent what was lost notices; another one may not.
    fn report_broken(&mut self, from: Host, to: Host, lost: bool) {
        let unnoticed = !lost && !self.settling && self.rng.below(self.plan.unnoticed_in) == 0;
        if unnoticed || !self.links.remove(&(from, to)) {
            return;
        }
        // A blocked network hides the end of the other side for a while.
        let after = match self.network.is_blocked(to, from) {
            true => Duration::from_secs(self.rng.below(120)),
            false => Duration::from_micros(100 + self.rng.below(20_000)),
        };
        match (from, to) {
            (Host::Master(master), Host::Agent(agent)) => {
                let input = Box::new(master::Input::AgentLinkBroken { pid: agent_pid(agent) });
                let life = self.masters[master].life;
                self.queue.push(self.now + after, Event::Master { master, life, input });
            }
            (Host::Agent(agent), Host::Master(master)) => {
                let pid = master_pid(master);
                let input = Box::new(mesos_agent_state::Input::MasterLinkBroken { pid });
                let life = self.agents[agent].life;
                self.queue.push(self.now + after, Event::Agent { agent, life, input });
            }
            (Host::Master(_) | Host::Agent(_) | Host::Scheduler(_), _) => {}
        }
    }

    pub(crate) fn break_route(&mut self, route: Route) {
        let lost = self.network.break_route(self.now, route);
        match route {
            Route::Wire { from, to } => self.report_broken(from, to, lost),
            Route::Calls { scheduler, master } | Route::Answers { scheduler, master } => {
                self.calls_failed(scheduler, master);
            }
            Route::Stream { .. } => {}
        }
    }

    /// The newest subscription of a scheduler, if it has one.
    pub(crate) fn stream_of(&self, scheduler: usize) -> Option<(usize, StreamKey)> {
        self.streams_of(scheduler).pop()
    }

    /// The subscriptions of a scheduler, with their masters.
    pub(crate) fn streams_of(&self, scheduler: usize) -> Vec<(usize, StreamKey)> {
        let masters = self.masters.iter().enumerate();
        let streams = masters.flat_map(|(index, master)| {
            let streams = master.streams_of(Some(scheduler)).into_iter();
            streams.map(move |stream| (index, stream))
        });
        streams.collect()
    }

    /// A subscription breaks: both sides find out, each in its time.
    pub(crate) fn break_stream(&mut self, master: usize, key: StreamKey) {
        let Some(stream) = self.masters[master].take_stream(key) else { return };
        let scheduler = stream.scheduler;
        self.network.break_route(self.now, Route::Stream { stream: key, master, scheduler });
        if self.settling || self.rng.below(self.plan.unnoticed_in) > 0 {
            self.stream_failed(scheduler, stream.life, stream.attempt, "the connection broke");
        }
        self.stream_closed(master, key);
    }

    /// A driver gave up an attempt: only the master has yet to find out.
    pub(crate) fn disconnect(
        &mut self,
        master: usize,
        key: StreamKey,
        life: u64,
        attempt: Attempt,
    ) {
        let Some(stream) = self.masters[master].take_stream(key) else { return };
        if stream.life == life && stream.attempt == attempt {
            let scheduler = stream.scheduler;
            self.network.break_route(self.now, Route::Stream { stream: key, master, scheduler });
            self.stream_closed(master, key);
        } else {
            self.masters[master].put_stream(key, stream);
        }
    }

    fn stream_closed(&mut self, master: usize, stream: StreamKey) {
        let after = match self.rng.below(5) {
            0 => Duration::from_secs(self.rng.below(60)),
            _ => Duration::from_micros(100 + self.rng.below(5000)),
        };
        let input = Box::new(master::Input::StreamClosed { stream });
        let life = self.masters[master].life;
        self.queue.push(self.now + after, Event::Master { master, life, input });
    }
}

/// A time that comes so much earlier.
fn before(at: Time, ahead: Duration) -> Time {
    let ahead = u64::try_from(ahead.as_nanos()).unwrap_or(u64::MAX);
    Time::from_nanos(at.as_nanos().saturating_sub(ahead))
}
