// SPDX-License-Identifier: Apache-2.0

//! The machine as a whole: what it holds, and its three entry points.
//!
//! | phase | what it means | leaves it for |
//! |---|---|---|
//! | recovering | executors of a former life may come back | disconnected |
//! | disconnected | no master has accepted the agent; nothing is told to anyone | running, terminating |
//! | running | a master has accepted it | disconnected, terminating |
//! | terminating | every executor is being ended; then the process exits | – |
//!
//! What each input does is in the modules: [`crate::registration`] (finding and keeping a
//! master), [`crate::from_master`] (one file per message), [`crate::executor_calls`] (one file
//! per call), [`crate::launch`], [`crate::containers`] and [`crate::executor_end`] (how containers
//! and executors start and end), [`crate::history`] (what is left of them), and
//! [`crate::task_updates`] (the way of a status to the scheduler).

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use bytes::Bytes;
use mesos_core::{resources::convert, rng::Rng, time::Time};
use mesos_proto::v1::{AgentInfo, DrainConfig, Resource};

use crate::{
    change::{AgentRecord, Change},
    config::Config,
    executor::Executor,
    framework::{CompletedFramework, Framework},
    gc::Gc,
    input::Input,
    key::{ConnectionKey, ContainerId, TaskKey, WriteKey},
    metrics::Metrics,
    outbox::Outbox,
    output::Output,
    paths,
    recovery::RecoveredState,
    registration::Registration,
    status_updates::{StatusUpdates, StreamKey},
    timers::{Timer, Timers},
};

/// Where the agent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Recovering,
    Disconnected,
    Running,
    Terminating,
}

impl Phase {
    /// In words, for the log.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Phase::Recovering => "recovering",
            Phase::Disconnected => "disconnected",
            Phase::Running => "running",
            Phase::Terminating => "terminating",
        }
    }
}

/// What waits for a checkpoint write.
#[derive(Debug)]
pub(crate) enum AfterWrite {
    /// A task may be given to its executor.
    Task { container: ContainerId, task_id: String },
    /// An update may be acknowledged and forwarded.
    Update { stream: StreamKey, uuid: Bytes, acknowledge: Option<ContainerId> },
}

/// A Mesos agent.
#[derive(Debug)]
pub struct Agent {
    pub(crate) config: Config,
    pub(crate) rng: Rng,
    pub(crate) outbox: Outbox,
    pub(crate) timers: Timers,
    pub(crate) updates: StatusUpdates,
    pub(crate) gc: Gc,
    pub(crate) counters: Metrics,
    pub(crate) phase: Phase,
    /// With the agent's id, once it has one.
    pub(crate) info: AgentInfo,
    /// Below the work directory; where checkpoints go.
    pub(crate) meta: String,
    pub(crate) registration: Registration,
    pub(crate) resource_version: Bytes,
    pub(crate) checkpointed_resources: Vec<Resource>,
    pub(crate) drain: Option<DrainConfig>,
    pub(crate) frameworks: BTreeMap<String, Framework>,
    pub(crate) completed_frameworks: VecDeque<CompletedFramework>,
    /// The framework and executor of every container that may still be there.
    pub(crate) containers: BTreeMap<ContainerId, (String, String)>,
    /// The container of every subscribed executor.
    pub(crate) connections: BTreeMap<ConnectionKey, ContainerId>,
    pub(crate) writes: BTreeMap<WriteKey, AfterWrite>,
    pub(crate) next_task: u64,
    /// For the metric alone: before the machine itself began.
    pub(crate) recovery_began: Time,
}

impl Agent {
    /// An agent that has just started, with what it found of its former life. `seed` makes its
    /// random choices: back-off times, container ids, uuids. Each start needs a new one.
    pub fn new(config: Config, recovered: RecoveredState, now: Time, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let mut agent = Agent {
            resource_version: Bytes::copy_from_slice(&rng.uuid()),
            rng,
            outbox: Outbox::default(),
            timers: Timers::default(),
            updates: StatusUpdates::new(config.pending_updates_max),
            gc: Gc::default(),
            counters: Metrics::default(),
            phase: Phase::Recovering,
            info: inner_form(&config.info),
            meta: paths::meta_root(&config.work_dir),
            registration: Registration::default(),
            checkpointed_resources: Vec::new(),
            drain: None,
            frameworks: BTreeMap::new(),
            completed_frameworks: VecDeque::new(),
            containers: BTreeMap::new(),
            connections: BTreeMap::new(),
            writes: BTreeMap::new(),
            next_task: 0,
            recovery_began: now - recovered.reading_took,
            config,
        };
        agent.recover(now, recovered);
        agent.timers.set(now, Timer::DiskWatch);
        agent.flush(now);
        agent
    }

    /// Takes note of one thing that happened.
    pub fn handle(&mut self, now: Time, input: Input) {
        match input {
            Input::MasterDetected(master) => self.master_detected(now, master),
            Input::MasterMessage { from, message } => self.master_message(now, &from, *message),
            Input::MasterLinkBroken { pid } => self.master_link_broken(now, &pid),
            Input::ExecutorSubscribe { connection, call } => {
                self.executor_subscribe(now, connection, &call);
            }
            Input::ExecutorCall { request, call } => self.executor_call(now, request, *call),
            Input::ExecutorConnectionClosed { connection } => {
                self.executor_connection_closed(connection);
            }
            Input::ContainerLaunched { container, pid } => {
                self.container_launched(now, &container, pid);
            }
            Input::ContainerLaunchFailed { container, failure } => {
                self.container_launch_failed(now, &container, failure);
            }
            Input::ContainerExited { container, exit } => {
                self.container_exited(now, &container, exit);
            }
            Input::ProbeFinished { container, probe, outcome } => {
                self.probe_finished(now, &container, probe, &outcome);
            }
            Input::CheckpointStored { write } => self.checkpoint_stored(now, write, None),
            Input::CheckpointFailed { write, reason } => {
                self.checkpoint_stored(now, write, Some(&reason));
            }
            Input::PathRemoved { path } => {
                self.gc.finished(&path);
                self.counters.gc_path_removals_succeeded += 1;
            }
            Input::PathNotRemoved { path, reason } => {
                self.gc.finished(&path);
                self.counters.gc_path_removals_failed += 1;
                self.outbox.warn(format!("Failed to remove '{path}': {reason}"));
            }
            Input::DiskUsage { used } => self.disk_usage(now, used),
            Input::Shutdown { reason } => self.shut_down_and_unregister(now, &reason),
            Input::Wake => {}
        }
        self.fire_timers(now);
        self.flush(now);
    }

    /// The next thing to do, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outbox.pop()
    }

    /// When to call [`Agent::handle`] with [`Input::Wake`], and why.
    pub fn poll_timeout(&self) -> Option<(Time, &'static str)> {
        let updates = self.updates.poll_timeout().map(|at| (at, "status update retry"));
        let gc = self.gc.poll_timeout().map(|at| (at, "garbage collection"));
        [self.timers.next(), updates, gc].into_iter().flatten().min()
    }

    fn fire_timers(&mut self, now: Time) {
        while let Some(timer) = self.timers.pop_due(now) {
            match timer {
                Timer::Register => self.register(now),
                Timer::PingMissing => self.ping_missing(now),
                Timer::ExecutorRegistration(container) => {
                    self.executor_registration_timeout(now, &container);
                }
                Timer::ExecutorShutdown(container) => {
                    self.executor_shutdown_timeout(now, &container);
                }
                Timer::ExecutorHeartbeat(connection) => self.executor_heartbeat(now, connection),
                Timer::CommandTask(container) => self.wake_command_task(now, &container),
                Timer::Recovery => self.recovery_window_over(now),
                Timer::DiskWatch => self.outbox.push(Output::MeasureDiskUsage),
            }
        }
        self.updates.wake(now);
        self.collect_garbage(now);
    }

    /// Sends the updates that are to go.
    pub(crate) fn flush(&mut self, now: Time) {
        while let Some(update) = self.updates.poll_forward() {
            self.forward(now, update);
        }
    }

    /// The agent's id; empty until it has one, and nothing runs until then.
    pub(crate) fn agent_id(&self) -> String {
        self.info.id.as_ref().map(|id| id.value.clone()).unwrap_or_default()
    }

    /// The executor of a container.
    pub(crate) fn executor_in(&mut self, container: &ContainerId) -> Option<&mut Executor> {
        let (framework_id, executor_id) = self.containers.get(container)?;
        self.frameworks.get_mut(framework_id)?.executors.get_mut(executor_id)
    }

    pub(crate) fn next_task_key(&mut self) -> TaskKey {
        let key = TaskKey(self.next_task);
        self.next_task += 1;
        key
    }

    pub(crate) fn new_uuid(&mut self) -> Bytes {
        Bytes::copy_from_slice(&self.rng.uuid())
    }

    /// Shows the agent itself to the views.
    pub(crate) fn publish_agent(&mut self) {
        let record = AgentRecord {
            info: self.info.clone(),
            master: self.registration.master.clone(),
            registered: self.phase == Phase::Running,
            recovered: self.phase != Phase::Recovering,
            drain: self.drain,
        };
        self.outbox.change(Change::Agent(Arc::new(record)));
    }
}

/// A description as it is inside: resources in the new spelling, nothing that only v0 has.
fn inner_form(info: &AgentInfo) -> AgentInfo {
    let mut info = info.clone();
    info.resources.iter_mut().for_each(convert::upgrade);
    info.checkpoint = None;
    info
}
