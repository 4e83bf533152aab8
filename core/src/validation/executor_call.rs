// SPDX-License-Identifier: Apache-2.0

//! The shape of an executor's call, and the status update it may carry.

use mesos_proto::v1::{
    TaskState,
    executor::{Call, call::Type},
    task_status::Source,
};

use super::{Invalid, check, ensure_with, present, scheduler_call::uuid};

/// Checks a call, before anything is looked up.
///
/// A call of type UNKNOWN passes: the caller answers it.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn validate(call: &Call) -> Result<(), Invalid> {
    let kind = call.r#type.and_then(|number| Type::try_from(number).ok());
    let Some(kind) = kind else {
        return Err(Invalid::new("Expecting 'type' to be present"));
    };
    match kind {
        Type::Subscribe => present(call.subscribe.as_ref(), "subscribe"),
        Type::Update => update(call),
        Type::Message => present(call.message.as_ref(), "message"),
        Type::Heartbeat | Type::Unknown => Ok(()),
    }
}

fn update(call: &Call) -> Result<(), Invalid> {
    let Some(update) = &call.update else {
        return present(call.update.as_ref(), "update");
    };
    let status = &update.status;
    let Some(bytes) = &status.uuid else {
        return present(status.uuid.as_ref(), "uuid");
    };
    uuid(bytes)?;
    let executor_id = &call.executor_id.value;
    let framework_id = &call.framework_id.value;
    if let Some(named) = &status.executor_id {
        ensure_with(named.value == *executor_id, || {
            format!(
                "ExecutorID in Call: {executor_id} does not match ExecutorID in TaskStatus: {}",
                named.value
            )
        })?;
    }
    ensure_with(status.source() == Source::Executor && status.source.is_some(), || {
        format!(
            "Received Call from executor {executor_id} of framework {framework_id} \
             with invalid source, expecting 'SOURCE_EXECUTOR'"
        )
    })?;
    ensure_with(status.state() != TaskState::TaskStaging, || {
        format!(
            "Received TASK_STAGING from executor {executor_id} of framework {framework_id} \
             which is not allowed"
        )
    })?;
    status.check_status.as_ref().map_or(Ok(()), check::status)
}
