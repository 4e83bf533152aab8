// SPDX-License-Identifier: Apache-2.0

//! The lines that `mesos-execute` prints, which scripts read.

use mesos_client::{
    Resources,
    v1::{CheckStatusInfo, TaskStatus, check_info},
};

/// What is printed about a status update.
pub(super) fn status_update(status: &TaskStatus) -> String {
    let mut lines = vec![format!(
        "Received status update {} for task '{}'",
        status.state().as_str_name(),
        status.task_id.value
    )];
    if let Some(message) = &status.message {
        lines.push(format!("  message: '{message}'"));
    }
    if status.source.is_some() {
        lines.push(format!("  source: {}", status.source().as_str_name()));
    }
    if status.reason.is_some() {
        lines.push(format!("  reason: {}", status.reason().as_str_name()));
    }
    if let Some(healthy) = status.healthy {
        lines.push(format!("  healthy?: {}", u8::from(healthy)));
    }
    if let Some(check) = &status.check_status {
        lines.push(format!("  check status: {}", check_status(check)));
    }
    if let Some(limitation) = &status.limitation
        && !limitation.resources.is_empty()
    {
        let resources = Resources::from_proto(&limitation.resources);
        lines.push(format!("  resource limit violation: {resources}"));
    }
    lines.join("\n")
}

fn check_status(check: &CheckStatusInfo) -> String {
    match check.r#type() {
        check_info::Type::Unknown => "UNKNOWN".to_owned(),
        check_info::Type::Command => {
            let code = check.command.as_ref().and_then(|command| command.exit_code);
            code.map_or("COMMAND".to_owned(), |code| format!("COMMAND exit code {code}"))
        }
        check_info::Type::Http => {
            let code = check.http.as_ref().and_then(|http| http.status_code);
            code.map_or("HTTP".to_owned(), |code| format!("HTTP status code {code}"))
        }
        check_info::Type::Tcp => match check.tcp.as_ref().and_then(|tcp| tcp.succeeded) {
            Some(true) => "TCP connection success".to_owned(),
            Some(false) => "TCP connection failure".to_owned(),
            None => "TCP".to_owned(),
        },
    }
}
