// SPDX-License-Identifier: Apache-2.0

//! The agent's HTTP endpoints, but for the executor API.
//!
//! | path                    | answer                                        | file            |
//! |-------------------------|-----------------------------------------------|-----------------|
//! | `/health`               | 200 while the process answers                 | health.rs       |
//! | `/version`              | the version and the build                     | version.rs      |
//! | `/flags`                | the flags that have a value                   | flags.rs        |
//! | `/state`                | the agent, its frameworks and their tasks     | state.rs        |
//! | `/metrics/snapshot`     | all numbers                                   | metrics.rs      |
//! | `/monitor/statistics`   | what each executor uses                       | statistics.rs   |
//! | `/containers`           | the same, with the containers' status         | containers.rs   |
//! | `/containerizer/debug`  | operations of the containerizer that hang     | debug.rs        |
//!
//! All are there as `/slave(1)/…` too, answer whatever the method, as Mesos does
//! while nobody is to be authorized, and read a snapshot: they neither ask the
//! engine nor make it wait.

mod containers;
mod debug;
mod flags;
mod health;
mod metrics;
mod state;
mod statistics;
mod system;
mod version;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use mesos_containerizer::Containerizer;
use mesos_daemon::clock::Clock;
use mesos_flags::ByteSize;
use mesos_net::{Reply, Request, model::BuildInfo};

use crate::views::Latest;

/// What the endpoints read.
#[derive(Debug)]
pub struct Sources {
    /// The agent as it is.
    pub latest: Latest,
    /// The containers, for what they use.
    pub containerizer: Arc<Containerizer>,
    /// The present time.
    pub clock: Clock,
    /// The agent's process id.
    pub pid: String,
    /// The flags that have a value.
    pub flags: BTreeMap<&'static str, String>,
    /// The build.
    pub build: BuildInfo,
    /// The version that Mesos's clients look at.
    pub version: String,
    /// The capabilities told to the master.
    pub capabilities: Vec<&'static str>,
    /// `--log_dir`.
    pub log_dir: Option<PathBuf>,
    /// `--external_log_file`.
    pub external_log_file: Option<PathBuf>,
    /// `--fetcher_cache_size`.
    pub fetcher_cache_size: ByteSize,
}

/// One of the endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `/health`.
    Health,
    /// `/version`.
    Version,
    /// `/flags`.
    Flags,
    /// `/state`.
    State,
    /// `/metrics/snapshot`.
    Metrics,
    /// `/monitor/statistics`.
    Statistics,
    /// `/containers`.
    Containers,
    /// `/containerizer/debug`.
    ContainerizerDebug,
}

impl Endpoint {
    /// Every endpoint and its path.
    pub const ALL: [(&'static str, Endpoint); 8] = [
        ("health", Endpoint::Health),
        ("version", Endpoint::Version),
        ("flags", Endpoint::Flags),
        ("state", Endpoint::State),
        ("metrics/snapshot", Endpoint::Metrics),
        ("monitor/statistics", Endpoint::Statistics),
        ("containers", Endpoint::Containers),
        ("containerizer/debug", Endpoint::ContainerizerDebug),
    ];

    /// Answers a request.
    pub async fn answer(self, sources: &Arc<Sources>, request: &Request) -> Reply {
        let query = &request.query;
        match self {
            Endpoint::Health => health::answer(),
            Endpoint::Version => Reply::json(query, version::body(sources)),
            Endpoint::Flags => Reply::json(query, flags::body(sources)),
            Endpoint::State => Reply::json(query, state::body(sources)),
            Endpoint::Metrics => Reply::json(query, metrics::body(sources)),
            Endpoint::Statistics => Reply::json(query, statistics::body(sources.clone()).await),
            Endpoint::Containers => {
                let only = query.get("container_id").map(str::to_owned);
                Reply::json(query, containers::body(sources.clone(), only).await)
            }
            Endpoint::ContainerizerDebug => Reply::json(query, debug::body()),
        }
    }
}
