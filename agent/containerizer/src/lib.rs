// SPDX-License-Identifier: Apache-2.0

//! Starts, watches and ends the processes of containers, and fetches their files.
//!
//! The agent's state machine asks ([`LaunchSpec`], signals, checks) and is told
//! as [`Input`]s; nothing here decides anything about tasks or executors.
//!
//! ```text
//!  launch ─▶ Preparing: sandbox, fetch, start ──▶ Running ──▶ Ended ──▶ forgotten
//!                │ fails, or is destroyed             ▲          ▲
//!                ▼                                    └ recovered ┘
//!      ContainerLaunchFailed          ContainerLaunched   ContainerExited
//! ```
//!
//! Invariants:
//! - After `ContainerExited` or `ContainerLaunchFailed` no process of the container is left.
//! - Exactly one of the two follows a launch; `ContainerLaunched` comes first when it ran.
//! - What runs, and how what ran has ended, is in the runtime directory until
//!   [`Containerizer::forget`], so that an agent that restarts loses nothing.
//! - The agent's process never forks.

mod command;
mod container;
mod ending;
mod errand;
pub mod fetcher;
mod http;
mod pidfd;
mod probe;
mod recovery;
mod sandbox;
mod spawn;
mod usage;
mod user;
mod words;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use mesos_agent_state::{
    ContainerId, Input, LaunchSpec, ProbeKey, output::Probe, recovery::RecoveredContainer,
};
use mesos_proto::v1::{Resource, ResourceStatistics};
use tokio::sync::{
    Semaphore,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

/// Enough to keep a disk and a few processors busy.
const STARTS_AT_ONCE: usize = 8;

/// Where things are.
#[derive(Clone, Debug)]
pub struct Config {
    /// The launcher's executable.
    pub launcher: PathBuf,
    /// `--runtime_dir`: what must outlive the agent, but not a reboot.
    pub runtime_directory: PathBuf,
    /// How to fetch.
    pub fetcher: fetcher::Config,
    /// The soft and the hard limit of open files that containers have unless they say
    /// otherwise; none for the agent's own.
    pub open_files: Option<(u64, u64)>,
}

/// Counts since the start, under the names of `/metrics/snapshot`.
#[derive(Debug, Default)]
pub struct Metrics {
    destroy_errors: AtomicU64,
    fetches_succeeded: AtomicU64,
    fetches_failed: AtomicU64,
}

impl Metrics {
    /// `containerizer/mesos/container_destroy_errors`: containers that could not be ended in time.
    pub fn destroy_errors(&self) -> u64 {
        self.destroy_errors.load(Ordering::Relaxed)
    }

    /// `containerizer/fetcher/task_fetches_succeeded`.
    pub fn fetches_succeeded(&self) -> u64 {
        self.fetches_succeeded.load(Ordering::Relaxed)
    }

    /// `containerizer/fetcher/task_fetches_failed`.
    pub fn fetches_failed(&self) -> u64 {
        self.fetches_failed.load(Ordering::Relaxed)
    }
}

/// All containers of an agent. Its methods need a tokio runtime and do not block.
#[derive(Debug)]
pub struct Containerizer {
    shared: Arc<Shared>,
    /// Directories that have served.
    forgotten: UnboundedSender<PathBuf>,
}

#[derive(Debug)]
struct Shared {
    config: Config,
    inputs: UnboundedSender<Input>,
    containers: Mutex<BTreeMap<ContainerId, Entry>>,
    /// How many containers may be made or started at the same moment. More would only make the
    /// threads and the processors change between them.
    starting: Semaphore,
    metrics: Metrics,
}

/// What is known of a container that is being prepared or runs.
#[derive(Debug)]
struct Entry {
    orders: UnboundedSender<Order>,
    /// The launcher, once there is one.
    launcher: Option<u32>,
    /// What the container may use, for its statistics.
    resources: Vec<Resource>,
}

/// What can be asked of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Signal(i32),
    Destroy,
}

type Orders = UnboundedReceiver<Order>;

impl Containerizer {
    /// A containerizer that tells what happens through `inputs`.
    pub fn new(config: Config, inputs: UnboundedSender<Input>) -> Self {
        let shared = Shared {
            config,
            inputs,
            containers: Mutex::default(),
            starting: Semaphore::new(STARTS_AT_ONCE),
            metrics: Metrics::default(),
        };
        let (forgotten, directories) = unbounded_channel();
        tokio::spawn(remove(directories));
        Containerizer { shared: Arc::new(shared), forgotten }
    }

    /// Finds the containers of an agent that ran before, and watches those that still run.
    ///
    /// # Errors
    /// When the runtime directory cannot be read; what a single container's directory lacks
    /// is no error.
    pub async fn recover(
        &self,
    ) -> Result<BTreeMap<ContainerId, RecoveredContainer>, std::io::Error> {
        recovery::recover(&self.shared).await
    }

    /// Makes the sandbox, fetches, and starts a container.
    pub fn launch(&self, spec: LaunchSpec) {
        let orders = self.shared.enter(&spec.container, None, spec.resources.clone());
        tokio::spawn(container::launch(self.shared.clone(), spec, orders));
    }

    /// Sends a signal to every process of a container that runs.
    pub fn signal(&self, container: &ContainerId, signal: i32) {
        self.shared.order(container, Order::Signal(signal));
    }

    /// Kills every process of a container. One that has ended already is forgotten.
    pub fn destroy(&self, container: &ContainerId) {
        if !self.shared.order(container, Order::Destroy) {
            self.forget(container);
        }
    }

    /// Removes what the runtime directory holds of a container that has ended, once the agent
    /// has dealt with its end.
    pub fn forget(&self, container: &ContainerId) {
        if self.shared.lock().contains_key(container) {
            return;
        }
        // The other end lives as long as the containerizer, or the runtime is ending.
        let _ = self.forgotten.send(self.shared.runtime_directory(container));
    }

    /// Notes that a container may use other resources now.
    pub fn update(&self, container: &ContainerId, resources: Vec<Resource>) {
        if let Some(entry) = self.shared.lock().get_mut(container) {
            entry.resources = resources;
        }
    }

    /// Carries out a check of a task; its outcome comes as `ProbeFinished`.
    pub fn probe(
        &self,
        container: ContainerId,
        key: ProbeKey,
        what: Probe,
        timeout: Option<std::time::Duration>,
    ) {
        let shared = self.shared.clone();
        let orders = shared.lock().get(&container).map(|entry| entry.orders.clone());
        tokio::spawn(async move {
            // The container's side of the channel lives as long as the container.
            let ended = async {
                if let Some(orders) = orders {
                    orders.closed().await;
                }
            };
            let outcome = probe::run(&shared.config, what, timeout, ended).await;
            shared.tell(Input::ProbeFinished { container, probe: key, outcome });
        });
    }

    /// What a container uses; none for one that does not run. `timestamp` is in seconds.
    pub fn usage(&self, container: &ContainerId, timestamp: f64) -> Option<ResourceStatistics> {
        let (launcher, resources) = {
            let containers = self.shared.lock();
            let entry = containers.get(container)?;
            (entry.launcher?, entry.resources.clone())
        };
        Some(usage::statistics(launcher, &resources, timestamp))
    }

    /// The counters.
    pub fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }
}

/// Removes directories on one thread, as many in a row as there are: nobody waits for it.
async fn remove(mut directories: UnboundedReceiver<PathBuf>) {
    const MOST: usize = 1024;
    loop {
        let mut batch = Vec::new();
        if directories.recv_many(&mut batch, MOST).await == 0 {
            return;
        }
        let removed = tokio::task::spawn_blocking(move || {
            for directory in batch {
                if let Err(error) = std::fs::remove_dir_all(&directory)
                    && error.kind() != std::io::ErrorKind::NotFound
                {
                    tracing::warn!(%error, "cannot remove {}", directory.display());
                }
            }
        });
        if removed.await.is_err() {
            return;
        }
    }
}

impl Shared {
    /// Which no panic can leave half changed.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<ContainerId, Entry>> {
        self.containers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, input: Input) {
        // An agent that is going away hears nothing any more, and need not.
        let _ = self.inputs.send(input);
    }

    fn enter(
        &self,
        container: &ContainerId,
        launcher: Option<u32>,
        resources: Vec<Resource>,
    ) -> Orders {
        let (sender, orders) = unbounded_channel();
        let entry = Entry { orders: sender, launcher, resources };
        self.lock().insert(container.clone(), entry);
        orders
    }

    fn order(&self, container: &ContainerId, order: Order) -> bool {
        self.lock().get(container).is_some_and(|entry| entry.orders.send(order).is_ok())
    }

    fn runtime_directory(&self, container: &ContainerId) -> PathBuf {
        self.config.runtime_directory.join("containers").join(container.as_str())
    }
}
