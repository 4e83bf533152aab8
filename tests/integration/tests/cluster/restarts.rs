// SPDX-License-Identifier: Apache-2.0

//! Tasks outlive the daemons, and what ends meanwhile is told.

use anyhow::Result;
use mesos_client::{
    SchedulerEvent,
    v1::{TaskState, task_status},
};
use mesos_integration::{
    Cluster, ClusterBuilder, TestFramework, command, mentioning, running, task, until,
};
use nix::{sys::signal::Signal, unistd::Pid};

/// The processes of a command that a task runs; TASK_RUNNING may come before it does.
async fn started(command: &str) -> Result<Vec<Pid>> {
    until("the command to run", async || {
        let processes = running(command);
        (!processes.is_empty()).then_some(processes)
    })
    .await
}

#[tokio::test]
async fn a_task_survives_a_restart_of_the_master() -> Result<()> {
    let mut cluster = ClusterBuilder::new()
        .master_flag("--agent_ping_timeout=1secs")
        .master_flag("--max_agent_ping_timeouts=3")
        .start()
        .await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::checkpointing_info())
            .await?;
    framework.launch(vec![task("t", command("sleep 100011"))]).await?;
    framework.wait_for("t", &[TaskState::TaskRunning]).await?;
    let processes = started("sleep 100011").await?;

    cluster.master.kill()?;
    cluster.master.start_again().await?;
    let event = framework.other().await?;
    assert!(matches!(event, SchedulerEvent::Disconnected { .. }), "{event:?}");
    let SchedulerEvent::Subscribed { framework_id, again, .. } = framework.other().await? else {
        panic!("the framework subscribes again");
    };
    assert_eq!((framework_id, again), (framework.id.clone(), true));
    cluster.wait_for_agents().await?;
    assert_eq!(running("sleep 100011"), processes, "the task was not touched");

    framework.kill("t").await?;
    let killed = framework.wait_for("t", &[TaskState::TaskKilled]).await?;
    assert_eq!(killed.source(), task_status::Source::Executor);
    // And the cluster is as good as before.
    framework.launch(vec![task("u", command("true"))]).await?;
    framework.wait_for("u", &[TaskState::TaskFinished]).await?;
    Ok(())
}

#[tokio::test]
async fn a_task_survives_a_killed_agent() -> Result<()> {
    let mut cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::checkpointing_info())
            .await?;
    framework.launch(vec![task("t", command("sleep 100012"))]).await?;
    let before = framework.wait_for("t", &[TaskState::TaskRunning]).await?;
    let processes = started("sleep 100012").await?;

    cluster.agents[0].kill()?;
    cluster.agents[0].start_again().await?;
    cluster.wait_for_agents().await?;
    assert_eq!(running("sleep 100012"), processes, "the task was not touched");

    framework.kill("t").await?;
    let killed = framework.wait_for("t", &[TaskState::TaskKilled]).await?;
    assert_eq!(killed.source(), task_status::Source::Executor);
    assert_eq!(killed.agent_id, before.agent_id, "the agent kept its id");
    until("the task to be gone", async || mentioning("sleep 100012").is_empty().then_some(())).await
}

#[tokio::test]
async fn the_end_of_a_task_while_its_agent_is_away_is_not_lost() -> Result<()> {
    let mut cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::checkpointing_info())
            .await?;
    let go = cluster.folder().join("go");
    let text = format!("until test -e {}; do sleep 0.05; done; exit 7", go.display());
    framework.launch(vec![task("t", command(&text))]).await?;
    framework.wait_for("t", &[TaskState::TaskRunning]).await?;

    cluster.agents[0].kill()?;
    std::fs::write(&go, "")?;
    let marker = go.display().to_string();
    until("the task to end", async || mentioning(&marker).is_empty().then_some(())).await?;
    cluster.agents[0].start_again().await?;

    let failed = framework.wait_for("t", &[TaskState::TaskFailed]).await?;
    assert_eq!(failed.message.as_deref(), Some("Command exited with status 7"));
    Ok(())
}

#[tokio::test]
async fn an_agent_that_is_told_to_shut_down_ends_its_tasks() -> Result<()> {
    let mut cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    framework.launch(vec![task("t", command("sleep 100013"))]).await?;
    framework.wait_for("t", &[TaskState::TaskRunning]).await?;
    cluster.agents[0].signal(Signal::SIGUSR1)?;
    cluster.agents[0].ended().await?;
    framework
        .wait_for("t", &[TaskState::TaskLost, TaskState::TaskGone, TaskState::TaskKilled])
        .await?;
    until("the task to be gone", async || mentioning("sleep 100013").is_empty().then_some(())).await
}
