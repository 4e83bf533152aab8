// SPDX-License-Identifier: Apache-2.0

//! What an agent is told once, at start.

use std::{collections::BTreeMap, time::Duration};

use mesos_proto::v1::{AgentInfo, ContainerInfo, agent_info::capability};

use crate::status_updates::PENDING_MAX;

/// How long between two HEARTBEAT events to an executor.
pub const EXECUTOR_HEARTBEAT_INTERVAL: Duration = Duration::from_secs(30 * 60);
/// The longest pause between two attempts to register.
pub const REGISTER_RETRY_INTERVAL_MAX: Duration = Duration::from_secs(60);
/// How long an agent waits for a ping when the master does not say.
pub const DEFAULT_MASTER_PING_TIMEOUT: Duration = Duration::from_secs(75);
/// Completed frameworks remembered.
pub const MAX_COMPLETED_FRAMEWORKS: usize = 50;
/// Completed tasks remembered per executor.
pub const MAX_COMPLETED_TASKS_PER_EXECUTOR: usize = 200;
/// cpus of the executor that is made up for a command task.
pub const DEFAULT_EXECUTOR_CPUS: f64 = 0.1;
/// MB of memory of the executor that is made up for a command task.
pub const DEFAULT_EXECUTOR_MEM_MB: f64 = 32.0;
/// How long a command task has between SIGTERM and SIGKILL when nobody says.
pub const DEFAULT_KILL_GRACE_PERIOD: Duration = Duration::from_secs(3);

/// `--reconfiguration_policy`: what may change over a restart without costing the agent its id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReconfigurationPolicy {
    /// Nothing.
    #[default]
    Equal,
    /// Resources and attributes may be added.
    Additive,
}

/// The flags that the machine acts on; names and defaults are those of the Mesos agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Hostname, port, total resources, attributes, fault domain; without an id.
    pub info: AgentInfo,
    /// The agent's own process id, `slave(1)@ip:port`.
    pub pid: String,
    /// The address tasks are reached at, for `container_status.network_infos`.
    pub ip: String,
    /// The agent's IPv6 address, if it has one.
    pub ip6: Option<String>,
    /// The value of `LIBPROCESS_IP` to hand to executors, if the agent has one.
    pub libprocess_ip: Option<String>,
    /// The version told to the master, `1.11.0`.
    pub version: String,
    /// The capabilities told to the master.
    pub capabilities: Vec<capability::Type>,
    /// `--work_dir`, absolute.
    pub work_dir: String,
    /// `--runtime_dir`, absolute.
    pub runtime_dir: String,
    /// `--launcher_dir`, shown as the made-up executor of a command task.
    pub launcher_dir: String,
    /// `--registration_backoff_factor`.
    pub registration_backoff_factor: Duration,
    /// `--executor_registration_timeout`.
    pub executor_registration_timeout: Duration,
    /// `--executor_reregistration_timeout`.
    pub executor_reregistration_timeout: Duration,
    /// `--executor_shutdown_grace_period`.
    pub executor_shutdown_grace_period: Duration,
    /// `--recovery_timeout`.
    pub recovery_timeout: Duration,
    /// `--recover=cleanup`: end all old executors and exit.
    pub recover_cleanup: bool,
    /// `--reconfiguration_policy`.
    pub reconfiguration_policy: ReconfigurationPolicy,
    /// `--gc_delay`.
    pub gc_delay: Duration,
    /// `--gc_disk_headroom`, from 0 to 1.
    pub gc_disk_headroom: f64,
    /// `--disk_watch_interval`.
    pub disk_watch_interval: Duration,
    /// `--max_completed_executors_per_framework`.
    pub max_completed_executors_per_framework: usize,
    /// Updates of one task that may wait for their acknowledgements; no flag sets it.
    pub pending_updates_max: usize,
    /// `--switch_user`.
    pub switch_user: bool,
    /// `--http_command_executor`; only shown to executors, ours needs no such choice.
    pub http_command_executor: bool,
    /// `--executor_environment_variables`.
    pub executor_environment_variables: BTreeMap<String, String>,
    /// `--default_container_info`.
    pub default_container_info: Option<ContainerInfo>,
    /// More variables for every executor, such as `MESOS_NATIVE_JAVA_LIBRARY`.
    pub extra_environment: Vec<(String, String)>,
}

impl Config {
    /// The defaults of the Mesos agent, for an agent of this description and place.
    pub fn new(info: AgentInfo, ip: &str, port: u16, work_dir: &str) -> Self {
        let capabilities = vec![
            capability::Type::MultiRole,
            capability::Type::HierarchicalRole,
            capability::Type::ReservationRefinement,
            capability::Type::ResourceProvider,
            capability::Type::ResizeVolume,
            capability::Type::AgentOperationFeedback,
            capability::Type::AgentDraining,
            capability::Type::TaskResourceLimits,
        ];
        Config {
            info,
            pid: format!("slave(1)@{ip}:{port}"),
            ip: ip.to_owned(),
            ip6: None,
            libprocess_ip: None,
            version: "1.11.0".to_owned(),
            capabilities,
            work_dir: work_dir.to_owned(),
            runtime_dir: "/var/run/mesos".to_owned(),
            launcher_dir: "/usr/libexec/mesos".to_owned(),
            registration_backoff_factor: Duration::from_secs(1),
            executor_registration_timeout: Duration::from_secs(60),
            executor_reregistration_timeout: Duration::from_secs(2),
            executor_shutdown_grace_period: Duration::from_secs(5),
            recovery_timeout: Duration::from_secs(15 * 60),
            recover_cleanup: false,
            reconfiguration_policy: ReconfigurationPolicy::Equal,
            gc_delay: Duration::from_secs(7 * 24 * 3600),
            gc_disk_headroom: 0.1,
            disk_watch_interval: Duration::from_secs(60),
            max_completed_executors_per_framework: 150,
            pending_updates_max: PENDING_MAX,
            switch_user: true,
            http_command_executor: false,
            executor_environment_variables: BTreeMap::new(),
            default_container_info: None,
            extra_environment: Vec::new(),
        }
    }
}
