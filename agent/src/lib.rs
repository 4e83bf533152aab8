// SPDX-License-Identifier: Apache-2.0

//! The `mesos-agent` daemon: the shell around the agent's state machine.
//!
//! It owns sockets, files and processes, and decides nothing about tasks: what
//! comes in becomes an input of [`mesos_agent_state::Agent`], what that puts
//! out is carried out. [`Agent::start`] is the whole daemon without signals and
//! command line, so that several daemons can share a process.
//!
//! ```text
//!  flags ─▶ settings ─▶ state machine ◀─▶ engine ◀─▶ containerizer, checkpoints
//!                                           ▲ │
//!              wire, executor API ──────────┘ └─▶ views ◀── endpoints
//! ```

mod checkpoint;
mod detector;
mod endpoints;
mod engine;
mod executor_api;
pub mod flags;
mod http;
mod identity;
mod machine;
mod programs;
mod recovery;
mod removal;
mod views;
mod wire;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use mesos_agent_state::RecoveredState;
use mesos_containerizer::{Containerizer, fetcher};
use mesos_daemon::{
    clock::Clock,
    logging::{self, LoggingError},
    open_files,
};
use mesos_flags::FlagSet;
use mesos_net::{BindError, Server, Settings, model::BuildInfo};
use mesos_wire::Peers;
use tokio::sync::{mpsc, oneshot};

pub use engine::Exit;
use engine::{Engine, Handle, Surroundings};
use flags::{AgentFlags, check::Refused, settings};
use identity::Identity;

/// Bytes of events that may wait for an executor that does not read.
const MAX_STREAM_BYTES: usize = 16 << 20;

/// How long the last messages have to leave the machine when the agent ends.
const FAREWELL: Duration = Duration::from_millis(100);

/// Why an agent cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A flag cannot be honoured.
    #[error(transparent)]
    Flag(#[from] Refused),
    /// The address cannot be listened on.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The launcher or the fetcher is nowhere to be found.
    #[error(transparent)]
    Program(#[from] programs::NoProgram),
    /// A directory cannot be used.
    #[error("cannot use the work or runtime directory: {0}")]
    Directory(io::Error),
    /// The checkpoints are damaged, and `--strict` is on.
    #[error(
        "the checkpoints of the former run are damaged: {}; \
         start with --no-strict to go on without what is lost",
        .0.join("; ")
    )]
    Checkpoints(Vec<String>),
    /// A thread or random numbers are not to be had.
    #[error("the system lacks something: {0}")]
    System(io::Error),
}

/// A running agent. It ends when this is dropped; its containers go on.
pub struct Agent {
    address: SocketAddr,
    handle: Handle,
    ended: oneshot::Receiver<Exit>,
    exit: Option<Exit>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

impl Agent {
    /// Starts an agent: takes up its former life, listens, and looks for the master.
    ///
    /// # Errors
    /// When a flag, a directory, the address or the launcher is not as it must be.
    pub async fn start(flags: AgentFlags) -> Result<Agent, StartError> {
        flags::check::refuse(&flags)?;
        let began = std::time::Instant::now();
        let open_files = open_files::raise().map_err(StartError::System)?;
        let settings = Settings::for_open_files(open_files.now);
        let server = Server::bind(identity::address(&flags)?, settings)?;
        let address = server.address();
        let identity = Identity::new(&flags, address);
        let config = settings::config(&flags, &identity)?;
        let (input_sender, inputs) = mpsc::unbounded_channel();
        let containerizer = Arc::new(Containerizer::new(
            containerizer_config(&flags, open_files.at_start)?,
            input_sender.clone(),
        ));
        let mut recovered = recovery::recover(&config.work_dir, &containerizer)
            .await
            .map_err(StartError::Directory)?;
        recovered.reading_took = began.elapsed();
        complain(&flags, &recovered)?;
        let clock = Clock::start();
        let publisher = views::Publisher::default();
        let sources = endpoints::Sources {
            latest: publisher.latest(),
            containerizer: containerizer.clone(),
            clock,
            pid: identity.pid(),
            flags: shown(&flags),
            build: BuildInfo::current(),
            version: config.version.clone(),
            capabilities: config.capabilities.iter().map(|one| one.as_str_name()).collect(),
            log_dir: flags.log_dir.clone(),
            external_log_file: flags.external_log_file.clone(),
            fetcher_cache_size: flags.fetcher_cache_size,
        };
        let (broken, broken_links) = mpsc::channel(64);
        let surroundings = Surroundings {
            clock,
            upid: mesos_wire::Upid::new(identity::PROCESS, identity.advertised),
            peers: Peers::new(mesos_wire::Settings::default(), broken),
            broken_links,
            detector: detector::Detector::new(flags.master.as_deref().unwrap_or_default()),
            containerizer,
            disk: checkpoint::Disk::start(config.work_dir.as_ref(), input_sender.clone())
                .map_err(StartError::System)?,
            inputs,
            input_sender,
            publisher,
            work_dir: config.work_dir.clone().into(),
            max_stream_bytes: MAX_STREAM_BYTES,
        };
        let machine = mesos_agent_state::Agent::new(config, recovered, clock.now(), seed());
        let (engine, handle) = Engine::new(machine, surroundings);
        let service = http::Service::new(handle.clone(), sources);
        let serving = tokio::spawn(
            server.serve(move |request| service.clone().answer(request), std::future::pending()),
        );
        let (tell, ended) = oneshot::channel();
        let running = tokio::spawn(async move {
            let exit = engine.run().await;
            // Nobody may wait for it.
            let _ = tell.send(exit);
        });
        tracing::info!(pid = identity.pid(), hostname = identity.hostname, "agent started");
        Ok(Agent { address, handle, ended, exit: None, tasks: vec![serving, running] })
    }

    /// Where the agent listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Asks the agent to unregister, end its executors and exit.
    pub async fn shut_down(&self, reason: &str) {
        if self.handle.shut_down(reason).await.is_err() {
            tracing::info!("the agent has ended already");
        }
    }

    /// Waits until the agent has ended. May be given up and called again.
    pub async fn ended(&mut self) -> Exit {
        let exit = match self.exit.clone() {
            Some(exit) => exit,
            None => (&mut self.ended).await.unwrap_or_else(|_| Exit {
                reason: "the engine panicked; see the log".to_owned(),
                failed: true,
            }),
        };
        self.exit = Some(exit.clone());
        // What was sent last is still on its way through the connections' tasks.
        tokio::time::sleep(FAREWELL).await;
        exit
    }
}

/// Sends log lines where the flags say.
///
/// # Errors
/// When the file in `--log_dir` cannot be written.
pub fn init_log(flags: &AgentFlags) -> Result<(), LoggingError> {
    logging::init(logging::Settings {
        file: "mesos-agent.INFO",
        directory: flags.log_dir.as_deref(),
        quiet: flags.quiet,
        level: &flags.logging_level,
        json: flags.log_format.as_deref() == Some("json"),
    })
}

fn containerizer_config(
    flags: &AgentFlags,
    open_files: (u64, u64),
) -> Result<mesos_containerizer::Config, StartError> {
    let program = |name| programs::find(name, &flags.launcher_dir);
    let home = Some(flags.frameworks_home.as_str()).filter(|home| !home.is_empty());
    Ok(mesos_containerizer::Config {
        launcher: program(programs::LAUNCHER)?,
        runtime_directory: settings::runtime_directory(flags)?,
        fetcher: fetcher::Config {
            program: program(programs::FETCHER)?,
            frameworks_home: home.map(Into::into),
            stall_timeout: flags.fetcher_stall_timeout,
            ..fetcher::Config::default()
        },
        open_files: Some(open_files),
    })
}

/// Damaged checkpoints stop a strict agent; another one goes on without what is lost.
fn complain(flags: &AgentFlags, recovered: &RecoveredState) -> Result<(), StartError> {
    if flags.strict && !recovered.errors.is_empty() {
        return Err(StartError::Checkpoints(recovered.errors.clone()));
    }
    for error in &recovered.errors {
        tracing::warn!("{error}");
    }
    Ok(())
}

/// The flags that `/flags` shows, with the defaults that only running makes known.
fn shown(flags: &AgentFlags) -> std::collections::BTreeMap<&'static str, String> {
    let mut shown = flags.to_map();
    if let Ok(directory) = settings::runtime_directory(flags) {
        shown.insert("runtime_dir", directory.display().to_string());
    }
    shown
}

/// What the state machine's random choices follow from.
fn seed() -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().0
}
