// SPDX-License-Identifier: Apache-2.0

//! The programs that a user starts first.

use std::process::Output;

use anyhow::{Context, Result};
use mesos_integration::{Cluster, DEADLINE, binary, free_ports, get_json, mentioning, until};
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

#[tokio::test]
async fn mesos_local_is_a_whole_cluster() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let port = free_ports(3)?;
    let address = format!("127.0.0.1:{port}");
    let mut local = std::process::Command::new(binary("mesos-local")?)
        .args(["--num_agents=2".to_owned(), format!("--port={port}")])
        .arg(format!("--work_dir={}", folder.path().display()))
        .env("MESOS_RESOURCES", "cpus:1;mem:256")
        .stderr(std::process::Stdio::null())
        .spawn()?;
    let result = async {
        until("both agents to be registered", async || {
            let state = get_json(&address, "/state").await.ok()?;
            (state["activated_slaves"].as_f64()? >= 2.0).then_some(())
        })
        .await?;
        let master = format!("--master={address}");
        let arguments = [&*master, "--name=t", "--command=true", "--resources=cpus:1;mem:128"];
        let output = run("mesos-execute", &arguments).await?;
        assert!(output.status.success(), "{}", text(&output));
        anyhow::Ok(())
    }
    .await;
    let pid = nix::unistd::Pid::from_raw(i32::try_from(local.id())?);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM)?;
    let ended = until("its end", async || local.try_wait().ok().flatten()).await;
    if ended.is_err() {
        local.kill()?;
    }
    result?;
    assert!(ended?.success());
    Ok(())
}

#[tokio::test]
async fn a_cluster_for_one_process_leaves_nothing_behind_when_that_is_gone() -> Result<()> {
    use std::io::BufRead;

    let temporary = tempfile::tempdir()?;
    let mut local = std::process::Command::new(binary("mesos-local")?)
        .args(["--ephemeral", "--num_agents=2"])
        .env("TMPDIR", temporary.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()?;
    let result = async {
        let stdout = local.stdout.take().context("its output")?;
        let mut address = String::new();
        std::io::BufReader::new(stdout).read_line(&mut address)?;
        let address = address.trim_end();
        until("both agents to be registered", async || {
            let state = get_json(address, "/state").await.ok()?;
            (state["activated_slaves"].as_f64()? >= 2.0).then_some(())
        })
        .await
    }
    .await;
    // As when the process that holds the other end is killed.
    drop(local.stdin.take());
    let ended = until("its end", async || local.try_wait().ok().flatten()).await;
    if ended.is_err() {
        local.kill()?;
    }
    result?;
    assert!(ended?.success());
    assert_eq!(std::fs::read_dir(temporary.path())?.count(), 0);
    Ok(())
}

#[tokio::test]
async fn hello_prints_what_its_task_has_said() -> Result<()> {
    let cluster = Cluster::start().await?;
    let output = run("hello", &[cluster.master.address()]).await?;
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "Hello, Mesos\n");
    Ok(())
}
