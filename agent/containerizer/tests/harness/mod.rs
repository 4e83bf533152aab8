// SPDX-License-Identifier: Apache-2.0

//! A containerizer in directories of its own, and what it tells.

#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::wildcard_enum_match_arm, reason = "each test wants one of many inputs")]

use std::{
    path::PathBuf,
    process::Command,
    sync::{Arc, OnceLock},
    time::Duration,
};

use mesos_agent_state::{
    ContainerId, Input, LaunchSpec, ProbeKey,
    input::{LaunchFailure, ProbeOutcome},
};
use mesos_containerizer::{Config, Containerizer, fetcher};
use mesos_proto::v1::{CommandInfo, command_info};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const DEADLINE: Duration = Duration::from_secs(30);

pub struct Agent {
    pub directory: tempfile::TempDir,
    pub containerizer: Containerizer,
    pub inputs: UnboundedReceiver<Input>,
    pub seen: Vec<Input>,
    pub config: Config,
}

/// A program of the same build, which is made if it is not there.
fn program(name: &str, package: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().unwrap().parent().unwrap().join(name);
    if !program.exists() {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", package, "--bin", name]);
        if program.parent().unwrap().ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "{name} cannot be built");
    }
    program
}

fn programs() -> &'static (PathBuf, PathBuf) {
    static PROGRAMS: OnceLock<(PathBuf, PathBuf)> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        let launcher = program("mesos-launcher", "mesos-launcher");
        (launcher, program("mesos-fetcher", "mesos-agent"))
    })
}

pub fn shell(script: &str) -> CommandInfo {
    CommandInfo { value: Some(script.to_owned()), ..CommandInfo::default() }
}

pub fn fetching(uri: &str) -> CommandInfo {
    let uri = command_info::Uri { value: uri.to_owned(), ..command_info::Uri::default() };
    CommandInfo { uris: vec![uri], ..shell("true") }
}

impl Agent {
    pub fn new() -> Agent {
        let directory = tempfile::tempdir().unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(directory.path(), mode).unwrap();
        let (launcher, fetcher) = programs().clone();
        let config = Config {
            launcher,
            runtime_directory: directory.path().join("runtime"),
            fetcher: fetcher::Config { program: fetcher, ..fetcher::Config::default() },
            open_files: None,
        };
        Agent::with(directory, config)
    }

    pub fn with(directory: tempfile::TempDir, config: Config) -> Agent {
        let (sender, inputs) = unbounded_channel();
        let containerizer = Containerizer::new(config.clone(), sender);
        Agent { directory, containerizer, inputs, seen: vec![], config }
    }

    /// A new agent in the same directories, that knows nothing of this one.
    pub fn restart(self) -> Agent {
        Agent::with(self.directory, self.config)
    }

    pub fn sandbox(&self, container: &str) -> PathBuf {
        self.directory.path().join("runs").join(container)
    }

    pub fn runtime(&self, container: &str) -> PathBuf {
        self.config.runtime_directory.join("containers").join(container)
    }

    pub fn runtime_file(&self, container: &str, name: &str) -> String {
        std::fs::read_to_string(self.runtime(container).join(name)).unwrap()
    }

    pub fn spec(&self, container: &str, command: CommandInfo) -> LaunchSpec {
        LaunchSpec {
            container: ContainerId::new(container),
            framework_id: "framework".to_owned(),
            executor_id: "executor".to_owned(),
            executor: Arc::default(),
            command_task: true,
            command,
            user: None,
            environment: vec![("GREETING".to_owned(), "hello".to_owned())],
            sandbox: self.sandbox(container).display().to_string(),
            latest: self.directory.path().join("runs/latest").display().to_string(),
            container_info: None,
            resources: vec![],
            limits: vec![],
            pid_checkpoint: None,
        }
    }

    pub fn start(&self, spec: LaunchSpec) -> ContainerId {
        let container = spec.container.clone();
        self.containerizer.launch(spec);
        container
    }

    pub fn launch(&self, container: &str, command: CommandInfo) -> ContainerId {
        self.start(self.spec(container, command))
    }

    /// The first thing told, now or before, that `wanted` makes something of.
    pub async fn told<T>(&mut self, wanted: impl Fn(&Input) -> Option<T>) -> T {
        loop {
            if let Some(index) = self.seen.iter().position(|input| wanted(input).is_some()) {
                return wanted(&self.seen.remove(index)).unwrap();
            }
            let input = tokio::time::timeout(DEADLINE, self.inputs.recv()).await;
            self.seen.push(input.unwrap_or_else(|_| panic!("only {:?}", self.seen)).unwrap());
        }
    }

    /// The process id of a container that has started.
    pub async fn launched(&mut self, wanted: &ContainerId) -> u32 {
        let launched = |input: &Input| match input {
            Input::ContainerLaunched { container, pid } if container == wanted => Some(*pid),
            other => not_failed(other),
        };
        self.told(launched).await
    }

    /// The status of a container that has ended.
    pub async fn exited(&mut self, wanted: &ContainerId) -> Option<i32> {
        let exited = |input: &Input| match input {
            Input::ContainerExited { container, exit } if container == wanted => Some(exit.status),
            other => not_failed(other),
        };
        self.told(exited).await
    }

    pub async fn failed(&mut self, wanted: &ContainerId) -> LaunchFailure {
        let failed = |input: &Input| match input {
            Input::ContainerLaunchFailed { container, failure } if container == wanted => {
                Some(failure.clone())
            }
            _ => None,
        };
        self.told(failed).await
    }

    pub async fn fails(&mut self, spec: LaunchSpec) -> LaunchFailure {
        let container = self.start(spec);
        self.failed(&container).await
    }

    pub async fn probed(&mut self, key: ProbeKey) -> ProbeOutcome {
        let probed = |input: &Input| match input {
            Input::ProbeFinished { probe, outcome, .. } if *probe == key => Some(outcome.clone()),
            _ => None,
        };
        self.told(probed).await
    }
}

fn not_failed<T>(input: &Input) -> Option<T> {
    if let Input::ContainerLaunchFailed { failure, .. } = input {
        panic!("{failure:?}");
    }
    None
}

/// Waits until `condition` holds; looks again every millisecond.
pub async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + DEADLINE;
    while !condition() {
        assert!(tokio::time::Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

pub fn kill(pid: u32) {
    let pid = nix::unistd::Pid::from_raw(pid.cast_signed());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).unwrap();
}

/// Whether a process runs, one that has ended but was not waited for aside.
pub fn is_alive(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit_once(')').unwrap().1.trim_start().starts_with('Z'))
}
