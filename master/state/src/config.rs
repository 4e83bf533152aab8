// SPDX-License-Identifier: Apache-2.0

//! What a master is told when it starts, with Mesos's defaults.

use std::{collections::BTreeSet, time::Duration};

use mesos_proto::v1;

/// How a master behaves; each field is a flag of `mesos-master` or a constant of Mesos.
#[derive(Clone, Debug)]
pub struct Config {
    /// What the master tells about itself in SUBSCRIBED; `id` is the master's id,
    /// the prefix of every id that it gives out.
    pub master_info: v1::MasterInfo,
    /// `--agent_ping_timeout` and `--max_agent_ping_timeouts`.
    pub agent_ping_timeout: Duration,
    /// Pings without an answer after which an agent is unreachable.
    pub max_agent_ping_timeouts: u32,
    /// `--agent_reregister_timeout`: for agents that are disconnected or recovered.
    pub agent_reregister_timeout: Duration,
    /// `--agent_removal_rate_limit`: so many agents per duration at most.
    pub agent_removal_rate_limit: Option<RateLimit>,
    /// `--recovery_agent_removal_limit`, as a fraction of the registry (1.0 = 100%).
    pub recovery_agent_removal_limit: f64,
    /// `--require_agent_domain`: agents without a fault domain are ignored.
    pub require_agent_domain: bool,
    /// `--offer_timeout`: after this an unused offer is rescinded.
    pub offer_timeout: Option<Duration>,
    /// Time between two HEARTBEAT events of one stream.
    pub heartbeat_interval: Duration,
    /// `--max_completed_frameworks`.
    pub max_completed_frameworks: usize,
    /// `--max_completed_tasks_per_framework`.
    pub max_completed_tasks_per_framework: usize,
    /// `--max_unreachable_tasks_per_framework`.
    pub max_unreachable_tasks_per_framework: usize,
    /// `--registry_gc_interval`.
    pub registry_gc_interval: Duration,
    /// `--registry_max_agent_age`.
    pub registry_max_agent_age: Duration,
    /// `--registry_max_agent_count`, for the unreachable and for the gone agents.
    pub registry_max_agent_count: usize,
    /// Ids of completed frameworks remembered to be refused; Mesos forgets them
    /// with the view of completed frameworks, we keep more.
    pub max_completed_framework_ids: usize,
    /// `--root_submissions`: frameworks may run as root.
    pub root_submissions: bool,
    /// `--roles`: the only roles allowed, besides `*`.
    pub role_whitelist: Option<BTreeSet<String>>,
    /// How the allocator behaves.
    pub allocator: mesos_allocator::Config,
}

/// A rate: `permits` in each `period`, e.g. 1 in 10 minutes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    /// How many; positive.
    pub permits: u32,
    /// In how long; positive.
    pub period: Duration,
}

impl RateLimit {
    /// The time between two permits.
    pub fn spacing(self) -> Duration {
        self.period / self.permits.max(1)
    }
}

impl Config {
    /// Mesos's defaults for the master that `master_info` describes.
    pub fn new(master_info: v1::MasterInfo) -> Self {
        const MINUTE: Duration = Duration::from_secs(60);
        Config {
            master_info,
            agent_ping_timeout: Duration::from_secs(15),
            max_agent_ping_timeouts: 5,
            agent_reregister_timeout: 10 * MINUTE,
            agent_removal_rate_limit: None,
            recovery_agent_removal_limit: 1.0,
            require_agent_domain: false,
            offer_timeout: None,
            heartbeat_interval: Duration::from_secs(15),
            max_completed_frameworks: 50,
            max_completed_tasks_per_framework: 1000,
            max_unreachable_tasks_per_framework: 1000,
            registry_gc_interval: 15 * MINUTE,
            registry_max_agent_age: Duration::from_secs(14 * 24 * 3600),
            registry_max_agent_count: 102_400,
            max_completed_framework_ids: 10_000,
            root_submissions: true,
            role_whitelist: None,
            allocator: mesos_allocator::Config::default(),
        }
    }
}
