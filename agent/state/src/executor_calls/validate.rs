// SPDX-License-Identifier: Apache-2.0

//! What is wrong with an executor's call, in the words of Mesos.
//!
//! In Mesos: `validateExecutorCall` in `src/common/validation.cpp`.

use mesos_proto::v1::{
    CheckStatusInfo, TaskState, check_info,
    executor::{Call, call::Type},
    task_status::Source,
};

/// Checks a call by itself.
///
/// # Errors
/// The first thing that is wrong with it. The HTTP answer is 400 with
/// `Failed to validate Executor::Call: ` before it, and comes before one about `Accept`.
pub fn validate(call: &Call) -> Result<(), String> {
    let missing = |field: &str| Err(format!("Expecting '{field}' to be present"));
    if call.r#type.is_none() {
        return missing("type");
    }
    match call.r#type() {
        Type::Subscribe if call.subscribe.is_none() => missing("subscribe"),
        Type::Message if call.message.is_none() => missing("message"),
        Type::Update => validate_update(call),
        Type::Subscribe | Type::Message | Type::Heartbeat | Type::Unknown => Ok(()),
    }
}

fn validate_update(call: &Call) -> Result<(), String> {
    let Some(update) = &call.update else {
        return Err("Expecting 'update' to be present".to_owned());
    };
    let status = &update.status;
    let Some(uuid) = &status.uuid else {
        return Err("Expecting 'uuid' to be present".to_owned());
    };
    if !is_uuid(uuid) {
        return Err("Not a valid UUID".to_owned());
    }
    let executor = &call.executor_id.value;
    let framework = &call.framework_id.value;
    if let Some(other) = &status.executor_id
        && other.value != *executor
    {
        return Err(format!(
            "ExecutorID in Call: {executor} does not match ExecutorID in TaskStatus: {}",
            other.value
        ));
    }
    if status.source() != Source::Executor || status.source.is_none() {
        return Err(format!(
            "Received Call from executor {executor} of framework {framework} with invalid source, \
             expecting 'SOURCE_EXECUTOR'"
        ));
    }
    // The other two are states that only a master gives a task: Apache's agent passes them on,
    // and Apache's master aborts at the teardown that follows.
    let state = status.state();
    if matches!(state, TaskState::TaskStaging | TaskState::TaskUnreachable | TaskState::TaskUnknown)
    {
        return Err(format!(
            "Received {} from executor {executor} of framework {framework} which is not allowed",
            state.as_str_name()
        ));
    }
    status.check_status.as_ref().map_or(Ok(()), validate_check_status)
}

/// 16 bytes with one of the version numbers 1 to 5.
fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() == 16 && (1..=5).contains(&(bytes[6] >> 4))
}

fn validate_check_status(status: &CheckStatusInfo) -> Result<(), String> {
    let unset = |field: &str, kind: &str| {
        Err(format!("Expecting '{field}' to be set for {kind} check's status"))
    };
    if status.r#type.is_none() {
        return Err("CheckStatusInfo must specify 'type'".to_owned());
    }
    match status.r#type() {
        check_info::Type::Command if status.command.is_none() => unset("command", "COMMAND"),
        check_info::Type::Http if status.http.is_none() => unset("http", "HTTP"),
        check_info::Type::Tcp if status.tcp.is_none() => unset("tcp", "TCP"),
        check_info::Type::Unknown => Err("'UNKNOWN' is not a valid check's status type".to_owned()),
        check_info::Type::Command | check_info::Type::Http | check_info::Type::Tcp => Ok(()),
    }
}
