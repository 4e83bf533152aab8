// SPDX-License-Identifier: Apache-2.0

//! The machine of a master: its process, its writes, its open streams.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use mesos_core::{rng::Rng, time::Time};
use mesos_driver::{Attempt, SendKey};
use mesos_master_state::{
    Config, Input, Master, Output, RegistryChange, RequestKey, StreamKey, ToAgent, WriteKey,
};
use mesos_proto::v1::{MasterInfo, scheduler};

use crate::{
    event::Event,
    network::{Host, Route},
    observer::Observer,
    packet::{Packet, from_agent},
    registry::Registry,
    world::{World, master_address, master_pid},
};

/// One input never makes a master say more than this.
const OUTPUTS_AT_ONCE_MAX: usize = 20_000;

/// A subscription, seen from the network.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stream {
    pub(crate) scheduler: usize,
    pub(crate) life: u64,
    pub(crate) attempt: Attempt,
}

/// A call that the master has to answer.
#[derive(Clone, Copy, Debug)]
struct Request {
    scheduler: usize,
    life: u64,
    send: SendKey,
    /// Whether it came on the newest subscription of its framework.
    current: bool,
}

#[derive(Default)]
pub(crate) struct MasterHost {
    pub(crate) life: u64,
    pub(crate) core: Option<Master>,
    pub(crate) wake: Option<Time>,
    /// How far its clock is ahead of the others.
    pub(crate) ahead: Duration,
    /// Writes that are under way, oldest first.
    writes: VecDeque<(WriteKey, Vec<RegistryChange>)>,
    streams: BTreeMap<StreamKey, Stream>,
    requests: BTreeMap<RequestKey, Request>,
    pub(crate) observer: Observer,
    /// A write has failed: it has to stop.
    write_failed: bool,
}

impl MasterHost {
    /// Ends the process: of the writes under way, some first ones are durable.
    pub(crate) fn kill(&mut self, index: usize, registry: &mut Registry, rng: &mut Rng) {
        self.core = None;
        self.wake = None;
        self.life += 1;
        self.write_failed = false;
        let survive = rng.below(self.writes.len() as u64 + 1) as usize;
        for (at, (_, changes)) in std::mem::take(&mut self.writes).into_iter().enumerate() {
            if at >= survive || !registry.write(index, &changes) {
                registry.lose(&changes);
            }
        }
        self.requests.clear();
        self.observer = Observer::default();
    }

    /// The streams of a scheduler, or all of them.
    pub(crate) fn streams_of(&self, scheduler: Option<usize>) -> Vec<StreamKey> {
        let streams = self.streams.iter();
        let streams =
            streams.filter(|(_, it)| scheduler.is_none_or(|scheduler| it.scheduler == scheduler));
        streams.map(|(key, _)| *key).collect()
    }

    pub(crate) fn put_stream(&mut self, key: StreamKey, stream: Stream) {
        self.streams.insert(key, stream);
    }

    pub(crate) fn take_stream(&mut self, stream: StreamKey) -> Option<Stream> {
        self.streams.remove(&stream)
    }
}

impl World {
    /// The master that leads and is up.
    pub(crate) fn leader(&self) -> Option<usize> {
        self.registry.leader.filter(|index| self.masters[*index].core.is_some())
    }

    /// A master's process starts; it waits unless nobody leads.
    pub(crate) fn start_master(&mut self, index: usize) {
        if self.leader().is_none() {
            self.elect(index);
        }
    }

    /// Another master is elected; the former one finds out in its time.
    pub(crate) fn takes_over(&mut self, index: usize) {
        let former = self.leader();
        if former == Some(index) || self.masters[index].core.is_some() {
            return;
        }
        self.elect(index);
        if let Some(master) = former {
            let after = Duration::from_millis(self.rng.below(60_000));
            let life = self.masters[master].life;
            self.queue.push(self.now + after, Event::Abdicate { master, life });
        }
    }

    /// A master is elected and starts to lead, whatever the former one thinks.
    pub(crate) fn elect(&mut self, index: usize) {
        self.registry.leader = Some(index);
        self.elections += 1;
        if self.plan.forgetful {
            self.registry.lose_all();
        }
        let config = self.master_config(index);
        let registry = self.registry.snapshot.clone();
        let (now, seed) = (self.master_now(index), self.rng.next_u64());
        let host = &mut self.masters[index];
        host.core = Some(Master::new(config, registry, now, seed));
        host.observer.pulse.rate_limited = self.plan.removal_rate_limit.is_some();
        self.trace.note(self.now, || format!("master {index} leads"));
        self.drain_master(index);
        // With a fixed address nobody is told that another process listens there.
        if self.plan.detector {
            for host in self.hosts() {
                self.detect_soon(host);
            }
        }
    }

    fn master_config(&self, index: usize) -> Config {
        let mut config = Config::new(MasterInfo {
            id: format!("m{}", self.elections),
            ip: 1,
            port: 5050,
            pid: Some(master_pid(index)),
            hostname: Some("master".to_owned()),
            version: Some("1.11.0".to_owned()),
            ..Default::default()
        });
        config.offer_timeout = self.plan.offer_timeout;
        config.agent_reregister_timeout = self.plan.agent_reregister_timeout;
        config.agent_removal_rate_limit = self.plan.removal_rate_limit;
        if self.plan.prunes {
            config.registry_gc_interval = Duration::from_secs(20);
            config.registry_max_agent_age = Duration::from_secs(60);
            config.registry_max_agent_count = 2;
        }
        config
    }

    pub(crate) fn master_now(&self, index: usize) -> Time {
        self.now + self.masters[index].ahead
    }

    /// The oldest write under way is durable, or fails.
    pub(crate) fn registry_stored(&mut self, index: usize) {
        let Some((write, changes)) = self.masters[index].writes.pop_front() else { return };
        let lucky = self.settling || self.rng.below(self.plan.write_fails_in) > 0;
        if lucky && self.registry.write(index, &changes) {
            return self.master_input(index, Input::RegistryStored { write });
        }
        self.registry.lose(&changes);
        self.trace.note(self.now, || format!("a write of master {index} fails"));
        self.masters[index].write_failed = true;
        let reason = "the store does not take it".to_owned();
        self.master_input(index, Input::RegistryFailed { write, reason });
    }

    /// Hands an input to a master, if it is up, and does what it wants.
    pub(crate) fn master_input(&mut self, index: usize, input: Input) {
        let now = self.master_now(index);
        let host = &mut self.masters[index];
        let Some(core) = &mut host.core else { return };
        if let Input::StreamClosed { stream } = &input {
            host.observer.closes(*stream);
        }
        core.handle(now, input);
        self.drain_master(index);
    }

    /// Only some hosts take part from now on; `None`: all.
    pub(crate) fn whitelist(&mut self, index: usize, hosts: Option<Vec<String>>) {
        let host = &mut self.masters[index];
        host.observer.fairness.whitelist = hosts.clone().map(|hosts| hosts.into_iter().collect());
        self.master_input(index, Input::WhitelistChanged { hostnames: hosts });
    }

    /// The clock of a master jumps.
    pub(crate) fn master_clock_jumps(&mut self, index: usize, by: Duration) {
        self.masters[index].ahead += by;
        let host = &mut self.masters[index];
        host.observer.pulse.jumps(by);
        host.observer.fairness.jumps();
        self.master_input(index, Input::Wake);
    }

    fn drain_master(&mut self, index: usize) {
        let mut count = 0;
        while let Some(output) = self.masters[index].core.as_mut().and_then(Master::poll_output) {
            self.master_output(index, output);
            count += 1;
        }
        if count > OUTPUTS_AT_ONCE_MAX {
            self.violate(format!("master {index} says {count} things at once"));
        }
        if let Err(text) = self.masters[index].observer.check() {
            self.violate(text);
        }
        let timeout = self.masters[index].core.as_ref().and_then(Master::poll_timeout);
        let life = self.masters[index].life;
        self.plan_wake(Host::Master(index), life, timeout);
    }

    fn master_output(&mut self, index: usize, output: Output) {
        let me = Host::Master(index);
        match output {
            Output::ToAgent { pid, message } => {
                self.check_admission(index, &message);
                self.masters[index].observer.sends(&message);
                self.send_wire(me, &pid, Packet::ToAgent { message: Box::new(message) });
            }
            Output::Ping { pid, observer, message } => {
                self.masters[index].observer.pulse.asks(&pid, &observer);
                self.send_wire(me, &pid, Packet::Ping { observer, message });
            }
            Output::Link { pid } => self.link(me, &pid),
            Output::Unlink { pid } => self.unlink(me, &pid),
            Output::Answer { request, status, body } => {
                self.master_answers(index, request, status, body);
            }
            Output::Subscribed { stream, stream_id } => {
                self.masters[index].observer.opens(stream, &stream_id);
                self.write_stream(index, stream, |stream| Packet::Opened {
                    life: stream.life,
                    attempt: stream.attempt,
                    stream_id,
                });
            }
            Output::RefuseSubscribe { stream, status, body } => {
                self.write_stream(index, stream, |stream| Packet::Refused {
                    life: stream.life,
                    attempt: stream.attempt,
                    status,
                    location: None,
                    body,
                });
                self.masters[index].take_stream(stream);
                self.masters[index].observer.closes(stream);
            }
            Output::Event { stream, event } => self.master_event(index, stream, event),
            Output::CloseStream { stream } => {
                self.write_stream(index, stream, |stream| Packet::End {
                    life: stream.life,
                    attempt: stream.attempt,
                });
                self.masters[index].take_stream(stream);
                self.masters[index].observer.closes(stream);
            }
            Output::Store { write, changes } => {
                let now = self.master_now(index);
                if let Err(text) = self.masters[index].observer.stores(now, &changes) {
                    self.violate(text);
                }
                self.masters[index].writes.push_back((write, changes));
                let takes = Duration::from_micros(100 + self.rng.below(20_000));
                let life = self.masters[index].life;
                self.queue.push(self.now + takes, Event::RegistryStored { master: index, life });
            }
            Output::Change(change) => {
                let now = self.master_now(index);
                if let Err(text) = self.masters[index].observer.change(now, &change) {
                    self.violate(text);
                }
            }
            Output::Log { level, message } => {
                self.trace.note(self.now, || format!("master {index} log {level:?}: {message}"));
            }
            Output::Explained { explanations, .. } => {
                self.trace.note(self.now, || format!("master {index} explains: {explanations:?}"));
            }
            Output::Fatal { reason } => self.master_gives_up(index, &reason),
        }
    }

    fn master_answers(&mut self, index: usize, request: RequestKey, status: u16, body: String) {
        let Some(request) = self.masters[index].requests.remove(&request) else { return };
        let Request { scheduler, life, send, current } = request;
        if matches!(status, 200 | 202) && !current {
            self.violate("a call on an older subscription is taken".to_owned());
        }
        let route = Route::Answers { scheduler, master: index };
        self.send(route, Packet::Answer { life, send, status, body });
    }

    /// It may do so only when its registry does not take what it has to keep.
    fn master_gives_up(&mut self, index: usize, reason: &str) {
        self.trace.note(self.now, || format!("master {index} gives up: {reason}"));
        if !self.masters[index].write_failed {
            return self.violate(format!("the master gives up: {reason}"));
        }
        let life = self.masters[index].life;
        self.queue.push(self.now, Event::Abdicate { master: index, life });
    }

    /// A master that does not lead any more notices it.
    pub(crate) fn abdicate(&mut self, index: usize) {
        self.crash(Host::Master(index));
    }

    fn master_event(&mut self, index: usize, stream: StreamKey, event: Box<scheduler::Event>) {
        if let Err(text) = self.masters[index].observer.event(stream, &event) {
            self.violate(text);
        }
        if let Some(subscribed) = &event.subscribed
            && self.registry.leader == Some(index)
            && self.registry.snapshot.completed.contains_key(&subscribed.framework_id.value)
        {
            let id = &subscribed.framework_id.value;
            self.violate(format!("framework {id} is taken, which is over"));
        }
        self.write_stream(index, stream, |stream| Packet::Event {
            life: stream.life,
            attempt: stream.attempt,
            event,
        });
    }

    /// Whoever is told that it belongs to the cluster is in the registry.
    fn check_admission(&mut self, index: usize, message: &ToAgent) {
        if let Some(agent_id) = admission(message)
            && self.registry.leader == Some(index)
            && !self.registry.admits(agent_id)
        {
            self.violate(format!("agent {agent_id} is admitted against the registry"));
        }
    }

    fn write_stream(
        &mut self,
        master: usize,
        stream: StreamKey,
        packet: impl FnOnce(Stream) -> Packet,
    ) {
        if let Some(to) = self.masters[master].streams.get(&stream).copied() {
            let route = Route::Stream { stream, master, scheduler: to.scheduler };
            self.send(route, packet(to));
        }
    }

    /// A packet for a master's machine.
    pub(crate) fn arrives_at_master(&mut self, index: usize, route: Route, packet: Packet) {
        if self.masters[index].core.is_none() {
            if self.redirected(route, &packet) {
                return;
            }
            self.break_route(route);
            if let Packet::Subscribe { life, attempt, .. } = packet
                && let Route::Calls { scheduler, .. } = route
            {
                self.stream_failed(scheduler, life, attempt, "connection refused");
            }
            return;
        }
        match packet {
            Packet::ToMaster { from, to, message } => {
                let now = self.master_now(index);
                self.masters[index].observer.hears_of_agent(now, &from, &to, &message);
                let message = from_agent(&to, *message);
                self.master_input(index, Input::AgentMessage { pid: from, message });
            }
            Packet::Subscribe { life, attempt, stream, call } => {
                let Route::Calls { scheduler, .. } = route else { return };
                self.masters[index].put_stream(stream, Stream { scheduler, life, attempt });
                let (stream_id, principal) = (None, None);
                self.master_input(index, Input::Subscribe { stream, call, stream_id, principal });
            }
            Packet::Call { life, send, stream_id, call } => {
                let Route::Calls { scheduler, .. } = route else { return };
                self.call_of_scheduler(
                    index,
                    Request { scheduler, life, send, current: false },
                    stream_id,
                    call,
                );
            }
            Packet::ToAgent { .. }
            | Packet::Ping { .. }
            | Packet::Answer { .. }
            | Packet::Opened { .. }
            | Packet::Refused { .. }
            | Packet::Event { .. }
            | Packet::End { .. } => unreachable!("not for a master: {}", packet.label()),
        }
    }

    /// A master that waits for its turn names the one that leads, if it is up.
    fn redirected(&mut self, route: Route, packet: &Packet) -> bool {
        let (Packet::Subscribe { life, attempt, .. }, Route::Calls { scheduler, master }) =
            (packet, route)
        else {
            return false;
        };
        let Some(leader) = self.leader() else { return false };
        if self.rng.below(2) == 0 {
            return false;
        }
        let location = Some(format!("//{}/api/v1/scheduler", master_address(leader)));
        let (life, attempt) = (*life, *attempt);
        let refused = Packet::Refused { life, attempt, status: 307, location, body: String::new() };
        self.send(Route::Answers { scheduler, master }, refused);
        true
    }

    fn call_of_scheduler(
        &mut self,
        index: usize,
        from: Request,
        stream_id: String,
        call: Box<scheduler::Call>,
    ) {
        let request = RequestKey(self.next_key());
        let now = self.master_now(index);
        let current = self.masters[index].observer.called(now, &stream_id, &call);
        let host = &mut self.masters[index];
        host.requests.insert(request, Request { current, ..from });
        let (stream_id, principal) = (Some(stream_id), None);
        let input = Input::SchedulerCall { request, stream_id, call, principal };
        self.master_input(index, input);
    }
}

/// Whether a message is the word of a master that an agent belongs to it.
pub(crate) fn admission(message: &ToAgent) -> Option<&str> {
    match message {
        ToAgent::Registered(message) => Some(&message.agent_id.value),
        ToAgent::Reregistered(message) => Some(&message.agent_id.value),
        ToAgent::Shutdown(_)
        | ToAgent::RunTask(_)
        | ToAgent::RunTaskGroup(_)
        | ToAgent::KillTask(_)
        | ToAgent::ShutdownExecutor(_)
        | ToAgent::ShutdownFramework(_)
        | ToAgent::FrameworkToExecutor(_)
        | ToAgent::UpdateFramework(_)
        | ToAgent::StatusUpdateAcknowledgement(_)
        | ToAgent::CheckpointResources(_)
        | ToAgent::ApplyOperation(_)
        | ToAgent::ReconcileOperations(_)
        | ToAgent::AcknowledgeOperationStatus(_)
        | ToAgent::Drain(_) => None,
    }
}
