// SPDX-License-Identifier: Apache-2.0

//! Clients that other people wrote, unmodified.

use std::process::Stdio;

use anyhow::{Context, Result};
use mesos_integration::{Cluster, DEADLINE, python_with};
use tokio::{process::Command, time::timeout};

/// PyMesos, pure Python, with executors of its own.
#[tokio::test]
async fn pymesos_runs_tasks_through_its_executor() -> Result<()> {
    // http-parser's C part does not build with newer Pythons; its Python part does the same.
    let wheels = ["pymesos==0.3.15", "addict==2.4.0", "six==1.17.0"];
    let python = match python_with("pymesos", &wheels, &["http-parser==0.9.0"]) {
        Ok(python) => python,
        Err(error) => {
            eprintln!("skipped: PyMesos cannot be installed here: {error:#}");
            return Ok(());
        }
    };
    let cluster = Cluster::start().await?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/pymesos_scheduler.py");
    let child = Command::new(&python.interpreter)
        .arg(script)
        .arg(cluster.master.address())
        .env("PYTHONPATH", &python.path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output =
        timeout(DEADLINE, child.wait_with_output()).await.context("the scheduler hangs")??;
    let printed = [&output.stdout, &output.stderr]
        .map(|part| String::from_utf8_lossy(part).into_owned())
        .join("\n-- stderr\n");
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("all tasks finished"), "{printed}");
    Ok(())
}
