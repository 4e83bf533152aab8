// SPDX-License-Identifier: Apache-2.0

//! The shell around the agent, and what must hold of it.
//!
//! - Each call has one answer; events go to streams that are open.
//! - A container is launched once, and not killed after it has ended.
//! - While nobody says nonsense, an update does not overtake one that is not
//!   acknowledged, and everything comes to its end.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bytes::Bytes;
use mesos_agent_state::{
    Agent, Config, ConnectionKey, ContainerId, FromMaster, Input, LaunchSpec, Output, ProbeKey,
    RecoveredState, RequestKey, ToMaster, WriteKey,
    input::ContainerExit,
    output::Store,
    recovery::{RecoveredContainer, read},
};
use mesos_core::time::Time;
use mesos_proto::{
    internal::{
        SlaveRegisteredMessage, SlaveReregisteredMessage, StatusUpdateAcknowledgementMessage,
    },
    v1::{AgentId, AgentInfo, FrameworkId, TaskStatus, executor::Call},
};

use super::disk::Disk;
use crate::{choice::Choices, grammar::Words, trace::trace};

pub(super) const MASTER: &str = "master@10.0.0.1:5050";
pub(super) const AGENT_ID: &str = "M-S0";
const START: Time = Time::from_nanos(1_795_400_000_000_000_000);
/// No input makes an agent of this size do more at once.
const OUTPUTS_MAX: usize = 10_000;
/// Nor wants it to be woken more often than this while some hours pass.
const WAKES_MAX: usize = 100_000;

/// An update that the master was sent: of which framework, and what it says.
pub(super) type Sent = (FrameworkId, TaskStatus);

/// An agent and everything around it.
pub(super) struct World {
    agent: Agent,
    config: Config,
    pub(super) now: Time,
    over: bool,
    lives: u64,
    next_key: u64,
    pub(super) words: Words,
    pub(super) disk: Disk,
    /// Whether writes are answered at once.
    pub(super) stores: bool,
    held: Vec<(WriteKey, String, Store)>,
    asked: Vec<RequestKey>,
    opening: Vec<ConnectionKey>,
    pub(super) open: Vec<ConnectionKey>,
    /// Containers that were launched and have not ended, oldest first.
    pub(super) live: Vec<LaunchSpec>,
    over_containers: BTreeSet<ContainerId>,
    pub(super) probes: Vec<(ContainerId, ProbeKey)>,
    pub(super) removing: Vec<String>,
    pub(super) sent: Vec<Sent>,
    /// By framework and task: the update on its way.
    on_its_way: BTreeMap<(String, String), Bytes>,
    /// Somebody said nonsense, or the disk lost something: only panics count.
    pub(super) nonsense: bool,
    outputs: usize,
}

impl World {
    pub(super) fn new(choices: &mut Choices<'_>) -> Self {
        let bits = choices.byte();
        let info = AgentInfo { hostname: "agent".into(), port: Some(5051), ..AgentInfo::default() };
        let mut config = Config::new(info, "10.0.0.2", 5051, "/work");
        config.switch_user = bits & 1 == 0;
        config.recover_cleanup = bits & 2 != 0;
        if bits & 4 != 0 {
            config.max_completed_executors_per_framework = 1;
            config.gc_delay = Duration::from_secs(60);
        }
        let agent = Agent::new(config.clone(), RecoveredState::default(), START, 1);
        let words = Words {
            agents: vec![AGENT_ID.into()],
            frameworks: vec!["M-0000".into(), "M-0001".into()],
            tasks: vec!["c0".into(), "c1".into(), "t0".into(), "t1".into()],
            executors: vec!["e0".into(), "e1".into()],
            ..Words::default()
        };
        let mut world = World {
            agent,
            config,
            now: START,
            over: false,
            lives: 1,
            next_key: 0,
            words,
            disk: Disk::default(),
            stores: true,
            held: Vec::new(),
            asked: Vec::new(),
            opening: Vec::new(),
            open: Vec::new(),
            live: Vec::new(),
            over_containers: BTreeSet::new(),
            probes: Vec::new(),
            removing: Vec::new(),
            sent: Vec::new(),
            on_its_way: BTreeMap::new(),
            nonsense: false,
            outputs: 0,
        };
        world.drain();
        world.register();
        world
    }

    pub(super) fn agent(&self) -> &Agent {
        &self.agent
    }

    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// A master takes the agent in for the first time.
    fn register(&mut self) {
        self.input(Input::MasterDetected(Some(MASTER.to_owned())));
        self.advance(Duration::from_secs(1));
        self.master_says(FromMaster::Registered(SlaveRegisteredMessage {
            agent_id: AgentId { value: AGENT_ID.to_owned() },
            connection: None,
        }));
    }

    /// A master takes the agent in again.
    pub(super) fn reregister(&mut self) {
        self.input(Input::MasterDetected(Some(MASTER.to_owned())));
        self.advance(Duration::from_secs(1));
        self.master_says(FromMaster::Reregistered(SlaveReregisteredMessage {
            agent_id: AgentId { value: AGENT_ID.to_owned() },
            ..Default::default()
        }));
    }

    pub(super) fn input(&mut self, input: Input) {
        if self.over {
            return;
        }
        self.outputs = 0;
        trace("->", &input);
        self.agent.handle(self.now, input);
        self.drain();
    }

    pub(super) fn master_says(&mut self, message: FromMaster) {
        self.message(MASTER, message);
    }

    pub(super) fn message(&mut self, from: &str, message: FromMaster) {
        self.input(Input::MasterMessage { from: from.to_owned(), message: Box::new(message) });
    }

    fn key(&mut self) -> u64 {
        self.next_key += 1;
        self.next_key
    }

    pub(super) fn subscribe(&mut self, call: Call) {
        let connection = ConnectionKey(self.key());
        self.opening.push(connection);
        self.input(Input::ExecutorSubscribe { connection, call: Box::new(call) });
        let waits = self.opening.contains(&connection);
        assert!(!waits || self.over, "a SUBSCRIBE waits for its answer");
    }

    pub(super) fn call(&mut self, call: Call) {
        let request = RequestKey(self.key());
        self.asked.push(request);
        self.input(Input::ExecutorCall { request, call: Box::new(call) });
        let waits = self.asked.contains(&request);
        assert!(!waits || self.over, "a call of an executor waits for its answer");
    }

    /// The container with this index among the live ones ends.
    pub(super) fn take_live(&mut self, index: usize) -> Option<ContainerId> {
        let index = index.checked_rem(self.live.len())?;
        let container = self.live.remove(index).container;
        self.over_containers.insert(container.clone());
        Some(container)
    }

    /// The scheduler has seen an update.
    pub(super) fn acknowledge(&mut self, index: usize) {
        let Some(index) = index.checked_rem(self.sent.len()) else { return };
        let (framework_id, status) = self.sent[index].clone();
        let uuid = status.uuid.clone().unwrap_or_default();
        let key = (framework_id.value.clone(), status.task_id.value.clone());
        if self.agent.metrics().registered && self.on_its_way.get(&key) == Some(&uuid) {
            self.on_its_way.remove(&key);
            self.sent.remove(index);
        }
        let message = StatusUpdateAcknowledgementMessage {
            agent_id: AgentId { value: AGENT_ID.to_owned() },
            framework_id,
            task_id: status.task_id,
            uuid,
        };
        self.master_says(FromMaster::StatusUpdateAcknowledgement(message));
    }

    /// The oldest write that waits is on disk, or has failed.
    pub(super) fn written(&mut self, failed: bool) {
        if self.held.is_empty() {
            return;
        }
        let (write, path, store) = self.held.remove(0);
        if failed {
            self.nonsense = true;
            self.input(Input::CheckpointFailed { write, reason: "full".to_owned() });
        } else {
            self.disk.store(&path, &store);
            self.input(Input::CheckpointStored { write });
        }
    }

    /// The agent dies and comes back; the containers of these bits have ended meanwhile.
    pub(super) fn restart(&mut self, ended: u8) {
        let mut state = read(&self.disk, "/work", None);
        for path in state.repairs.iter() {
            self.disk.store(&path.0, &Store::Replace(path.1.clone()));
        }
        let live = std::mem::take(&mut self.live);
        let mut over = Vec::new();
        for (index, spec) in live.into_iter().enumerate() {
            let found = if ended & (1 << (index % 8)) != 0 {
                over.push(spec.container.clone());
                RecoveredContainer::Exited(ContainerExit { status: Some(0), limitation: None })
            } else {
                let found = RecoveredContainer::Running { pid: 1 };
                self.live.push(spec.clone());
                found
            };
            state.containers.insert(spec.container, found);
        }
        self.lives += 1;
        self.now = self.now + Duration::from_nanos(1);
        self.held.clear();
        self.asked.clear();
        self.opening.clear();
        self.open.clear();
        self.probes.clear();
        self.removing.clear();
        // What nobody wrote down is forgotten; the master misses it, and says so.
        self.on_its_way.clear();
        self.sent.clear();
        self.outputs = 0;
        self.agent = Agent::new(self.config.clone(), state, self.now, self.lives);
        // What is left of a container that nobody claims is to be destroyed. A task that was
        // being killed goes on being so, before the agent deals with the end of its container:
        // one that it finds ended, or one of before whose end was lost with its last write.
        let known = std::mem::take(&mut self.over_containers);
        self.drain();
        self.over_containers.extend(known);
        self.over_containers.extend(over);
    }

    /// Lets time pass; every timer fires when it is due.
    pub(super) fn advance(&mut self, duration: Duration) {
        let end = self.now + duration;
        let mut wakes = 0;
        while let Some((at, what)) = self.agent.poll_timeout().filter(|(at, _)| *at <= end) {
            wakes += 1;
            assert!(wakes <= WAKES_MAX, "the agent is woken over and over for its {what}");
            self.now = self.now.max(at);
            self.input(Input::Wake);
            if self.over {
                return;
            }
        }
        self.now = end;
    }

    /// Lets everything that was started come to its end.
    pub(super) fn finish(&mut self) {
        self.stores = true;
        while !self.held.is_empty() && !self.over {
            self.written(false);
        }
        for _ in 0..40 {
            self.advance(Duration::from_secs(600));
            self.reregister();
            while let Some(container) = self.take_live(0) {
                let exit = ContainerExit { status: Some(0), limitation: None };
                self.input(Input::ContainerExited { container, exit });
            }
            for _ in 0..self.sent.len() {
                self.acknowledge(0);
            }
            if self.over {
                return;
            }
            if self.is_idle() {
                break;
            }
        }
        if !self.nonsense {
            let metrics = self.agent.metrics();
            assert_eq!(metrics.frameworks_active, 0, "something never ended: {metrics:?}");
            assert!(self.on_its_way.is_empty(), "an update was never acknowledged");
        }
    }

    /// Whether nothing runs, and nobody waits for anything.
    fn is_idle(&self) -> bool {
        let at_work = self.agent.metrics().frameworks_active > 0;
        !at_work && self.live.is_empty() && self.sent.is_empty()
    }

    fn drain(&mut self) {
        while let Some(output) = self.agent.poll_output() {
            self.outputs += 1;
            assert!(self.outputs <= OUTPUTS_MAX, "too many outputs for one input");
            if !self.over {
                self.effect(output);
            }
        }
    }

    fn effect(&mut self, output: Output) {
        trace("  <-", &output);
        match output {
            Output::Detect | Output::MeasureDiskUsage | Output::Change(_) => {}
            Output::Link { pid } | Output::Unlink { pid } => assert!(!pid.is_empty()),
            Output::ToMaster { message, .. } => self.to_master(*message),
            Output::ExecutorAccepted { connection } => {
                self.opened(connection);
                self.open.push(connection);
            }
            Output::ExecutorRefused { connection, status, .. } => {
                assert!((400..600).contains(&status), "refused with status {status}");
                self.opened(connection);
            }
            Output::ExecutorEvent { connection, .. } => {
                assert!(self.open.contains(&connection), "an event for a stream that is not open");
            }
            Output::CloseExecutor { connection } => self.open.retain(|one| *one != connection),
            Output::Answer { request, status, .. } => {
                assert!((200..600).contains(&status), "status {status}");
                let position = self.asked.iter().position(|one| *one == request);
                self.asked.remove(position.expect("each call has one answer"));
            }
            Output::Launch(spec) => {
                let seen = self.over_containers.contains(&spec.container)
                    || self.live.iter().any(|one| one.container == spec.container);
                assert!(!seen, "{} is launched twice", spec.container);
                Words::note(&mut self.words.containers, spec.container.as_str().to_owned());
                self.live.push(*spec);
            }
            Output::UpdateContainer { container, .. }
            | Output::Signal { container, .. }
            | Output::Destroy { container } => {
                let is_over = self.over_containers.contains(&container);
                assert!(!is_over, "{container} has ended, and there is more to do to it");
            }
            Output::RunProbe { container, probe, .. } => self.probes.push((container, probe)),
            Output::Checkpoint { write, path, store } => {
                if self.stores {
                    self.disk.store(&path, &store);
                    self.agent.handle(self.now, Input::CheckpointStored { write });
                } else {
                    self.held.push((write, path, store));
                }
            }
            Output::RemovePath { path } => {
                self.disk.remove(&path);
                self.removing.push(path);
            }
            Output::Log { text, .. } => assert!(!text.is_empty()),
            Output::Exit { .. } => self.over = true,
        }
    }

    fn opened(&mut self, connection: ConnectionKey) {
        let position = self.opening.iter().position(|one| *one == connection);
        self.opening.remove(position.expect("each SUBSCRIBE has one answer"));
    }

    fn to_master(&mut self, message: ToMaster) {
        match message {
            ToMaster::StatusUpdate(message) => {
                let update = message.update;
                let uuid = update.status.uuid.clone().expect("every update has a uuid");
                Words::note(&mut self.words.uuids, uuid.clone());
                let key = (update.framework_id.value.clone(), update.status.task_id.value.clone());
                let before = self.on_its_way.insert(key, uuid.clone());
                assert!(
                    self.nonsense || before.is_none_or(|before| before == uuid),
                    "an update overtook one that was not acknowledged: {:?}",
                    update.status
                );
                // An executor may use a uuid again, for another task.
                let is_same = |(framework_id, status): &Sent| {
                    *framework_id == update.framework_id
                        && status.task_id == update.status.task_id
                        && status.uuid.as_ref() == Some(&uuid)
                };
                if !self.sent.iter().any(is_same) {
                    self.sent.push((update.framework_id, update.status));
                }
            }
            ToMaster::Register(_)
            | ToMaster::Reregister(_)
            | ToMaster::Unregister(_)
            | ToMaster::ExecutorToFramework(_)
            | ToMaster::ExitedExecutor(_)
            | ToMaster::UpdateSlave(_)
            | ToMaster::UpdateOperationStatus(_)
            | ToMaster::Pong(_) => {}
        }
    }
}
