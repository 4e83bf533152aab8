// SPDX-License-Identifier: Apache-2.0

//! What well-behaved schedulers say.

use mesos_master_state::StreamKey;
use mesos_proto::v1::{
    AgentId, CommandInfo, ExecutorId, ExecutorInfo, Filters, FrameworkId, FrameworkInfo, Offer,
    TaskGroupInfo, TaskId, TaskInfo,
    framework_info::{Capability, capability::Type},
    offer::{Operation, operation},
    scheduler::{Call, call},
};

use super::{
    agents::scalar,
    world::{Sent, World},
};
use crate::choice::Choices;

const ROLES: [&str; 4] = ["a", "a/b", "b", "*"];

/// A framework comes, or comes back.
pub(super) fn subscribe(world: &mut World, choices: &mut Choices<'_>) {
    let known = world.words.frameworks.clone();
    let id = choices.chance(5).then(|| choices.pick(&known).cloned()).flatten();
    let info = info(choices, id.map(|value| FrameworkId { value }));
    let call = Call {
        framework_id: info.id.clone(),
        subscribe: Some(call::Subscribe { framework_info: info, ..Default::default() }),
        ..of_type(call::Type::Subscribe)
    };
    world.subscribe(call, None);
}

/// A framework uses its newest offer.
pub(super) fn launch(world: &mut World, choices: &mut Choices<'_>) {
    let Some((stream, offer)) = newest_offer(world, choices) else { return };
    let count = choices.below(3) + 1;
    let tasks: Vec<TaskInfo> = (0..count).map(|_| task(world, choices, &offer)).collect();
    let mut operations = Vec::new();
    if choices.chance(4) {
        operations.push(group(world, choices, &offer));
    }
    let mut launch =
        Operation { launch: Some(operation::Launch { task_infos: tasks }), ..Default::default() };
    launch.set_type(operation::Type::Launch);
    operations.push(launch);
    let accept = call::Accept {
        offer_ids: vec![offer.id],
        operations,
        filters: Some(Filters { refuse_seconds: Some(f64::from(choices.byte() % 8)) }),
    };
    say(world, stream, Call { accept: Some(accept), ..of_type(call::Type::Accept) });
}

/// A framework has no use for its newest offer.
pub(super) fn decline(world: &mut World, choices: &mut Choices<'_>) {
    let Some((stream, offer)) = newest_offer(world, choices) else { return };
    let filters = Some(Filters { refuse_seconds: Some(f64::from(choices.byte() % 64)) });
    let decline = call::Decline { offer_ids: vec![offer.id], filters };
    say(world, stream, Call { decline: Some(decline), ..of_type(call::Type::Decline) });
}

/// A framework acknowledges the oldest update that it was sent.
pub(super) fn acknowledge(world: &mut World, choices: &mut Choices<'_>) {
    let waiting = |(_, stream): &(&StreamKey, &super::world::Stream)| !stream.updates.is_empty();
    let keys: Vec<StreamKey> = world.streams.iter().filter(waiting).map(|(key, _)| *key).collect();
    let Some(key) = choices.pick(&keys).copied() else { return };
    let Some(stream) = world.streams.get_mut(&key) else { return };
    let (agent, task, uuid) = stream.updates.remove(0);
    let acknowledge = call::Acknowledge {
        agent_id: AgentId { value: agent },
        task_id: TaskId { value: task },
        uuid,
    };
    let call = Call { acknowledge: Some(acknowledge), ..of_type(call::Type::Acknowledge) };
    say(world, key, call);
}

/// A framework has a task ended that it launched, or an executor.
pub(super) fn kill(world: &mut World, choices: &mut Choices<'_>) {
    let Some((stream, sent)) = own_task(world, choices) else { return };
    let agent_id = AgentId { value: sent.agent };
    let call = if let Some(executor) = sent.task.executor.filter(|_| choices.chance(4)) {
        let shutdown = call::Shutdown { executor_id: executor.executor_id, agent_id };
        Call { shutdown: Some(shutdown), ..of_type(call::Type::Shutdown) }
    } else {
        let agent_id = (!choices.chance(4)).then_some(agent_id);
        let kill = call::Kill { task_id: sent.task.task_id, agent_id, kill_policy: None };
        Call { kill: Some(kill), ..of_type(call::Type::Kill) }
    };
    say(world, stream, call);
}

/// A framework asks for the states of tasks, or of all.
pub(super) fn reconcile(world: &mut World, choices: &mut Choices<'_>) {
    let Some((stream, sent)) = own_task(world, choices) else { return };
    let task = call::reconcile::Task {
        task_id: sent.task.task_id,
        agent_id: choices.chance(8).then_some(AgentId { value: sent.agent }),
    };
    let tasks = if choices.chance(4) { Vec::new() } else { vec![task] };
    let reconcile = Some(call::Reconcile { tasks });
    say(world, stream, Call { reconcile, ..of_type(call::Type::Reconcile) });
}

/// A framework wants to be another: other roles, mostly.
pub(super) fn update(world: &mut World, choices: &mut Choices<'_>) {
    let streams: Vec<(StreamKey, String)> =
        world.streams.iter().map(|(key, stream)| (*key, stream.framework.clone())).collect();
    let Some((stream, framework)) = choices.pick(&streams).cloned() else { return };
    let framework_info = info(choices, Some(FrameworkId { value: framework }));
    let suppressed_roles = if choices.chance(4) { framework_info.roles.clone() } else { vec![] };
    let update = call::UpdateFramework { framework_info, suppressed_roles, ..Default::default() };
    let update_framework = Some(update);
    say(world, stream, Call { update_framework, ..of_type(call::Type::UpdateFramework) });
}

/// A task that was launched, and the stream of its framework.
fn own_task(world: &World, choices: &mut Choices<'_>) -> Option<(StreamKey, Sent)> {
    let sent = choices.pick(&world.sent)?.clone();
    let stream = world.streams.iter().find(|(_, stream)| stream.framework == sent.framework)?;
    Some((*stream.0, sent))
}

/// Says something on an open stream.
pub(super) fn say(world: &mut World, stream: StreamKey, call: Call) {
    let Some(open) = world.streams.get(&stream) else { return };
    let (id, framework) = (open.id.clone(), open.framework.clone());
    world.call(Call { framework_id: Some(FrameworkId { value: framework }), ..call }, Some(id));
}

fn newest_offer(world: &mut World, choices: &mut Choices<'_>) -> Option<(StreamKey, Offer)> {
    let with_offers = world.streams.iter().filter(|(_, stream)| !stream.offers.is_empty());
    let keys: Vec<StreamKey> = with_offers.map(|(key, _)| *key).collect();
    let key = choices.pick(&keys).copied()?;
    let offer = world.streams.get_mut(&key)?.offers.pop()?;
    Some((key, offer))
}

fn of_type(kind: call::Type) -> Call {
    Call { r#type: Some(kind.into()), ..Default::default() }
}

/// A task that fits into an offer, most of the time.
fn task(world: &World, choices: &mut Choices<'_>, offer: &Offer) -> TaskInfo {
    let id = choices.pick(&world.words.tasks).cloned().unwrap_or_default();
    let cpus = [0.5, 0.1, 2.0, 4.0][choices.below(4)];
    let mut task = TaskInfo {
        name: "task".to_owned(),
        task_id: TaskId { value: id },
        agent_id: offer.agent_id.clone(),
        resources: vec![scalar("cpus", cpus), scalar("mem", 32.0)],
        ..Default::default()
    };
    if choices.chance(4) {
        task.executor = Some(executor(world, choices));
    } else {
        task.command = Some(CommandInfo { value: Some("x".to_owned()), ..Default::default() });
    }
    task
}

fn group(world: &World, choices: &mut Choices<'_>, offer: &Offer) -> Operation {
    let mut member = task(world, choices, offer);
    member.command = Some(CommandInfo { value: Some("x".to_owned()), ..Default::default() });
    member.resources.truncate(2);
    member.resources[0] = scalar("cpus", 0.1);
    let mut executor = executor(world, choices);
    executor.set_type(mesos_proto::v1::executor_info::Type::Default);
    executor.framework_id = Some(offer.framework_id.clone());
    executor.command = None;
    executor.resources.push(scalar("disk", 16.0));
    member.executor = Some(executor.clone());
    let mut operation = Operation {
        launch_group: Some(operation::LaunchGroup {
            executor,
            task_group: TaskGroupInfo { tasks: vec![member] },
        }),
        ..Default::default()
    };
    operation.set_type(operation::Type::LaunchGroup);
    operation
}

fn executor(world: &World, choices: &mut Choices<'_>) -> ExecutorInfo {
    let id = choices.pick(&world.words.executors).cloned().unwrap_or_default();
    ExecutorInfo {
        executor_id: ExecutorId { value: id },
        command: Some(CommandInfo { value: Some("x".to_owned()), ..Default::default() }),
        resources: vec![scalar("cpus", 0.1), scalar("mem", 32.0)],
        ..Default::default()
    }
}

/// A framework's description.
pub(super) fn info(choices: &mut Choices<'_>, id: Option<FrameworkId>) -> FrameworkInfo {
    let shape = choices.byte();
    let mut info = FrameworkInfo {
        user: if shape & 1 != 0 { "root" } else { "user" }.to_owned(),
        name: "f".to_owned(),
        failover_timeout: [None, Some(0.0), Some(30.0), Some(1e6)][usize::from(shape >> 1 & 3)],
        checkpoint: Some(shape & 8 != 0),
        id,
        ..Default::default()
    };
    let capability = |one: Type| Capability { r#type: Some(one.into()) };
    let role = ROLES[usize::from(shape >> 4 & 3)];
    if shape & 64 == 0 {
        info.capabilities = [Type::MultiRole, Type::PartitionAware, Type::ReservationRefinement]
            .map(capability)
            .to_vec();
        info.roles = vec![role.to_owned()];
        if shape & 128 != 0 {
            info.roles.push("c".to_owned());
            info.capabilities.push(capability(Type::GpuResources));
            info.capabilities.push(capability(Type::RegionAware));
        }
    } else {
        #[expect(deprecated, reason = "old frameworks have one role")]
        {
            info.role = Some(role.to_owned());
        }
    }
    info
}
