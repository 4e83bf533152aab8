// SPDX-License-Identifier: Apache-2.0

//! The shape of a scheduler's call: its type, and the sub-message that goes with it.

use mesos_proto::v1::{
    FrameworkId,
    scheduler::{Call, call::Type},
};

use super::{Invalid, ensure, ensure_with, present};

/// Checks a call, before anything is looked up.
///
/// A call of type UNKNOWN passes: the caller answers it.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn validate(call: &Call, principal: Option<&str>) -> Result<(), Invalid> {
    let kind = call.r#type.and_then(|number| Type::try_from(number).ok());
    let Some(kind) = kind else {
        return Err(Invalid::new("Expecting 'type' to be present"));
    };
    if kind == Type::Subscribe {
        return subscribe(call, principal);
    }
    present(call.framework_id.as_ref(), "framework_id")?;
    match kind {
        Type::Subscribe | Type::Teardown | Type::Revive | Type::Suppress | Type::Unknown => Ok(()),
        Type::Accept => present(call.accept.as_ref(), "accept"),
        Type::Decline => present(call.decline.as_ref(), "decline"),
        Type::AcceptInverseOffers => {
            present(call.accept_inverse_offers.as_ref(), "accept_inverse_offers")
        }
        Type::DeclineInverseOffers => {
            present(call.decline_inverse_offers.as_ref(), "decline_inverse_offers")
        }
        Type::Kill => present(call.kill.as_ref(), "kill"),
        Type::Shutdown => present(call.shutdown.as_ref(), "shutdown"),
        Type::Acknowledge => {
            present(call.acknowledge.as_ref(), "acknowledge")?;
            call.acknowledge.as_ref().map_or(Ok(()), |acknowledge| uuid(&acknowledge.uuid))
        }
        Type::AcknowledgeOperationStatus => acknowledge_operation_status(call),
        Type::Reconcile => present(call.reconcile.as_ref(), "reconcile"),
        Type::ReconcileOperations => {
            present(call.reconcile_operations.as_ref(), "reconcile_operations")
        }
        Type::Message => present(call.message.as_ref(), "message"),
        Type::Request => present(call.request.as_ref(), "request"),
        Type::UpdateFramework => update_framework(call),
    }
}

fn subscribe(call: &Call, principal: Option<&str>) -> Result<(), Invalid> {
    let Some(subscribe) = &call.subscribe else {
        return present(call.subscribe.as_ref(), "subscribe");
    };
    let info = &subscribe.framework_info;
    ensure(
        id_value(info.id.as_ref()) == id_value(call.framework_id.as_ref()),
        "'framework_id' differs from 'subscribe.framework_info.id'",
    )?;
    if let (Some(authenticated), Some(claimed)) = (principal, info.principal.as_deref()) {
        ensure_with(authenticated == claimed, || {
            format!(
                "Authenticated principal '{authenticated}' does not match principal \
                 '{claimed}' set in `FrameworkInfo`"
            )
        })?;
    }
    Ok(())
}

fn acknowledge_operation_status(call: &Call) -> Result<(), Invalid> {
    let Some(acknowledge) = &call.acknowledge_operation_status else {
        return Err(Invalid::new("Expecting 'acknowledge_operation_status' to be present"));
    };
    uuid(&acknowledge.uuid)?;
    present(acknowledge.agent_id.as_ref(), "agent_id")
}

fn update_framework(call: &Call) -> Result<(), Invalid> {
    let Some(update) = &call.update_framework else {
        return present(call.update_framework.as_ref(), "update_framework");
    };
    ensure(
        id_value(update.framework_info.id.as_ref()) == id_value(call.framework_id.as_ref()),
        "'framework_id' differs from 'update_framework.framework_info.id'",
    )
}

/// An unset id reads as an empty one.
fn id_value(id: Option<&FrameworkId>) -> &str {
    id.map_or("", |id| id.value.as_str())
}

/// Checks that these are the 16 bytes of a UUID.
pub(super) fn uuid(bytes: &[u8]) -> Result<(), Invalid> {
    ensure(bytes.len() == 16, "Not a valid UUID")
}
