// SPDX-License-Identifier: Apache-2.0

//! One offer, one command, its output: `hello MASTER`.

#![allow(clippy::print_stdout, reason = "it tells the user what happens")]
#![allow(clippy::wildcard_enum_match_arm, reason = "what comes besides need not be known here")]

mod sandbox;

use anyhow::{Context, Result, bail};
use mesos_client::{
    Resources, SchedulerClient, SchedulerEvent,
    v1::{CommandInfo, Filters, FrameworkInfo, Offer, TaskId, TaskInfo, TaskState},
};

const TASK: &str = "hello";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let master = std::env::args().nth(1).context("usage: hello MASTER")?;
    let framework = FrameworkInfo { name: "hello (Rust)".into(), ..Default::default() };
    let needed = Resources::parse("cpus:0.1;mem:32", "*")?;
    let (client, mut events) = SchedulerClient::builder(&master, framework).start()?;
    let mut framework = String::new();
    let mut agent = None;
    while let Some(event) = events.next().await? {
        match event {
            SchedulerEvent::Subscribed { framework_id, .. } => framework = framework_id.value,
            SchedulerEvent::Offers(offers) => {
                for offer in offers {
                    if agent.is_some() || !fits(&offer, &needed) {
                        client.decline(vec![offer.id], Filters::default()).await?;
                        continue;
                    }
                    agent = Some(address(&offer)?);
                    let task = task(&offer, &needed);
                    client.launch(vec![offer.id], vec![task], Filters::default()).await?;
                }
            }
            SchedulerEvent::Update(status) => match status.state() {
                TaskState::TaskStaging | TaskState::TaskStarting | TaskState::TaskRunning => {}
                TaskState::TaskFinished => {
                    let agent = agent.take().context("no task was launched")?;
                    print!("{}", sandbox::output_of(&agent, &framework, TASK)?);
                    client.stop().await?;
                    return Ok(());
                }
                other => bail!("the task is {}: {}", other.as_str_name(), status.message()),
            },
            _ => {}
        }
    }
    bail!("the framework has ended before its task")
}

fn fits(offer: &Offer, needed: &Resources) -> bool {
    Resources::from_proto(&offer.resources).unallocated().contains(needed)
}

/// Where the agent of an offer listens.
fn address(offer: &Offer) -> Result<String> {
    let address = offer.url.as_ref().map(|url| &url.address).context("the offer has no URL")?;
    Ok(format!("{}:{}", address.ip(), address.port))
}

fn task(offer: &Offer, needed: &Resources) -> TaskInfo {
    TaskInfo {
        name: TASK.into(),
        task_id: TaskId { value: TASK.into() },
        agent_id: offer.agent_id.clone(),
        resources: needed.to_proto(),
        command: Some(CommandInfo {
            value: Some("echo Hello, Mesos".into()),
            ..Default::default()
        }),
        ..Default::default()
    }
}
