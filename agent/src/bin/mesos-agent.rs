// SPDX-License-Identifier: Apache-2.0

//! The `mesos-agent` program.
//!
//! | signal          | effect                                                       |
//! |-----------------|--------------------------------------------------------------|
//! | SIGUSR1         | unregisters, ends all executors, exits                       |
//! | SIGTERM, SIGINT | exits; containers of frameworks that checkpoint are found again |

use std::{io::Write, process::ExitCode};

use mesos_agent::{Agent, Exit, flags::AgentFlags};
use mesos_flags::{Loaded, Source};
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            // Nobody is left to tell when standard error is closed as well.
            let _ = writeln!(std::io::stderr(), "mesos-agent: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let source = Source {
        program: "mesos-agent",
        arguments: &arguments,
        environment: &environment,
        prefix: "MESOS_",
        read_file: &|path| std::fs::read_to_string(path),
    };
    let (flags, warnings) = match mesos_flags::load::<AgentFlags>(&source)? {
        Loaded::Flags(flags, warnings) => (flags, warnings),
        Loaded::Help(text) => {
            std::io::stdout().write_all(text.as_bytes())?;
            return Ok(ExitCode::SUCCESS);
        }
        Loaded::Version => {
            writeln!(std::io::stdout(), "mesos 1.11.0")?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    mesos_agent::init_log(&flags)?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(mesos_daemon::worker_threads::count(&environment))
        .enable_all()
        .build()?;
    let exit = runtime.block_on(serve(flags))?;
    // The disk may still be busy with a checkpoint; everything else can be left.
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    if exit.failed {
        tracing::error!("exiting: {}", exit.reason);
        return Ok(ExitCode::FAILURE);
    }
    tracing::info!("exiting: {}", exit.reason);
    Ok(ExitCode::SUCCESS)
}

async fn serve(flags: AgentFlags) -> anyhow::Result<Exit> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut leave = signal(SignalKind::user_defined1())?;
    let mut agent = Agent::start(flags).await?;
    let stopped = |name: &str| Exit { reason: format!("received {name}"), failed: false };
    loop {
        tokio::select! {
            exit = agent.ended() => return Ok(exit),
            _ = terminate.recv() => return Ok(stopped("SIGTERM")),
            _ = interrupt.recv() => return Ok(stopped("SIGINT")),
            _ = leave.recv() => agent.shut_down("Received SIGUSR1").await,
        }
    }
}
