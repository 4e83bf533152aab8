// SPDX-License-Identifier: Apache-2.0

//! The flags of `mesos-master`: all of Mesos's names, with its defaults.
//!
//! A flag whose effect is not there yet is accepted when ignoring it is
//! harmless. One that promises security, high availability or other code
//! (`--zk`, `--acls`, `--modules`, …) is refused by [`check::refuse`], because
//! starting without what the operator asked for would be worse than not starting.

pub mod check;
pub mod settings;
#[cfg(test)]
mod tests;

use std::{net::IpAddr, path::PathBuf, time::Duration};

use mesos_flags::{ByteSize, Percentage};

mesos_flags::flags! {
    /// The flags of `mesos-master`.
    pub struct MasterFlags {
        /// Hostname that the master advertises in its info and in redirects.
        /// Looked up from the address unless set.
        hostname: Option<String>,
        /// Whether to look up the hostname of the address when --hostname is not set.
        /// Otherwise the address itself is advertised.
        hostname_lookup: bool = "true",
        /// Whether frameworks may run tasks as root.
        root_submissions: bool = "true",
        /// Directory for the registry. Keep it off /tmp: losing it loses the
        /// memory of agents and frameworks. Required unless --registry=in_memory.
        work_dir: Option<PathBuf>,
        /// Where the registry is kept: replicated_log (on local disk, below
        /// --work_dir) or in_memory (lost when the master ends).
        registry: String = "replicated_log",
        /// Accepted for compatibility: one master needs no quorum.
        quorum: Option<usize>,
        /// ZooKeeper session timeout.
        zk_session_timeout: Duration = "10secs",
        /// Removed from Mesos; must stay false.
        registry_strict: bool = "false",
        /// How long reading the registry may take when the master starts.
        registry_fetch_timeout: Duration = "1mins",
        /// How long storing a change of the registry may take.
        registry_store_timeout: Duration = "20secs",
        /// Accepted for compatibility: the registry is created when it is missing.
        log_auto_initialize: bool = "true",
        /// How long a disconnected agent, or one known from before a restart of the
        /// master, has to come back until it is marked unreachable. At least 10mins.
        agent_reregister_timeout | slave_reregister_timeout: Duration = "10mins",
        /// If more than this share of the agents did not come back after a restart of
        /// the master, the master exits instead of marking them unreachable.
        recovery_agent_removal_limit | recovery_slave_removal_limit: Percentage = "100%",
        /// How many agents may be marked unreachable in a time, e.g. 1/10mins.
        /// No limit unless set.
        agent_removal_rate_limit | slave_removal_rate_limit: Option<String>,
        /// Directory of the web page.
        webui_dir: Option<PathBuf>,
        /// File with the hostnames of the agents to offer, one a line, read again
        /// every few seconds. All agents unless set.
        whitelist: Option<PathBuf>,
        /// How roles are ordered: drf.
        role_sorter | user_sorter: String = "drf",
        /// How the frameworks of a role are ordered: drf.
        framework_sorter: String = "drf",
        /// Upper bound on how long allocations are put off while the master is busy.
        allocation_interval: Duration = "1secs",
        /// Name of the cluster, shown to people.
        cluster: Option<String>,
        /// The roles that frameworks may have, separated by commas. Any unless set.
        roles: Option<String>,
        /// Weights of roles: role=weight,role=weight.
        weights: Option<String>,
        /// Whether frameworks of the old driver must authenticate.
        authenticate_frameworks | authenticate: bool = "false",
        /// Whether agents must authenticate.
        authenticate_agents | authenticate_slaves: bool = "false",
        /// How long an authentication of the old protocol may take.
        authentication_v0_timeout: Duration = "15secs",
        /// Whether requests that change something must authenticate.
        authenticate_http_readwrite | authenticate_http: bool = "false",
        /// Whether requests that only read must authenticate.
        authenticate_http_readonly: bool = "false",
        /// Whether frameworks on the HTTP API must authenticate.
        authenticate_http_frameworks: bool = "false",
        /// File with principals and secrets.
        credentials: Option<PathBuf>,
        /// Access control lists: JSON, or the path of a file with it.
        acls: Option<String>,
        /// Endpoints that are switched off: JSON, or the path of a file with it.
        firewall_rules: Option<String>,
        /// Limits on the calls of frameworks: JSON, or the path of a file with it.
        rate_limits: Option<String>,
        /// Accepted for compatibility with port-mapping builds of Mesos.
        max_executors_per_agent | max_executors_per_slave: Option<usize>,
        /// After this time an unused offer is rescinded. Never unless set.
        offer_timeout: Option<Duration>,
        /// Modules to load: JSON, or the path of a file with it.
        modules: Option<String>,
        /// Directory with descriptions of modules to load.
        modules_dir: Option<PathBuf>,
        /// How agents and old frameworks authenticate: crammd5.
        authenticators: String = "crammd5",
        /// Which allocator decides about offers: hierarchical.
        allocator: String = "hierarchical",
        /// Share of the known agents that must be back after a restart of the master
        /// until offers are made.
        allocator_agent_recovery_factor: f64 = "0.8",
        /// How long to wait for that share at most.
        allocator_recovery_timeout: Duration = "10mins",
        /// Resources that do not count as share, e.g. gpus; separated by commas.
        fair_sharing_excluded_resource_names: Option<String>,
        /// Whether agents with GPUs are offered only to frameworks with the capability
        /// GPU_RESOURCES.
        filter_gpu_resources: bool = "true",
        /// What an offer must have at least: sets of resources separated by |,
        /// resources of a set separated by ;.
        min_allocatable_resources: String = "cpus:0.01|mem:32",
        /// Hook modules, separated by commas.
        hooks: Option<String>,
        /// How long an agent has to answer a ping. From 1secs to 15mins.
        agent_ping_timeout | slave_ping_timeout: Duration = "15secs",
        /// How many pings an agent may miss until it is marked unreachable.
        max_agent_ping_timeouts | max_slave_ping_timeouts: u32 = "5",
        /// What authorizes requests: local.
        authorizers: String = "local",
        /// How requests authenticate: basic.
        http_authenticators: String = "basic",
        /// How frameworks on the HTTP API authenticate.
        http_framework_authenticators: Option<String>,
        /// How many clients may follow the operator event stream; the oldest goes first.
        max_operator_event_stream_subscribers: usize = "1000",
        /// How many completed frameworks are remembered.
        max_completed_frameworks: usize = "50",
        /// How many completed tasks of each framework are remembered.
        max_completed_tasks_per_framework: usize = "1000",
        /// How many unreachable tasks of each framework are remembered.
        max_unreachable_tasks_per_framework: usize = "1000",
        /// Module that takes part in the election of masters.
        master_contender: Option<String>,
        /// Module that detects the leading master.
        master_detector: Option<String>,
        /// How often unreachable and gone agents are forgotten that are too old or too many.
        registry_gc_interval: Duration = "15mins",
        /// How long unreachable and gone agents are remembered.
        registry_max_agent_age: Duration = "2weeks",
        /// How many unreachable and how many gone agents are remembered.
        registry_max_agent_count: usize = "102400",
        /// Address to listen on. All addresses unless set.
        ip: Option<IpAddr>,
        /// Port to listen on.
        port: u16 = "5050",
        /// Address to advertise instead of --ip.
        advertise_ip: Option<IpAddr>,
        /// Port to advertise instead of --port.
        advertise_port: Option<u16>,
        /// Accepted for compatibility; must stay false.
        memory_profiling: bool = "false",
        /// ZooKeeper URL for the election of masters.
        zk: Option<String>,
        /// Command whose output is the address to listen on; excludes --ip.
        ip_discovery_command: Option<String>,
        /// Whether agents without a fault domain are ignored.
        require_agent_domain: bool = "false",
        /// Whether metrics of each framework are published.
        publish_per_framework_metrics: bool = "true",
        /// Fault domain of the master: JSON, or the path of a file with it.
        domain: Option<String>,
        /// Memory that a regular expression of offer constraints may take.
        offer_constraints_re2_max_mem: ByteSize = "4KB",
        /// Size that a regular expression of offer constraints may have.
        offer_constraints_re2_max_program_size: usize = "100",
        /// Whether nothing is logged to the standard error.
        quiet: bool = "false",
        /// Least severity that is logged: INFO, WARNING or ERROR.
        logging_level: String = "INFO",
        /// Directory for log files.
        log_dir: Option<PathBuf>,
        /// Accepted for compatibility: log lines are never held back.
        logbufsecs: u64 = "0",
        /// Accepted for compatibility with drivers.
        initialize_driver_logging: bool = "true",
        /// Log file written by somebody else, shown by the web page.
        external_log_file: Option<PathBuf>,
        /// Form of log lines: human or json. An addition to Mesos's flags.
        log_format: Option<String>,
        /// Prints this help.
        help: bool = "false",
        /// Prints the version.
        version: bool = "false",
    }
}
