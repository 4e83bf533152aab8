// SPDX-License-Identifier: Apache-2.0

//! Tasks as other users. These need root, and say so where they are not.

use anyhow::Result;
use mesos_client::v1::{CommandInfo, TaskState, task_status};
use mesos_integration::{Cluster, TestFramework, command, task};

fn is_root() -> bool {
    let root = nix::unistd::geteuid().is_root();
    if !root {
        eprintln!("skipped: switching users needs root");
    }
    root
}

#[tokio::test]
async fn a_user_that_does_not_exist_is_told() -> Result<()> {
    if !is_root() {
        return Ok(());
    }
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    let command = CommandInfo { user: Some("no-such-user".into()), ..command("true") };
    framework.launch(vec![task("t", command)]).await?;
    let dropped = framework.wait_for("t", &[TaskState::TaskDropped]).await?;
    let message = dropped.message.clone().unwrap_or_default();
    assert!(message.ends_with("No such user 'no-such-user'"), "{message}");
    assert_eq!(dropped.source(), task_status::Source::Agent);
    assert_eq!(dropped.reason(), task_status::Reason::ExecutorTerminated);
    Ok(())
}

#[tokio::test]
async fn a_task_runs_as_the_user_it_names_and_owns_its_sandbox() -> Result<()> {
    if !is_root() {
        return Ok(());
    }
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    let command = CommandInfo { user: Some("nobody".into()), ..command("id -un; touch mine") };
    framework.launch(vec![task("t", command)]).await?;
    framework.wait_for("t", &[TaskState::TaskFinished]).await?;
    let output = cluster.sandbox_file("t", "stdout")?;
    assert!(output.lines().any(|line| line == "nobody"), "{output}");
    Ok(())
}
