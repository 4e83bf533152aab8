// SPDX-License-Identifier: Apache-2.0

//! Health checks, checks, and the status a check reports.

use mesos_proto::v1::{
    CheckInfo, CheckStatusInfo, CommandInfo, HealthCheck, check_info, health_check,
};

use super::{Invalid, Within, command, ensure, ensure_with};

/// Checks a health check.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn health(check: &HealthCheck) -> Result<(), Invalid> {
    let kind = check.r#type.and_then(|number| health_check::Type::try_from(number).ok());
    match kind {
        None => return Err(Invalid::new("HealthCheck must specify 'type'")),
        Some(health_check::Type::Command) => {
            let Some(command) = &check.command else {
                return Err(Invalid::new("Expecting 'command' to be set for COMMAND health check"));
            };
            runnable(command, "Command health check", "Health check's `CommandInfo`")?;
        }
        Some(health_check::Type::Http) => {
            let Some(http) = &check.http else {
                return Err(Invalid::new("Expecting 'http' to be set for HTTP health check"));
            };
            if let Some(scheme) = &http.scheme {
                ensure_with(scheme == "http" || scheme == "https", || {
                    format!("Unsupported HTTP health check scheme: '{scheme}'")
                })?;
            }
            path(http.path.as_deref(), "HTTP health check")?;
        }
        Some(health_check::Type::Tcp) => {
            ensure(check.tcp.is_some(), "Expecting 'tcp' to be set for TCP health check")?;
        }
        Some(health_check::Type::Unknown) => {
            return Err(Invalid::new("'UNKNOWN' is not a valid health check type"));
        }
    }
    not_negative(check.delay_seconds, "delay_seconds")?;
    not_negative(check.grace_period_seconds, "grace_period_seconds")?;
    not_negative(check.interval_seconds, "interval_seconds")?;
    not_negative(check.timeout_seconds, "timeout_seconds")
}

/// Checks a check.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn validate(check: &CheckInfo) -> Result<(), Invalid> {
    let kind = check.r#type.and_then(|number| check_info::Type::try_from(number).ok());
    match kind {
        None => return Err(Invalid::new("CheckInfo must specify 'type'")),
        Some(check_info::Type::Command) => {
            let Some(command) = &check.command else {
                return Err(Invalid::new("Expecting 'command' to be set for COMMAND check"));
            };
            runnable(&command.command, "Command check", "Check's `CommandInfo`")?;
        }
        Some(check_info::Type::Http) => {
            let Some(http) = &check.http else {
                return Err(Invalid::new("Expecting 'http' to be set for HTTP check"));
            };
            path(http.path.as_deref(), "HTTP check")?;
        }
        Some(check_info::Type::Tcp) => {
            ensure(check.tcp.is_some(), "Expecting 'tcp' to be set for TCP check")?;
        }
        Some(check_info::Type::Unknown) => {
            return Err(Invalid::new("'UNKNOWN' is not a valid check type"));
        }
    }
    not_negative(check.delay_seconds, "delay_seconds")?;
    not_negative(check.interval_seconds, "interval_seconds")?;
    not_negative(check.timeout_seconds, "timeout_seconds")
}

/// Checks what an executor reports about a check.
///
/// # Errors
/// What is missing.
pub fn status(status: &CheckStatusInfo) -> Result<(), Invalid> {
    let kind = status.r#type.and_then(|number| check_info::Type::try_from(number).ok());
    match kind {
        None => Err(Invalid::new("CheckStatusInfo must specify 'type'")),
        Some(check_info::Type::Command) => ensure(
            status.command.is_some(),
            "Expecting 'command' to be set for COMMAND check's status",
        ),
        Some(check_info::Type::Http) => {
            ensure(status.http.is_some(), "Expecting 'http' to be set for HTTP check's status")
        }
        Some(check_info::Type::Tcp) => {
            ensure(status.tcp.is_some(), "Expecting 'tcp' to be set for TCP check's status")
        }
        Some(check_info::Type::Unknown) => {
            Err(Invalid::new("'UNKNOWN' is not a valid check's status type"))
        }
    }
}

fn runnable(command: &CommandInfo, whose: &str, what: &str) -> Result<(), Invalid> {
    ensure_with(command.value.is_some(), || {
        let kind = if command.shell() { "'shell command'" } else { "'executable path'" };
        format!("{whose} must contain {kind}")
    })?;
    command::validate(command).within(&format!("{what} is invalid"))
}

fn path(path: Option<&str>, whose: &str) -> Result<(), Invalid> {
    let Some(path) = path else { return Ok(()) };
    ensure_with(path.starts_with('/'), || {
        format!("The path '{path}' of {whose} must start with '/'")
    })
}

fn not_negative(seconds: Option<f64>, field: &str) -> Result<(), Invalid> {
    ensure_with(!seconds.is_some_and(|seconds| seconds < 0.0), || {
        format!("Expecting '{field}' to be non-negative")
    })
}
