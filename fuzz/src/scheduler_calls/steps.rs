// SPDX-License-Identifier: Apache-2.0

//! What one step of a conversation does.

use std::time::Duration;

use mesos_master_state::{FromAgent, Input, OperatorCall, StreamKey};
use mesos_proto::{
    Described,
    internal::ReregisterSlaveMessage,
    v1::{
        AgentId, FrameworkId,
        scheduler::{Call, call},
    },
};

use super::{agents, schedulers, world::World};
use crate::{choice::Choices, grammar, reregistration};

/// A kind of step; those that make a conversation are there more than once.
type Step = fn(&mut World, &mut Choices<'_>);

const STEPS: &[Step] = &[
    agents::register,
    schedulers::subscribe,
    schedulers::launch,
    agents::report,
    schedulers::acknowledge,
    schedulers::decline,
    agents::reregister,
    pass_time,
    any_call,
    any_subscription,
    any_agent_message,
    agents::pong,
    schedulers::launch,
    agents::report,
    schedulers::acknowledge,
    any_call,
    close_stream,
    break_link,
    operator,
    registry,
    whitelist,
    any_bytes,
    fail_over,
    any_agent_message,
    agents::reregister,
    schedulers::kill,
    agents::executor,
    schedulers::update,
    schedulers::reconcile,
    agents::register,
];

/// Takes one step.
pub(super) fn step(world: &mut World, choices: &mut Choices<'_>) {
    STEPS[choices.below(STEPS.len())](world, choices);
}

fn pass_time(world: &mut World, choices: &mut Choices<'_>) {
    let seconds = [1, 5, 16, 60, 120, 601, 3600][choices.below(7)];
    world.advance(Duration::from_secs(seconds));
}

/// A call of any shape, mostly on a stream that is open.
fn any_call(world: &mut World, choices: &mut Choices<'_>) {
    let bytes = grammar::message(choices, &world.words, Call::descriptor());
    if let Ok(call) = mesos_proto::decode::<Call>(&bytes) {
        send(world, choices, call);
    }
}

/// Bytes, taken for a call.
fn any_bytes(world: &mut World, choices: &mut Choices<'_>) {
    let length = usize::from(choices.byte());
    if let Ok(call) = mesos_proto::decode::<Call>(choices.bytes(length)) {
        send(world, choices, call);
    }
}

fn send(world: &mut World, choices: &mut Choices<'_>, call: Call) {
    let keys: Vec<StreamKey> = world.streams.keys().copied().collect();
    if call.r#type() == call::Type::Subscribe {
        world.subscribe(call, choices.chance(1).then(|| "x".to_owned()));
    } else if let Some(key) = choices.pick(&keys).copied()
        && !choices.chance(1)
    {
        schedulers::say(world, key, call);
    } else {
        let ids: Vec<String> = world.streams.values().map(|stream| stream.id.clone()).collect();
        world.call(call, choices.pick(&ids).cloned());
    }
}

/// A framework of any shape comes.
fn any_subscription(world: &mut World, choices: &mut Choices<'_>) {
    let bytes = grammar::message(choices, &world.words, call::Subscribe::descriptor());
    let Ok(subscribe) = mesos_proto::decode::<call::Subscribe>(&bytes) else { return };
    let call = Call {
        framework_id: subscribe.framework_info.id.clone(),
        r#type: Some(call::Type::Subscribe.into()),
        subscribe: Some(subscribe),
        ..Default::default()
    };
    world.subscribe(call, None);
}

/// A message of an agent, of any shape.
fn any_agent_message(world: &mut World, choices: &mut Choices<'_>) {
    let pid = agents::PIDS[choices.below(agents::PIDS.len())];
    let message = match choices.below(8) {
        0 => made(world, choices).map(|message| FromAgent::StatusUpdate(Box::new(message))),
        1 => any_reregistration(world, choices),
        2 => made(world, choices).map(|message| FromAgent::Register(Box::new(message))),
        3 => made(world, choices).map(FromAgent::Unregister),
        4 => made(world, choices).map(FromAgent::ExecutorToFramework),
        5 => made(world, choices).map(FromAgent::ExitedExecutor),
        6 => made(world, choices).map(|message| FromAgent::UpdateSlave(Box::new(message))),
        _ => {
            made(world, choices).map(|message| FromAgent::UpdateOperationStatus(Box::new(message)))
        }
    };
    if let Some(message) = message {
        world.witness.liars = true;
        world.agent_says(pid, message);
    }
}

/// A message of one of these types, as it would come from the wire.
fn made<M: Described>(world: &World, choices: &mut Choices<'_>) -> Option<M> {
    let bytes = grammar::message(choices, &world.words, M::descriptor());
    mesos_proto::decode(&bytes).ok()
}

/// A re-registration, which a master takes apart in its own way.
fn any_reregistration(world: &World, choices: &mut Choices<'_>) -> Option<FromAgent> {
    let kind = ReregisterSlaveMessage::descriptor();
    let bytes = grammar::message(choices, &world.words, kind);
    reregistration::read(&bytes).map(|message| FromAgent::Reregister(Box::new(message)))
}

fn close_stream(world: &mut World, choices: &mut Choices<'_>) {
    let keys: Vec<StreamKey> = world.streams.keys().copied().collect();
    let key = choices.pick(&keys).copied().unwrap_or(StreamKey(u64::MAX));
    world.close_stream(key);
}

fn break_link(world: &mut World, choices: &mut Choices<'_>) {
    let pid = agents::PIDS[choices.below(agents::PIDS.len())].to_owned();
    world.input(Input::AgentLinkBroken { pid });
}

fn operator(world: &mut World, choices: &mut Choices<'_>) {
    let framework = choices.pick(&world.words.frameworks).cloned().unwrap_or_default();
    let agent = choices.pick(&world.words.agents).cloned().unwrap_or_default();
    let framework_id = FrameworkId { value: framework };
    let role = [None, Some("a"), Some("a/b"), Some("nobody's")][choices.below(4)];
    world.operator(match choices.below(4) {
        0 => OperatorCall::Teardown { framework_id },
        1 => OperatorCall::MarkAgentGone { agent_id: AgentId { value: agent } },
        _ => OperatorCall::Explain { framework_id, role: role.map(str::to_owned) },
    });
}

/// The registry stops, goes on, or fails.
fn registry(world: &mut World, choices: &mut Choices<'_>) {
    match choices.below(8) {
        0..4 => world.stores = false,
        4..7 => world.release(),
        _ => world.fail_write(),
    }
}

fn whitelist(world: &mut World, choices: &mut Choices<'_>) {
    let hostnames = match choices.below(3) {
        0 => None,
        1 => Some(vec!["host0".to_owned(), "host1".to_owned()]),
        _ => Some(Vec::new()),
    };
    world.input(Input::WhitelistChanged { hostnames });
}

fn fail_over(world: &mut World, _: &mut Choices<'_>) {
    world.fail_over();
}
