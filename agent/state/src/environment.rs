// SPDX-License-Identifier: Apache-2.0

//! The environment of executors and command tasks.
//!
//! The agent's own environment is not handed on. Later ones win: the operator's variables, the
//! `MESOS_*` ones, then those of the command. A variable that stands for a secret has no value
//! here; the containerizer refuses such a command, since secrets are resolved by nobody yet.
//!
//! In Mesos: `executorEnvironment` in `src/slave/slave.cpp`.

use std::{collections::BTreeMap, time::Duration};

use mesos_flags::duration;
use mesos_proto::v1::{CommandInfo, ExecutorInfo, TaskInfo, environment::variable};

use crate::config::Config;

/// What an environment is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) config: &'a Config,
    pub(crate) agent_id: &'a str,
    pub(crate) framework_id: &'a str,
    pub(crate) executor: &'a ExecutorInfo,
    pub(crate) sandbox: &'a str,
    pub(crate) checkpoint: bool,
}

/// The environment of a custom executor.
pub(crate) fn of_executor(subject: Subject<'_>) -> Vec<(String, String)> {
    let mut environment = base(subject);
    if let Some(command) = &subject.executor.command {
        add_command(&mut environment, command);
    }
    environment.into_iter().collect()
}

/// The environment of a command task.
pub(crate) fn of_command_task(subject: Subject<'_>, task: &TaskInfo) -> Vec<(String, String)> {
    let mut environment = base(subject);
    if let Some(command) = &task.command {
        add_command(&mut environment, command);
    }
    let role = task.resources.first().and_then(|resource| resource.allocation_info.as_ref());
    let role = role.and_then(|info| info.role.clone()).unwrap_or_default();
    environment.insert("MESOS_ALLOCATION_ROLE".to_owned(), role);
    environment.into_iter().collect()
}

/// The environment of a task's command check: the task's own, and the check's above it.
pub(crate) fn of_check(
    task_environment: &[(String, String)],
    command: &CommandInfo,
) -> Vec<(String, String)> {
    let mut environment: BTreeMap<String, String> = task_environment.iter().cloned().collect();
    add_command(&mut environment, command);
    environment.into_iter().collect()
}

/// How long an executor has to end after SHUTDOWN.
pub(crate) fn shutdown_grace_period(config: &Config, executor: &ExecutorInfo) -> Duration {
    executor
        .shutdown_grace_period
        .as_ref()
        .map_or(config.executor_shutdown_grace_period, |period| {
            Duration::from_nanos(u64::try_from(period.nanoseconds).unwrap_or(0))
        })
}

fn base(subject: Subject<'_>) -> BTreeMap<String, String> {
    let config = subject.config;
    let mut environment = BTreeMap::new();
    if let Some(ip) = &config.libprocess_ip {
        environment.insert("LIBPROCESS_IP".to_owned(), ip.clone());
    }
    environment.extend(config.extra_environment.iter().cloned());
    environment.extend(config.executor_environment_variables.clone());
    let endpoint = config.pid.split_once('@').map_or(config.pid.as_str(), |(_, address)| address);
    let grace = duration::format(shutdown_grace_period(config, subject.executor));
    let flag = |set: bool| if set { "1" } else { "0" };
    for (name, value) in [
        ("LIBPROCESS_PORT", "0"),
        ("MESOS_FRAMEWORK_ID", subject.framework_id),
        ("MESOS_EXECUTOR_ID", &subject.executor.executor_id.value),
        ("MESOS_DIRECTORY", subject.sandbox),
        ("MESOS_SANDBOX", subject.sandbox),
        ("MESOS_SLAVE_ID", subject.agent_id),
        ("MESOS_SLAVE_PID", &config.pid),
        ("MESOS_AGENT_ENDPOINT", endpoint),
        ("MESOS_CHECKPOINT", flag(subject.checkpoint)),
        ("MESOS_HTTP_COMMAND_EXECUTOR", flag(config.http_command_executor)),
        ("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", &grace),
    ] {
        environment.insert(name.to_owned(), value.to_owned());
    }
    if subject.checkpoint {
        for (name, value) in [
            ("MESOS_RECOVERY_TIMEOUT", config.recovery_timeout),
            ("MESOS_SUBSCRIPTION_BACKOFF_MAX", config.executor_reregistration_timeout),
        ] {
            environment.insert(name.to_owned(), duration::format(value));
        }
    }
    environment
}

fn add_command(environment: &mut BTreeMap<String, String>, command: &CommandInfo) {
    let variables = command.environment.iter().flat_map(|environment| &environment.variables);
    for variable in variables {
        if variable.r#type() != variable::Type::Secret {
            environment.insert(variable.name.clone(), variable.value.clone().unwrap_or_default());
        }
    }
}
