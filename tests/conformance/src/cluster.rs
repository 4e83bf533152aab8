// SPDX-License-Identifier: Apache-2.0

//! Our daemons, started with the flags of a recorded case on free ports.

use crate::{case::Case, http1, names::Names, tap::Tap};
use anyhow::{Context, Result, bail};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use std::{
    env, fs,
    fs::File,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long a daemon may take to start and agents to register.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// The port that every recorded master listened on; agents have the ones from 5260.
const RECORDED_MASTER_PORT: u16 = 5250;
const RECORDED_AGENT_PORT: u16 = 5260;

/// One daemon and what is needed to start it again.
pub struct Daemon {
    program: PathBuf,
    flags: Vec<String>,
    log: PathBuf,
    child: Option<Child>,
    /// Where it listens.
    pub address: SocketAddr,
}

/// Where a daemon listens and where it says that it does.
struct Place {
    port: u16,
    advertised: u16,
}

/// A master with its agents; everything is ended and removed when it is dropped.
pub struct Cluster {
    /// The master.
    pub master: Daemon,
    /// The agents, in the order of their names.
    pub agents: Vec<Daemon>,
    /// Relays that listen in on the wire, if the case records it: the master's and the agent's.
    pub taps: Vec<Tap>,
    folder: TempDir,
}

impl Cluster {
    /// Starts the daemons of `case`; agents too unless the case starts them itself.
    pub fn start(case: &Case, names: &mut Names) -> Result<Cluster> {
        let folder = TempDir::with_prefix("mesos-conformance-")?;
        let root = folder.path().to_path_buf();
        let mut taps = Vec::new();
        let is_tapped = case.value.get("wire").is_some();
        let mut place = |recorded: u16| -> Result<Place> {
            let port = free_port()?;
            let mut advertised = port;
            if is_tapped {
                let tap = Tap::open(SocketAddr::from(([127, 0, 0, 1], port)))?;
                advertised = tap.address.port();
                taps.push(tap);
            }
            names.note(&format!("127.0.0.1:{recorded}"), &format!("127.0.0.1:{advertised}"));
            names.note_number(recorded.into(), advertised.into());
            Ok(Place { port, advertised })
        };
        let at = place(RECORDED_MASTER_PORT)?;
        let master_port = at.advertised;
        let master = Daemon::new(&root, "mesos-master", "master", at, case.master_flags())?;
        let mut agents = Vec::new();
        for (index, flags) in case.agent_flags().into_iter().enumerate() {
            let at = place(RECORDED_AGENT_PORT + index as u16)?;
            let recorded = format!(":{RECORDED_MASTER_PORT}");
            let flags: Vec<String> =
                flags.iter().map(|f| f.replace(&recorded, &format!(":{master_port}"))).collect();
            let name = format!("agent{index}");
            let flags = flags.iter().map(String::as_str).collect();
            agents.push(Daemon::new(&root, "mesos-agent", &name, at, flags)?);
        }
        names.note("/var/lib/mesos", &root.join("agent0/work").display().to_string());
        names.note("/var/run/mesos", &root.join("agent0/run").display().to_string());
        let mut cluster = Cluster { master, agents, taps, folder };
        cluster.master.start()?;
        let starts_agents = case.exchanges().iter().any(|e| e.action() == Some("agent starts"));
        if !starts_agents {
            cluster.start_agents()?;
        }
        Ok(cluster)
    }

    /// Starts all agents and waits until the master knows them.
    pub fn start_agents(&mut self) -> Result<()> {
        for agent in &mut self.agents {
            agent.start()?;
        }
        let (wanted, master) = (self.agents.len() as f64, self.master.address);
        self.wait_for("all agents to register", || {
            let (_, body) = http1::get(master, "/metrics/snapshot")?;
            let metrics: serde_json::Value = serde_json::from_slice(&body)?;
            Ok(metrics["master/slaves_active"].as_f64() == Some(wanted))
        })
    }

    fn wait_for(&self, what: &str, mut done: impl FnMut() -> Result<bool>) -> Result<()> {
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            let outcome = done();
            if matches!(outcome, Ok(true)) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let why = outcome.err().map(|e| format!(": {e:#}")).unwrap_or_default();
                bail!("waited in vain for {what}{why}\n{}", self.logs());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The daemon that a recorded request went to.
    pub fn daemon(&mut self, to: &str) -> Result<&mut Daemon> {
        match to {
            "master" => Ok(&mut self.master),
            "agent" | "agent0" => self.agents.first_mut().context("no agent in this case"),
            "agent1" => self.agents.get_mut(1).context("no second agent in this case"),
            other => bail!("no daemon is called '{other}'"),
        }
    }

    /// The last lines that each daemon logged.
    pub fn logs(&self) -> String {
        std::iter::once(&self.master)
            .chain(&self.agents)
            .map(|d| {
                let text = fs::read_to_string(&d.log).unwrap_or_default();
                let lines: Vec<_> = text.lines().collect();
                let tail = lines[lines.len().saturating_sub(15)..].join("\n");
                format!("--- {}\n{tail}\n", d.log.display())
            })
            .collect()
    }

    /// Processes whose working directory is inside this cluster's folder.
    pub fn task_processes(&self) -> Vec<(Pid, String)> {
        let Ok(root) = self.folder.path().canonicalize() else { return Vec::new() };
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        let mut found = Vec::new();
        for entry in entries.flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse::<i32>().ok()) else {
                continue;
            };
            let inside =
                fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(&root));
            if inside {
                let line = fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
                found.push((Pid::from_raw(pid), line.trim_end_matches('\0').replace('\0', " ")));
            }
        }
        found
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for agent in &mut self.agents {
            agent.end();
        }
        self.master.end();
        for (pid, _) in self.task_processes() {
            let _ = kill(pid, Signal::SIGKILL);
        }
    }
}

impl Daemon {
    fn new(root: &Path, program: &str, name: &str, at: Place, flags: Vec<&str>) -> Result<Daemon> {
        let folder = root.join(name);
        fs::create_dir_all(folder.join("work"))?;
        fs::create_dir_all(folder.join("run"))?;
        let place = |flag: &str| {
            let (key, _) = flag.split_once('=').unwrap_or((flag, ""));
            match key {
                "--port" => format!("--port={}", at.port),
                "--work_dir" => format!("--work_dir={}", folder.join("work").display()),
                "--runtime_dir" => format!("--runtime_dir={}", folder.join("run").display()),
                "--launcher_dir" => format!("--launcher_dir={}", bin_dir().display()),
                _ => flag.to_owned(),
            }
        };
        let mut flags: Vec<String> =
            flags.into_iter().filter(|f| !f.starts_with("--webui_dir=")).map(place).collect();
        if at.advertised != at.port {
            flags.push(format!("--advertise_port={}", at.advertised));
        }
        Ok(Daemon {
            program: bin_dir().join(program),
            flags,
            log: folder.join("log"),
            child: None,
            address: SocketAddr::from(([127, 0, 0, 1], at.port)),
        })
    }

    /// Starts the process and waits until it answers.
    pub fn start(&mut self) -> Result<()> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let child = Command::new(&self.program)
            .args(&self.flags)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}", self.program.display()))?;
        self.child = Some(child);
        let deadline = Instant::now() + START_TIMEOUT;
        while http1::get(self.address, "/health").is_err() {
            if !self.is_running() || Instant::now() > deadline {
                let log = fs::read_to_string(&self.log).unwrap_or_default();
                bail!("{} {:?} does not start:\n{log}", self.program.display(), self.flags);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Whether the process is alive.
    pub fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|c| matches!(c.try_wait(), Ok(None)))
    }

    /// Sends the process a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let child = self.child.as_ref().context("the daemon is not running")?;
        Ok(kill(Pid::from_raw(child.id() as i32), signal)?)
    }

    /// Kills the process with SIGKILL.
    pub fn end(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The folder with our binaries: `MESOS_TEST_BINARIES`, else where cargo put this test.
pub fn bin_dir() -> PathBuf {
    if let Some(folder) = env::var_os("MESOS_TEST_BINARIES") {
        return PathBuf::from(folder);
    }
    let test = env::current_exe().expect("a running program has a path");
    test.ancestors().nth(2).expect("tests run from target/<profile>/deps").to_path_buf()
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
