// SPDX-License-Identifier: Apache-2.0

//! A master with its agents.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    daemon::{Daemon, free_port},
    http::get_json,
    processes,
    wait::until,
};

/// What a cluster is started with.
#[derive(Clone, Debug, Default)]
pub struct ClusterBuilder {
    master_flags: Vec<String>,
    agent_flags: Vec<String>,
    agents: usize,
}

/// A running cluster; its processes end, and its files go, when it is dropped.
pub struct Cluster {
    /// The master.
    pub master: Daemon,
    /// The agents, in the order in which they were started.
    pub agents: Vec<Daemon>,
    folder: TempDir,
}

impl ClusterBuilder {
    /// One agent of 4 cpus and 4 GB, whatever the machine has.
    pub fn new() -> Self {
        ClusterBuilder { agents: 1, ..Default::default() }
    }

    /// With one more flag for the master.
    #[must_use]
    pub fn master_flag(mut self, flag: &str) -> Self {
        self.master_flags.push(flag.to_owned());
        self
    }

    /// With one more flag for each agent.
    #[must_use]
    pub fn agent_flag(mut self, flag: &str) -> Self {
        self.agent_flags.push(flag.to_owned());
        self
    }

    /// With so many agents.
    #[must_use]
    pub fn agents(mut self, agents: usize) -> Self {
        self.agents = agents;
        self
    }

    /// Starts everything, and waits until the agents have registered.
    ///
    /// # Errors
    /// A daemon does not start, with its log.
    pub async fn start(self) -> Result<Cluster> {
        // Other users have to get at the sandboxes.
        let folder = tempfile::Builder::new().prefix("mesos-it-").tempdir()?;
        make_readable(folder.path())?;
        let port = free_port()?;
        let mut flags = vec![
            "--ip=127.0.0.1".to_owned(),
            format!("--port={port}"),
            "--hostname=127.0.0.1".to_owned(),
            format!("--work_dir={}", folder.path().join("master").display()),
        ];
        flags.extend(self.master_flags);
        let master = Daemon::start("mesos-master", folder.path(), port, flags).await?;
        let mut cluster = Cluster { master, agents: Vec::new(), folder };
        for _ in 0..self.agents {
            cluster.add_agent(&self.agent_flags).await?;
        }
        cluster.wait_for_agents().await?;
        Ok(cluster)
    }
}

impl Cluster {
    /// A master and one agent with their default flags.
    ///
    /// # Errors
    /// A daemon does not start, with its log.
    pub async fn start() -> Result<Self> {
        ClusterBuilder::new().start().await
    }

    /// Starts one more agent with `more` flags.
    ///
    /// # Errors
    /// It does not start.
    pub async fn add_agent(&mut self, more: &[String]) -> Result<()> {
        let port = free_port()?;
        let folder = self.folder.path();
        let mut flags = vec![
            format!("--master={}", self.master.address()),
            "--ip=127.0.0.1".to_owned(),
            format!("--port={port}"),
            "--hostname=127.0.0.1".to_owned(),
            format!("--work_dir={}", folder.join(format!("agent-{port}")).display()),
            format!("--runtime_dir={}", folder.join(format!("run-{port}")).display()),
            "--resources=cpus:4;mem:4096;disk:10240;ports:[31000-32000]".to_owned(),
        ];
        flags.extend_from_slice(more);
        let agent = Daemon::start("mesos-agent", folder, port, flags).await?;
        self.agents.push(agent);
        Ok(())
    }

    /// Waits until all agents are registered and connected.
    ///
    /// # Errors
    /// They are not, in time.
    pub async fn wait_for_agents(&self) -> Result<()> {
        let wanted = self.agents.len();
        until("all agents to be registered", async || {
            let state = self.state().await.ok()?;
            let active = state["activated_slaves"].as_f64()?;
            (active as usize == wanted).then_some(())
        })
        .await
        .with_context(|| self.master.log_text())
    }

    /// The master's `/state`.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn state(&self) -> Result<Value> {
        get_json(self.master.address(), "/state").await
    }

    /// Where everything of this cluster lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The sandbox of the latest run of an executor on the first agent.
    ///
    /// # Errors
    /// There is none, or more than one framework has such an executor.
    pub fn sandbox(&self, executor_id: &str) -> Result<PathBuf> {
        let tail = Path::new("executors").join(executor_id).join("runs").join("latest");
        let mut found = Vec::new();
        for work_dir in children(self.folder.path())? {
            for agent in children(&work_dir.join("slaves")).unwrap_or_default() {
                for framework in children(&agent.join("frameworks")).unwrap_or_default() {
                    let sandbox = framework.join(&tail);
                    if sandbox.exists() && !agent.is_symlink() {
                        found.push(sandbox);
                    }
                }
            }
        }
        anyhow::ensure!(found.len() == 1, "sandboxes of '{executor_id}': {found:?}");
        Ok(found.remove(0))
    }

    /// A file in the sandbox of a task.
    ///
    /// # Errors
    /// There is none.
    pub fn sandbox_file(&self, executor_id: &str, name: &str) -> Result<String> {
        let path = self.sandbox(executor_id)?.join(name);
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.agents.clear();
        processes::kill_all_in(self.folder.path());
    }
}

fn children(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?;
    Ok(entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
}

fn make_readable(folder: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?)
}
