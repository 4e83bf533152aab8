// SPDX-License-Identifier: Apache-2.0

//! The shell around the master: a clock set by hand, a registry, streams.

use std::{collections::BTreeMap, time::Duration};

use mesos_core::time::Time;
use mesos_master_state::{
    Config, FromAgent, Input, Master, OperatorCall, Output, RateLimit, RegistryChange,
    RegistrySnapshot, RequestKey, StreamKey, ToAgent, WriteKey,
};
use mesos_proto::v1::{MasterInfo, Offer, scheduler::Event};
use prost::Message;

use super::witness::Witness;
use crate::{choice::Choices, grammar::Words, trace::trace};

/// The time at which every conversation begins.
const START: Time = Time::from_nanos(1_795_400_000_000_000_000);
/// No input makes a master of this size do more at once.
const OUTPUTS_MAX: usize = 20_000;
/// Nor wants it to be woken more often than this while one hour passes.
const WAKES_MAX: usize = 50_000;

/// A response to SUBSCRIBE.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    /// The header that its calls need; empty until it has started.
    pub(super) id: String,
    /// Whose it is; empty until SUBSCRIBED.
    pub(super) framework: String,
    /// The last offers that came and were not answered.
    pub(super) offers: Vec<Offer>,
    /// Updates that came and were not acknowledged: agent, task and uuid.
    pub(super) updates: Vec<(String, String, bytes::Bytes)>,
}

/// A task that a master sent to an agent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) pid: String,
    pub(super) framework: String,
    pub(super) agent: String,
    pub(super) task: mesos_proto::v1::TaskInfo,
}

/// A master and everything around it.
pub(super) struct World {
    master: Master,
    config: Config,
    pub(super) now: Time,
    registry: RegistrySnapshot,
    /// Whether the registry stores at once; else writes wait.
    pub(super) stores: bool,
    held: Vec<(WriteKey, Vec<RegistryChange>)>,
    /// One of two reasons for which a master may give up.
    failed_write: bool,
    over: bool,
    next_key: u64,
    runs: u32,
    pub(super) words: Words,
    pub(super) streams: BTreeMap<StreamKey, Stream>,
    /// Streams that wait for an answer, and requests that do.
    opening: Vec<StreamKey>,
    asked: Vec<RequestKey>,
    /// Agents' ids by their process ids, as they were told.
    pub(super) agents: BTreeMap<String, String>,
    pub(super) observers: Vec<(String, String)>,
    pub(super) sent: Vec<Sent>,
    pub(super) witness: Witness,
    outputs: usize,
}

impl World {
    pub(super) fn new(choices: &mut Choices<'_>) -> Self {
        let config = config(choices.byte());
        let registry = RegistrySnapshot::default();
        let master = Master::new(config.clone(), registry.clone(), START, 7);
        let words = Words {
            agents: vec!["alien".into()],
            frameworks: vec!["stranger".into()],
            tasks: vec!["t0".into(), "t1".into()],
            executors: vec!["e0".into(), "e1".into()],
            ..Words::default()
        };
        let mut world = World {
            master,
            config,
            now: START,
            registry,
            stores: true,
            held: Vec::new(),
            failed_write: false,
            over: false,
            next_key: 0,
            runs: 0,
            words,
            streams: BTreeMap::new(),
            opening: Vec::new(),
            asked: Vec::new(),
            agents: BTreeMap::new(),
            observers: Vec::new(),
            sent: Vec::new(),
            witness: Witness::default(),
            outputs: 0,
        };
        world.drain();
        world
    }

    pub(super) fn master(&self) -> &Master {
        &self.master
    }

    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Gives the master something, and does what it wants done.
    pub(super) fn input(&mut self, input: Input) {
        if self.over {
            return;
        }
        self.outputs = 0;
        trace("->", &input);
        self.master.handle(self.now, input);
        self.drain();
        self.advance(Duration::from_millis(1));
    }

    pub(super) fn agent_says(&mut self, pid: &str, message: FromAgent) {
        self.input(Input::AgentMessage { pid: pid.to_owned(), message });
    }

    /// A key that was never used.
    fn key(&mut self) -> u64 {
        self.next_key += 1;
        self.next_key
    }

    pub(super) fn subscribe(
        &mut self,
        call: mesos_proto::v1::scheduler::Call,
        stream_id: Option<String>,
    ) {
        let stream = StreamKey(self.key());
        self.opening.push(stream);
        let call = Box::new(call);
        self.input(Input::Subscribe { stream, call, stream_id, principal: None });
    }

    pub(super) fn call(
        &mut self,
        call: mesos_proto::v1::scheduler::Call,
        stream_id: Option<String>,
    ) {
        let request = RequestKey(self.key());
        self.asked.push(request);
        let call = Box::new(call);
        self.input(Input::SchedulerCall { request, stream_id, call, principal: None });
        let waits = self.asked.contains(&request);
        let for_the_registry = !self.held.is_empty();
        assert!(!waits || for_the_registry || self.over, "a call waits for its answer");
    }

    pub(super) fn operator(&mut self, call: OperatorCall) {
        let request = RequestKey(self.key());
        self.asked.push(request);
        self.input(Input::Operator { request, call });
    }

    pub(super) fn close_stream(&mut self, stream: StreamKey) {
        self.streams.remove(&stream);
        self.opening.retain(|one| *one != stream);
        self.input(Input::StreamClosed { stream });
    }

    pub(super) fn close_all_streams(&mut self) {
        let open: Vec<StreamKey> = self.streams.keys().copied().collect();
        open.into_iter().for_each(|stream| self.close_stream(stream));
    }

    pub(super) fn break_all_links(&mut self) {
        let pids: Vec<String> = self.agents.keys().cloned().collect();
        pids.into_iter().for_each(|pid| self.input(Input::AgentLinkBroken { pid }));
    }

    /// Stores the writes that wait.
    pub(super) fn release(&mut self) {
        self.stores = true;
        for (write, changes) in std::mem::take(&mut self.held) {
            changes.iter().for_each(|change| self.registry.apply(change));
            self.input(Input::RegistryStored { write });
        }
    }

    /// The oldest write that waits fails.
    pub(super) fn fail_write(&mut self) {
        if !self.held.is_empty() {
            let (write, _) = self.held.remove(0);
            self.failed_write = true;
            self.input(Input::RegistryFailed { write, reason: "full".to_owned() });
        }
    }

    /// Another master takes over with what was stored.
    pub(super) fn fail_over(&mut self) {
        self.runs += 1;
        let mut config = self.config.clone();
        config.master_info.id = format!("m{}", self.runs);
        self.master = Master::new(config, self.registry.clone(), self.now, 7);
        self.held.clear();
        self.streams.clear();
        self.opening.clear();
        self.asked.clear();
        self.observers.clear();
        self.agents.clear();
        self.witness = Witness::default();
        self.drain();
    }

    /// Lets time pass; every timer fires when it is due.
    pub(super) fn advance(&mut self, duration: Duration) {
        let end = self.now + duration;
        let mut wakes = 0;
        while let Some((at, what)) = self.master.poll_timeout().filter(|(at, _)| *at <= end) {
            wakes += 1;
            assert!(wakes <= WAKES_MAX, "the master is woken over and over for its {what}");
            self.now = self.now.max(at);
            self.outputs = 0;
            self.master.handle(self.now, Input::Wake);
            self.drain();
        }
        self.now = end;
    }

    pub(super) fn check(&self) {
        if !self.over {
            self.witness.check();
            let gauges = self.master.gauges();
            self.witness.check_gauges(&gauges);
        }
    }

    /// Nothing is on offer, nobody is connected and nobody waits any more.
    pub(super) fn assert_at_rest(&self) {
        let gauges = self.master.gauges();
        assert_eq!(gauges.outstanding_offers, 0, "an offer outlives its framework");
        assert_eq!(gauges.frameworks_connected, 0, "a framework outlives its stream");
        assert_eq!(gauges.slaves_connected, 0, "an agent outlives its connection");
        assert!(self.asked.is_empty(), "requests without an answer: {:?}", self.asked);
        assert!(self.opening.is_empty(), "SUBSCRIBEs without an answer: {:?}", self.opening);
    }

    fn drain(&mut self) {
        while let Some(output) = self.master.poll_output() {
            self.outputs += 1;
            assert!(self.outputs <= OUTPUTS_MAX, "too many outputs for one input");
            assert!(!self.over, "a master that gave up does something: {output:?}");
            self.effect(output);
        }
    }

    fn effect(&mut self, output: Output) {
        trace("  <-", &output);
        match output {
            Output::ToAgent { pid, message } => self.to_agent(&pid, message),
            Output::Ping { pid, observer, .. } => {
                Words::note(&mut self.observers, (pid, observer));
            }
            Output::Link { pid } | Output::Unlink { pid } => assert!(!pid.is_empty()),
            Output::Answer { request, status, .. } => {
                assert!((100..600).contains(&status), "status {status}");
                self.answered(request);
            }
            Output::Explained { request, .. } => self.answered(request),
            Output::Subscribed { stream, stream_id } => {
                self.opened(stream);
                self.streams.insert(stream, Stream { id: stream_id, ..Stream::default() });
            }
            Output::RefuseSubscribe { stream, status, .. } => {
                assert!((400..600).contains(&status), "refused with status {status}");
                self.opened(stream);
            }
            Output::Event { stream, event } => self.event(stream, &event),
            Output::CloseStream { stream } => {
                assert!(self.streams.remove(&stream).is_some(), "closed a stream that is not open");
            }
            Output::Store { write, changes } => {
                assert!(!changes.is_empty(), "an empty write");
                if self.stores {
                    changes.iter().for_each(|change| self.registry.apply(change));
                    self.master.handle(self.now, Input::RegistryStored { write });
                } else {
                    self.held.push((write, changes));
                }
            }
            Output::Change(change) => self.witness.saw(change),
            Output::Log { message, .. } => assert!(!message.is_empty()),
            Output::Fatal { reason } => {
                let too_many_gone = reason.contains("--recovery_agent_removal_limit");
                assert!(self.failed_write || too_many_gone, "the master gives up: {reason}");
                self.over = true;
            }
        }
    }

    fn answered(&mut self, request: RequestKey) {
        let position = self.asked.iter().position(|one| *one == request);
        self.asked.remove(position.expect("each request has one answer"));
    }

    fn opened(&mut self, stream: StreamKey) {
        let position = self.opening.iter().position(|one| *one == stream);
        self.opening.remove(position.expect("each SUBSCRIBE has one answer"));
    }

    fn to_agent(&mut self, pid: &str, message: ToAgent) {
        match message {
            ToAgent::Registered(message) => self.welcomed(pid, message.agent_id.value),
            ToAgent::Reregistered(message) => self.welcomed(pid, message.agent_id.value),
            ToAgent::RunTask(message) => {
                let framework = message.framework.id.clone().unwrap_or_default().value;
                self.task_sent(pid, &framework, message.task);
            }
            ToAgent::RunTaskGroup(message) => {
                let framework = message.framework.id.clone().unwrap_or_default().value;
                for task in message.task_group.tasks {
                    self.task_sent(pid, &framework, task);
                }
            }
            ToAgent::Shutdown(_)
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
            | ToAgent::Drain(_) => {}
        }
    }

    fn welcomed(&mut self, pid: &str, agent: String) {
        Words::note(&mut self.words.agents, agent.clone());
        self.agents.insert(pid.to_owned(), agent);
    }

    fn task_sent(&mut self, pid: &str, framework: &str, task: mesos_proto::v1::TaskInfo) {
        const MANY: usize = 16;
        let agent = task.agent_id.value.clone();
        if self.sent.len() == MANY {
            self.sent.remove(0);
        }
        let (pid, framework) = (pid.to_owned(), framework.to_owned());
        self.sent.push(Sent { pid, framework, agent, task });
    }

    fn event(&mut self, stream: StreamKey, event: &Event) {
        let stream = self.streams.get_mut(&stream).expect("events go to open streams");
        if let Some(subscribed) = &event.subscribed {
            stream.framework = subscribed.framework_id.value.clone();
            Words::note(&mut self.words.frameworks, stream.framework.clone());
        }
        for offer in event.offers.iter().flat_map(|offers| &offers.offers) {
            assert!(!offer.resources.is_empty(), "an empty offer");
            assert_eq!(offer.framework_id.value, stream.framework, "another's offer");
            Words::note(&mut self.words.offers, offer.id.value.clone());
            for resource in &offer.resources {
                Words::note(&mut self.words.resources, resource.encode_to_vec());
            }
            stream.offers.push(offer.clone());
        }
        if let Some(rescind) = &event.rescind {
            stream.offers.retain(|offer| offer.id != rescind.offer_id);
        }
        if let Some(update) = &event.update {
            let status = &update.status;
            if let Some(uuid) = &status.uuid {
                Words::note(&mut self.words.uuids, uuid.clone());
                let agent = status.agent_id.clone().unwrap_or_default().value;
                stream.updates.push((agent, status.task_id.value.clone(), uuid.clone()));
            }
        }
    }
}

/// The flags of the master; each bit is one that matters.
fn config(bits: u8) -> Config {
    let mut config =
        Config::new(MasterInfo { id: "m0".to_owned(), port: 5050, ..Default::default() });
    let bit = |index: u8| bits & (1 << index) != 0;
    if bit(0) {
        config.offer_timeout = Some(Duration::from_secs(30));
    }
    if bit(1) {
        config.agent_removal_rate_limit =
            Some(RateLimit { permits: 1, period: Duration::from_secs(60) });
    }
    if bit(2) {
        config.max_completed_frameworks = 1;
        config.max_completed_tasks_per_framework = 1;
        config.max_unreachable_tasks_per_framework = 1;
        config.max_completed_framework_ids = 1;
        config.registry_max_agent_count = 1;
    }
    if bit(3) {
        config.registry_gc_interval = Duration::from_secs(60);
        config.registry_max_agent_age = Duration::from_secs(120);
    }
    if bit(4) {
        config.root_submissions = false;
    }
    if bit(5) {
        config.role_whitelist = Some(["a".to_owned()].into());
    }
    if bit(6) {
        config.require_agent_domain = true;
    }
    if bit(7) {
        config.recovery_agent_removal_limit = 0.5;
    }
    config
}
