// SPDX-License-Identifier: Apache-2.0

//! A cluster on loopback that a newcomer can look at.

use crate::{
    bindings,
    chores::{bin_dir, cargo, succeed},
    packages,
};
use anyhow::{Context, Result, bail, ensure};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    fs,
    fs::File,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

/// When the demo ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// On Ctrl-C.
    OnInterrupt,
    /// As soon as the test-frameworks have ended.
    WithFrameworks,
}

/// How long a daemon may take to answer.
const START_TIMEOUT: Duration = Duration::from_secs(20);

struct Daemon {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

/// Builds, starts a master and an agent, runs the test-frameworks.
pub fn demo(end: End) -> Result<()> {
    packages::ensure_installed()?;
    eprintln!("building …");
    succeed(cargo(&["build", "--quiet", "--workspace", "--bins"]))?;
    bindings::build()?;
    let bins = bin_dir();
    let folder = bins.parent().context("the target folder")?.join("demo");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("emptying {}", folder.display()))?;
    }
    fs::create_dir_all(&folder)?;

    let (interrupt, interrupted) = mpsc::channel();
    ctrlc::set_handler(move || {
        // Nobody listens any more when the demo is already ending.
        let _ = interrupt.send(());
    })
    .context("watching for Ctrl-C")?;

    let master_port = port_from(5050)?;
    let agent_port = port_from(5051)?;
    let address = format!("127.0.0.1:{master_port}");
    let mut daemons = vec![start_master(&bins, &folder, master_port)?];
    let outcome = start_agent(&bins, &folder, &address, agent_port)
        .and_then(|agent| {
            daemons.push(agent);
            wait_for_agent(&address)?;
            eprintln!("\n  master  http://{address}/state\n  agent   http://127.0.0.1:{agent_port}/state\n");
            run_frameworks(&address)
        })
        .and_then(|()| wait_for_end(end, &interrupted, &address, &mut daemons));
    stop(daemons);
    outcome
}

fn start_master(bins: &Path, folder: &Path, port: u16) -> Result<Daemon> {
    let work = folder.join("master");
    let flags = [
        "--ip=127.0.0.1".to_owned(),
        format!("--port={port}"),
        format!("--work_dir={}", work.display()),
    ];
    start("mesos-master", bins, folder, &flags, port)
}

fn start_agent(bins: &Path, folder: &Path, master: &str, port: u16) -> Result<Daemon> {
    let flags = [
        format!("--master={master}"),
        "--ip=127.0.0.1".to_owned(),
        format!("--port={port}"),
        format!("--work_dir={}", folder.join("agent").display()),
        format!("--runtime_dir={}", folder.join("run").display()),
    ];
    start("mesos-agent", bins, folder, &flags, port)
}

fn start(
    name: &'static str,
    bins: &Path,
    folder: &Path,
    flags: &[String],
    port: u16,
) -> Result<Daemon> {
    let log = folder.join(format!("{name}.log"));
    let output = File::create(&log)?;
    let child = Command::new(bins.join(name))
        .args(flags)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()
        .with_context(|| format!("starting {name}"))?;
    let mut daemon = Daemon { name, child, log };
    let deadline = Instant::now() + START_TIMEOUT;
    while http_get(&format!("127.0.0.1:{port}"), "/health").is_err() {
        let ended = daemon.child.try_wait()?.is_some();
        if ended || Instant::now() > deadline {
            let _ = daemon.child.kill();
            bail!(
                "{name} does not start:\n{}",
                fs::read_to_string(&daemon.log).unwrap_or_default()
            );
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    eprintln!("{name} is up, its log is {}", daemon.log.display());
    Ok(daemon)
}

fn wait_for_agent(master: &str) -> Result<()> {
    let deadline = Instant::now() + START_TIMEOUT;
    while !http_get(master, "/state").is_ok_and(|s| s.contains("\"activated_slaves\":1")) {
        ensure!(Instant::now() < deadline, "the agent does not register with the master");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn run_frameworks(master: &str) -> Result<()> {
    let outcomes = bindings::run_frameworks(master)?;
    eprintln!("\n  test-framework   result   time");
    for outcome in &outcomes {
        let result = if outcome.succeeded { "ok" } else { "FAILED" };
        eprintln!("  {:<16} {result:<8} {:.1} s", outcome.name, outcome.time.as_secs_f64());
    }
    ensure!(outcomes.iter().all(|outcome| outcome.succeeded), "a test-framework failed");
    Ok(())
}

fn wait_for_end(
    end: End,
    interrupted: &mpsc::Receiver<()>,
    master: &str,
    daemons: &mut [Daemon],
) -> Result<()> {
    if end == End::WithFrameworks {
        return Ok(());
    }
    eprintln!("\nThe cluster stays up at http://{master} until Ctrl-C. Try:");
    eprintln!(
        "  {}/mesos-execute --master={master} --name=hello --command='echo hello'",
        bin_dir().display()
    );
    loop {
        if interrupted.recv_timeout(Duration::from_millis(500)).is_ok() {
            eprintln!("\nending the cluster");
            return Ok(());
        }
        for daemon in daemons.iter_mut() {
            if let Some(status) = daemon.child.try_wait()? {
                bail!("{} has ended ({status}); its log is {}", daemon.name, daemon.log.display());
            }
        }
    }
}

/// The agent ends its executors and unregisters on SIGUSR1, so that nothing is left behind.
fn stop(daemons: Vec<Daemon>) {
    for mut daemon in daemons.into_iter().rev() {
        let signal = if daemon.name == "mesos-agent" { Signal::SIGUSR1 } else { Signal::SIGTERM };
        let _ = kill(Pid::from_raw(daemon.child.id() as i32), signal);
        let deadline = Instant::now() + Duration::from_secs(10);
        while matches!(daemon.child.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                let _ = daemon.child.kill();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// `wanted` if it is free, else the next free port after it.
fn port_from(wanted: u16) -> Result<u16> {
    for port in (wanted..).step_by(10).take(50) {
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            if port != wanted {
                eprintln!("port {wanted} is taken; using {port}");
            }
            return Ok(port);
        }
    }
    bail!("no free port found from {wanted} on")
}

fn http_get(address: &str, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    ensure!(answer.starts_with("HTTP/1.1 200"), "no answer");
    Ok(answer)
}
