// SPDX-License-Identifier: Apache-2.0

//! The programs that a user starts first.

use std::process::Output;

use anyhow::{Context, Result};
use mesos_integration::{Cluster, DEADLINE, binary, mentioning, until};
use tokio::{process::Command, time::timeout};

async fn run(program: &str, arguments: &[&str]) -> Result<Output> {
    let mut command = Command::new(binary(program)?);
    command.args(arguments).kill_on_drop(true);
    timeout(DEADLINE, command.output())
        .await
        .with_context(|| format!("{program} hangs"))?
        .with_context(|| format!("starting {program}"))
}

fn text(output: &Output) -> String {
    let parts = [&output.stdout, &output.stderr];
    parts.map(|part| String::from_utf8_lossy(part).into_owned()).join("\n-- stderr\n")
}

#[tokio::test]
async fn the_test_framework_runs_five_tasks_through_its_executor() -> Result<()> {
    let cluster = Cluster::start().await?;
    let master = format!("--master={}", cluster.master.address());
    for content_type in ["protobuf", "json"] {
        let content_type = format!("--content_type={content_type}");
        let output = run("test-framework", &[&master, &content_type]).await?;
        assert!(output.status.success(), "{}", text(&output));
        let expected = "All 5 tasks finished, 5 messages made the round trip";
        assert!(text(&output).contains(expected), "{}", text(&output));
    }
    let folder = cluster.folder().display().to_string();
    until("the executors to be gone", async || {
        let executors = mentioning("test-executor");
        let own = |pid: &nix::unistd::Pid| {
            std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(&folder))
        };
        (!executors.iter().any(own)).then_some(())
    })
    .await
}

#[tokio::test]
async fn mesos_execute_tells_what_becomes_of_a_command() -> Result<()> {
    let cluster = Cluster::start().await?;
    let master = format!("--master={}", cluster.master.address());
    let output = run(
        "mesos-execute",
        &[&master, "--name=good", "--command=test $A = 1", r#"--env={"A": "1"}"#],
    )
    .await?;
    let printed = text(&output);
    assert!(output.status.success(), "{printed}");
    for line in [
        "Subscribed with ID ",
        "Submitted task 'good' to agent '",
        "Received status update TASK_STARTING for task 'good'",
        "Received status update TASK_RUNNING for task 'good'",
        "Received status update TASK_FINISHED for task 'good'\n  \
         message: 'Command exited with status 0'\n  source: SOURCE_EXECUTOR",
    ] {
        assert!(printed.contains(line), "'{line}' is missing:\n{printed}");
    }
    let output =
        run("mesos-execute", &[&master, "--name=bad", "--command=exit 3", "--content_type=json"])
            .await?;
    assert!(!output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("Received status update TASK_FAILED for task 'bad'"));
    Ok(())
}

#[tokio::test]
async fn mesos_execute_kills_its_task_when_told_to() -> Result<()> {
    let cluster = Cluster::start().await?;
    let master = format!("--master={}", cluster.master.address());
    let output = run(
        "mesos-execute",
        &[&master, "--name=t", "--command=sleep 100021", "--kill_after=200ms"],
    )
    .await?;
    assert!(!output.status.success(), "{}", text(&output));
    assert!(text(&output).contains("Received status update TASK_KILLED for task 't'"));
    Ok(())
}
