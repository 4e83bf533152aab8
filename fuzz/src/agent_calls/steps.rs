// SPDX-License-Identifier: Apache-2.0

//! What one step of an agent's life does.

use std::time::Duration;

use bytes::Bytes;
use mesos_agent_state::{
    FromMaster, Input,
    input::{ContainerExit, LaunchFailure, ProbeOutcome},
};
use mesos_proto::{
    Described,
    internal::{
        DrainSlaveMessage, KillTaskMessage, PingSlaveMessage, RunTaskGroupMessage, RunTaskMessage,
        ShutdownExecutorMessage, ShutdownFrameworkMessage,
    },
    v1::{
        AgentId, CommandInfo, ExecutorId, ExecutorInfo, FrameworkId, FrameworkInfo, HealthCheck,
        Resource, TaskGroupInfo, TaskId, TaskInfo, TaskState, TaskStatus,
        executor::{Call, call},
        framework_info::{Capability, capability},
        health_check,
        task_status::Source,
        value,
    },
};

use super::world::{AGENT_ID, MASTER, World};
use crate::{choice::Choices, grammar};

type Step = fn(&mut World, &mut Choices<'_>);

/// A kind of step; those that make a life are there more than once.
const STEPS: &[Step] = &[
    run_command,
    run_on_executor,
    container_launched,
    acknowledge,
    container_exited,
    subscribe,
    update,
    run_group,
    kill,
    pass_time,
    container_launched,
    acknowledge,
    update,
    any_executor_call,
    any_master_message,
    launch_failed,
    probe,
    master,
    shut_down,
    connection_closed,
    disk,
    written,
    restart,
    any_master_message,
];

const STATES: [TaskState; 9] = [
    TaskState::TaskRunning,
    TaskState::TaskFinished,
    TaskState::TaskStarting,
    TaskState::TaskFailed,
    TaskState::TaskKilled,
    TaskState::TaskKilling,
    TaskState::TaskError,
    TaskState::TaskLost,
    TaskState::TaskStaging,
];

/// Takes one step.
pub(super) fn step(world: &mut World, choices: &mut Choices<'_>) {
    STEPS[choices.below(STEPS.len())](world, choices);
}

fn run_command(world: &mut World, choices: &mut Choices<'_>) {
    let id = ["c0", "c1"][choices.below(2)];
    let mut task = task(id, choices);
    task.command = Some(CommandInfo { value: Some("x".to_owned()), ..CommandInfo::default() });
    if choices.chance(4) {
        let mut check = HealthCheck { delay_seconds: Some(0.0), ..HealthCheck::default() };
        check.set_type(health_check::Type::Tcp);
        check.tcp = Some(health_check::TcpCheckInfo { port: 1, protocol: None });
        task.health_check = Some(check);
    }
    run(world, choices, task, true);
}

fn run_on_executor(world: &mut World, choices: &mut Choices<'_>) {
    let id = ["t0", "t1"][choices.below(2)];
    let mut task = task(id, choices);
    task.executor = Some(executor(choices));
    let new = !choices.chance(2);
    run(world, choices, task, new);
}

fn run(world: &mut World, choices: &mut Choices<'_>, task: TaskInfo, new: bool) {
    let framework = framework(choices);
    world.master_says(FromMaster::RunTask(RunTaskMessage {
        framework,
        pid: Some("@0.0.0.0:0".to_owned()),
        task,
        launch_executor: Some(new),
        ..RunTaskMessage::default()
    }));
}

fn run_group(world: &mut World, choices: &mut Choices<'_>) {
    let tasks = vec![task("t0", choices), task("t1", choices)];
    let executor = executor(choices);
    let framework = framework(choices);
    world.master_says(FromMaster::RunTaskGroup(RunTaskGroupMessage {
        framework,
        executor,
        task_group: TaskGroupInfo { tasks },
        launch_executor: Some(!choices.chance(2)),
        ..RunTaskGroupMessage::default()
    }));
}

fn kill(world: &mut World, choices: &mut Choices<'_>) {
    let task = choices.pick(&world.words.tasks).cloned().unwrap_or_default();
    world.master_says(FromMaster::KillTask(KillTaskMessage {
        framework_id: framework_id(choices),
        task_id: TaskId { value: task },
        kill_policy: None,
    }));
}

fn container_launched(world: &mut World, choices: &mut Choices<'_>) {
    if let Some(spec) = choices.pick(&world.live) {
        let container = spec.container.clone();
        world.input(Input::ContainerLaunched { container, pid: 77 });
    }
}

fn container_exited(world: &mut World, choices: &mut Choices<'_>) {
    let Some(container) = world.take_live(choices.below(8)) else { return };
    let status = [Some(0), Some(256), Some(9), None][choices.below(4)];
    let exit = ContainerExit { status, limitation: None };
    world.input(Input::ContainerExited { container, exit });
}

fn launch_failed(world: &mut World, choices: &mut Choices<'_>) {
    let Some(container) = world.take_live(choices.below(8)) else { return };
    let failure = match choices.below(3) {
        0 => LaunchFailure::Container("no".to_owned()),
        1 => LaunchFailure::Sandbox("no".to_owned()),
        _ => LaunchFailure::Unsupported,
    };
    world.input(Input::ContainerLaunchFailed { container, failure });
}

fn probe(world: &mut World, choices: &mut Choices<'_>) {
    let Some((container, probe)) = choices.pick(&world.probes).cloned() else { return };
    let outcome = match choices.below(6) {
        0 => ProbeOutcome::Connected(true),
        1 => ProbeOutcome::Connected(false),
        2 => ProbeOutcome::TimedOut,
        3 => ProbeOutcome::Failed("no".to_owned()),
        4 => ProbeOutcome::Exited(0),
        _ => ProbeOutcome::HttpStatus(500),
    };
    world.input(Input::ProbeFinished { container, probe, outcome });
}

/// The executor of a live container subscribes.
fn subscribe(world: &mut World, choices: &mut Choices<'_>) {
    let Some(spec) = choices.pick(&world.live) else { return };
    let mut call = Call {
        executor_id: ExecutorId { value: spec.executor_id.clone() },
        framework_id: FrameworkId { value: spec.framework_id.clone() },
        subscribe: Some(call::Subscribe::default()),
        ..Call::default()
    };
    call.set_type(call::Type::Subscribe);
    world.subscribe(call);
}

/// The executor of a live container reports a task.
fn update(world: &mut World, choices: &mut Choices<'_>) {
    let Some(spec) = choices.pick(&world.live) else { return };
    let (executor, framework) = (spec.executor_id.clone(), spec.framework_id.clone());
    let mut uuid = vec![choices.byte(); 16];
    uuid[6] = 0x40;
    let mut status = TaskStatus {
        task_id: TaskId { value: ["t0", "t1"][choices.below(2)].to_owned() },
        uuid: Some(Bytes::from(uuid)),
        executor_id: Some(ExecutorId { value: executor.clone() }),
        ..TaskStatus::default()
    };
    status.set_state(STATES[choices.below(STATES.len())]);
    status.set_source(Source::Executor);
    let mut call = Call {
        executor_id: ExecutorId { value: executor },
        framework_id: FrameworkId { value: framework },
        update: Some(call::Update { status }),
        ..Call::default()
    };
    call.set_type(call::Type::Update);
    world.call(call);
}

fn acknowledge(world: &mut World, choices: &mut Choices<'_>) {
    world.acknowledge(choices.below(8));
}

fn pass_time(world: &mut World, choices: &mut Choices<'_>) {
    let milliseconds = [100, 1000, 3000, 10_000, 61_000, 700_000, 5_000_000][choices.below(7)];
    world.advance(Duration::from_millis(milliseconds));
}

/// The master goes, comes back, or looks whether the agent is there.
fn master(world: &mut World, choices: &mut Choices<'_>) {
    match choices.below(6) {
        0 => world.input(Input::MasterLinkBroken { pid: MASTER.to_owned() }),
        1 => world.input(Input::MasterDetected(None)),
        2 => world.input(Input::MasterDetected(Some("master@10.0.0.9:5050".to_owned()))),
        3 => world.reregister(),
        4 => {
            let connected = choices.chance(8);
            let ping = FromMaster::Ping(PingSlaveMessage { connected });
            world.message("slave-observer(1)@10.0.0.1:5050", ping);
        }
        _ => world.input(Input::MasterDetected(Some(MASTER.to_owned()))),
    }
}

/// An executor, a framework or all of them are to end.
fn shut_down(world: &mut World, choices: &mut Choices<'_>) {
    let framework_id = framework_id(choices);
    match choices.below(8) {
        0..3 => {
            let executor_id = choices.pick(&world.words.executors).cloned().unwrap_or_default();
            world.master_says(FromMaster::ShutdownExecutor(ShutdownExecutorMessage {
                executor_id: Some(ExecutorId { value: executor_id }),
                framework_id: Some(framework_id),
            }));
        }
        3..6 => {
            // What was on its way may be forgotten.
            world.nonsense = true;
            world.master_says(FromMaster::ShutdownFramework(ShutdownFrameworkMessage {
                framework_id,
            }));
        }
        6 => {
            let config = Default::default();
            world.master_says(FromMaster::Drain(DrainSlaveMessage { config }));
        }
        _ => world.input(Input::Shutdown { reason: "told so".to_owned() }),
    }
}

fn connection_closed(world: &mut World, choices: &mut Choices<'_>) {
    let Some(connection) = choices.pick(&world.open).copied() else { return };
    world.open.retain(|one| *one != connection);
    world.input(Input::ExecutorConnectionClosed { connection });
}

/// The disk fills, or something is removed from it.
fn disk(world: &mut World, choices: &mut Choices<'_>) {
    if choices.chance(8)
        && let Some(path) = world.removing.pop()
    {
        world.input(if choices.chance(8) {
            Input::PathRemoved { path }
        } else {
            Input::PathNotRemoved { path, reason: "busy".to_owned() }
        });
        return;
    }
    let used = [None, Some(0.5), Some(0.95), Some(1.0), Some(f64::NAN)][choices.below(5)];
    world.input(Input::DiskUsage { used });
}

fn written(world: &mut World, choices: &mut Choices<'_>) {
    match choices.below(8) {
        0..3 => world.stores = false,
        3 => world.written(true),
        4 => {
            world.written(false);
            world.written(false);
        }
        _ => world.written(false),
    }
}

/// The agent dies, sometimes in the middle of a write or with a damaged disk.
fn restart(world: &mut World, choices: &mut Choices<'_>) {
    match choices.below(8) {
        0..3 => {
            world.nonsense = true;
            world.disk.tear(choices.below(64) + 1);
        }
        3 => {
            world.nonsense = true;
            let (which, at) = (choices.below(256), choices.below(256));
            world.disk.damage(which, at, choices.byte());
        }
        _ => {}
    }
    // What an agent that died had not written may be told by nobody any more.
    world.restart(choices.byte());
}

/// A call of an executor, of any shape.
fn any_executor_call(world: &mut World, choices: &mut Choices<'_>) {
    let bytes = grammar::message(choices, &world.words, Call::descriptor());
    let Ok(call) = mesos_proto::decode::<Call>(&bytes) else { return };
    if call.r#type() == call::Type::Subscribe {
        world.nonsense = true;
        world.subscribe(call);
    } else {
        world.call(call);
    }
}

/// A message of a master, of any shape, and sometimes from elsewhere.
fn any_master_message(world: &mut World, choices: &mut Choices<'_>) {
    let message = match choices.below(17) {
        0 => made(world, choices).map(FromMaster::RunTask),
        1 => made(world, choices).map(FromMaster::RunTaskGroup),
        2 => made(world, choices).map(FromMaster::KillTask),
        3 => made(world, choices).map(FromMaster::ShutdownExecutor),
        4 => made(world, choices).map(FromMaster::ShutdownFramework),
        5 => made(world, choices).map(FromMaster::FrameworkToExecutor),
        6 => made(world, choices).map(FromMaster::UpdateFramework),
        7 => made(world, choices).map(FromMaster::CheckpointResources),
        8 => made(world, choices).map(FromMaster::ApplyOperation),
        9 => made(world, choices).map(FromMaster::ReconcileOperations),
        10 => made(world, choices).map(FromMaster::StatusUpdateAcknowledgement),
        11 => made(world, choices).map(FromMaster::AcknowledgeOperationStatus),
        12 => made(world, choices).map(FromMaster::Registered),
        13 => made(world, choices).map(FromMaster::Reregistered),
        14 => made(world, choices).map(FromMaster::Drain),
        15 => made(world, choices).map(FromMaster::Ping),
        _ => made(world, choices).map(FromMaster::Shutdown),
    };
    let Some(message) = message else { return };
    world.nonsense = true;
    let from = if choices.chance(2) { "scheduler@10.0.0.5:1" } else { MASTER };
    world.message(from, message);
}

/// A message of one of these types, as it would come from the wire.
fn made<M: Described>(world: &World, choices: &mut Choices<'_>) -> Option<M> {
    let bytes = grammar::message(choices, &world.words, M::descriptor());
    mesos_proto::decode(&bytes).ok()
}

fn framework_id(choices: &mut Choices<'_>) -> FrameworkId {
    FrameworkId { value: ["M-0000", "M-0001"][choices.below(2)].to_owned() }
}

/// A framework; the second one checkpoints.
fn framework(choices: &mut Choices<'_>) -> FrameworkInfo {
    let id = framework_id(choices);
    let checkpoint = id.value.ends_with('1');
    let mut aware = Capability::default();
    aware.set_type(capability::Type::PartitionAware);
    FrameworkInfo {
        user: "root".to_owned(),
        name: "test".to_owned(),
        id: Some(id),
        checkpoint: Some(checkpoint),
        capabilities: vec![aware],
        ..FrameworkInfo::default()
    }
}

fn executor(choices: &mut Choices<'_>) -> ExecutorInfo {
    ExecutorInfo {
        executor_id: ExecutorId { value: ["e0", "e1"][choices.below(2)].to_owned() },
        command: Some(CommandInfo { value: Some("./e".to_owned()), ..CommandInfo::default() }),
        resources: vec![scalar("cpus", 0.1), scalar("mem", 32.0)],
        ..ExecutorInfo::default()
    }
}

fn task(id: &str, choices: &mut Choices<'_>) -> TaskInfo {
    let cpus = [1.0, 0.1][choices.below(2)];
    TaskInfo {
        name: "task".to_owned(),
        task_id: TaskId { value: id.to_owned() },
        agent_id: AgentId { value: AGENT_ID.to_owned() },
        resources: vec![scalar("cpus", cpus), scalar("mem", 64.0)],
        ..TaskInfo::default()
    }
}

fn scalar(name: &str, value: f64) -> Resource {
    let mut resource = Resource {
        name: name.to_owned(),
        scalar: Some(value::Scalar { value }),
        ..Resource::default()
    };
    resource.set_type(value::Type::Scalar);
    resource
}
