// SPDX-License-Identifier: Apache-2.0

//! Executors that speak for others, do not listen, or talk too long: they get a clear
//! answer, and the agent goes on with its work. One that floods has a test of its own,
//! as it looks at the memory of the whole process.

#![allow(clippy::unwrap_used, reason = "a failure is to end the test")]

mod executor;
mod master;
mod setup;

use std::time::{Duration, Instant};

use executor::{Executor, MEGABYTE, message, update};
use http::StatusCode;
use master::{AGENT, FRAMEWORK, Master, framework, get, task};
use mesos_agent::Agent;
use mesos_proto::{
    internal::FrameworkToExecutorMessage,
    v1::{AgentId, ExecutorId, FrameworkId, TaskState},
};
use setup::flags;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Another framework's task runs from its start to its end.
async fn works_for_others(master: &mut Master, pid: &mesos_wire::Upid) {
    let mut other = framework(false);
    other.id = Some(FrameworkId { value: "framework-2".to_owned() });
    let began = Instant::now();
    master.run_task(pid, other, task("other", "true"));
    let mut states = Vec::new();
    while states.len() < 3 {
        states.push(master.status_of("framework-2", pid).await.state());
    }
    let expected = [TaskState::TaskStarting, TaskState::TaskRunning, TaskState::TaskFinished];
    assert_eq!(states, expected);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_cannot_speak_for_the_tasks_of_another_one() {
    let root = tempfile::tempdir().unwrap();
    let mut master = Master::start().await;
    let agent = Agent::start(flags(&master, root.path(), &[])).await.unwrap();
    let pid = master.register().await;
    let mut honest = Executor::start(&mut master, &agent, &pid, ("honest", "mine")).await;
    let mut liar = Executor::start(&mut master, &agent, &pid, ("liar", "its")).await;

    // It is taken, so that the liar does not repeat it for ever, and goes nowhere.
    let mut failed = update("mine", 1, 0);
    failed.update.as_mut().unwrap().status.set_state(TaskState::TaskFailed);
    assert_eq!(liar.call(failed).await, (StatusCode::ACCEPTED, String::new()));
    // An executor that nobody launched is not made up by its name.
    let (status, text) = liar.call_as("nobody", update("its", 2, 0)).await;
    assert_eq!((status, text.as_str()), (StatusCode::BAD_REQUEST, "Executor cannot be found"));

    assert_eq!(honest.call(update("mine", 3, 0)).await.0, StatusCode::ACCEPTED);
    let status = master.status(&pid).await;
    assert_eq!((status.task_id.value.as_str(), status.state()), ("mine", TaskState::TaskRunning));
    works_for_others(&mut master, &pid).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_that_does_not_read_its_stream_is_cut_off() {
    let root = tempfile::tempdir().unwrap();
    let mut master = Master::start().await;
    let agent = Agent::start(flags(&master, root.path(), &[])).await.unwrap();
    let pid = master.register().await;
    let mut deaf = Executor::start(&mut master, &agent, &pid, ("deaf", "t")).await;
    assert_eq!(deaf.call(message(1)).await.0, StatusCode::ACCEPTED);
    let message_of = |bytes: usize| FrameworkToExecutorMessage {
        agent_id: AgentId { value: AGENT.to_owned() },
        framework_id: FrameworkId { value: FRAMEWORK.to_owned() },
        executor_id: ExecutorId { value: "deaf".to_owned() },
        data: vec![0; bytes].into(),
    };
    // What its socket and its stream hold is less.
    for _ in 0..50 {
        master.send(&pid, &message_of(MEGABYTE));
    }
    works_for_others(&mut master, &pid).await;
    // It has lost its stream, and with it what came after.
    let read = tokio::time::timeout(master::DEADLINE, deaf.events.bytes(64 * MEGABYTE));
    if let Ok(bytes) = read.await.expect("the stream has an end") {
        assert!(bytes.len() < 40 * MEGABYTE, "{} bytes came", bytes.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_giant_body_is_refused_before_it_is_sent() {
    let root = tempfile::tempdir().unwrap();
    let mut master = Master::start().await;
    let agent = Agent::start(flags(&master, root.path(), &[])).await.unwrap();
    let pid = master.register().await;
    let mut stream = TcpStream::connect(agent.address()).await.unwrap();
    let head = "POST /api/v1/executor HTTP/1.1\r\nHost: agent\r\n\
                Content-Type: application/x-protobuf\r\nContent-Length: 1073741824\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    tokio::time::timeout(master::DEADLINE, read).await.expect("an answer in time").unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let metrics = get(agent.address(), "/metrics/snapshot").await;
    assert_eq!(metrics["slave/registered"], 1.0);
    works_for_others(&mut master, &pid).await;
}
