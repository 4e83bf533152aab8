// SPDX-License-Identifier: Apache-2.0

//! The machine of the master: its process, its registry, its open streams.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use mesos_core::{rng::Rng, time::Time};
use mesos_driver::{Attempt, SendKey};
use mesos_master_state::{
    self as master, Config, Input, Master, Output, RegistryChange, RegistrySnapshot, RequestKey,
    StreamKey, WriteKey,
};
use mesos_proto::v1::MasterInfo;

use crate::{
    event::Event,
    network::{Host, Route},
    observer::Observer,
    packet::{Packet, from_agent},
    world::{MASTER_ADDRESS, World},
};

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
}

#[derive(Default)]
pub(crate) struct MasterHost {
    pub(crate) life: u64,
    pub(crate) core: Option<Master>,
    pub(crate) wake: Option<Time>,
    registry: RegistrySnapshot,
    /// Writes that are under way, oldest first.
    writes: VecDeque<(WriteKey, Vec<RegistryChange>)>,
    streams: BTreeMap<StreamKey, Stream>,
    requests: BTreeMap<RequestKey, Request>,
    pub(crate) observer: Observer,
}

impl MasterHost {
    /// Ends the process: of the writes under way, some first ones are durable.
    pub(crate) fn kill(&mut self, rng: &mut Rng) {
        self.core = None;
        self.wake = None;
        self.life += 1;
        let survive = rng.below(self.writes.len() as u64 + 1) as usize;
        for (_, changes) in std::mem::take(&mut self.writes).into_iter().take(survive) {
            changes.iter().for_each(|change| self.registry.apply(change));
        }
        self.requests.clear();
        self.observer = Observer::default();
    }

    /// The streams that end at a host; all, for the master's.
    pub(crate) fn streams_of(&self, host: Host) -> Vec<StreamKey> {
        let streams = self.streams.iter().filter(|(_, stream)| match host {
            Host::Master => true,
            Host::Agent(_) => false,
            Host::Scheduler(scheduler) => stream.scheduler == scheduler,
        });
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
    pub(crate) fn start_master(&mut self) {
        let id = format!("m{}", self.master.life);
        let mut config = Config::new(MasterInfo {
            id,
            ip: 1,
            port: 5050,
            pid: Some(format!("master@{MASTER_ADDRESS}")),
            hostname: Some("master".to_owned()),
            version: Some("1.11.0".to_owned()),
            ..Default::default()
        });
        config.offer_timeout = self.plan.offer_timeout;
        config.agent_reregister_timeout = self.plan.agent_reregister_timeout;
        let registry = self.master.registry.clone();
        self.master.core = Some(Master::new(config, registry, self.now, self.rng.next_u64()));
        self.drain_master();
        for host in self.hosts() {
            self.detect_soon(host);
        }
    }

    pub(crate) fn registry_stored(&mut self) {
        let Some((write, changes)) = self.master.writes.pop_front() else { return };
        changes.iter().for_each(|change| self.master.registry.apply(change));
        self.master_input(Input::RegistryStored { write });
    }

    /// Hands an input to the master, if it is up, and does what it wants.
    pub(crate) fn master_input(&mut self, input: Input) {
        let Some(core) = &mut self.master.core else { return };
        core.handle(self.now, input);
        self.drain_master();
    }

    fn drain_master(&mut self) {
        while let Some(output) = self.master.core.as_mut().and_then(Master::poll_output) {
            self.master_output(output);
        }
        if let Err(text) = self.master.observer.check() {
            self.violate(text);
        }
        let timeout = self.master.core.as_ref().and_then(Master::poll_timeout);
        let life = self.master.life;
        self.plan_wake(Host::Master, life, timeout);
    }

    fn master_output(&mut self, output: Output) {
        match output {
            Output::ToAgent { pid, message } => {
                self.send_wire(Host::Master, &pid, Packet::ToAgent { message: Box::new(message) });
            }
            Output::Ping { pid, observer, message } => {
                self.send_wire(Host::Master, &pid, Packet::Ping { observer, message });
            }
            Output::Link { pid } => self.link(Host::Master, &pid),
            Output::Unlink { pid } => self.unlink(Host::Master, &pid),
            Output::Answer { request, status, body } => {
                let Some(request) = self.master.requests.remove(&request) else { return };
                let Request { scheduler, life, send } = request;
                let route = Route::Answers(scheduler);
                self.send(route, Packet::Answer { life, send, status, body });
            }
            Output::Subscribed { stream, stream_id } => self.write_stream(stream, |stream| {
                Packet::Opened { life: stream.life, attempt: stream.attempt, stream_id }
            }),
            Output::RefuseSubscribe { stream, status, body } => {
                self.write_stream(stream, |stream| Packet::Refused {
                    life: stream.life,
                    attempt: stream.attempt,
                    status,
                    body,
                });
                self.master.take_stream(stream);
            }
            Output::Event { stream, event } => self.write_stream(stream, |stream| Packet::Event {
                life: stream.life,
                attempt: stream.attempt,
                event,
            }),
            Output::CloseStream { stream } => {
                self.write_stream(stream, |stream| Packet::End {
                    life: stream.life,
                    attempt: stream.attempt,
                });
                self.master.take_stream(stream);
            }
            Output::Store { write, changes } => {
                self.master.writes.push_back((write, changes));
                let takes = Duration::from_micros(100 + self.rng.below(20_000));
                let life = self.master.life;
                self.queue.push(self.now + takes, Event::RegistryStored { life });
            }
            Output::Change(change) => {
                if let Err(text) = self.master.observer.change(&change) {
                    self.violate(text);
                }
            }
            Output::Log { level, message } => {
                self.trace.note(self.now, || format!("master log {level:?}: {message}"));
            }
            Output::Explained { .. } => {}
            Output::Fatal { reason } => self.violate(format!("the master gives up: {reason}")),
        }
    }

    fn write_stream(&mut self, stream: StreamKey, packet: impl FnOnce(Stream) -> Packet) {
        if let Some(to) = self.master.streams.get(&stream).copied() {
            self.send(Route::Stream(stream, to.scheduler), packet(to));
        }
    }

    /// A packet for the master's machine.
    pub(crate) fn arrives_at_master(&mut self, route: Route, packet: Packet) {
        if self.master.core.is_none() {
            self.break_route(route);
            if let Packet::Subscribe { life, attempt, .. } = packet
                && let Route::Calls(scheduler) = route
            {
                self.stream_failed(scheduler, life, attempt, "connection refused");
            }
            return;
        }
        match packet {
            Packet::ToMaster { from, to, message } => {
                let message = from_agent(&to, *message);
                self.master_input(master::Input::AgentMessage { pid: from, message });
            }
            Packet::Subscribe { life, attempt, stream, call } => {
                let Route::Calls(scheduler) = route else { return };
                self.master.streams.insert(stream, Stream { scheduler, life, attempt });
                let (stream_id, principal) = (None, None);
                self.master_input(Input::Subscribe { stream, call, stream_id, principal });
            }
            Packet::Call { life, send, stream_id, call } => {
                let Route::Calls(scheduler) = route else { return };
                let request = RequestKey(self.next_key());
                self.master.requests.insert(request, Request { scheduler, life, send });
                let (stream_id, principal) = (Some(stream_id), None);
                self.master_input(Input::SchedulerCall { request, stream_id, call, principal });
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
}
