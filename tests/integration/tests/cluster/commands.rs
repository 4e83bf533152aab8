// SPDX-License-Identifier: Apache-2.0

//! Command tasks from launch to end.

use anyhow::Result;
use mesos_client::v1::{
    CommandInfo, DurationInfo, Environment, TaskState, environment::Variable, task_status,
};
use mesos_integration::{Cluster, TestFramework, command, get_json, task, until};

#[tokio::test]
async fn a_command_task_runs_and_finishes() -> Result<()> {
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    let offer = framework.launch(vec![task("t", command("echo out; echo err >&2"))]).await?;
    let finished = framework.wait_for("t", &[TaskState::TaskFinished]).await?;
    assert_eq!(
        framework.states_of("t"),
        [TaskState::TaskStarting, TaskState::TaskRunning, TaskState::TaskFinished]
    );
    assert_eq!(finished.message.as_deref(), Some("Command exited with status 0"));
    assert_eq!(finished.source(), task_status::Source::Executor);
    assert_eq!(finished.agent_id, Some(offer.agent_id));
    assert!(cluster.sandbox_file("t", "stdout")?.contains("out"));
    assert!(cluster.sandbox_file("t", "stderr")?.contains("err"));
    Ok(())
}

#[tokio::test]
async fn the_exit_of_a_command_is_told_as_it_was() -> Result<()> {
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    let missing = CommandInfo {
        shell: Some(false),
        value: Some("/nonexistent/binary".into()),
        arguments: vec!["x".into()],
        ..Default::default()
    };
    framework
        .launch(vec![
            task("status", command("exit 7")),
            task("signal", command("kill -SEGV $$")),
            task("missing-shell", command("no-such-command-here")),
            task("missing-exec", missing),
        ])
        .await?;
    for (id, message) in [
        ("status", "Command exited with status 7"),
        ("signal", "Command terminated with signal Segmentation fault"),
        ("missing-shell", "Command exited with status 127"),
    ] {
        let failed = framework.wait_for(id, &[TaskState::TaskFailed]).await?;
        assert_eq!(failed.message.as_deref(), Some(message), "{id}");
        assert_eq!(failed.source(), task_status::Source::Executor, "{id}");
    }
    let failed = framework.wait_for("missing-exec", &[TaskState::TaskFailed]).await?;
    assert!(failed.message.is_some_and(|message| !message.is_empty()));
    Ok(())
}

#[tokio::test]
async fn a_task_gets_its_environment_and_sandbox() -> Result<()> {
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    let variable = Variable {
        name: "GREETING".into(),
        value: Some("hello world".into()),
        ..Default::default()
    };
    let command = CommandInfo {
        environment: Some(Environment { variables: vec![variable] }),
        ..command("echo $GREETING; test \"$(pwd -P)\" = \"$(cd $MESOS_SANDBOX && pwd -P)\"")
    };
    framework.launch(vec![task("t", command)]).await?;
    framework.wait_for("t", &[TaskState::TaskFinished]).await?;
    assert!(cluster.sandbox_file("t", "stdout")?.contains("hello world"));
    Ok(())
}

#[tokio::test]
async fn a_task_that_takes_too_long_fails_with_that_reason() -> Result<()> {
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    let mut task = task("t", command("sleep 1000"));
    task.max_completion_time = Some(DurationInfo { nanoseconds: 300_000_000 });
    framework.launch(vec![task]).await?;
    let failed = framework.wait_for("t", &[TaskState::TaskFailed]).await?;
    assert_eq!(failed.reason(), task_status::Reason::MaxCompletionTimeReached);
    assert_eq!(failed.message.as_deref(), Some("Command terminated with signal Terminated"));
    Ok(())
}

#[tokio::test]
async fn many_tasks_run_side_by_side_and_their_resources_come_back() -> Result<()> {
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    let ids: Vec<String> = (0..20).map(|number| format!("t-{number}")).collect();
    framework.launch(ids.iter().map(|id| task(id, command("true"))).collect()).await?;
    for id in &ids {
        framework.wait_for(id, &[TaskState::TaskFinished]).await?;
    }
    until("the resources to be free again", async || {
        let state = get_json(cluster.master.address(), "/state").await.ok()?;
        let used = state["slaves"][0]["used_resources"]["cpus"].as_f64()?;
        (used == 0.0).then_some(())
    })
    .await
}
