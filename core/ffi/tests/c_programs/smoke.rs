// SPDX-License-Identifier: Apache-2.0

//! A framework and its executor in C.

use std::process::Command;

use mesos_integration::{
    Cluster,
    program::{run, text},
};

use crate::compile::{Program, compile};

/// Runs the scheduler of `program` by `runner` against a cluster of its own.
async fn smoke(program: &Program, runner: &[&str]) {
    let cluster = Cluster::start().await.unwrap();
    let mut words = runner.to_vec();
    let path = program.path.to_str().unwrap();
    words.push(path);
    let master = cluster.master.address();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).args(["scheduler", master, path]);
    command.env("ASAN_OPTIONS", "detect_leaks=1:exitcode=99");
    let output = tokio::task::spawn_blocking(move || run(&mut command)).await.unwrap();
    assert!(output.status.success(), "{}\n{}", text(&output), cluster.master.log_text());
}

#[tokio::test]
async fn a_framework_in_c_runs_its_task_under_address_sanitizer() {
    let program = compile("smoke", &["-fsanitize=address", "-fno-omit-frame-pointer"]);
    smoke(&program, &[]).await;
}

#[tokio::test]
async fn a_framework_in_c_runs_its_task_under_valgrind() {
    let there = Command::new("valgrind").arg("--version").output().is_ok();
    if !there {
        eprintln!("skipped: valgrind is not there (apt-get install valgrind)");
        return;
    }
    let program = compile("smoke", &[]);
    let options = [
        "valgrind",
        "--quiet",
        "--error-exitcode=99",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite",
        "--num-callers=30",
    ];
    smoke(&program, &options).await;
}
