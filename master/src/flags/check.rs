// SPDX-License-Identifier: Apache-2.0

//! Refuses flags that promise what this master does not do (yet).

use std::time::Duration;

use super::MasterFlags;

/// A flag that cannot be honoured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("flag '--{flag}': {reason}")]
pub struct Refused {
    /// The flag.
    pub flag: &'static str,
    /// Why, and what would be right.
    pub reason: String,
}

/// Why authentication and authorization flags are refused.
const NO_SECURITY: &str = "authentication and authorization are not available yet; \
     without them this flag would protect nothing";
/// Why module flags are refused.
const NO_MODULES: &str = "modules are shared libraries of Apache Mesos and cannot be loaded";
/// Why flags of several masters are refused.
const NO_ELECTION: &str = "several masters with an elected leader are not available yet; \
     run a single master without this flag";

/// The first flag that cannot be honoured, if any.
pub fn refuse(flags: &MasterFlags) -> Result<(), Refused> {
    missing_features(flags)?;
    only_choices(flags)?;
    ranges(flags)
}

fn missing_features(flags: &MasterFlags) -> Result<(), Refused> {
    let refused = [
        ("zk", flags.zk.is_some(), NO_ELECTION),
        ("master_contender", flags.master_contender.is_some(), NO_ELECTION),
        ("master_detector", flags.master_detector.is_some(), NO_ELECTION),
        ("authenticate_frameworks", flags.authenticate_frameworks, NO_SECURITY),
        ("authenticate_agents", flags.authenticate_agents, NO_SECURITY),
        ("authenticate_http_readwrite", flags.authenticate_http_readwrite, NO_SECURITY),
        ("authenticate_http_readonly", flags.authenticate_http_readonly, NO_SECURITY),
        ("authenticate_http_frameworks", flags.authenticate_http_frameworks, NO_SECURITY),
        ("credentials", flags.credentials.is_some(), NO_SECURITY),
        ("acls", flags.acls.is_some(), NO_SECURITY),
        (
            "http_framework_authenticators",
            flags.http_framework_authenticators.is_some(),
            NO_SECURITY,
        ),
        (
            "firewall_rules",
            flags.firewall_rules.is_some(),
            "switching off endpoints is not available yet",
        ),
        ("rate_limits", flags.rate_limits.is_some(), "rate limits are not available yet"),
        ("modules", flags.modules.is_some(), NO_MODULES),
        ("modules_dir", flags.modules_dir.is_some(), NO_MODULES),
        ("hooks", flags.hooks.is_some(), NO_MODULES),
        ("memory_profiling", flags.memory_profiling, "profiling through jemalloc is not available"),
        ("registry_strict", flags.registry_strict, "Mesos removed it; leave it out"),
    ];
    match refused.into_iter().find(|(_, is_set, _)| *is_set) {
        Some((flag, _, reason)) => Err(Refused { flag, reason: reason.to_owned() }),
        None => Ok(()),
    }
}

/// Flags that name one of several implementations, of which we have one.
fn only_choices(flags: &MasterFlags) -> Result<(), Refused> {
    let choices = [
        ("role_sorter", &flags.role_sorter, "drf"),
        ("framework_sorter", &flags.framework_sorter, "drf"),
        ("allocator", &flags.allocator, "hierarchical"),
        ("authenticators", &flags.authenticators, "crammd5"),
        ("authorizers", &flags.authorizers, "local"),
        ("http_authenticators", &flags.http_authenticators, "basic"),
    ];
    for (flag, value, choice) in choices {
        if value != choice {
            let reason = format!("'{value}' is not available; the only choice is '{choice}'");
            return Err(Refused { flag, reason });
        }
    }
    Ok(())
}

fn ranges(flags: &MasterFlags) -> Result<(), Refused> {
    const SECOND: Duration = Duration::from_secs(1);
    let refuse = |flag, reason: &str| Err(Refused { flag, reason: reason.to_owned() });
    if !(SECOND..=900 * SECOND).contains(&flags.agent_ping_timeout) {
        return refuse("agent_ping_timeout", "must be from 1secs to 15mins");
    }
    if flags.max_agent_ping_timeouts < 1 {
        return refuse("max_agent_ping_timeouts", "must be at least 1");
    }
    if flags.agent_reregister_timeout < 600 * SECOND {
        return refuse("agent_reregister_timeout", "must be at least 10mins");
    }
    if flags.registry_gc_interval < SECOND {
        return refuse("registry_gc_interval", "must be at least 1secs");
    }
    if flags.ip.is_some() && flags.ip_discovery_command.is_some() {
        return refuse("ip_discovery_command", "excludes --ip; give one of the two");
    }
    let is_memory = match flags.registry.as_str() {
        "in_memory" => true,
        "replicated_log" => false,
        _ => return refuse("registry", "must be replicated_log or in_memory"),
    };
    if !is_memory && flags.work_dir.is_none() {
        let reason = "is required to keep the registry, unless --registry=in_memory; \
                      for example --work_dir=/var/lib/mesos/master";
        return refuse("work_dir", reason);
    }
    if !matches!(flags.log_format.as_deref(), None | Some("human" | "json")) {
        return refuse("log_format", "must be human or json");
    }
    if !["INFO", "WARNING", "ERROR"].contains(&flags.logging_level.as_str()) {
        return refuse("logging_level", "must be INFO, WARNING or ERROR");
    }
    Ok(())
}
