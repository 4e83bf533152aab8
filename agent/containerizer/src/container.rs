// SPDX-License-Identifier: Apache-2.0

//! One container, from its launch to its end.
//!
//! ```text
//! step            fails or is destroyed            then
//! make sandbox    LaunchFailure::Sandbox           fetch
//! fetch           LaunchFailure::Container         start
//! start           LaunchFailure::Container         ContainerLaunched, watch
//! watch           (destroy: kill, with a deadline) ContainerExited
//! ```
//!
//! A program that cannot be executed counts as one that ran and exited with
//! status 1, as in Apache Mesos; why is in the sandbox's `stderr`.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt,
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use mesos_agent_state::{
    ContainerId, Input, LaunchSpec,
    input::{ContainerExit, LaunchFailure},
};
use mesos_launcher::{
    STATUS_FILE, destroy_signal,
    report::{self, Report, Stage},
    spec::Agent,
};
use mesos_proto::v1::{ContainerInfo, container_info};
use tokio::{
    io::AsyncReadExt,
    net::unix::pipe,
    sync::SemaphorePermit,
    time::{Instant, sleep_until},
};

use crate::{
    Order, Orders, Shared, command,
    ending::{self, FORCE_DEADLINE},
    fetcher,
    pidfd::PidFd,
    sandbox::{self, Sandbox},
    spawn::{self, Spawned},
};

/// How long the launcher has to kill a container before the agent does it over its head.
const DESTROY_DEADLINE: Duration = Duration::from_secs(10);

/// What a container that must not outlive its agent has between SIGTERM and SIGKILL: the
/// default of `--executor_shutdown_grace_period`.
const ORPHAN_GRACE_MS: u32 = 5000;

/// The same while it still starts the container, when it may be waiting for a directory that
/// does not answer.
const START_DEADLINE: Duration = Duration::from_secs(1);

/// A container whose command runs.
struct Running {
    launcher: u32,
    pidfd: PidFd,
    /// The command's own process, as far as it is known.
    command: Option<u32>,
    /// What the launcher tells this agent; none if another agent started it.
    reports: Option<pipe::Receiver>,
}

/// Launches a container and stays with it until its end.
pub(crate) async fn launch(shared: Arc<Shared>, spec: LaunchSpec, mut orders: Orders) {
    match start(&shared, &spec, &mut orders).await {
        Ok(running) => {
            let pid = running.launcher;
            let container = spec.container.clone();
            drop(spec);
            shared.tell(Input::ContainerLaunched { container: container.clone(), pid });
            watch(shared, container, running, orders).await;
        }
        Err(failure) => {
            let _ = fs::remove_dir_all(shared.runtime_directory(&spec.container));
            shared.lock().remove(&spec.container);
            shared.tell(Input::ContainerLaunchFailed { container: spec.container, failure });
        }
    }
}

/// A container of a former agent.
#[derive(Debug)]
pub(crate) struct Found {
    /// Its launcher.
    pub(crate) launcher: u32,
    /// The same.
    pub(crate) pidfd: PidFd,
    /// Its command's own process, as far as it is known.
    pub(crate) command: Option<u32>,
}

/// Stays with a container of a former agent until its end.
pub(crate) async fn watch_recovered(
    shared: Arc<Shared>,
    container: ContainerId,
    found: Found,
    orders: Orders,
) {
    let Found { launcher, pidfd, command } = found;
    watch(shared, container, Running { launcher, pidfd, command, reports: None }, orders).await;
}

async fn start(
    shared: &Shared,
    spec: &LaunchSpec,
    orders: &mut Orders,
) -> Result<Running, LaunchFailure> {
    let turn = turn(shared, orders).await?;
    let sandbox = blocking({
        let (path, latest, user) = (spec.sandbox.clone(), spec.latest.clone(), spec.user.clone());
        move || sandbox::create(Path::new(&path), Path::new(&latest), user.as_deref())
    })
    .await?
    .map_err(|error| LaunchFailure::Sandbox(error.to_string()))?;
    check(spec.container_info.as_ref())?;
    command::refuse_secrets(&spec.command)
        .map_err(|error| LaunchFailure::Container(error.to_string()))?;
    let _turn = if spec.command.uris.is_empty() {
        turn
    } else {
        // A download takes its time, and others need not wait for it.
        drop(turn);
        fetch(shared, spec, &sandbox, orders).await?;
        self::turn(shared, orders).await?
    };
    let mut running = spawn(shared, spec, sandbox).await?;
    if let Some(entry) = shared.lock().get_mut(&spec.container) {
        entry.launcher = Some(running.launcher);
    }
    let started = tokio::select! {
        // A command that runs already is for the watch to end, with all that it started.
        biased;
        started = await_start(&mut running) => Some(started),
        () = destroyed(orders) => None,
    };
    match started {
        Some(started) => started.map(|()| running),
        None => {
            ending::end(running.launcher, running.pidfd, START_DEADLINE).await;
            Err(LaunchFailure::Container("Container destroyed while starting".to_owned()))
        }
    }
}

/// Waits until it is this container's turn to be made.
async fn turn<'a>(
    shared: &'a Shared,
    orders: &mut Orders,
) -> Result<SemaphorePermit<'a>, LaunchFailure> {
    let refused = |text: &str| LaunchFailure::Container(text.to_owned());
    tokio::select! {
        turn = shared.starting.acquire() => turn.map_err(|_| refused("The agent is ending")),
        () = destroyed(orders) => Err(refused("Container destroyed while preparing")),
    }
}

/// Refuses what this agent cannot isolate, in Mesos's words where it has any.
fn check(info: Option<&ContainerInfo>) -> Result<(), LaunchFailure> {
    let Some(info) = info else { return Ok(()) };
    match info.r#type() {
        container_info::Type::Docker => return Err(LaunchFailure::Unsupported),
        container_info::Type::Mesos => {}
    }
    let refuse = |text: &str| Err(LaunchFailure::Container(text.to_owned()));
    if info.mesos.as_ref().is_some_and(|mesos| mesos.image.is_some()) {
        return refuse("Container images are not supported: no image provider is enabled");
    }
    if !info.volumes.is_empty() {
        return refuse("Volumes in ContainerInfo is not supported");
    }
    if let Some(name) = info.network_infos.iter().find_map(|network| network.name.as_ref()) {
        return refuse(&format!("Unknown CNI network '{name}'"));
    }
    if info.tty_info.is_some() {
        return refuse("TTYs are not supported yet");
    }
    Ok(())
}

async fn fetch(
    shared: &Shared,
    spec: &LaunchSpec,
    sandbox: &Sandbox,
    orders: &mut Orders,
) -> Result<(), LaunchFailure> {
    let ended = destroyed(orders);
    let fetched = fetcher::fetch(
        &shared.config,
        &spec.command.uris,
        Path::new(&spec.sandbox),
        sandbox,
        ended,
    )
    .await;
    let why = match fetched {
        Ok(()) => {
            shared.metrics.fetches_succeeded.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        Err(fetcher::Unfetched::Destroyed) => {
            return Err(LaunchFailure::Container("Container destroyed while fetching".to_owned()));
        }
        Err(fetcher::Unfetched::Failed(why)) => why,
    };
    // Which file, and why, is in the sandbox; clients know this sentence.
    shared.metrics.fetches_failed.fetch_add(1, Ordering::Relaxed);
    tracing::info!(container = %spec.container, why, "fetching failed");
    let container = &spec.container;
    Err(LaunchFailure::Container(format!(
        "Failed to fetch all URIs for container '{container}': {why}"
    )))
}

/// Returns when the container is to be destroyed. There is nothing to send a signal to yet.
async fn destroyed(orders: &mut Orders) {
    while let Some(order) = orders.recv().await {
        match order {
            Order::Destroy => return,
            Order::Signal(_) => {}
        }
    }
}

async fn spawn(
    shared: &Shared,
    spec: &LaunchSpec,
    sandbox: Sandbox,
) -> Result<Running, LaunchFailure> {
    let failed = |text: String| LaunchFailure::Container(text);
    let mut launcher_spec = command::spec(
        &spec.command,
        &spec.environment,
        Path::new(&spec.sandbox),
        sandbox.identity,
        spec.container_info.as_ref().and_then(|info| info.rlimit_info.as_ref()),
    )
    .map_err(|error| failed(error.to_string()))?;
    command::limit_open_files(&mut launcher_spec, shared.config.open_files);
    if spec.pid_checkpoint.is_none() {
        // Its framework takes it for lost as soon as this agent is.
        launcher_spec.agent = Some(Agent { pid: std::process::id(), grace_ms: ORPHAN_GRACE_MS });
    }
    let directory = shared.runtime_directory(&spec.container);
    launcher_spec.runtime_directory = Some(directory.as_os_str().as_encoded_bytes().to_vec());
    let launcher = shared.config.launcher.clone();
    let pid_checkpoint = spec.pid_checkpoint.clone();
    let spawned = blocking(move || -> io::Result<Spawned> {
        DirBuilder::new().recursive(true).mode(0o755).create(&directory)?;
        let spawned = spawn::spawn(&launcher, &launcher_spec, sandbox.stdout, sandbox.stderr)?;
        if let Some(path) = pid_checkpoint
            && let Err(error) = keep_pid(Path::new(&path), spawned.pid)
        {
            // The container runs; recovery goes by the runtime directory, this file is for tools.
            tracing::error!(%error, "cannot write {path}");
        }
        Ok(spawned)
    })
    .await?
    .map_err(|error| failed(format!("Failed to start the container's launcher: {error}")))?;
    let launcher = spawned.pid;
    let pidfd = match PidFd::open(launcher) {
        Ok(pidfd) => pidfd,
        Err(error) => {
            blocking(move || ending::reap_unwatched(launcher)).await?;
            let text = format!("Failed to watch the container's launcher: {error}");
            return Err(LaunchFailure::Container(text));
        }
    };
    let reports = pipe::Receiver::from_owned_fd(spawned.reports);
    match reports {
        Ok(reports) => Ok(Running { launcher, pidfd, command: None, reports: Some(reports) }),
        Err(error) => {
            ending::end(launcher, pidfd, START_DEADLINE).await;
            let text = format!("Failed to listen to the container's launcher: {error}");
            Err(LaunchFailure::Container(text))
        }
    }
}

/// Writes the process id where an agent that restarts, or a tool, looks for it.
fn keep_pid(path: &Path, pid: u32) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o755).create(parent)?;
    }
    let unfinished = path.with_extension("pid.new");
    let mut options = fs::OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.write(true).create(true).truncate(true).open(&unfinished)?;
    io::Write::write_all(&mut file, pid.to_string().as_bytes())?;
    fs::rename(unfinished, path)
}

async fn await_start(running: &mut Running) -> Result<(), LaunchFailure> {
    let report = match &mut running.reports {
        Some(reports) => next_report(reports).await,
        None => None,
    };
    let text = match report {
        Some(Report::Started { pid }) => {
            running.command = Some(pid);
            return Ok(());
        }
        Some(Report::Failed { stage: Stage::Execute, .. } | Report::Exited { .. }) => return Ok(()),
        Some(Report::Failed { stage, errno }) => {
            format!("Failed to {stage}: {}", nix::errno::Errno::from_raw(errno).desc())
        }
        None => "The container's launcher was killed before it started the command".to_owned(),
    };
    running.pidfd.ended().await;
    Err(LaunchFailure::Container(text))
}

/// The launcher's next report; none when it has ended.
pub(crate) async fn next_report(reports: &mut pipe::Receiver) -> Option<Report> {
    let mut bytes = [0; report::LENGTH];
    reports.read_exact(&mut bytes).await.ok()?;
    Report::decode(bytes)
}

/// Carries out orders until the container has ended, and tells how.
async fn watch(
    shared: Arc<Shared>,
    container: ContainerId,
    mut running: Running,
    mut orders: Orders,
) {
    let mut end = End::NotDue;
    let mut status = None;
    loop {
        tokio::select! {
            biased;
            () = running.pidfd.ended() => break,
            Some(order) = orders.recv() => obey(&container, &running, order, &mut end),
            reported = command_ended(&mut running.reports) => {
                status = reported;
                end.is_due();
            }
            () = end.overdue() => {
                shared.metrics.destroy_errors.fetch_add(1, Ordering::Relaxed);
                if !end.force() {
                    tracing::error!(%container, "processes of the container cannot be killed");
                    break;
                }
                tracing::error!(%container, "the launcher does not end its container; killing it");
                ending::force(running.launcher, &running.pidfd).await;
            }
        }
    }
    if running.reports.is_some() {
        // The launcher's last words may still be on their way; there are no later ones.
        status = command_ended(&mut running.reports).await;
    }
    if status.is_none() {
        status = recorded_status(&shared, &container).await;
    }
    if status.is_none()
        && let Some(command) = running.command
    {
        // The launcher itself was killed: what it watched over has no subreaper any more.
        ending::sweep(command).await;
    }
    shared.lock().remove(&container);
    let exit = ContainerExit { status, limitation: None };
    shared.tell(Input::ContainerExited { container, exit });
}

/// How far ending a container has come.
///
/// `NotDue ─ destroyed, or its command ended ─▶ Due ─ deadline ─▶ Forced ─ deadline ─▶ given up`
#[derive(Clone, Copy, Debug)]
enum End {
    NotDue,
    Due(Instant),
    Forced(Instant),
}

impl End {
    /// From now on the launcher has a deadline.
    fn is_due(&mut self) {
        if let End::NotDue = self {
            *self = End::Due(Instant::now() + DESTROY_DEADLINE);
        }
    }

    /// Ready when the present deadline has passed.
    async fn overdue(self) {
        match self {
            End::NotDue => std::future::pending().await,
            End::Due(deadline) | End::Forced(deadline) => sleep_until(deadline).await,
        }
    }

    /// Goes on to force; false if that did not help either.
    fn force(&mut self) -> bool {
        match self {
            End::NotDue | End::Due(_) => {
                *self = End::Forced(Instant::now() + FORCE_DEADLINE);
                true
            }
            End::Forced(_) => false,
        }
    }
}

/// Ready, once, when the launcher says that the command has ended, and how, or says nothing more.
async fn command_ended(reports: &mut Option<pipe::Receiver>) -> Option<i32> {
    let Some(open) = reports else { return std::future::pending().await };
    // A report is read whole or not at all, so that this may be given up and taken up again.
    let status = loop {
        match next_report(open).await {
            Some(Report::Started { .. } | Report::Failed { .. }) => {}
            Some(Report::Exited { wait_status }) => break Some(wait_status),
            None => break None,
        }
    };
    *reports = None;
    status
}

fn obey(container: &ContainerId, running: &Running, order: Order, end: &mut End) {
    let signal = match order {
        Order::Signal(signal) => signal,
        Order::Destroy => {
            end.is_due();
            destroy_signal()
        }
    };
    if let Err(error) = running.pidfd.signal(signal) {
        tracing::error!(%container, %error, signal, "cannot send a signal");
    }
}

/// What the launcher of a former agent's container has left.
async fn recorded_status(shared: &Shared, container: &ContainerId) -> Option<i32> {
    let path = shared.runtime_directory(container).join(STATUS_FILE);
    tokio::fs::read_to_string(path).await.ok()?.trim().parse().ok()
}

/// Does something that may block on a thread that may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, LaunchFailure> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| LaunchFailure::Container(format!("Internal error: {error}")))
}
