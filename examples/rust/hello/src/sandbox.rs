// SPDX-License-Identifier: Apache-2.0

//! Where a task's output is, as the agent tells, and what it says.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
};

use anyhow::{Context, Result};
use serde_json::Value;

/// What a command task has printed; for tasks on this machine.
///
/// The agent may not have heard of the task's end yet, so all it knows is searched.
pub fn output_of(agent: &str, framework: &str, task: &str) -> Result<String> {
    let state = state(agent).with_context(|| format!("asking the agent at {agent}"))?;
    let frameworks = both(&state, "frameworks").filter(|it| it["id"] == framework);
    let mut executors = frameworks.flat_map(|it| both(it, "executors"));
    let executor = executors.find(|it| it["id"] == task);
    let directory = executor.and_then(|it| it["directory"].as_str());
    let directory = directory.with_context(|| format!("the agent knows no task {task}"))?;
    let stdout = Path::new(directory).join("stdout");
    fs::read_to_string(&stdout).with_context(|| format!("reading {}", stdout.display()))
}

/// What is listed as `name`, and what as completed.
fn both<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let lists = [of[name].as_array(), of[format!("completed_{name}")].as_array()];
    lists.into_iter().flatten().flatten()
}

/// The agent's `/state`.
fn state(agent: &str) -> Result<Value> {
    let mut connection = TcpStream::connect(agent)?;
    connection.write_all(b"GET /state HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let (_, body) = answer.split_once("\r\n\r\n").context("its answer has no end of headers")?;
    Ok(serde_json::from_str(body)?)
}
