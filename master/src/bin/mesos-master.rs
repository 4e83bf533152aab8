// SPDX-License-Identifier: Apache-2.0

//! The command `mesos-master`.

use std::{env, ffi::OsString, fs, process::ExitCode};

use mesos_daemon::{open_files, worker_threads};
use mesos_flags::{Loaded, Source};
use mesos_master::{MasterFlags, VERSION};
use tokio::signal::unix::{SignalKind, signal};

/// Messages are decoded on the connections' tasks and freed on the engine's: the
/// system's allocator spends a third of the master's time on that.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("mesos-master: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    // Neither has to be UTF-8; what is not cannot be the value of a flag.
    let text = |value: OsString| value.to_string_lossy().into_owned();
    let arguments: Vec<String> = env::args_os().skip(1).map(text).collect();
    let environment: Vec<(String, String)> =
        env::vars_os().map(|(name, value)| (text(name), text(value))).collect();
    let loaded = mesos_flags::load::<MasterFlags>(&Source {
        program: "mesos-master",
        arguments: &arguments,
        environment: &environment,
        prefix: "MESOS_",
        read_file: &|path| fs::read_to_string(path),
    })?;
    let (flags, warnings) = match loaded {
        Loaded::Help(text) => {
            print(&text);
            return Ok(());
        }
        Loaded::Version => {
            print(&format!("mesos {VERSION}\n"));
            return Ok(());
        }
        Loaded::Flags(flags, warnings) => (flags, warnings),
    };
    mesos_master::flags::check::refuse(&flags)?;
    mesos_master::init_log(&flags)?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    if let Err(error) = open_files::raise() {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(worker_threads::count(&environment))
        .enable_all()
        .build()?;
    let result = runtime.block_on(async {
        let running = mesos_master::start(flags).await?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let shutdown = async {
            tokio::select! {
                _ = terminate.recv() => tracing::info!("SIGTERM: shutting down"),
                _ = interrupt.recv() => tracing::info!("SIGINT: shutting down"),
            }
        };
        running.run(shutdown).await?;
        anyhow::Ok(())
    });
    // Blocking threads (rendering, name look-ups) need not be waited for.
    runtime.shutdown_background();
    result
}

#[expect(clippy::print_stdout, reason = "what --help and --version are for")]
fn print(text: &str) {
    print!("{text}");
}

#[expect(clippy::print_stderr, reason = "logging may not be set up yet")]
fn say(text: &str) {
    eprintln!("{text}");
}
