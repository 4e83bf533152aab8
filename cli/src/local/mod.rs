// SPDX-License-Identifier: Apache-2.0

//! `mesos-local`: a master and its agents in one process, for trying things out.
//!
//! The agents listen on the ports after the master's, and keep their things
//! in folders of their own below `--work_dir`. What the flags here do not say
//! comes from the environment: `MESOS_ROLES`, `MESOS_RESOURCES` and so on mean
//! what they mean to `mesos-master` and `mesos-agent`.
//!
//! When it ends, the agents end their tasks first.

mod flags;

use std::{
    fs::Permissions, io, net::SocketAddr, os::unix::fs::PermissionsExt, process::ExitCode,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use mesos_agent::{Agent, flags::AgentFlags};
use mesos_flags::{FlagSet, Loaded, Source};
use mesos_master::MasterFlags;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    time::timeout,
};

use self::flags::Flags;

/// How long the agents have to end their tasks.
const GOODBYE: Duration = Duration::from_secs(10);

/// Runs the tool with `arguments`, the program's name not among them.
#[expect(clippy::print_stdout, reason = "it is a command line tool")]
pub fn main(arguments: &[String], environment: &[(String, String)]) -> ExitCode {
    let flags = match load::<Flags>("mesos-local", arguments, environment) {
        Ok(Loaded::Flags(flags, warnings)) => {
            warnings.iter().for_each(|warning| eprintln!("{warning}"));
            flags
        }
        Ok(Loaded::Help(text)) => {
            println!("{text}");
            return ExitCode::SUCCESS;
        }
        Ok(Loaded::Version) => {
            println!("mesos {}", mesos_master::VERSION);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{error}\n\nSee mesos-local --help");
            return ExitCode::FAILURE;
        }
    };
    match run(flags, environment) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(flags: Flags, environment: &[(String, String)]) -> Result<()> {
    if !flags.ephemeral {
        return run_in(&flags, environment);
    }
    let folder = tempfile::Builder::new()
        .prefix("mesos-local-")
        // Tasks may run as other users.
        .permissions(Permissions::from_mode(0o755))
        .tempdir()
        .context("making a temporary folder")?;
    run_in(&flags.ephemeral_in(folder.path()), environment)
}

fn run_in(flags: &Flags, environment: &[(String, String)]) -> Result<()> {
    let master = daemon_flags::<MasterFlags>(&flags.master_arguments(), environment)?;
    mesos_master::init_log(&master)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(serve(flags, master, environment));
    runtime.shutdown_background();
    result
}

/// Runs everything until a signal comes, or until a part of it ends.
async fn serve(flags: &Flags, master: MasterFlags, environment: &[(String, String)]) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let master = mesos_master::start(master).await.context("starting the master")?;
    let address = master.address;
    let (stop_master, stopped) = oneshot::channel::<()>();
    let mut master = tokio::spawn(master.run(async {
        // A dropped sender means the same.
        let _ = stopped.await;
    }));
    let mut running = Vec::new();
    for index in 0..flags.num_agents {
        let arguments = flags.agent_arguments(index, address)?;
        let agent = daemon_flags::<AgentFlags>(&arguments, environment)?;
        running.push(Agent::start(agent).await.context("starting an agent")?);
    }
    let outcome = tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        told = serve_one_process(address), if flags.ephemeral => told,
        ended = &mut master => Err(anyhow::anyhow!("the master ended: {ended:?}")),
    };
    for agent in &running {
        agent.shut_down("mesos-local is ending").await;
    }
    for agent in &mut running {
        if timeout(GOODBYE, agent.ended()).await.is_err() {
            tracing::warn!("the agent at {} has not ended in time", agent.address());
        }
    }
    drop(stop_master);
    outcome?;
    Ok(master.await??)
}

/// Says that all is there, and waits until nobody needs it any more.
#[expect(clippy::print_stdout, reason = "it is a command line tool")]
async fn serve_one_process(master: SocketAddr) -> Result<()> {
    println!("{master}");
    let (tell, ended) = oneshot::channel();
    // Not a task: the runtime would wait for it.
    std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
        let read = io::copy(&mut io::stdin(), &mut io::sink());
        // Everything may have ended meanwhile.
        let _ = tell.send(read);
    })?;
    ended.await?.context("reading standard input")?;
    Ok(())
}

/// The flags of a daemon, from what is fixed here and from the environment.
fn daemon_flags<F: FlagSet>(arguments: &[String], environment: &[(String, String)]) -> Result<F> {
    match load::<F>("mesos-local", arguments, environment)? {
        Loaded::Flags(flags, _) => Ok(flags),
        Loaded::Help(_) | Loaded::Version => bail!("no flag here asks for help"),
    }
}

fn load<F: FlagSet>(
    program: &str,
    arguments: &[String],
    environment: &[(String, String)],
) -> Result<Loaded<F>, mesos_flags::FlagError> {
    let read_file = |path: &std::path::Path| std::fs::read_to_string(path);
    let prefix = "MESOS_";
    mesos_flags::load(&Source { program, arguments, environment, prefix, read_file: &read_file })
}
