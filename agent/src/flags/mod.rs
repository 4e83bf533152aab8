// SPDX-License-Identifier: Apache-2.0

//! The flags of `mesos-agent`: all of Mesos's names, with its defaults.
//!
//! A flag whose effect is not there yet is accepted when ignoring it is
//! harmless. One that promises isolation, security or other code
//! (`--image_providers`, `--acls`, `--modules`, …) is refused by
//! [`check::refuse`], because starting without what the operator asked for
//! would be worse than not starting.

pub mod check;
pub mod settings;

use std::{net::IpAddr, path::PathBuf, time::Duration};

use mesos_flags::{ByteSize, Secret};

mesos_flags::flags! {
    /// The flags of `mesos-agent`.
    pub struct AgentFlags {
        // Identity and network.
        /// Hostname that the agent advertises. Looked up from the address unless set.
        hostname: Option<String>,
        /// Whether to look up the hostname of the address when --hostname is not set. Otherwise
        /// the address itself is advertised.
        hostname_lookup: bool = "true",
        /// Address to listen on. All addresses unless set.
        ip: Option<IpAddr>,
        /// IPv6 address that tasks are told; nothing listens on it.
        ip6: Option<IpAddr>,
        /// Port to listen on.
        port: u16 = "5051",
        /// Address to tell masters and executors instead of --ip.
        advertise_ip: Option<IpAddr>,
        /// Port to tell masters and executors instead of --port.
        advertise_port: Option<u16>,
        /// Command whose output is the address to listen on; excludes --ip.
        ip_discovery_command: Option<String>,
        /// Command whose output is the IPv6 address; excludes --ip6.
        ip6_discovery_command: Option<String>,
        /// The master: host:port, or file:///path of a file with that. Required.
        master: Option<String>,
        /// Module that detects the leading master.
        master_detector: Option<String>,
        /// ZooKeeper session timeout.
        zk_session_timeout: Duration = "10secs",
        /// Fault domain of the agent: JSON, or the path of a file with it.
        domain: Option<String>,
        // Resources.
        /// What the agent offers: name(role):value;name:value…, or a JSON array of resources, or
        /// the path of a file with either. Cpus, mem, disk and ports that are not named are
        /// detected.
        resources: Option<String>,
        /// Attributes of the agent: name:value;name:value…
        attributes: Option<String>,
        /// Role of resources that name none.
        default_role: String = "*",
        /// Directory with the configurations of local resource providers.
        resource_provider_config_dir: Option<PathBuf>,
        /// Module that knows the profiles of disks.
        disk_profile_adaptor: Option<String>,
        /// Directory with the configurations of CSI plugins.
        csi_plugin_config_dir: Option<PathBuf>,
        /// Module that estimates what may be oversubscribed.
        resource_estimator: Option<String>,
        /// Module that corrects oversubscription.
        qos_controller: Option<String>,
        /// Least time between two corrections of oversubscription.
        qos_correction_interval_min: Duration = "0ns",
        /// How often the oversubscribed resources are told to the master.
        oversubscribed_resources_interval: Duration = "15secs",
        // Directories.
        /// Directory for sandboxes and checkpoints; keep it off /tmp. Required.
        work_dir: Option<PathBuf>,
        /// Directory for what must survive the agent but not a reboot. /var/run/mesos for root,
        /// else below the temporary directory.
        runtime_dir: Option<PathBuf>,
        /// Directory with mesos-launcher and mesos-fetcher; where one is not there, the one
        /// beside this program is used.
        launcher_dir: PathBuf = "/usr/libexec/mesos",
        /// Where a container with an image of its own sees its sandbox.
        sandbox_directory: String = "/mnt/mesos/sandbox",
        /// What relative URIs of commands are relative to.
        frameworks_home: String = "",
        /// Accepted for compatibility: URIs are not fetched through Hadoop.
        hadoop_home: Option<PathBuf>,
        // Registration and recovery.
        /// Longest first pause before an attempt to register; it doubles up to 1mins.
        registration_backoff_factor: Duration = "1secs",
        /// Longest first pause before an attempt to authenticate.
        authentication_backoff_factor: Duration = "1secs",
        /// Least time to wait for an authentication.
        authentication_timeout_min: Duration = "5secs",
        /// Longest time to wait for an authentication.
        authentication_timeout_max: Duration = "1mins",
        /// What to do with executors of a former run: reconnect, or cleanup to end them and exit.
        recover: String = "reconnect",
        /// How long executors wait for an agent that is gone until they end themselves.
        recovery_timeout: Duration = "15mins",
        /// Whether errors in the checkpoints stop the agent, rather than being left out.
        strict: bool = "true",
        /// What may differ from the former run: equal for nothing, additive for more resources
        /// and attributes.
        reconfiguration_policy: String = "equal",
        // Executors.
        /// Whether tasks run as the user their framework names, rather than as the agent's.
        switch_user: bool = "true",
        /// Variables for every executor: a JSON object of strings, or the path of a file with it.
        executor_environment_variables: Option<String>,
        /// How long a new executor has to subscribe.
        executor_registration_timeout: Duration = "1mins",
        /// How long executors have to come back after the agent restarted; at most 15secs.
        executor_reregistration_timeout: Duration = "2secs",
        /// Accepted for compatibility with executors of the old driver.
        executor_reregistration_retry_interval: Option<Duration>,
        /// How long an executor has to end by itself when it is shut down.
        executor_shutdown_grace_period: Duration = "5secs",
        /// Accepted for compatibility: command tasks need no executor process here.
        http_command_executor: bool = "false",
        /// Whether executors reach the agent through a domain socket.
        http_executor_domain_sockets: bool = "false",
        /// Where that domain socket is.
        domain_socket_location: Option<PathBuf>,
        /// How often streams of the operator API send a heartbeat.
        http_heartbeat_interval: Duration = "30secs",
        /// How many completed executors of each framework are remembered.
        max_completed_executors_per_framework: usize = "150",
        // Garbage collection and fetching.
        /// How long sandboxes stay at most; less when the disk fills.
        gc_delay: Duration = "1weeks",
        /// Share of the disk to keep free, from 0 to 1.
        gc_disk_headroom: f64 = "0.1",
        /// Whether sandboxes of nested and standalone containers are removed as well.
        gc_non_executor_container_sandboxes: bool = "false",
        /// How often the use of the disk is looked at.
        disk_watch_interval: Duration = "1mins",
        /// Accepted for compatibility: every container fetches for itself.
        fetcher_cache_size: ByteSize = "2GB",
        /// Accepted for compatibility: every container fetches for itself.
        fetcher_cache_dir: PathBuf = "/tmp/mesos/fetch",
        /// A download without a byte for so long is given up.
        fetcher_stall_timeout: Duration = "1mins",
        // Containerizers and isolation.
        /// Which containerizers to use, separated by commas: mesos.
        containerizers: String = "mesos",
        /// How containers are isolated, separated by commas: posix/cpu, posix/mem, posix/rlimits,
        /// filesystem/posix.
        isolation: String = "posix/cpu,posix/mem",
        /// How processes are started and ended: posix or linux, which are the same here.
        launcher: Option<String>,
        /// What provides container images.
        image_providers: Option<String>,
        /// How images become root file systems.
        image_provisioner_backend: Option<String>,
        /// When unused images are removed.
        image_gc_config: Option<String>,
        /// ContainerInfo for executors that have none: JSON, or the path of a file with it.
        default_container_info: Option<String>,
        /// DNS settings for containers that have none.
        default_container_dns: Option<String>,
        /// Size of /dev/shm for containers that say nothing.
        default_container_shm_size: Option<ByteSize>,
        /// Whether containers must not share the agent's IPC namespace.
        disallow_sharing_agent_ipc_namespace: bool = "false",
        /// Whether containers must not share the agent's process id namespace.
        disallow_sharing_agent_pid_namespace: bool = "false",
        /// Capabilities of tasks that say nothing.
        effective_capabilities | allowed_capabilities: Option<String>,
        /// The most capabilities that a task can have.
        bounding_capabilities: Option<String>,
        /// Directory with seccomp profiles.
        seccomp_config_dir: Option<PathBuf>,
        /// Seccomp profile of containers that say nothing.
        seccomp_profile_name: Option<String>,
        /// Devices that containers may use.
        allowed_devices: Option<String>,
        /// The GPUs to offer.
        nvidia_gpu_devices: Option<String>,
        /// Control groups that the agent puts itself into.
        agent_subsystems | slave_subsystems: Option<String>,
        /// Where control groups are mounted.
        cgroups_hierarchy: PathBuf = "/sys/fs/cgroup",
        /// Name of the control group of all containers.
        cgroups_root: String = "mesos",
        /// How long destroying a control group may take.
        cgroups_destroy_timeout: Duration = "1mins",
        /// Whether cpus are a hard limit.
        cgroups_enable_cfs: bool = "false",
        /// Whether mem limits memory and swap together.
        cgroups_limit_swap: bool = "false",
        /// Whether statistics count processes and threads.
        cgroups_cpu_enable_pids_and_tids_count: bool = "false",
        /// First half of network class handles.
        cgroups_net_cls_primary_handle: Option<String>,
        /// Range of the second half of network class handles.
        cgroups_net_cls_secondary_handles: Option<String>,
        /// Events that perf samples.
        perf_events: Option<String>,
        /// How often perf samples.
        perf_interval: Duration = "1mins",
        /// How long perf samples.
        perf_duration: Duration = "10secs",
        /// Whether revocable cpus get low shares.
        revocable_cpu_low_priority: bool = "true",
        /// Accepted for compatibility: the launcher of a container is a process of its own
        /// session.
        systemd_enable_support: bool = "true",
        /// Accepted for compatibility.
        systemd_runtime_directory: PathBuf = "/run/systemd/system",
        /// Host paths that are created when a volume needs them.
        host_path_volume_force_creation: Option<String>,
        /// Group ids for shared volumes.
        volume_gid_range: Option<String>,
        /// How often the disk use of containers is looked at.
        container_disk_watch_interval: Duration = "15secs",
        /// Whether containers that use too much disk are killed.
        enforce_container_disk_quota: bool = "false",
        /// XFS project ids to use.
        xfs_project_range: Option<String>,
        /// Whether containers over their XFS quota are killed.
        xfs_kill_containers: Option<bool>,
        /// XFS quota above the limit when killing.
        xfs_quota_headroom: Option<ByteSize>,
        /// Module that takes the output of containers. The sandbox unless set.
        container_logger: Option<String>,
        // Docker and images.
        /// The docker program.
        docker: String = "docker",
        /// Docker credentials: JSON, or the path of a file with it.
        docker_config: Option<Secret>,
        /// Whether the runtime settings of docker images are ignored.
        docker_ignore_runtime: bool = "false",
        /// Whether unknown docker containers of an agent are killed.
        docker_kill_orphans: bool = "true",
        /// Docker image in which the agent itself runs.
        docker_mesos_image: Option<String>,
        /// Where docker images come from.
        docker_registry: String = "https://registry-1.docker.io",
        /// How long ended docker containers stay.
        docker_remove_delay: Duration = "6hrs",
        /// The docker daemon's socket.
        docker_socket: PathBuf = "/var/run/docker.sock",
        /// How long docker stop waits.
        docker_stop_timeout: Duration = "0ns",
        /// Directory for docker images.
        docker_store_dir: PathBuf = "/tmp/mesos/store/docker",
        /// Directory for checkpoints of docker volumes.
        docker_volume_checkpoint_dir: PathBuf = "/var/run/mesos/isolators/docker/volume",
        /// Whether docker volumes are given to the task's user.
        docker_volume_chown: bool = "false",
        /// Where appc images come from.
        appc_simple_discovery_uri_prefix: String = "http://",
        /// Directory for appc images.
        appc_store_dir: PathBuf = "/tmp/mesos/store/appc",
        // Network of containers.
        /// Directories with CNI plugins.
        network_cni_plugins_dir: Option<String>,
        /// Directory with CNI networks.
        network_cni_config_dir: Option<PathBuf>,
        /// Whether the state of CNI networks survives a reboot.
        network_cni_root_dir_persist: bool = "false",
        /// Whether CNI counts.
        network_cni_metrics: bool = "true",
        /// How often the ports that containers listen on are looked at.
        container_ports_watch_interval: Option<Duration>,
        /// Whether only ports that the agent offers are looked at.
        check_agent_port_range_only: Option<bool>,
        /// Whether containers that listen on other ports are killed.
        enforce_container_ports: Option<bool>,
        /// The ports that are looked at.
        container_ports_isolated_range: Option<String>,
        /// Ephemeral ports of a container (port-mapping builds of Mesos).
        ephemeral_ports_per_container: Option<u32>,
        /// Public network interface (port-mapping builds of Mesos).
        eth0_name: Option<String>,
        /// Loopback interface (port-mapping builds of Mesos).
        lo_name: Option<String>,
        /// Outgoing rate (port-mapping builds of Mesos).
        egress_rate_limit_per_container: Option<ByteSize>,
        /// Outgoing rate by cpu (port-mapping builds of Mesos).
        egress_rate_per_cpu: Option<ByteSize>,
        /// Least outgoing rate (port-mapping builds of Mesos).
        minimum_egress_rate_limit: Option<ByteSize>,
        /// Highest outgoing rate (port-mapping builds of Mesos).
        maximum_egress_rate_limit: Option<ByteSize>,
        /// Outgoing rate of bursts (port-mapping builds of Mesos).
        egress_ceil_limit: Option<ByteSize>,
        /// Size of outgoing bursts (port-mapping builds of Mesos).
        egress_burst: Option<ByteSize>,
        /// One flow a container (port-mapping builds of Mesos).
        egress_unique_flow_per_container: Option<bool>,
        /// Parent of the flow classifier (port-mapping builds of Mesos).
        egress_flow_classifier_parent: Option<String>,
        /// Incoming rate (port-mapping builds of Mesos).
        ingress_rate_limit_per_container: Option<ByteSize>,
        /// Incoming rate by cpu (port-mapping builds of Mesos).
        ingress_rate_per_cpu: Option<ByteSize>,
        /// Least incoming rate (port-mapping builds of Mesos).
        minimum_ingress_rate_limit: Option<ByteSize>,
        /// Highest incoming rate (port-mapping builds of Mesos).
        maximum_ingress_rate_limit: Option<ByteSize>,
        /// Incoming rate of bursts (port-mapping builds of Mesos).
        ingress_ceil_limit: Option<ByteSize>,
        /// Size of incoming bursts (port-mapping builds of Mesos).
        ingress_burst: Option<ByteSize>,
        /// Whether running containers are limited too (port-mapping builds of Mesos).
        ingress_isolate_existing_containers: Option<bool>,
        /// Speed of the public interface (port-mapping builds of Mesos).
        network_link_speed: Option<ByteSize>,
        /// Socket statistics in sum (port-mapping builds of Mesos).
        network_enable_socket_statistics_summary: Option<bool>,
        /// Socket statistics in detail (port-mapping builds of Mesos).
        network_enable_socket_statistics_details: Option<bool>,
        /// SNMP statistics (port-mapping builds of Mesos).
        network_enable_snmp_statistics: Option<bool>,
        /// Rate statistics (port-mapping builds of Mesos).
        network_enable_rate_statistics: Option<bool>,
        /// Window of rate statistics (port-mapping builds of Mesos).
        network_rate_statistics_window: Option<Duration>,
        /// Interval of rate statistics (port-mapping builds of Mesos).
        network_rate_statistics_interval: Option<Duration>,
        // Security and modules.
        /// Principal and secret of the agent: JSON, or the path of a file with it.
        credential: Option<Secret>,
        /// Access control lists: JSON, or the path of a file with it.
        acls: Option<String>,
        /// How the agent authenticates with the master: crammd5.
        authenticatee: String = "crammd5",
        /// What authorizes requests: local.
        authorizer: String = "local",
        /// Whether requests that only read must authenticate.
        authenticate_http_readonly: bool = "false",
        /// Whether requests that change something must authenticate.
        authenticate_http_readwrite: bool = "false",
        /// Whether executors must authenticate.
        authenticate_http_executors: bool = "false",
        /// How requests authenticate.
        http_authenticators: Option<String>,
        /// Principals and secrets of the HTTP endpoints: JSON, or the path of a file with it.
        http_credentials: Option<Secret>,
        /// Path of the key that executors' tokens are signed with.
        jwt_secret_key | executor_secret_key: Option<Secret>,
        /// Endpoints that are switched off: JSON, or the path of a file with it.
        firewall_rules: Option<String>,
        /// Modules to load: JSON, or the path of a file with it.
        modules: Option<String>,
        /// Directory with descriptions of modules to load.
        modules_dir: Option<PathBuf>,
        /// Hook modules, separated by commas.
        hooks: Option<String>,
        /// Module that resolves secrets.
        secret_resolver: Option<String>,
        /// Capabilities of the agent to tell the master: JSON, or the path of a file with it. All
        /// unless set.
        agent_features: Option<String>,
        /// Accepted for compatibility; must stay false.
        memory_profiling: bool = "false",
        // Logging.
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
