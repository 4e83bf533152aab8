// SPDX-License-Identifier: Apache-2.0

//! Brings a master up and down.

use std::{net::SocketAddr, path::Path, thread};

use mesos_core::rng::Rng;
use mesos_daemon::{clock::Clock, open_files};
use mesos_flags::FlagSet;
use mesos_master_state::{Master, RegistrySnapshot};
use mesos_net::{BindError, Server, model::BuildInfo};
use mesos_wire::{Peers, Upid};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

use crate::{
    engine::{Engine, Fatal, Handle, Surroundings},
    flags::{
        MasterFlags,
        check::{self, Refused},
        settings,
    },
    http::Api,
    identity,
    metrics::Sources,
    registry::{DiskStore, MemoryStore, Store, StoreError},
    views::{self, Bounds, Static},
    whitelist,
};

/// Reports of broken connections that may wait for the engine.
const BROKEN_LINKS: usize = 1024;
/// Bytes that may wait on a scheduler's stream: well above the largest burst of
/// offers, well below what would hurt the master.
const MAX_STREAM_BYTES: usize = 64 << 20;

/// Why a master did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A flag that cannot be honoured.
    #[error(transparent)]
    Flag(#[from] Refused),
    /// The port is taken, or the address is not of this machine.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The registry cannot be read.
    #[error(transparent)]
    Registry(#[from] StoreError),
    /// Reading the registry took too long.
    #[error("reading the registry took longer than {0:?} (--registry_fetch_timeout)")]
    RegistryTimeout(std::time::Duration),
    /// The system gives no more threads.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// Why a running master ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The state machine cannot go on.
    #[error("the master cannot go on: {0}")]
    Fatal(#[from] Fatal),
    /// A bug.
    #[error("the master's main task ended unexpectedly: {0}")]
    Panicked(String),
}

/// A master that answers requests.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its id, the prefix of all that it gives out.
    pub master_id: String,
    engine: JoinHandle<Result<(), Fatal>>,
    registry: thread::JoinHandle<()>,
    server: Server,
    api: Api,
}

/// Starts a master; it listens when this returns, and serves within [`Running::run`].
pub async fn start(flags: MasterFlags) -> Result<Running, StartError> {
    check::refuse(&flags)?;
    let clock = Clock::start();
    let bounds = mesos_net::Settings::for_open_files(open_files::allowed());
    let server = Server::bind(identity::bind_address(&flags)?, bounds)?;
    let advertised = identity::advertised(&flags, server.address());
    let info = identity::master_info(&flags, advertised)?;
    let master_id = info.id.clone();
    let config = settings::config(&flags, info.clone())?;

    let (registry, store) = load(&flags).await?;
    tracing::info!(
        id = master_id,
        address = %server.address(),
        agents = registry.admitted.len(),
        frameworks = registry.frameworks.len(),
        "master started"
    );
    let fixed = Static {
        info,
        build: BuildInfo::current(),
        start_time: clock.started(),
        elected_time: clock.now(),
        flags: flags.to_map(),
    };
    let bounds = Bounds {
        completed_frameworks: flags.max_completed_frameworks,
        completed_tasks: flags.max_completed_tasks_per_framework,
    };
    let (feed, views) = views::start(fixed, bounds);
    let (broken, broken_links) = mpsc::channel(BROKEN_LINKS);
    let surroundings = Surroundings {
        clock,
        upid: Upid::new("master", advertised),
        peers: Peers::new(mesos_wire::Settings::default(), broken),
        broken_links,
        feed,
        max_stream_bytes: MAX_STREAM_BYTES,
        store_timeout: flags.registry_store_timeout,
    };
    let master = Master::new(config, registry, clock.now(), seed());
    let (engine, handle, registry) = Engine::new(master, store, surroundings)?;
    follow_whitelist(&flags, &handle);
    let sources = Sources { clock, per_framework: flags.publish_per_framework_metrics };
    Ok(Running {
        address: server.address(),
        master_id,
        engine: tokio::spawn(engine.run()),
        registry,
        server,
        api: Api::new(handle, views, sources),
    })
}

impl Running {
    /// Serves until `shutdown` resolves or the master cannot go on.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), RunError> {
        let Running { mut engine, registry, server, api, .. } = self;
        let handler = move |request| api.clone().handle(request);
        let (running, ended) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(handler, async {
            // Resolves too when the other half is dropped.
            let _ = ended.await;
        }));
        tokio::pin!(shutdown);
        let result = tokio::select! {
            () = &mut shutdown => Ok(()),
            result = &mut engine => match result {
                Ok(result) => result.map_err(RunError::from),
                Err(error) => Err(RunError::Panicked(error.to_string())),
            },
        };
        // Ends the streams of schedulers, so that the server need not wait for them.
        engine.abort();
        drop(running);
        let _ = serving.await;
        // What was queued for the registry is written before the process ends.
        let _ = tokio::task::spawn_blocking(move || registry.join()).await;
        result
    }
}

/// The registry's content, and the store to write to.
async fn load(flags: &MasterFlags) -> Result<(RegistrySnapshot, AnyStore), StartError> {
    let work_dir = (flags.registry != "in_memory").then(|| flags.work_dir.clone()).flatten();
    let reading = tokio::task::spawn_blocking(move || open(work_dir.as_deref()));
    match timeout(flags.registry_fetch_timeout, reading).await {
        Ok(Ok(result)) => Ok(result?),
        Ok(Err(error)) => Err(StartError::Thread(std::io::Error::other(error))),
        Err(_) => Err(StartError::RegistryTimeout(flags.registry_fetch_timeout)),
    }
}

fn open(work_dir: Option<&Path>) -> Result<(RegistrySnapshot, AnyStore), StoreError> {
    let mut store: AnyStore = match work_dir {
        Some(work_dir) => AnyStore(Box::new(DiskStore::open(work_dir)?)),
        None => AnyStore(Box::new(MemoryStore)),
    };
    Ok((store.load()?, store))
}

/// The store that the flags name.
struct AnyStore(Box<dyn Store>);

impl Store for AnyStore {
    fn load(&mut self) -> Result<RegistrySnapshot, StoreError> {
        self.0.load()
    }

    fn apply(&mut self, changes: &[&mesos_master_state::RegistryChange]) -> Result<(), StoreError> {
        self.0.apply(changes)
    }
}

fn follow_whitelist(flags: &MasterFlags, engine: &Handle) {
    if let Some(path) = flags.whitelist.clone() {
        tokio::spawn(whitelist::follow(path, engine.clone()));
    }
}

/// Different for every start.
fn seed() -> u64 {
    let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
    Rng::new(high ^ low).next_u64()
}
