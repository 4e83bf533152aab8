// SPDX-License-Identifier: Apache-2.0

//! Refuses flags that promise what this agent does not do (yet).

use std::time::Duration;

use super::AgentFlags;

/// A flag that cannot be honoured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("flag '--{flag}': {reason}")]
pub struct Refused {
    /// The flag.
    pub flag: &'static str,
    /// Why, and what would be right.
    pub reason: String,
}

const NO_SECURITY: &str = "authentication and authorization are not available yet; \
     without them this flag would protect nothing";
const NO_MODULES: &str = "modules are shared libraries of Apache Mesos and cannot be loaded";
const NO_IMAGES: &str = "container images are not available yet";
const NO_CGROUPS: &str = "control groups are not available yet; \
     without them this flag would limit nothing";
const NO_CONFINEMENT: &str = "it is not available yet; \
     without it this flag would confine nothing";
const NO_NETWORKS: &str = "networks of containers are not available yet";
const NO_QUOTAS: &str = "disk quotas are not available yet";
const NO_PROVIDERS: &str = "resource providers and CSI are not available yet";

/// What `--isolation` may name.
const ISOLATORS: [&str; 6] = [
    "posix/cpu",
    "posix/mem",
    "posix/rlimits",
    "filesystem/posix",
    "environment_secret",
    "process",
];

/// The longest `--executor_reregistration_timeout`, as in Mesos.
const LONGEST_REREGISTRATION: Duration = Duration::from_secs(15);

/// The first flag that cannot be honoured, if any.
///
/// # Errors
/// Names the flag, and says what would be right.
pub fn refuse(flags: &AgentFlags) -> Result<(), Refused> {
    let missing = missing_security(flags).into_iter().chain(missing_isolation(flags));
    if let Some((flag, _, reason)) = missing.into_iter().find(|(_, is_set, _)| *is_set) {
        return Err(Refused { flag, reason: reason.to_owned() });
    }
    only_choices(flags)?;
    ranges(flags)
}

type Missing = (&'static str, bool, &'static str);

fn missing_security(flags: &AgentFlags) -> Vec<Missing> {
    vec![
        ("credential", flags.credential.is_some(), NO_SECURITY),
        ("acls", flags.acls.is_some(), NO_SECURITY),
        ("authenticate_http_readonly", flags.authenticate_http_readonly, NO_SECURITY),
        ("authenticate_http_readwrite", flags.authenticate_http_readwrite, NO_SECURITY),
        ("authenticate_http_executors", flags.authenticate_http_executors, NO_SECURITY),
        ("http_authenticators", flags.http_authenticators.is_some(), NO_SECURITY),
        ("http_credentials", flags.http_credentials.is_some(), NO_SECURITY),
        ("jwt_secret_key", flags.jwt_secret_key.is_some(), NO_SECURITY),
        (
            "firewall_rules",
            flags.firewall_rules.is_some(),
            "switching off endpoints is not available yet",
        ),
        ("modules", flags.modules.is_some(), NO_MODULES),
        ("modules_dir", flags.modules_dir.is_some(), NO_MODULES),
        ("hooks", flags.hooks.is_some(), NO_MODULES),
        ("secret_resolver", flags.secret_resolver.is_some(), NO_MODULES),
        ("container_logger", flags.container_logger.is_some(), NO_MODULES),
        ("resource_estimator", flags.resource_estimator.is_some(), NO_MODULES),
        ("qos_controller", flags.qos_controller.is_some(), NO_MODULES),
        ("master_detector", flags.master_detector.is_some(), NO_MODULES),
        ("disk_profile_adaptor", flags.disk_profile_adaptor.is_some(), NO_MODULES),
        ("memory_profiling", flags.memory_profiling, "profiling through jemalloc is not available"),
        (
            "http_executor_domain_sockets",
            flags.http_executor_domain_sockets,
            "executors reach the agent through TCP only",
        ),
    ]
}

fn missing_isolation(flags: &AgentFlags) -> Vec<Missing> {
    vec![
        ("image_providers", flags.image_providers.is_some(), NO_IMAGES),
        ("docker_mesos_image", flags.docker_mesos_image.is_some(), NO_IMAGES),
        (
            "resource_provider_config_dir",
            flags.resource_provider_config_dir.is_some(),
            NO_PROVIDERS,
        ),
        ("csi_plugin_config_dir", flags.csi_plugin_config_dir.is_some(), NO_PROVIDERS),
        ("cgroups_enable_cfs", flags.cgroups_enable_cfs, NO_CGROUPS),
        ("cgroups_limit_swap", flags.cgroups_limit_swap, NO_CGROUPS),
        ("agent_subsystems", flags.agent_subsystems.is_some(), NO_CGROUPS),
        ("allowed_devices", flags.allowed_devices.is_some(), NO_CGROUPS),
        ("effective_capabilities", flags.effective_capabilities.is_some(), NO_CONFINEMENT),
        ("bounding_capabilities", flags.bounding_capabilities.is_some(), NO_CONFINEMENT),
        ("seccomp_profile_name", flags.seccomp_profile_name.is_some(), NO_CONFINEMENT),
        (
            "disallow_sharing_agent_ipc_namespace",
            flags.disallow_sharing_agent_ipc_namespace,
            NO_CONFINEMENT,
        ),
        (
            "disallow_sharing_agent_pid_namespace",
            flags.disallow_sharing_agent_pid_namespace,
            NO_CONFINEMENT,
        ),
        ("nvidia_gpu_devices", flags.nvidia_gpu_devices.is_some(), NO_CONFINEMENT),
        (
            "volume_gid_range",
            flags.volume_gid_range.is_some(),
            "shared volumes are not available yet",
        ),
        ("network_cni_config_dir", flags.network_cni_config_dir.is_some(), NO_NETWORKS),
        ("network_cni_plugins_dir", flags.network_cni_plugins_dir.is_some(), NO_NETWORKS),
        ("enforce_container_ports", flags.enforce_container_ports == Some(true), NO_NETWORKS),
        ("enforce_container_disk_quota", flags.enforce_container_disk_quota, NO_QUOTAS),
        ("xfs_project_range", flags.xfs_project_range.is_some(), NO_QUOTAS),
        ("xfs_kill_containers", flags.xfs_kill_containers == Some(true), NO_QUOTAS),
    ]
}

/// Flags that name one of several implementations, of which we have few.
fn only_choices(flags: &AgentFlags) -> Result<(), Refused> {
    let launcher = flags.launcher.as_deref().unwrap_or("posix");
    let choices: [(&'static str, &str, &[&str]); 8] = [
        ("authenticatee", &flags.authenticatee, &["crammd5"]),
        ("authorizer", &flags.authorizer, &["local"]),
        ("containerizers", &flags.containerizers, &["mesos"]),
        ("launcher", launcher, &["posix", "linux"]),
        ("recover", &flags.recover, &["reconnect", "cleanup"]),
        ("reconfiguration_policy", &flags.reconfiguration_policy, &["equal", "additive"]),
        ("logging_level", &flags.logging_level, &["INFO", "WARNING", "ERROR"]),
        ("log_format", flags.log_format.as_deref().unwrap_or("human"), &["human", "json"]),
    ];
    for (flag, value, choices) in choices {
        if !choices.contains(&value) {
            return Err(not_one_of(flag, value, choices));
        }
    }
    let isolators = flags.isolation.split(',').map(str::trim).filter(|name| !name.is_empty());
    for isolator in isolators {
        if !ISOLATORS.contains(&isolator) {
            return Err(not_one_of("isolation", isolator, &ISOLATORS));
        }
    }
    Ok(())
}

fn not_one_of(flag: &'static str, value: &str, choices: &[&str]) -> Refused {
    let reason = format!("'{value}' is not available; expected {}", choices.join(" or "));
    Refused { flag, reason }
}

fn ranges(flags: &AgentFlags) -> Result<(), Refused> {
    let refuse = |flag, reason: &str| Err(Refused { flag, reason: reason.to_owned() });
    let Some(master) = &flags.master else {
        return refuse("master", "is required: host:port of the master, such as 10.0.0.1:5050");
    };
    if master.starts_with("zk://") {
        let reason = "detecting the master through ZooKeeper is not available yet; \
                      give the host:port of the one master";
        return refuse("master", reason);
    }
    if flags.work_dir.is_none() {
        let reason = "is required to keep sandboxes and checkpoints, \
                      for example --work_dir=/var/lib/mesos/agent";
        return refuse("work_dir", reason);
    }
    if flags.executor_reregistration_timeout > LONGEST_REREGISTRATION {
        return refuse("executor_reregistration_timeout", "must be at most 15secs");
    }
    if !(0.0..=1.0).contains(&flags.gc_disk_headroom) {
        return refuse("gc_disk_headroom", "must be from 0 to 1");
    }
    if flags.ip.is_some() && flags.ip_discovery_command.is_some() {
        return refuse("ip_discovery_command", "excludes --ip; give one of the two");
    }
    if flags.ip6.is_some() && flags.ip6_discovery_command.is_some() {
        return refuse("ip6_discovery_command", "excludes --ip6; give one of the two");
    }
    Ok(())
}
