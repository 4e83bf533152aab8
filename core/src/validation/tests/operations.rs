// SPDX-License-Identifier: Apache-2.0

//! Every recorded operation with feedback is judged as Apache Mesos judged it.

use mesos_proto::v1::{
    OperationId,
    offer::{Operation, operation::Type},
};

use super::{
    super::{
        Invalid, operation,
        operation::{AgentAbilities, Requester},
    },
    golden::Conversation,
    launches::prepare,
};
use crate::resources::Resources;

const AGENT: AgentAbilities =
    AgentAbilities { hierarchical_role: true, reservation_refinement: true, resize_volume: true };

fn judge(
    operation: &Operation,
    conversation: &Conversation,
    checkpointed: &Resources,
) -> Result<(), Invalid> {
    let principal = conversation.framework.principal.as_deref();
    let requester = Requester::Framework(&conversation.framework);
    match operation.r#type() {
        Type::Reserve => {
            let reserve = operation.reserve.as_ref().unwrap();
            operation::reserve(reserve, principal, AGENT, requester)
        }
        Type::Unreserve => operation::unreserve(operation.unreserve.as_ref().unwrap()),
        Type::Create => {
            let create = operation.create.as_ref().unwrap();
            operation::create(create, checkpointed, principal, AGENT, requester)
        }
        Type::Destroy => operation::destroy(operation.destroy.as_ref().unwrap(), checkpointed, []),
        Type::GrowVolume => operation::grow_volume(operation.grow_volume.as_ref().unwrap(), AGENT),
        Type::ShrinkVolume => {
            operation::shrink_volume(operation.shrink_volume.as_ref().unwrap(), AGENT)
        }
        Type::CreateDisk => operation::create_disk(operation.create_disk.as_ref().unwrap()),
        Type::DestroyDisk => operation::destroy_disk(operation.destroy_disk.as_ref().unwrap()),
        Type::Launch | Type::LaunchGroup | Type::Unknown => Ok(()),
    }
}

/// What Mesos said, without the name of the agent, unless it was said of the
/// offered resources rather than of the operation.
fn recorded(conversation: &Conversation, operation: &Operation) -> Option<String> {
    let message = conversation.operation_errors.get(&operation.id.as_ref()?.value)?;
    let message = message.split("; on agent ").next()?;
    (!message.contains(" does not contain ")).then(|| message.to_owned())
}

fn replay(golden: &'static str) -> usize {
    let conversation = Conversation::read(golden);
    let mut checkpointed = Resources::new();
    let mut refused = 0;
    for accept in conversation.calls.iter().filter_map(|(call, _)| call.accept.as_ref()) {
        let offers = conversation.accepted(accept);
        let Some(offer) = offers.first() else { continue };
        for operation in &accept.operations {
            let mut operation = operation.clone();
            let shape = operation::shape(&operation)
                .map_err(|e| format!("Operation attempted with invalid resources: {e}"));
            prepare(&mut operation, &conversation, &conversation.role(offer));
            let verdict = shape.and_then(|()| {
                judge(&operation, &conversation, &checkpointed).map_err(|e| e.to_string())
            });
            let expected = recorded(&conversation, &operation);
            assert_eq!(verdict.err(), expected, "{operation:?}");
            refused += usize::from(expected.is_some());
            let failed = |id: &OperationId| conversation.operation_errors.contains_key(&id.value);
            if let Some(create) = &operation.create
                && !operation.id.as_ref().is_some_and(failed)
            {
                checkpointed += &Resources::from_proto(&create.volumes).unallocated();
            }
        }
    }
    refused
}

#[test]
fn reservations_are_judged_as_recorded() {
    let golden =
        include_str!("../../../../tests/conformance/goldens/scheduler-api/invalid-reserve.json");
    assert_eq!(replay(golden), 9);
}

#[test]
fn volumes_are_judged_as_recorded() {
    let golden = include_str!(
        "../../../../tests/conformance/goldens/scheduler-api/invalid-create-destroy.json"
    );
    assert_eq!(replay(golden), 22);
}

#[test]
fn a_framework_without_principal_may_reserve_for_anyone() {
    let golden = include_str!(
        "../../../../tests/conformance/goldens/scheduler-api/operations-framework-without-principal.json"
    );
    assert_eq!(replay(golden), 0);
}
