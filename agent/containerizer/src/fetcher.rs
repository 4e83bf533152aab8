// SPDX-License-Identifier: Apache-2.0

//! Puts the files that a command wants into its sandbox.
//!
//! For each URI in turn: find out where it goes, copy or download it there,
//! make it executable or, if it is an archive, extract it into the sandbox.
//! What was done, and what went wrong, is written to the sandbox's `stderr`.
//!
//! ```text
//! agent ─ fetch() ─▶ mesos-launcher ─▶ mesos-fetcher: becomes the task's user, fetches
//!                    (limits, ends it)
//! ```
//!
//! The files are the task's choice, and so are archives that take any amount of
//! memory and time to read: the work is done by the program `mesos-fetcher`, a
//! process with limits of its own, and never by the agent. It becomes the task's
//! user first: nobody reads through the fetcher what he could not read himself.
//!
//! Supported: absolute paths, paths relative to `--frameworks_home`, `file://`,
//! `http://` and `https://`. Others are refused by name. `cache` is accepted
//! and means nothing yet: each container fetches for itself.

mod beneath;
mod download;
mod extract;
mod form;
mod program;
mod uri;
mod work;

use std::{
    fs::File,
    path::{Path, PathBuf},
    time::Duration,
};

use mesos_agent_state::exit_text;
use mesos_launcher::spec::{Limit, Spec};
use mesos_proto::v1::command_info;

use crate::{
    errand::{Errand, Outcome},
    sandbox::Sandbox,
};
pub use program::main;

/// How to fetch.
#[derive(Clone, Debug)]
pub struct Config {
    /// The executable of `mesos-fetcher`.
    pub program: PathBuf,
    /// `--frameworks_home`: what relative paths are relative to.
    pub frameworks_home: Option<PathBuf>,
    /// `--fetcher_stall_timeout`: a download without a byte for so long is given up.
    pub stall_timeout: Duration,
    /// A download longer than this is given up, in bytes.
    pub largest_download: u64,
    /// The memory of the fetcher's process, in bytes of address space.
    pub memory: u64,
    /// The processor time of the fetcher's process.
    pub processor_time: Duration,
    /// A fetch that takes longer is given up.
    pub time_limit: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            program: "mesos-fetcher".into(),
            frameworks_home: None,
            stall_timeout: Duration::from_secs(60),
            largest_download: 1 << 40,
            memory: 1 << 30,
            processor_time: Duration::from_secs(3600),
            time_limit: Duration::from_secs(6 * 3600),
        }
    }
}

/// Why the files are not in the sandbox.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unfetched {
    /// The fetcher failed, in these words; its own are in the sandbox.
    Failed(String),
    /// The container is to be destroyed.
    Destroyed,
}

/// Fetches all of `uris` into the sandbox at `path`; stops when `ended` is ready.
pub(crate) async fn fetch(
    config: &crate::Config,
    uris: &[command_info::Uri],
    path: &Path,
    sandbox: &Sandbox,
    ended: impl Future<Output = ()>,
) -> Result<(), Unfetched> {
    let failed = |error: std::io::Error| Unfetched::Failed(error.to_string());
    let log = sandbox.stderr.try_clone().map_err(failed)?;
    let mut environment = form::write(&config.fetcher, uris, sandbox.identity.as_ref());
    environment.extend(form::handed_on());
    let spec = Spec {
        working_directory: path.as_os_str().as_encoded_bytes().to_vec(),
        program: config.fetcher.program.as_os_str().as_encoded_bytes().to_vec(),
        arguments: vec![b"mesos-fetcher".to_vec()],
        environment,
        limits: limits(&config.fetcher),
        ..Spec::default()
    };
    let prepare = move || -> Result<(Spec, File), String> { Ok((spec, log)) };
    let errand =
        Errand::start(config.launcher.clone(), prepare).await.map_err(Unfetched::Failed)?;
    match errand.finish(config.fetcher.time_limit, ended).await {
        Outcome::Exited(0) => Ok(()),
        Outcome::Exited(status) => Err(Unfetched::Failed(exit_text::describe(status))),
        Outcome::NotRun(why) => Err(Unfetched::Failed(why)),
        Outcome::TimedOut => {
            let limit = config.fetcher.time_limit.as_secs_f64();
            Err(Unfetched::Failed(format!("it took longer than {limit} seconds")))
        }
        Outcome::GivenUp => Err(Unfetched::Destroyed),
    }
}

fn limits(config: &Config) -> Vec<Limit> {
    let both = |resource, value| Limit { resource, soft: value, hard: value };
    vec![
        both(libc::RLIMIT_AS, config.memory),
        both(libc::RLIMIT_CPU, config.processor_time.as_secs().max(1)),
        both(libc::RLIMIT_CORE, 0),
    ]
}
