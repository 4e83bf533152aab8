// SPDX-License-Identifier: Apache-2.0

//! Ending tasks, and what may not be left behind.

use anyhow::Result;
use mesos_client::v1::{DurationInfo, KillPolicy, TaskState, task_status};
use mesos_integration::{Cluster, TestFramework, command, mentioning, task, until};

/// A command of a duration that no other process has, to find it by.
fn marked(marker: u32) -> String {
    format!("sleep {marker}")
}

async fn nothing_left(marker: u32) -> Result<()> {
    until("every process of the task to be gone", async || {
        mentioning(&marked(marker)).is_empty().then_some(())
    })
    .await
}

#[tokio::test]
async fn a_killed_task_gets_sigterm_first() -> Result<()> {
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    framework.launch(vec![task("t", command(&marked(100_001)))]).await?;
    framework.wait_for("t", &[TaskState::TaskRunning]).await?;
    framework.kill("t").await?;
    let killed = framework.wait_for("t", &[TaskState::TaskKilled]).await?;
    assert_eq!(killed.message.as_deref(), Some("Command terminated with signal Terminated"));
    assert_eq!(killed.source(), task_status::Source::Executor);
    assert!(framework.states_of("t").contains(&TaskState::TaskKilling));
    nothing_left(100_001).await
}

#[tokio::test]
async fn a_task_that_ignores_sigterm_is_killed_after_its_grace_with_all_it_started() -> Result<()> {
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    // One child in a session of its own, one that lost its parent, and one that is plain.
    let text = "trap '' TERM; setsid sleep 100002 & (sleep 100002 &) ; sleep 100002 & \
                while true; do sleep 0.05; done";
    let mut task = task("t", command(text));
    task.kill_policy =
        Some(KillPolicy { grace_period: Some(DurationInfo { nanoseconds: 500_000_000 }) });
    framework.launch(vec![task]).await?;
    framework.wait_for("t", &[TaskState::TaskRunning]).await?;
    until("the task's children", async || (mentioning("sleep 100002").len() >= 3).then_some(()))
        .await?;
    framework.kill("t").await?;
    let killed = framework.wait_for("t", &[TaskState::TaskKilled]).await?;
    assert_eq!(killed.message.as_deref(), Some("Command terminated with signal Killed"));
    nothing_left(100_002).await
}

#[tokio::test]
async fn nothing_is_left_behind_by_a_task_that_ends_by_itself() -> Result<()> {
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    framework.launch(vec![task("t", command("setsid sleep 100003 & exit 0"))]).await?;
    framework.wait_for("t", &[TaskState::TaskFinished]).await?;
    nothing_left(100_003).await
}

#[tokio::test]
async fn tearing_a_framework_down_ends_its_tasks() -> Result<()> {
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    framework.launch(vec![task("t", command(&marked(100_004)))]).await?;
    framework.wait_for("t", &[TaskState::TaskRunning]).await?;
    framework.client.stop().await?;
    nothing_left(100_004).await?;
    until("the framework to be completed", async || {
        let state = cluster.state().await.ok()?;
        let completed = state["completed_frameworks"].as_array()?;
        (completed.len() == 1).then_some(())
    })
    .await
}

#[tokio::test]
async fn a_framework_that_goes_away_without_failover_timeout_loses_its_tasks() -> Result<()> {
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    framework.launch(vec![task("t", command(&marked(100_005)))]).await?;
    framework.wait_for("t", &[TaskState::TaskRunning]).await?;
    framework.client.stop_for_failover().await?;
    nothing_left(100_005).await
}

#[tokio::test]
async fn killing_an_unknown_task_answers_what_is_known_of_it() -> Result<()> {
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    framework.kill("never-launched").await?;
    let status = framework.wait_for("never-launched", &[TaskState::TaskUnknown]).await?;
    assert_eq!(status.source(), task_status::Source::Master);
    assert_eq!(status.uuid, None);
    Ok(())
}
