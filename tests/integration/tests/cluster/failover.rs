// SPDX-License-Identifier: Apache-2.0

//! Schedulers that come and go.

use anyhow::Result;
use mesos_client::{
    ErrorKind,
    v1::{FrameworkInfo, TaskState, task_status},
};
use mesos_integration::{Cluster, TestFramework, command, running, task};

#[tokio::test]
async fn a_second_scheduler_takes_over_the_framework_and_its_tasks() -> Result<()> {
    let cluster = Cluster::start().await?;
    let info = TestFramework::checkpointing_info();
    let mut first = TestFramework::subscribe(cluster.master.address(), info.clone()).await?;
    first.launch(vec![task("t", command("sleep 100041"))]).await?;
    first.wait_for("t", &[TaskState::TaskRunning]).await?;

    let info = FrameworkInfo { id: Some(first.id.clone()), ..info };
    let mut second = TestFramework::subscribe(cluster.master.address(), info).await?;
    assert_eq!(second.id, first.id);
    assert_eq!(first.ended_with().await?.kind, ErrorKind::FailedOver);

    second.client.reconcile(Vec::new()).await?;
    let status = second.wait_for("t", &[TaskState::TaskRunning]).await?;
    assert_eq!(status.reason(), task_status::Reason::Reconciliation);
    second.kill("t").await?;
    second.wait_for("t", &[TaskState::TaskKilled]).await?;
    Ok(())
}

#[tokio::test]
async fn a_framework_that_was_torn_down_cannot_come_back() -> Result<()> {
    let cluster = Cluster::start().await?;
    let info = TestFramework::info();
    let first = TestFramework::subscribe(cluster.master.address(), info.clone()).await?;
    first.client.stop().await?;
    let info = FrameworkInfo { id: Some(first.id.clone()), ..info };
    let error = match TestFramework::subscribe(cluster.master.address(), info).await {
        Ok(_) => panic!("a removed framework has subscribed"),
        Err(error) => error.downcast::<mesos_client::Error>()?,
    };
    assert_eq!(error.kind, ErrorKind::FrameworkRemoved);
    Ok(())
}

#[tokio::test]
async fn without_checkpointing_the_tasks_are_lost_with_their_agent() -> Result<()> {
    let mut cluster = Cluster::start().await?;
    let info = FrameworkInfo { capabilities: Vec::new(), ..TestFramework::info() };
    let mut framework = TestFramework::subscribe(cluster.master.address(), info).await?;
    framework.launch(vec![task("t", command("exec sleep 100042"))]).await?;
    framework.wait_for("t", &[TaskState::TaskRunning]).await?;

    cluster.agents[0].kill()?;
    let lost = framework.wait_for("t", &[TaskState::TaskLost]).await?;
    assert_eq!(lost.source(), task_status::Source::Master);
    assert_eq!(lost.reason(), task_status::Reason::AgentDisconnected);
    assert_eq!(lost.message.as_deref(), Some("Agent 127.0.0.1 disconnected"));

    cluster.agents[0].start_again().await?;
    cluster.wait_for_agents().await?;
    mesos_integration::until("the task to be gone", async || {
        running("sleep 100042").is_empty().then_some(())
    })
    .await
}
