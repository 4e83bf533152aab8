// SPDX-License-Identifier: Apache-2.0

//! Whatever happens, in whatever order: no panic, and the promises are kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bytes::Bytes;
use mesos_proto::{
    internal::{
        DrainSlaveMessage, PingSlaveMessage, ShutdownExecutorMessage, ShutdownFrameworkMessage,
        SlaveReregisteredMessage, UpdateFrameworkMessage,
    },
    v1::{
        AgentId, ExecutorId, FrameworkInfo, HealthCheck, TaskInfo, TaskState, TaskStatus,
        executor::call, health_check,
    },
};
use proptest::prelude::*;

use super::{disk::Disk, rig::*};
use crate::{
    ConnectionKey, ContainerId, FromMaster, Input, Output, ProbeKey, ToMaster, WriteKey,
    input::{ContainerExit, LaunchFailure, ProbeOutcome},
    recovery::{RecoveredContainer, read},
    task_state::is_terminal,
};

/// One step; the numbers choose among what is there.
#[derive(Clone, Debug)]
enum Step {
    RunCommand(u8),
    RunOnExecutor {
        task: u8,
        executor: u8,
        new: bool,
    },
    RunGroup(u8),
    Kill(u8),
    Acknowledge(usize),
    Container(usize, ContainerStep),
    Subscribe(u8),
    Update {
        task: u8,
        executor: u8,
        state: i32,
        uuid: u8,
    },
    ConnectionClosed(u64),
    Stored(u64),
    Failed(u64),
    Master(MasterStep),
    Disk(u8),
    /// The agent dies and comes back; the containers of these bits have ended meanwhile.
    Restart(u8),
    Advance(u64),
}

/// What the one with this index among the live containers does.
#[derive(Clone, Debug)]
enum ContainerStep {
    Launched,
    LaunchFailed,
    Exited(i32),
    Probe(u64, i32),
}

#[derive(Clone, Debug)]
enum MasterStep {
    LinkBroken,
    Detected(bool),
    Reregistered,
    Ping(bool),
    ShutdownExecutor(u8),
    ShutdownFramework,
    UpdateFramework,
    Drain,
}

fn container_step() -> impl Strategy<Value = ContainerStep> {
    prop_oneof![
        Just(ContainerStep::Launched),
        Just(ContainerStep::LaunchFailed),
        prop_oneof![Just(0), Just(256), Just(9), Just(-1)].prop_map(ContainerStep::Exited),
        (0u64..3, 0i32..2).prop_map(|(probe, code)| ContainerStep::Probe(probe, code)),
    ]
}

fn master_step() -> impl Strategy<Value = MasterStep> {
    prop_oneof![
        Just(MasterStep::LinkBroken),
        any::<bool>().prop_map(MasterStep::Detected),
        Just(MasterStep::Reregistered),
        any::<bool>().prop_map(MasterStep::Ping),
        (0u8..2).prop_map(MasterStep::ShutdownExecutor),
        Just(MasterStep::ShutdownFramework),
        Just(MasterStep::UpdateFramework),
        Just(MasterStep::Drain),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let small = 0u8..4;
    prop_oneof![
        1 => small.clone().prop_map(Step::RunCommand),
        1 => (small.clone(), 0u8..2, any::<bool>())
            .prop_map(|(task, executor, new)| Step::RunOnExecutor { task, executor, new }),
        1 => (0u8..2).prop_map(Step::RunGroup),
        1 => small.clone().prop_map(Step::Kill),
        1 => (0usize..6).prop_map(Step::Acknowledge),
        4 => (0usize..6, container_step()).prop_map(|(at, step)| Step::Container(at, step)),
        1 => (0u8..2).prop_map(Step::Subscribe),
        1 => (small, 0u8..2, 0i32..14, 1u8..6).prop_map(|(task, executor, state, uuid)| {
            Step::Update { task, executor, state, uuid: 0x40 + uuid }
        }),
        1 => (0u64..4).prop_map(Step::ConnectionClosed),
        1 => (0u64..60).prop_map(Step::Stored),
        1 => (0u64..60).prop_map(Step::Failed),
        8 => master_step().prop_map(Step::Master),
        1 => (0u8..101).prop_map(Step::Disk),
        1 => any::<u8>().prop_map(Step::Restart),
        1 => (0u64..100_000).prop_map(Step::Advance),
    ]
}

/// What an outsider saw.
#[derive(Default)]
struct Witness {
    containers: Vec<ContainerId>,
    over: BTreeSet<ContainerId>,
    sent: Vec<TaskStatus>,
    /// By task: the update on its way, by uuid.
    on_its_way: BTreeMap<String, Bytes>,
    /// The framework was torn down: what was on its way may be forgotten.
    torn_down: bool,
    checkpoint: bool,
}

impl Witness {
    fn look(&mut self, rig: &mut Rig) {
        for output in rig.seen.drain(..) {
            if let Output::Launch(spec) = &output {
                assert!(!self.containers.contains(&spec.container), "launched twice");
                self.containers.push(spec.container.clone());
            }
            if let Output::Destroy { container } | Output::Signal { container, .. } = &output {
                assert!(!self.over.contains(container), "there is nothing to kill any more");
            }
            if let Output::ToMaster { message, .. } = output
                && let ToMaster::StatusUpdate(message) = *message
            {
                self.saw(message.update.status);
            }
        }
    }

    fn saw(&mut self, status: TaskStatus) {
        let uuid = status.uuid.clone().expect("every update has a uuid");
        let task = status.task_id.value.clone();
        let before = self.on_its_way.insert(task, uuid.clone());
        assert!(
            self.torn_down || before.is_none_or(|before| before == uuid),
            "an update overtook one that was not acknowledged"
        );
        self.sent.push(status);
    }

    fn framework(&self) -> FrameworkInfo {
        if self.checkpoint { checkpointing() } else { framework() }
    }

    fn container(&self, index: usize) -> Option<ContainerId> {
        let mut live = self.containers.iter().filter(|container| !self.over.contains(*container));
        live.nth(index).cloned()
    }
}

fn command(task: u8) -> TaskInfo {
    let mut check = HealthCheck { delay_seconds: Some(0.0), ..HealthCheck::default() };
    check.set_type(health_check::Type::Tcp);
    check.tcp = Some(health_check::TcpCheckInfo { port: 1, protocol: None });
    TaskInfo { health_check: Some(check), ..command_task(&format!("c{task}")) }
}

fn take(rig: &mut Rig, witness: &mut Witness, step: Step) {
    match step {
        Step::RunCommand(task) => rig.run(witness.framework(), command(task)),
        Step::RunOnExecutor { task, executor, new } => {
            rig.master(FromMaster::RunTask(mesos_proto::internal::RunTaskMessage {
                framework: witness.framework(),
                task: executor_task(&format!("t{task}"), &format!("e{executor}")),
                launch_executor: Some(new),
                ..Default::default()
            }));
        }
        Step::RunGroup(executor) => {
            rig.run_group(super::rig::executor(&format!("e{executor}")), &["t0", "t1"]);
        }
        Step::Kill(task) => {
            rig.kill(&format!("c{task}"), None);
            rig.kill(&format!("t{task}"), None);
        }
        Step::Acknowledge(index) => {
            let Some(status) = witness.sent.get(index).cloned() else { return };
            let task = &status.task_id.value;
            rig.acknowledge(&status);
            if rig.agent.metrics().registered
                && witness.on_its_way.get(task) == status.uuid.as_ref()
            {
                witness.on_its_way.remove(task);
                witness.sent.remove(index);
            }
        }
        Step::Container(index, step) => take_container(rig, witness, index, step),
        Step::Subscribe(executor) => {
            rig.subscribe(&format!("e{executor}"), call::Subscribe::default());
        }
        Step::Update { task, executor, state, uuid } => {
            let state = TaskState::try_from(state).unwrap_or_default();
            rig.update(&format!("e{executor}"), &format!("t{task}"), state, uuid);
        }
        Step::ConnectionClosed(connection) => {
            let connection = ConnectionKey(connection);
            rig.input(Input::ExecutorConnectionClosed { connection });
        }
        Step::Stored(write) => rig.input(Input::CheckpointStored { write: WriteKey(write) }),
        Step::Failed(write) => {
            rig.input(Input::CheckpointFailed { write: WriteKey(write), reason: "full".into() });
        }
        Step::Disk(percent) => {
            rig.input(Input::DiskUsage { used: Some(f64::from(percent) / 100.0) });
        }
        Step::Restart(ended) => restart(rig, witness, ended),
        Step::Advance(milliseconds) => rig.advance(Duration::from_millis(milliseconds)),
        Step::Master(step) => {
            witness.torn_down |= matches!(step, MasterStep::ShutdownFramework);
            take_master(rig, step);
        }
    }
}

fn take_container(rig: &mut Rig, witness: &mut Witness, index: usize, step: ContainerStep) {
    let Some(container) = witness.container(index) else { return };
    if matches!(step, ContainerStep::LaunchFailed | ContainerStep::Exited(_)) {
        witness.over.insert(container.clone());
    }
    rig.input(match step {
        ContainerStep::Launched => Input::ContainerLaunched { container, pid: 1 },
        ContainerStep::LaunchFailed => {
            let failure = LaunchFailure::Container("no".into());
            Input::ContainerLaunchFailed { container, failure }
        }
        ContainerStep::Exited(status) => {
            let status = (status >= 0).then_some(status);
            Input::ContainerExited { container, exit: ContainerExit { status, limitation: None } }
        }
        ContainerStep::Probe(probe, code) => {
            let (probe, outcome) = (ProbeKey(probe), ProbeOutcome::Exited(code));
            Input::ProbeFinished { container, probe, outcome }
        }
    });
}

fn take_master(rig: &mut Rig, step: MasterStep) {
    let agent_id = AgentId { value: AGENT_ID.into() };
    match step {
        MasterStep::LinkBroken => rig.input(Input::MasterLinkBroken { pid: MASTER.into() }),
        MasterStep::Detected(there) => {
            rig.input(Input::MasterDetected(there.then(|| MASTER.to_owned())));
        }
        MasterStep::Reregistered => {
            rig.master(FromMaster::Reregistered(SlaveReregisteredMessage {
                agent_id,
                ..Default::default()
            }));
        }
        MasterStep::Ping(connected) => rig.master(FromMaster::Ping(PingSlaveMessage { connected })),
        MasterStep::ShutdownExecutor(executor) => {
            rig.master(FromMaster::ShutdownExecutor(ShutdownExecutorMessage {
                executor_id: Some(ExecutorId { value: format!("e{executor}") }),
                framework_id: Some(framework_id()),
            }));
        }
        MasterStep::ShutdownFramework => {
            rig.master(FromMaster::ShutdownFramework(ShutdownFrameworkMessage {
                framework_id: framework_id(),
            }));
        }
        MasterStep::UpdateFramework => {
            rig.master(FromMaster::UpdateFramework(UpdateFrameworkMessage {
                framework_id: framework_id(),
                ..Default::default()
            }));
        }
        MasterStep::Drain => {
            rig.master(FromMaster::Drain(DrainSlaveMessage { config: Default::default() }));
        }
    }
}

fn restart(rig: &mut Rig, witness: &mut Witness, ended: u8) {
    if !rig.disk {
        return;
    }
    let mut state = read(&Disk::of(rig), "/work", None);
    for (index, container) in witness.containers.iter().enumerate() {
        if witness.over.contains(container) {
            continue;
        }
        let found = if ended & (1 << (index % 8)) != 0 {
            RecoveredContainer::Exited(ContainerExit { status: Some(0), limitation: None })
        } else {
            RecoveredContainer::Running { pid: 1 }
        };
        state.containers.insert(container.clone(), found);
    }
    let mut files = std::mem::take(&mut rig.files);
    let over: Vec<ContainerId> = state
        .containers
        .iter()
        .filter(|(_, found)| matches!(found, RecoveredContainer::Exited(_)))
        .map(|(container, _)| container.clone())
        .collect();
    // What nobody wrote down is forgotten; the master misses it, and says so.
    witness.on_its_way.retain(|task, _| {
        let stream = format!("/tasks/{task}/task.updates");
        files.iter().any(|(path, _)| path.ends_with(&stream))
    });
    // One life's uuids are not those of another.
    *rig = Rig::with(config(), state, rig.now + Duration::from_nanos(1));
    files.append(&mut rig.files);
    rig.files = files;
    witness.look(rig);
    witness.over.extend(over);
}

/// Lets everything that was started come to its end.
fn finish(rig: &mut Rig, witness: &mut Witness) {
    rig.disk = true;
    for write in 0..rig.writes {
        rig.input(Input::CheckpointStored { write: WriteKey(write) });
    }
    take_master(rig, MasterStep::Detected(true));
    rig.advance(Duration::from_secs(1));
    take_master(rig, MasterStep::Reregistered);
    for _ in 0..40 {
        rig.advance(Duration::from_secs(40));
        take_master(rig, MasterStep::Detected(true));
        rig.advance(Duration::from_secs(1));
        take_master(rig, MasterStep::Reregistered);
        witness.look(rig);
        while let Some(container) = witness.container(0) {
            witness.over.insert(container.clone());
            let exit = ContainerExit { status: Some(0), limitation: None };
            rig.input(Input::ContainerExited { container, exit });
            witness.look(rig);
        }
        for status in std::mem::take(&mut witness.sent) {
            rig.acknowledge(&status);
            witness.on_its_way.remove(&status.task_id.value);
            witness.look(rig);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_no_update_overtakes_and_all_comes_to_an_end(
        disk in any::<bool>(),
        checkpoint in any::<bool>(),
        steps in proptest::collection::vec(step(), 1..80),
    ) {
        let mut rig = Rig::registered();
        rig.disk = disk;
        let mut witness = Witness { checkpoint, ..Witness::default() };
        for step in steps {
            take(&mut rig, &mut witness, step);
            witness.look(&mut rig);
        }
        finish(&mut rig, &mut witness);
        let metrics = rig.agent.metrics();
        prop_assert_eq!(metrics.frameworks_active, 0, "something never ended");
        prop_assert!(witness.on_its_way.is_empty());
        prop_assert!(witness.sent.iter().all(|status| is_terminal(status.state())));
    }
}
