// SPDX-License-Identifier: Apache-2.0

//! From flags to what the state machine and the containerizer are told.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use mesos_agent_state::{Config, config::ReconfigurationPolicy};
use mesos_core::attributes;
use mesos_flags::text_or_file;
use mesos_proto::v1::{AgentInfo, DomainInfo, agent_info::capability::Type};

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
    config.reconfiguration_policy = match flags.reconfiguration_policy.as_str() {
        "additive" => ReconfigurationPolicy::Additive,
        _ => ReconfigurationPolicy::Equal,
    };
    if let Some(features) = &flags.agent_features {
        config.capabilities = features_of(features)?;
    }
    Ok(config)
}

/// The capabilities that `--agent_features` leaves the agent.
fn features_of(text: &str) -> Result<Vec<Type>, Refused> {
    const FLAG: &str = "agent_features";
    const REQUIRED: [Type; 7] = [
        Type::MultiRole,
        Type::HierarchicalRole,
        Type::ReservationRefinement,
        Type::AgentOperationFeedback,
        Type::ResourceProvider,
        Type::AgentDraining,
        Type::TaskResourceLimits,
    ];
    #[derive(serde::Deserialize)]
    struct Features {
        capabilities: Vec<Feature>,
    }
    #[derive(serde::Deserialize)]
    struct Feature {
        r#type: String,
    }
    let refused = |reason: String| Refused { flag: FLAG, reason };
    let features: Features =
        serde_json::from_str(&text_or_file(text).map_err(refused)?).map_err(|error| {
            refused(format!(r#"expected {{"capabilities":[{{"type":"MULTI_ROLE"}},…]}}: {error}"#))
        })?;
    let named = features.capabilities.iter().map(|feature| {
        Type::from_str_name(&feature.r#type)
            .filter(|one| *one != Type::Unknown)
            .ok_or_else(|| refused(format!("'{}' is no feature of an agent", feature.r#type)))
    });
    let named: Vec<Type> = named.collect::<Result<_, _>>()?;
    match REQUIRED.iter().find(|one| !named.contains(one)) {
        Some(missing) => Err(refused(format!(
            "{} is required; only RESIZE_VOLUME may be left out",
            missing.as_str_name()
        ))),
        None => Ok(named),
    }
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

fn json<M: mesos_proto::Described>(
    flag: &'static str,
    text: &Option<String>,
) -> Result<Option<M>, Refused> {
    let Some(text) = text else { return Ok(None) };
    let refused = |reason| Refused { flag, reason };
    let text = text_or_file(text).map_err(refused)?;
    mesos_proto::json::from_json(text.as_bytes())
        .map(Some)
        .map_err(|error| refused(error.to_string()))
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
    let refused = |reason| Refused { flag: FLAG, reason };
    let text = text_or_file(text).map_err(refused)?;
    serde_json::from_str(&text).map_err(|error| {
        refused(format!("expected a JSON object whose members are all strings: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_feature_that_nothing_needs_can_be_left_out() {
        let all = [
            "MULTI_ROLE",
            "HIERARCHICAL_ROLE",
            "RESERVATION_REFINEMENT",
            "AGENT_OPERATION_FEEDBACK",
            "RESOURCE_PROVIDER",
            "AGENT_DRAINING",
            "TASK_RESOURCE_LIMITS",
        ];
        let text = |names: &[&str]| {
            let names: Vec<_> =
                names.iter().map(|name| format!(r#"{{"type":"{name}"}}"#)).collect();
            format!(r#"{{"capabilities":[{}]}}"#, names.join(","))
        };
        assert_eq!(features_of(&text(&all)).unwrap().len(), 7);
        let error = features_of(&text(&all[1..])).unwrap_err().to_string();
        assert!(error.contains("MULTI_ROLE is required"), "{error}");
        let error = features_of(&text(&["FLYING"])).unwrap_err().to_string();
        assert!(error.contains("'FLYING' is no feature"), "{error}");
        assert!(features_of("[]").is_err());
    }
}
