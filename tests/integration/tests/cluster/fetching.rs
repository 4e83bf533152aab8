// SPDX-License-Identifier: Apache-2.0

//! What is brought into a sandbox before a task starts.

use std::{fs, process::Command};

use anyhow::{Result, ensure};
use mesos_client::v1::{TaskState, command_info::Uri, task_status};
use mesos_integration::{Cluster, TestFramework, command, task, with_uri};

#[tokio::test]
async fn files_come_by_http_and_from_disk_renamed_and_executable() -> Result<()> {
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    let script = cluster.folder().join("script.sh");
    fs::write(&script, "#!/bin/sh\necho fetched and run\n")?;
    let by_http = Uri {
        value: format!("http://{}/version", cluster.master.address()),
        output_file: Some("got/version.json".into()),
        ..Default::default()
    };
    let from_disk = Uri {
        value: format!("file://{}", script.display()),
        executable: Some(true),
        ..Default::default()
    };
    let command = command("grep -q version got/version.json && ./script.sh");
    let command = with_uri(with_uri(command, by_http), from_disk);
    framework.launch(vec![task("t", command)]).await?;
    framework.wait_for("t", &[TaskState::TaskFinished]).await?;
    assert!(cluster.sandbox_file("t", "stdout")?.contains("fetched and run"));
    Ok(())
}

#[tokio::test]
async fn archives_are_unpacked() -> Result<()> {
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    let folder = cluster.folder().join("packed");
    fs::create_dir_all(folder.join("inner"))?;
    fs::write(folder.join("inner/file"), "in the archive")?;
    let archive = cluster.folder().join("archive.tar.gz");
    let status = Command::new("tar")
        .arg("-czf")
        .arg(&archive)
        .arg("-C")
        .arg(&folder)
        .arg("inner")
        .status()?;
    ensure!(status.success());
    let uri = Uri { value: archive.display().to_string(), ..Default::default() };
    framework.launch(vec![task("t", with_uri(command("cat inner/file"), uri))]).await?;
    framework.wait_for("t", &[TaskState::TaskFinished]).await?;
    assert!(cluster.sandbox_file("t", "stdout")?.contains("in the archive"));
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_fetched_fails_the_task_with_the_reason() -> Result<()> {
    let cluster = Cluster::start().await?;
    let mut framework =
        TestFramework::subscribe(cluster.master.address(), TestFramework::info()).await?;
    let uri =
        Uri { value: format!("http://{}/nope", cluster.master.address()), ..Default::default() };
    framework.launch(vec![task("t", with_uri(command("true"), uri))]).await?;
    let failed = framework.wait_for("t", &[TaskState::TaskFailed]).await?;
    assert_eq!(failed.source(), task_status::Source::Agent);
    assert_eq!(failed.reason(), task_status::Reason::ContainerLaunchFailed);
    let message = failed.message.unwrap_or_default();
    assert!(
        message.starts_with("Failed to launch container: Failed to fetch all URIs for container '"),
        "{message}"
    );
    Ok(())
}
