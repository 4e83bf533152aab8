// SPDX-License-Identifier: Apache-2.0

//! What well-behaved agents say.

use bytes::Bytes;
use mesos_master_state::FromAgent;
use mesos_proto::{
    internal::{
        ExecutorToFrameworkMessage, ExitedExecutorMessage, RegisterSlaveMessage,
        ReregisterSlaveMessage, StatusUpdate, StatusUpdateMessage,
    },
    v1::{
        AgentId, AgentInfo, DomainInfo, ExecutorInfo, FrameworkId, Resource, Task, TaskState,
        TaskStatus,
        agent_info::{Capability, capability::Type},
        domain_info::{FaultDomain, fault_domain},
        task_status::Source,
        value,
    },
};

use super::world::{Sent, World};
use crate::choice::Choices;

/// Where agents may be.
pub(super) const PIDS: [&str; 3] =
    ["slave(1)@10.0.0.1:5051", "slave(1)@10.0.0.2:5051", "slave(1)@10.0.0.2:5052"];

const STATES: [TaskState; 9] = [
    TaskState::TaskRunning,
    TaskState::TaskFinished,
    TaskState::TaskStarting,
    TaskState::TaskFailed,
    TaskState::TaskKilled,
    TaskState::TaskKilling,
    TaskState::TaskLost,
    TaskState::TaskDropped,
    TaskState::TaskGone,
];

/// An agent joins.
pub(super) fn register(world: &mut World, choices: &mut Choices<'_>) {
    let pid = PIDS[choices.below(PIDS.len())];
    let message = RegisterSlaveMessage {
        agent: info(choices),
        version: Some("1.11.0".to_owned()),
        agent_capabilities: capabilities(),
        ..Default::default()
    };
    world.agent_says(pid, FromAgent::Register(Box::new(message)));
}

/// An agent comes back with the tasks that it was sent.
pub(super) fn reregister(world: &mut World, choices: &mut Choices<'_>) {
    let ids = world.words.agents.clone();
    let known: Vec<(String, String)> =
        world.agents.iter().map(|(pid, id)| (pid.clone(), id.clone())).collect();
    let made_up = || (PIDS[0].to_owned(), String::new());
    let (pid, mut id) = choices.pick(&known).cloned().unwrap_or_else(made_up);
    if id.is_empty() || choices.chance(3) {
        id = choices.pick(&ids).cloned().unwrap_or_default();
    }
    let sent: Vec<&Sent> = world.sent.iter().filter(|sent| sent.agent == id).collect();
    let tasks = sent.iter().map(|sent| reported(sent, STATES[choices.below(2)])).collect();
    let mut message = ReregisterSlaveMessage {
        agent: AgentInfo { id: Some(AgentId { value: id }), ..info(choices) },
        version: Some("1.11.0".to_owned()),
        agent_capabilities: capabilities(),
        tasks,
        ..Default::default()
    };
    for sent in &sent {
        let framework_id = Some(FrameworkId { value: sent.framework.clone() });
        let executor = sent.task.executor.clone();
        message
            .executor_infos
            .extend(executor.map(|executor| ExecutorInfo { framework_id, ..executor }));
    }
    for sent in sent {
        let id = FrameworkId { value: sent.framework.clone() };
        if !message.frameworks.iter().any(|info| info.id.as_ref() == Some(&id)) {
            message.frameworks.push(super::schedulers::info(choices, Some(id)));
        }
    }
    // It may tell of tasks that its master never knew, and of more than it has.
    world.witness.liars = true;
    world.agent_says(&pid, FromAgent::Reregister(Box::new(message.into())));
}

/// An agent reports how a task does that it was sent.
pub(super) fn report(world: &mut World, choices: &mut Choices<'_>) {
    let Some(sent) = choices.pick(&world.sent).cloned() else { return };
    let state = STATES[choices.below(STATES.len())];
    let uuid = Bytes::from(vec![choices.byte(); 16]);
    let message = StatusUpdateMessage {
        update: StatusUpdate {
            framework_id: FrameworkId { value: sent.framework.clone() },
            agent_id: Some(AgentId { value: sent.agent.clone() }),
            status: TaskStatus {
                task_id: sent.task.task_id.clone(),
                state: state.into(),
                source: Some(Source::Executor.into()),
                uuid: Some(uuid.clone()),
                ..Default::default()
            },
            timestamp: world.now.as_secs_f64(),
            uuid: Some(uuid),
            latest_state: Some(STATES[choices.below(STATES.len())].into()),
            ..Default::default()
        },
        pid: Some(sent.pid.clone()),
    };
    world.agent_says(&sent.pid, FromAgent::StatusUpdate(Box::new(message)));
}

/// An executor that was launched says something, or ends.
pub(super) fn executor(world: &mut World, choices: &mut Choices<'_>) {
    let Some(sent) = choices.pick(&world.sent).cloned() else { return };
    let Some(executor) = sent.task.executor else { return };
    let agent_id = AgentId { value: sent.agent };
    let framework_id = FrameworkId { value: sent.framework };
    let executor_id = executor.executor_id;
    let message = if choices.chance(8) {
        FromAgent::ExitedExecutor(ExitedExecutorMessage {
            agent_id,
            framework_id,
            executor_id,
            status: 9,
        })
    } else {
        FromAgent::ExecutorToFramework(ExecutorToFrameworkMessage {
            agent_id,
            framework_id,
            executor_id,
            data: Bytes::from_static(b"data"),
        })
    };
    world.agent_says(&sent.pid, message);
}

/// An agent answers a ping.
pub(super) fn pong(world: &mut World, choices: &mut Choices<'_>) {
    if let Some((pid, observer)) = choices.pick(&world.observers).cloned() {
        world.agent_says(&pid, FromAgent::Pong { observer });
    }
}

fn reported(sent: &Sent, state: TaskState) -> Task {
    Task {
        name: sent.task.name.clone(),
        task_id: sent.task.task_id.clone(),
        framework_id: FrameworkId { value: sent.framework.clone() },
        agent_id: AgentId { value: sent.agent.clone() },
        state: state.into(),
        resources: sent.task.resources.clone(),
        ..Default::default()
    }
}

fn info(choices: &mut Choices<'_>) -> AgentInfo {
    let shape = choices.byte();
    let mut resources = vec![scalar("cpus", 4.0), scalar("mem", 1024.0)];
    if shape & 1 != 0 {
        resources.push(scalar("disk", 4096.0));
        resources.push(ports());
    }
    if shape & 2 != 0 {
        resources.push(scalar("gpus", 1.0));
    }
    let name = |value: &str| fault_domain::RegionInfo { name: value.to_owned() };
    let domain = (shape & 12 != 0).then(|| DomainInfo {
        fault_domain: Some(FaultDomain {
            region: name(if shape & 4 != 0 { "r" } else { "elsewhere" }),
            zone: fault_domain::ZoneInfo { name: "z".to_owned() },
        }),
    });
    AgentInfo {
        hostname: format!("host{}", shape >> 6),
        port: Some(5051),
        resources,
        domain,
        ..Default::default()
    }
}

fn ports() -> Resource {
    let mut resource = Resource {
        name: "ports".to_owned(),
        ranges: Some(value::Ranges { range: vec![value::Range { begin: 31_000, end: 31_010 }] }),
        ..Default::default()
    };
    resource.set_type(value::Type::Ranges);
    resource
}

/// An amount of something.
pub(super) fn scalar(name: &str, value: f64) -> Resource {
    let mut resource = Resource {
        name: name.to_owned(),
        scalar: Some(value::Scalar { value }),
        ..Default::default()
    };
    resource.set_type(value::Type::Scalar);
    resource
}

fn capabilities() -> Vec<Capability> {
    let types = [
        Type::MultiRole,
        Type::HierarchicalRole,
        Type::ReservationRefinement,
        Type::ResourceProvider,
        Type::AgentOperationFeedback,
        Type::TaskResourceLimits,
    ];
    types.map(|one| Capability { r#type: Some(one.into()) }).to_vec()
}
