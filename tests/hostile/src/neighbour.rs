// SPDX-License-Identifier: Apache-2.0

//! Those who only want to work, and how long they wait for it: a framework with
//! tasks on a simulated agent, and one who asks for `/health`.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use mesos_integration::{TestFramework, command, task};
use mesos_proto::v1::TaskState;
use tokio::{sync::watch, task::JoinHandle, time::sleep};

use crate::{Target, agent::Agent, raw};

/// How often `/health` is asked for.
const HEALTH_EVERY: Duration = Duration::from_millis(20);

/// How long things took.
#[derive(Clone, Debug, Default)]
pub struct Waits {
    /// `/health`, on a new connection each.
    pub health: Vec<Duration>,
    /// From an ACCEPT to RUNNING.
    pub running: Vec<Duration>,
}

/// At work until it is told to stop.
pub struct Neighbour {
    stop: watch::Sender<bool>,
    health: JoinHandle<Result<Vec<Duration>>>,
    running: JoinHandle<Result<Vec<Duration>>>,
    agent: Agent,
}

impl Neighbour {
    /// Begins to work.
    ///
    /// # Errors
    /// Its agent or its framework is not admitted.
    pub async fn start(target: &Target) -> Result<Self> {
        let agent = Agent::register(1, "neighbour", target.address).await?;
        let info = TestFramework::info();
        let framework = TestFramework::subscribe(target.cluster.master.address(), info).await?;
        let (stop, stopped) = watch::channel(false);
        let health = tokio::spawn(health(target.address, stopped.clone()));
        let running = tokio::spawn(running(framework, stopped));
        Ok(Neighbour { stop, health, running, agent })
    }

    /// Ends the work and tells how it was.
    ///
    /// # Errors
    /// Something failed, or nothing was measured.
    pub async fn stop(self) -> Result<Waits> {
        self.stop.send_replace(true);
        let health = self.health.await?.context("/health")?;
        let running = self.running.await?.context("running tasks")?;
        self.agent.leave()?;
        Waits { health, running }.measured()
    }
}

impl Waits {
    /// These, if there are any: nobody knows how long one waits who has got nothing yet.
    ///
    /// # Errors
    /// There is none of a kind.
    pub fn measured(self) -> Result<Self> {
        ensure!(!self.health.is_empty(), "no answer of /health was measured");
        ensure!(!self.running.is_empty(), "no task of the neighbour was measured");
        Ok(self)
    }
}

async fn health(
    master: std::net::SocketAddr,
    stopped: watch::Receiver<bool>,
) -> Result<Vec<Duration>> {
    let mut waits = Vec::new();
    // An attack may be over before the first one is measured.
    while !*stopped.borrow() || waits.is_empty() {
        let begun = Instant::now();
        let mut stream = raw::connect_from(1, master).await?;
        let request = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        tokio::io::AsyncWriteExt::write_all(&mut stream, request).await?;
        raw::answer(&mut stream).await?.expect(200, "")?;
        waits.push(begun.elapsed());
        sleep(HEALTH_EVERY).await;
    }
    Ok(waits)
}

async fn running(
    mut framework: TestFramework,
    stopped: watch::Receiver<bool>,
) -> Result<Vec<Duration>> {
    let mut waits = Vec::new();
    // An attack may be over before the first one is measured.
    while !*stopped.borrow() || waits.is_empty() {
        // Other agents come and go, and hostile ones do not run what they are given.
        let offer = framework.offer().await?;
        if offer.hostname != "neighbour" {
            let filters = mesos_client::v1::Filters { refuse_seconds: Some(3600.0) };
            framework.client.decline(vec![offer.id], filters).await?;
            continue;
        }
        let filters = mesos_client::v1::Filters { refuse_seconds: Some(0.0) };
        if !offer.resources.iter().any(|it| it.name == "cpus") {
            // It comes again with what has become free.
            framework.client.decline(vec![offer.id], filters).await?;
            continue;
        }
        let id = format!("mine-{}", waits.len());
        let mut task = task(&id, command("true"));
        task.agent_id = offer.agent_id.clone();
        let begun = Instant::now();
        framework.client.launch(vec![offer.id], vec![task], filters).await?;
        framework.wait_for(&id, &[TaskState::TaskRunning]).await?;
        waits.push(begun.elapsed());
        framework.updates.clear();
    }
    framework.client.stop().await?;
    Ok(waits)
}

/// The wait that so many of a hundred do not exceed.
pub fn percentile(waits: &[Duration], percent: usize) -> Duration {
    let mut sorted = waits.to_vec();
    sorted.sort();
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or_default()
}
