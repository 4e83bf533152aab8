// SPDX-License-Identifier: Apache-2.0

//! Reading what an agent tells its executor through the environment.
//!
//! The token in `MESOS_EXECUTOR_AUTHENTICATION_TOKEN` goes into a header and
//! nowhere else.

use std::time::Duration;

use mesos_driver::{
    Error, ErrorKind,
    executor::{Config, Recovery},
};
use mesos_flags::duration;
use mesos_proto::v1::{AgentId, ExecutorId, FrameworkId};

use super::ExecutorBuilder;
use crate::{ContentType, transport::Target};

/// What a native driver begins with.
pub(crate) struct Native {
    pub(crate) builder: ExecutorBuilder,
    pub(crate) agent_id: AgentId,
    /// The executor runs in the process of its cluster and must not kill it.
    pub(crate) local: bool,
}

/// Reads the variables through `get` as the native driver does: agents of old Mesos versions
/// do not set the durations, and the id of the agent must be there.
pub(crate) fn read_native(get: impl Fn(&str) -> Option<String>) -> Result<Native, Error> {
    let agent_id = get("MESOS_SLAVE_ID").filter(|value| !value.is_empty()).ok_or_else(|| {
        wrong("Expecting 'MESOS_SLAVE_ID' to be set in the environment; agents set it".to_owned())
    })?;
    let builder = read(|name| {
        get(name).or_else(|| {
            let default = match name {
                "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD" => "5secs",
                "MESOS_RECOVERY_TIMEOUT" => "15mins",
                "MESOS_SUBSCRIPTION_BACKOFF_MAX" => "2secs",
                _ => return None,
            };
            Some(default.to_owned())
        })
    })?;
    let local = get("MESOS_LOCAL").is_some();
    Ok(Native { builder, agent_id: AgentId { value: agent_id }, local })
}

/// Reads the variables through `get`.
pub(crate) fn read(get: impl Fn(&str) -> Option<String>) -> Result<ExecutorBuilder, Error> {
    let required = |name: &str| {
        get(name).filter(|value| !value.is_empty()).ok_or_else(|| {
            wrong(format!("Expecting '{name}' to be set in the environment; agents set it"))
        })
    };
    let (process, address) = parse_pid(&required("MESOS_SLAVE_PID")?)?;
    let framework_id = FrameworkId { value: required("MESOS_FRAMEWORK_ID")? };
    let executor_id = ExecutorId { value: required("MESOS_EXECUTOR_ID")? };
    let mut config = Config::new(framework_id, executor_id);
    config.shutdown_grace = parse_duration(
        "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD",
        &required("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD")?,
    )?;
    if get("MESOS_CHECKPOINT").as_deref() == Some("1") {
        config.recovery = Some(Recovery {
            timeout: parse_duration(
                "MESOS_RECOVERY_TIMEOUT",
                &required("MESOS_RECOVERY_TIMEOUT")?,
            )?,
            backoff_max: parse_duration(
                "MESOS_SUBSCRIPTION_BACKOFF_MAX",
                &required("MESOS_SUBSCRIPTION_BACKOFF_MAX")?,
            )?,
        });
    }
    let authorization = get("MESOS_EXECUTOR_AUTHENTICATION_TOKEN")
        .filter(|token| !token.is_empty())
        .map(|token| format!("Bearer {token}"));
    Ok(ExecutorBuilder {
        agent: address,
        config,
        target: Target {
            path: format!("/{process}/api/v1/executor"),
            content_type: ContentType::default(),
            authorization,
        },
        kill_group_when_overdue: true,
    })
}

/// The two parts of `slave(1)@10.0.0.1:5051`.
fn parse_pid(pid: &str) -> Result<(String, String), Error> {
    let parts = pid.split_once('@').filter(|(process, address)| {
        let port = address.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        !process.is_empty() && port.is_some() && !pid.contains(['/', ' '])
    });
    match parts {
        Some((process, address)) => Ok((process.to_owned(), address.to_owned())),
        None => {
            let message = format!("Failed to parse MESOS_SLAVE_PID '{pid}'; expected id@ip:port");
            Err(wrong(message))
        }
    }
}

fn parse_duration(name: &str, value: &str) -> Result<Duration, Error> {
    duration::parse(value).map_err(|error| {
        wrong(format!("Failed to parse {name} '{value}': {error}")).with_source(error)
    })
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::Configuration, message)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn environment() -> BTreeMap<&'static str, &'static str> {
        BTreeMap::from([
            ("MESOS_SLAVE_PID", "slave(1)@127.0.0.1:5051"),
            ("MESOS_FRAMEWORK_ID", "f-1"),
            ("MESOS_EXECUTOR_ID", "e-1"),
            ("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "7secs"),
            ("MESOS_CHECKPOINT", "1"),
            ("MESOS_RECOVERY_TIMEOUT", "15mins"),
            ("MESOS_SUBSCRIPTION_BACKOFF_MAX", "2secs"),
            ("MESOS_EXECUTOR_AUTHENTICATION_TOKEN", "s3cret"),
        ])
    }

    fn read_map(map: &BTreeMap<&str, &str>) -> Result<ExecutorBuilder, Error> {
        read(|name| map.get(name).map(|value| (*value).to_owned()))
    }

    #[test]
    fn the_agents_environment_says_it_all() {
        let builder = read_map(&environment()).unwrap();
        assert_eq!(builder.agent, "127.0.0.1:5051");
        assert_eq!(builder.target.path, "/slave(1)/api/v1/executor");
        assert_eq!(builder.target.authorization.as_deref(), Some("Bearer s3cret"));
        assert_eq!(builder.config.shutdown_grace, Duration::from_secs(7));
        let recovery = builder.config.recovery.unwrap();
        assert_eq!(recovery.timeout, Duration::from_secs(900));
        assert_eq!(recovery.backoff_max, Duration::from_secs(2));
        assert!(!format!("{builder:?}").contains("s3cret"), "the token stays secret");
    }

    #[test]
    fn without_checkpointing_the_recovery_variables_are_not_needed() {
        let mut map = environment();
        map.insert("MESOS_CHECKPOINT", "0");
        map.remove("MESOS_RECOVERY_TIMEOUT");
        assert_eq!(read_map(&map).unwrap().config.recovery, None);
    }

    #[test]
    fn what_is_missing_or_malformed_is_named() {
        for name in [
            "MESOS_SLAVE_PID",
            "MESOS_FRAMEWORK_ID",
            "MESOS_EXECUTOR_ID",
            "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD",
            "MESOS_RECOVERY_TIMEOUT",
            "MESOS_SUBSCRIPTION_BACKOFF_MAX",
        ] {
            let mut map = environment();
            map.remove(name);
            let error = read_map(&map).unwrap_err();
            assert!(error.message.contains(name), "{error}");
            assert_eq!(error.kind, ErrorKind::Configuration);
        }
        for (name, value) in [
            ("MESOS_SLAVE_PID", "127.0.0.1:5051"),
            ("MESOS_SLAVE_PID", "slave(1)@host"),
            ("MESOS_RECOVERY_TIMEOUT", "soon"),
        ] {
            let mut map = environment();
            map.insert(name, value);
            let error = read_map(&map).unwrap_err();
            assert!(error.message.contains(value), "{error}");
        }
    }
}
