// SPDX-License-Identifier: Apache-2.0

//! From flags to what the state machine and the containerizer are told.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use mesos_agent_state::Config;
use mesos_core::attributes;
use mesos_proto::v1::{AgentInfo, DomainInfo};

use super::{AgentFlags, check::Refused};
use crate::{identity::Identity, machine};

/// The configuration of the state machine of an agent with this identity.
///
/// # Errors
/// When a flag's value makes no sense.
pub fn config(flags: &AgentFlags, identity: &Identity) -> Result<Config, Refused> {
    let work_dir = absolute("work_dir", flags.work_dir.as_deref().unwrap_or(Path::new(".")))?;
    let info = AgentInfo {
        hostname: identity.hostname.clone(),
        port: Some(identity.advertised.port().into()),
        resources: machine::resources(flags, &work_dir)?,
        attributes: attributes(flags)?,
        domain: domain(flags)?,
        ..AgentInfo::default()
    };
    let ip = identity.advertised.ip().to_string();
    let mut config =
        Config::new(info, &ip, identity.advertised.port(), &work_dir.display().to_string());
    config.pid = identity.pid();
    config.ip6 = flags.ip6.map(|ip| ip.to_string());
    config.libprocess_ip =
        Some(identity.bound.ip()).filter(|ip| !ip.is_unspecified()).map(|ip| ip.to_string());
    config.runtime_dir = runtime_directory(flags)?.display().to_string();
    config.launcher_dir = flags.launcher_dir.display().to_string();
    config.registration_backoff_factor = flags.registration_backoff_factor;
    config.executor_registration_timeout = flags.executor_registration_timeout;
    config.executor_reregistration_timeout = flags.executor_reregistration_timeout;
    config.executor_shutdown_grace_period = flags.executor_shutdown_grace_period;
    config.recovery_timeout = flags.recovery_timeout;
    config.recover_cleanup = flags.recover == "cleanup";
    config.gc_delay = flags.gc_delay;
    config.gc_disk_headroom = flags.gc_disk_headroom;
    config.disk_watch_interval = flags.disk_watch_interval;
    config.max_completed_executors_per_framework = flags.max_completed_executors_per_framework;
    config.switch_user = flags.switch_user;
    config.http_command_executor = flags.http_command_executor;
    config.executor_environment_variables = executor_environment(flags)?;
    config.default_container_info = json("default_container_info", &flags.default_container_info)?;
    Ok(config)
}

/// `--runtime_dir`, or what Mesos takes when it is not given. Absolute.
///
/// # Errors
/// When the working directory, to which it is relative, is gone.
pub fn runtime_directory(flags: &AgentFlags) -> Result<PathBuf, Refused> {
    let default = || {
        if nix::unistd::geteuid().is_root() {
            PathBuf::from("/var/run/mesos")
        } else {
            std::env::temp_dir().join("mesos/runtime")
        }
    };
    absolute("runtime_dir", &flags.runtime_dir.clone().unwrap_or_else(default))
}

fn absolute(flag: &'static str, path: &Path) -> Result<PathBuf, Refused> {
    std::path::absolute(path).map_err(|error| Refused { flag, reason: error.to_string() })
}

/// A JSON text, or that of the file whose absolute path is given.
///
/// # Errors
/// When there is no such file.
pub fn inline_or_file(flag: &'static str, text: &str) -> Result<String, Refused> {
    if !text.starts_with('/') {
        return Ok(text.to_owned());
    }
    fs::read_to_string(text)
        .map_err(|error| Refused { flag, reason: format!("cannot read '{text}': {error}") })
}

fn json<M: mesos_proto::Described>(
    flag: &'static str,
    text: &Option<String>,
) -> Result<Option<M>, Refused> {
    let Some(text) = text else { return Ok(None) };
    let text = inline_or_file(flag, text)?;
    mesos_proto::json::from_json(text.as_bytes())
        .map(Some)
        .map_err(|error| Refused { flag, reason: error.to_string() })
}

fn attributes(flags: &AgentFlags) -> Result<Vec<mesos_proto::v1::Attribute>, Refused> {
    let text = flags.attributes.as_deref().unwrap_or("");
    attributes::parse(text)
        .map_err(|error| Refused { flag: "attributes", reason: error.to_string() })
}

fn domain(flags: &AgentFlags) -> Result<Option<DomainInfo>, Refused> {
    let domain: Option<DomainInfo> = json("domain", &flags.domain)?;
    if domain.as_ref().is_some_and(|domain| domain.fault_domain.is_none()) {
        let reason = "`domain` must define `fault_domain`".to_owned();
        return Err(Refused { flag: "domain", reason });
    }
    Ok(domain)
}

fn executor_environment(flags: &AgentFlags) -> Result<BTreeMap<String, String>, Refused> {
    const FLAG: &str = "executor_environment_variables";
    let Some(text) = &flags.executor_environment_variables else { return Ok(BTreeMap::new()) };
    let text = inline_or_file(FLAG, text)?;
    serde_json::from_str(&text).map_err(|error| Refused {
        flag: FLAG,
        reason: format!("expected a JSON object whose members are all strings: {error}"),
    })
}
