// SPDX-License-Identifier: Apache-2.0

//! A real agent with real containers, and a master that does what the test says.

#![allow(clippy::unwrap_used, reason = "a failure is to end the test")]

mod master;
mod setup;

use std::path::Path;

use http::{Method, StatusCode, header};
use master::{AGENT, FRAMEWORK, Master, framework, get, request, task};
use mesos_agent::Agent;
use mesos_proto::{
    internal::{KillTaskMessage, UnregisterSlaveMessage},
    v1::{FrameworkId, TaskId, TaskState},
};
use setup::flags;

fn sandbox(root: &Path, executor: &str) -> std::path::PathBuf {
    let framework = root.join("work/slaves").join(AGENT).join("frameworks").join(FRAMEWORK);
    framework.join("executors").join(executor).join("runs/latest")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_runs_from_offer_to_end() {
    let root = tempfile::tempdir().unwrap();
    let mut master = Master::start().await;
    let agent = Agent::start(flags(&master, root.path(), &[])).await.unwrap();
    let pid = master.register().await;
    master.run_task(&pid, framework(false), task("t", "echo hi"));
    let mut states = Vec::new();
    for _ in 0..3 {
        let status = master.status(&pid).await;
        states.push((status.state(), status.message.unwrap_or_default()));
    }
    assert_eq!(
        states,
        [
            (TaskState::TaskStarting, String::new()),
            (TaskState::TaskRunning, String::new()),
            (TaskState::TaskFinished, "Command exited with status 0".to_owned()),
        ]
    );
    let output = std::fs::read_to_string(sandbox(root.path(), "t").join("stdout")).unwrap();
    assert_eq!(output, "hi\n");
    let state = get(agent.address(), "/state").await;
    assert_eq!(state["id"], AGENT);
    assert_eq!(state["resources"]["ports"], "[31000-32000]");
    assert_eq!(state["flags"]["port"], "0");
    let metrics = get(agent.address(), "/metrics/snapshot").await;
    assert_eq!(metrics["slave/tasks_finished"], 1.0);
    assert_eq!(metrics["slave/registered"], 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_task_is_shown_and_killed() {
    let root = tempfile::tempdir().unwrap();
    let mut master = Master::start().await;
    let agent = Agent::start(flags(&master, root.path(), &[])).await.unwrap();
    let pid = master.register().await;
    master.run_task(&pid, framework(false), task("t", "sleep 1000"));
    assert_eq!(master.status(&pid).await.state(), TaskState::TaskStarting);
    assert_eq!(master.status(&pid).await.state(), TaskState::TaskRunning);
    let state = get(agent.address(), "/slave(1)/state").await;
    let executor = &state["frameworks"][0]["executors"][0];
    assert_eq!(executor["tasks"][0]["state"], "TASK_RUNNING");
    assert_eq!(executor["resources"]["cpus"], 0.2);
    let statistics = get(agent.address(), "/monitor/statistics").await;
    assert_eq!(statistics[0]["executor_id"], "t");
    assert!(statistics[0]["statistics"]["mem_rss_bytes"].as_u64().unwrap() > 0);
    master.send(
        &pid,
        &KillTaskMessage {
            framework_id: FrameworkId { value: FRAMEWORK.to_owned() },
            task_id: TaskId { value: "t".to_owned() },
            kill_policy: None,
        },
    );
    let status = master.status(&pid).await;
    assert_eq!(status.state(), TaskState::TaskKilled);
    assert_eq!(status.message.unwrap(), "Command terminated with signal Terminated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpointed_task_survives_the_agent() {
    let root = tempfile::tempdir().unwrap();
    let mut master = Master::start().await;
    // The port is part of what an agent must keep over a restart.
    let agent = Agent::start(flags(&master, root.path(), &[])).await.unwrap();
    let port = format!("--port={}", agent.address().port());
    let pid = master.register().await;
    let script = "while ! test -e go; do sleep 0.01; done; exit 3";
    master.run_task(&pid, framework(true), task("t", script));
    assert_eq!(master.status(&pid).await.state(), TaskState::TaskStarting);
    assert_eq!(master.status(&pid).await.state(), TaskState::TaskRunning);
    drop(agent);

    let port = [port.as_str(), "--reconfiguration_policy=additive"];
    let port = &port[..];
    let _agent = start_again(&master, root.path(), port).await;
    let (pid, message) = master.reregister().await;
    assert_eq!(message.tasks.len(), 1);
    std::fs::write(sandbox(root.path(), "t").join("go"), "").unwrap();
    let mut status = master.status(&pid).await;
    if status.state() == TaskState::TaskRunning {
        // The agent ended before it had taken note of the acknowledgement.
        status = master.status(&pid).await;
    }
    assert_eq!(status.state(), TaskState::TaskFailed);
    assert_eq!(status.message.unwrap(), "Command exited with status 3");
}

/// The old agent's socket may take a moment to close.
async fn start_again(master: &Master, root: &Path, port: &[&str]) -> Agent {
    let deadline = tokio::time::Instant::now() + master::DEADLINE;
    loop {
        match Agent::start(flags(master, root, port)).await {
            Ok(agent) => return agent,
            Err(error) => assert!(tokio::time::Instant::now() < deadline, "{error}"),
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_told_to_leave_unregisters_and_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let mut master = Master::start().await;
    let mut agent = Agent::start(flags(&master, root.path(), &[])).await.unwrap();
    let pid = master.register().await;
    master.run_task(&pid, framework(false), task("t", "trap '' TERM; sleep 1000"));
    assert_eq!(master.status(&pid).await.state(), TaskState::TaskStarting);
    assert_eq!(master.status(&pid).await.state(), TaskState::TaskRunning);
    agent.shut_down("Received SIGUSR1").await;
    let (_, message) = master.expect::<UnregisterSlaveMessage>().await;
    assert_eq!(message.agent_id.value, AGENT);
    let exit = tokio::time::timeout(master::DEADLINE, agent.ended()).await.unwrap();
    assert!(!exit.failed, "{}", exit.reason);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_executor_api_answers_as_recorded() {
    let root = tempfile::tempdir().unwrap();
    let mut master = Master::start().await;
    let agent = Agent::start(flags(&master, root.path(), &[])).await.unwrap();
    master.register().await;
    let json = (header::CONTENT_TYPE, "application/json".parse().unwrap());
    let path = "/slave(1)/api/v1/executor";
    let subscribe = r#"{"type":"SUBSCRIBE","executor_id":{"value":"e"},
        "framework_id":{"value":"f"},"subscribe":{}}"#;
    let cases = [
        (
            Method::GET,
            path,
            vec![],
            "",
            405,
            "405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'.",
        ),
        (Method::POST, path, vec![json.clone()], subscribe, 400, "Framework cannot be found"),
        (Method::POST, path, vec![], subscribe, 400, "Expecting 'Content-Type' to be present"),
        (
            Method::POST,
            "/api/v1/executor/x",
            vec![json.clone()],
            subscribe,
            400,
            "Framework cannot be found",
        ),
        (
            Method::POST,
            "/slave/api/v1/executor",
            vec![json.clone()],
            subscribe,
            404,
            "404 Not Found.",
        ),
        (
            Method::POST,
            path,
            vec![json],
            "{",
            400,
            "Failed to parse body into JSON: syntax error at line 1 near: ",
        ),
    ];
    for (method, path, headers, body, status, text) in cases {
        let answer = request(agent.address(), method.clone(), path, &headers, body).await;
        let expected = (StatusCode::from_u16(status).unwrap(), text.to_owned());
        assert_eq!(answer, expected, "{method} {path} {body}");
    }
}

fn members(value: &serde_json::Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_have_the_members_of_mesos() {
    let root = tempfile::tempdir().unwrap();
    let mut master = Master::start().await;
    let more = ["--attributes=rack:r1;size:4"];
    let mut agent = Agent::start(flags(&master, root.path(), &more)).await.unwrap();
    let pid = master.register().await;
    master.run_task(&pid, framework(false), task("t", "sleep 1000"));
    master.status(&pid).await;
    assert_eq!(master.status(&pid).await.state(), TaskState::TaskRunning);
    let state = get(agent.address(), "/state").await;
    let header = "version build_date build_time build_user start_time id pid hostname \
                  capabilities resources reserved_resources unreserved_resources \
                  reserved_resources_full unreserved_resources_full \
                  reserved_resources_allocated unreserved_resources_allocated \
                  resource_providers attributes master_hostname flags frameworks \
                  completed_frameworks";
    let shown: Vec<&str> = members(&state).into_iter().filter(|name| *name != "git_sha").collect();
    assert_eq!(shown, header.split_ascii_whitespace().collect::<Vec<_>>());
    assert_eq!(state["attributes"].to_string(), r#"{"rack":"r1","size":4.0}"#);
    assert_eq!(
        state["unreserved_resources_allocated"].to_string(),
        r#"{"disk":0.0,"mem":64.0,"gpus":0.0,"cpus":0.2}"#
    );
    let executor = &state["frameworks"][0]["executors"][0];
    let expected = "id name source container directory resources role tasks queued_tasks \
                    completed_tasks";
    assert_eq!(members(executor), expected.split_ascii_whitespace().collect::<Vec<_>>());
    assert_eq!(executor["name"], "Command Executor (Task: t) (Command: sh -c 'sleep 1000')");
    let task = &executor["tasks"][0];
    let expected = "id name framework_id executor_id slave_id state resources role statuses";
    let shown: Vec<&str> = members(task).into_iter().filter(|name| *name != "user").collect();
    assert_eq!(shown, expected.split_ascii_whitespace().collect::<Vec<_>>());

    let containers = get(agent.address(), "/slave(1)/containers").await;
    assert_eq!(containers[0]["container_id"], executor["container"]);
    assert!(containers[0]["status"]["executor_pid"].as_u64().unwrap() > 1);
    let none = get(agent.address(), "/containers?container_id=other").await;
    assert_eq!(none, serde_json::json!([]));
    let statistics = get(agent.address(), "/monitor/statistics").await;
    let expected = "executor_id executor_name framework_id source statistics";
    assert_eq!(members(&statistics[0]), expected.split_ascii_whitespace().collect::<Vec<_>>());
    assert_eq!(statistics[0]["statistics"]["mem_limit_bytes"], 64 << 20);
    let version = get(agent.address(), "/version").await;
    assert_eq!(version["version"], "1.11.0");
    let shown = get(agent.address(), "/flags").await;
    assert_eq!(shown["flags"], state["flags"]);
    let (status, body) = request(agent.address(), Method::GET, "/health", &[], "").await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, ""));
    let (status, body) = request(agent.address(), Method::GET, "/monitor", &[], "").await;
    assert_eq!((status, body.as_str()), (StatusCode::NOT_FOUND, "404 Not Found."));
    // As recorded of Mesos, for as long as nobody is to be authorized.
    let (status, body) = request(agent.address(), Method::POST, "/containers", &[], "").await;
    assert_eq!(status, StatusCode::OK, "{body}");
    leave(&mut agent).await;
}

/// Ends the agent with its containers.
async fn leave(agent: &mut Agent) {
    agent.shut_down("Received SIGUSR1").await;
    let exit = tokio::time::timeout(master::DEADLINE, agent.ended()).await.unwrap();
    assert!(!exit.failed, "{}", exit.reason);
}

/// A stream of RecordIO records.
struct Events {
    response: mesos_net::client::Response,
    buffer: Vec<u8>,
}

impl Events {
    async fn subscribe(agent: &Agent, body: String) -> Events {
        let endpoint = agent.address().to_string().parse().unwrap();
        let tls = mesos_net::client::Tls::none();
        let mut connection =
            mesos_net::client::Connection::open(&endpoint, &tls, master::DEADLINE).await.unwrap();
        let json = (header::CONTENT_TYPE, "application/json".parse().unwrap());
        let path = "/api/v1/executor";
        let response = connection.post(path, &[json], body.into()).await.unwrap();
        assert_eq!(response.status, StatusCode::OK);
        Events { response, buffer: Vec::new() }
    }

    async fn next(&mut self) -> serde_json::Value {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let length: usize =
                    std::str::from_utf8(&self.buffer[..end]).unwrap().parse().unwrap();
                if self.buffer.len() > end + length {
                    let record = self.buffer.drain(..=end + length).skip(end + 1);
                    return serde_json::from_slice(&record.collect::<Vec<u8>>()).unwrap();
                }
            }
            let chunk = tokio::time::timeout(master::DEADLINE, self.response.chunk()).await;
            self.buffer.extend(chunk.unwrap().unwrap().expect("the stream goes on"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_custom_executor_subscribes_runs_a_task_and_is_shut_down() {
    let root = tempfile::tempdir().unwrap();
    let mut master = Master::start().await;
    let mut agent = Agent::start(flags(&master, root.path(), &[])).await.unwrap();
    let pid = master.register().await;
    let mut task = task("t", "unused");
    task.command = None;
    task.executor = Some(mesos_proto::v1::ExecutorInfo {
        executor_id: mesos_proto::v1::ExecutorId { value: "ex".to_owned() },
        framework_id: Some(FrameworkId { value: FRAMEWORK.to_owned() }),
        command: Some(mesos_proto::v1::CommandInfo {
            value: Some("sleep 1000".to_owned()),
            ..mesos_proto::v1::CommandInfo::default()
        }),
        ..mesos_proto::v1::ExecutorInfo::default()
    });
    master.run_task(&pid, framework(false), task);
    let call = |rest: &str| {
        format!(
            r#"{{"executor_id":{{"value":"ex"}},"framework_id":{{"value":"{FRAMEWORK}"}},{rest}}}"#
        )
    };
    let state = || async { get(agent.address(), "/state").await };
    let deadline = tokio::time::Instant::now() + master::DEADLINE;
    while state().await["frameworks"][0]["executors"][0]["id"] != "ex" {
        assert!(tokio::time::Instant::now() < deadline, "the executor never came");
    }
    let subscribe = call(r#""type":"SUBSCRIBE","subscribe":{}"#);
    let mut events = Events::subscribe(&agent, subscribe).await;
    let subscribed = events.next().await;
    assert_eq!(subscribed["type"], "SUBSCRIBED");
    assert_eq!(subscribed["subscribed"]["executor_info"]["executor_id"]["value"], "ex");
    let launch = events.next().await;
    assert_eq!(launch["launch"]["task"]["task_id"]["value"], "t");

    let update = call(
        r#""type":"UPDATE","update":{"status":{"task_id":{"value":"t"},"state":"TASK_RUNNING",
           "source":"SOURCE_EXECUTOR","uuid":"fkG5EhZuQb28pwUcLBmH7w=="}}"#,
    );
    let json = (header::CONTENT_TYPE, "application/json".parse().unwrap());
    let update: &'static str = update.leak();
    let (status, body) =
        request(agent.address(), Method::POST, "/api/v1/executor", &[json], update).await;
    assert_eq!((status, body.as_str()), (StatusCode::ACCEPTED, ""));
    assert_eq!(master.status(&pid).await.state(), TaskState::TaskRunning);
    let acknowledged = events.next().await;
    assert_eq!(acknowledged["type"], "ACKNOWLEDGED");
    assert_eq!(acknowledged["acknowledged"]["uuid"], "fkG5EhZuQb28pwUcLBmH7w==");

    agent.shut_down("Received SIGUSR1").await;
    assert_eq!(events.next().await["type"], "SHUTDOWN");
    let exit = tokio::time::timeout(master::DEADLINE, agent.ended()).await.unwrap();
    assert!(!exit.failed, "{}", exit.reason);
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_that_cannot_be_honoured_stop_the_agent() {
    let root = tempfile::tempdir().unwrap();
    let master = Master::start().await;
    for (flag, words) in [
        ("--isolation=cgroups/mem", "'cgroups/mem' is not available"),
        ("--image_providers=docker", "container images are not available yet"),
        ("--authenticate_http_readonly", "would protect nothing"),
        ("--executor_reregistration_timeout=16secs", "at most 15secs"),
        ("--gc_disk_headroom=2", "from 0 to 1"),
    ] {
        let error = match Agent::start(flags(&master, root.path(), &[flag])).await {
            Ok(_) => panic!("{flag} was taken"),
            Err(error) => error.to_string(),
        };
        assert!(error.contains(words), "{flag}: {error}");
    }
}
