// SPDX-License-Identifier: Apache-2.0

//! The test-framework: five tasks through a custom executor.
//!
//! Each task runs in `test-executor`, which lies next to this program. A task
//! sends its framework a message, waits for it to come back, and finishes.
//! This program exits with 0 only when every task has finished and every
//! message has made the round trip.

#![allow(clippy::print_stdout, reason = "it tells the user what happens")]

mod flags;
mod progress;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail};
use mesos_client::{
    Resources, SchedulerClient, SchedulerEvent, SchedulerEvents,
    v1::{
        CommandInfo, ExecutorId, ExecutorInfo, Filters, FrameworkInfo, Offer, TaskId, TaskInfo,
        TaskStatus, framework_info,
    },
};

use self::{flags::Flags, progress::Progress};

/// What one task needs.
const TASK_RESOURCES: &str = "cpus:1;mem:128";

/// What the executor needs besides.
const EXECUTOR_RESOURCES: &str = "cpus:0.1;mem:32";

/// How long an offer is not wanted again: shortly, as tasks free resources soon.
const REFUSE_SECONDS: f64 = 1.0;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    // Colours would only litter a file.
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(is_terminal).init();
    let Some(flags) = flags::load()? else {
        return Ok(ExitCode::SUCCESS);
    };
    let timeout = flags.timeout;
    match tokio::time::timeout(timeout, run(flags)).await {
        Ok(Ok(())) => Ok(ExitCode::SUCCESS),
        Ok(Err(error)) => {
            println!("FAILED: {error:#}");
            Ok(ExitCode::FAILURE)
        }
        Err(_) => {
            println!("FAILED: not done after {timeout:?}");
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn run(flags: Flags) -> Result<()> {
    let mut builder = SchedulerClient::builder(&flags.master, framework_info(&flags))
        .content_type(flags.content_type()?);
    if let Some((principal, secret)) = flags.credential()? {
        builder = builder.credential(principal, secret);
    }
    if std::env::var_os("MESOS_EXPLICIT_ACKNOWLEDGEMENTS").is_some() {
        bail!(
            "MESOS_EXPLICIT_ACKNOWLEDGEMENTS is for the native drivers; this framework is one of \
             v1, where asking for the next event acknowledges the last"
        );
    }
    let (client, events) = builder.start()?;
    let framework = TestFramework {
        executor: executor_info(&flags)?,
        task_resources: Resources::parse(TASK_RESOURCES, "*").context("the task's resources")?,
        progress: Progress::new(flags.tasks),
        launched: 0,
        client: client.clone(),
        role: flags.role,
    };
    let result = framework.run(events).await;
    let stopped = client.stop().await;
    result?;
    stopped.context("tearing the framework down")?;
    Ok(())
}

fn framework_info(flags: &Flags) -> FrameworkInfo {
    let capability = |kind: framework_info::capability::Type| framework_info::Capability {
        r#type: Some(kind.into()),
    };
    FrameworkInfo {
        user: flags.user.clone().unwrap_or_default(),
        name: "Test Framework (Rust)".into(),
        roles: vec![flags.role.clone()],
        capabilities: vec![
            capability(framework_info::capability::Type::MultiRole),
            capability(framework_info::capability::Type::ReservationRefinement),
        ],
        checkpoint: Some(flags.checkpoint),
        failover_timeout: flags.checkpoint.then_some(60.0),
        principal: flags.principal.clone(),
        ..Default::default()
    }
}

fn executor_info(flags: &Flags) -> Result<ExecutorInfo> {
    let path = match &flags.executor {
        Some(path) => path.clone(),
        None => beside_this_program("test-executor")?,
    };
    let path = path.to_str().context("the executor's path is not UTF-8")?;
    Ok(ExecutorInfo {
        executor_id: ExecutorId { value: "default".into() },
        name: Some("Test Executor (Rust)".into()),
        command: Some(CommandInfo {
            shell: Some(false),
            value: Some(path.into()),
            arguments: vec![path.into()],
            ..Default::default()
        }),
        resources: Resources::parse(EXECUTOR_RESOURCES, "*")?.to_proto(),
        ..Default::default()
    })
}

fn beside_this_program(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe().context("finding this program")?;
    let path = own.with_file_name(name);
    if !path.exists() {
        bail!("'{}' is missing; build it, or name it with --executor", path.display());
    }
    Ok(path)
}

struct TestFramework {
    client: SchedulerClient,
    executor: ExecutorInfo,
    task_resources: Resources,
    role: String,
    launched: u32,
    progress: Progress,
}

impl TestFramework {
    async fn run(mut self, mut events: SchedulerEvents) -> Result<()> {
        while !self.progress.is_done() {
            let Some(event) = events.next().await? else {
                bail!("the client was stopped");
            };
            self.handle(event).await?;
        }
        println!("{}", self.progress.summary());
        Ok(())
    }

    async fn handle(&mut self, event: SchedulerEvent) -> Result<()> {
        match event {
            SchedulerEvent::Subscribed { framework_id, master, again } => {
                let at = master.and_then(|master| master.hostname).unwrap_or_default();
                let verb = if again { "Subscribed again" } else { "Subscribed" };
                println!("{verb} as {} with the master at {at}", framework_id.value);
            }
            SchedulerEvent::Disconnected { reason } => println!("Disconnected: {reason}"),
            SchedulerEvent::Offers(offers) => {
                for offer in offers {
                    self.use_offer(offer).await?;
                }
            }
            SchedulerEvent::Update(status) => self.update(&status)?,
            SchedulerEvent::Message { agent_id, executor_id, data } => {
                let text = String::from_utf8_lossy(&data).into_owned();
                println!("Message '{text}', sent back");
                self.progress.message(&text);
                self.client.message(agent_id, executor_id, data).await?;
            }
            SchedulerEvent::ExecutorExited { executor_id, status, .. } => {
                bail!("executor '{}' exited with wait status {status:?}", executor_id.value);
            }
            SchedulerEvent::AgentLost(agent_id) => println!("Agent {} is lost", agent_id.value),
            SchedulerEvent::Rescind(offer_id) => println!("Offer {} is rescinded", offer_id.value),
            SchedulerEvent::InverseOffers(_)
            | SchedulerEvent::RescindInverseOffer(_)
            | SchedulerEvent::UpdateOperationStatus(_) => {}
        }
        Ok(())
    }

    /// Launches as many of the remaining tasks as fit, or declines.
    async fn use_offer(&mut self, offer: Offer) -> Result<()> {
        let mut left = Resources::from_proto(&offer.resources).unallocated();
        let mut executor = self.executor.clone();
        // An executor that runs on the agent already needs nothing more.
        if !offer.executor_ids.contains(&executor.executor_id) {
            let Some(taken) = left.find(&Resources::from_proto(&executor.resources)) else {
                return self.decline(offer).await;
            };
            left -= &taken;
            executor.resources = taken.allocated(&self.role).to_proto();
        }
        let mut tasks = Vec::new();
        while self.launched < self.progress.total() {
            let Some(taken) = left.find(&self.task_resources) else {
                break;
            };
            left -= &taken;
            let id = self.launched.to_string();
            self.launched += 1;
            println!("Launching task {id} on {}", offer.hostname);
            tasks.push(TaskInfo {
                name: format!("Task {id}"),
                task_id: TaskId { value: id },
                agent_id: offer.agent_id.clone(),
                resources: taken.allocated(&self.role).to_proto(),
                executor: Some(executor.clone()),
                ..Default::default()
            });
        }
        if tasks.is_empty() {
            return self.decline(offer).await;
        }
        let filters = Filters { refuse_seconds: Some(REFUSE_SECONDS) };
        self.client.launch(vec![offer.id], tasks, filters).await?;
        Ok(())
    }

    async fn decline(&self, offer: Offer) -> Result<()> {
        let filters = Filters { refuse_seconds: Some(REFUSE_SECONDS) };
        self.client.decline(vec![offer.id], filters).await?;
        Ok(())
    }

    fn update(&mut self, status: &TaskStatus) -> Result<()> {
        println!("Task {} is in state {}", status.task_id.value, status.state().as_str_name());
        self.progress.update(status)
    }
}
