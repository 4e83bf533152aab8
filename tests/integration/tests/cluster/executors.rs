// SPDX-License-Identifier: Apache-2.0

//! Custom executors, with the executor of the test-framework.

use anyhow::{Context, Result};
use mesos_client::{
    Resources, SchedulerEvent,
    v1::{CommandInfo, ExecutorId, ExecutorInfo, TaskInfo, TaskState, task_status},
};
use mesos_integration::{Cluster, ClusterBuilder, TestFramework, binary, command, task, until};

fn executor(command: CommandInfo) -> ExecutorInfo {
    let resources = Resources::parse("cpus:0.1;mem:32", "*").expect("the text is right");
    ExecutorInfo {
        executor_id: ExecutorId { value: "e".into() },
        resources: resources.to_proto(),
        command: Some(command),
        ..Default::default()
    }
}

/// A task of an executor that finishes once its message has come back.
fn echoing(id: &str) -> Result<TaskInfo> {
    let path = binary("test-executor")?.to_str().context("the path is UTF-8")?.to_owned();
    let command = CommandInfo {
        shell: Some(false),
        value: Some(path.clone()),
        arguments: vec![path],
        ..Default::default()
    };
    let mut task = task(id, command.clone());
    task.command = None;
    task.executor = Some(executor(command));
    Ok(task)
}

#[tokio::test]
async fn a_custom_executor_survives_a_killed_agent() -> Result<()> {
    let mut cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::checkpointing_info())
            .await?;
    framework.launch(vec![echoing("t")?]).await?;
    framework.wait_for("t", &[TaskState::TaskRunning]).await?;

    cluster.agents[0].kill()?;
    cluster.agents[0].start_again().await?;
    cluster.wait_for_agents().await?;

    // Messages of before the restart may have been lost; the executor repeats them.
    while !framework.states_of("t").contains(&TaskState::TaskFinished) {
        framework.step("a message, or the end of the task").await?;
        for event in std::mem::take(&mut framework.others) {
            if let SchedulerEvent::Message { agent_id, executor_id, data } = event {
                framework.client.message(agent_id, executor_id, data).await?;
            }
        }
    }
    assert_eq!(framework.states_of("t"), [TaskState::TaskRunning, TaskState::TaskFinished]);
    Ok(())
}

#[tokio::test]
async fn the_executor_ends_when_the_scheduler_shuts_it_down() -> Result<()> {
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    let offer = framework.launch(vec![echoing("t")?]).await?;
    framework.wait_for("t", &[TaskState::TaskRunning]).await?;
    let executor_id = ExecutorId { value: "e".into() };
    framework.client.shutdown_executor(executor_id.clone(), offer.agent_id).await?;
    framework.wait_for("t", &[TaskState::TaskKilled]).await?;
    loop {
        if let SchedulerEvent::ExecutorExited { executor_id: ended, .. } = framework.other().await?
        {
            assert_eq!(ended, executor_id);
            return Ok(());
        }
    }
}

#[tokio::test]
async fn an_executor_that_never_subscribes_fails_its_tasks() -> Result<()> {
    let cluster =
        ClusterBuilder::new().agent_flag("--executor_registration_timeout=5secs").start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    let mut task = task("t", command(""));
    task.command = None;
    task.executor = Some(executor(command("sleep 100031")));
    framework.launch(vec![task]).await?;
    let failed = framework.wait_for("t", &[TaskState::TaskFailed, TaskState::TaskDropped]).await?;
    assert_eq!(failed.reason(), task_status::Reason::ExecutorRegistrationTimeout);
    until("the executor to be gone", async || {
        mesos_integration::running("sleep 100031").is_empty().then_some(())
    })
    .await
}
