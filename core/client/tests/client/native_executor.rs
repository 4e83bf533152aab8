// SPDX-License-Identifier: Apache-2.0

//! The native executor driver.

use std::{collections::BTreeMap, time::Duration};

use mesos_client::{
    v0::{CallbackResult, Executor, ExecutorDriver, ExecutorDriverBuilder, Status},
    v1::{
        AgentInfo, ExecutorInfo, FrameworkInfo, TaskId, TaskInfo, TaskState, TaskStatus,
        executor::{Call, Event, call, event},
    },
};
use prost::Message;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::spawn_blocking,
    time::timeout,
};

use crate::fake_server::{EventStream, FakeServer, Request};

/// Writes down what it is told; stops when told to shut down.
struct Recorder(UnboundedSender<String>);

impl Executor for Recorder {
    fn registered(
        &mut self,
        _: &ExecutorDriver,
        executor: ExecutorInfo,
        _: FrameworkInfo,
        _: AgentInfo,
    ) -> CallbackResult {
        let _ = self.0.send(format!("registered {}", executor.executor_id.value));
        Ok(())
    }

    fn launch_task(&mut self, driver: &ExecutorDriver, task: TaskInfo) -> CallbackResult {
        let _ = self.0.send(format!("launchTask {}", task.task_id.value));
        let status = TaskStatus {
            task_id: task.task_id,
            state: TaskState::TaskRunning.into(),
            ..Default::default()
        };
        assert_eq!(driver.send_status_update(status), Status::Running);
        Ok(())
    }

    fn shutdown(&mut self, driver: &ExecutorDriver) -> CallbackResult {
        let _ = self.0.send("shutdown".into());
        assert_eq!(driver.stop(), Status::Stopped);
        Ok(())
    }

    fn error(&mut self, driver: &ExecutorDriver, message: &str) -> CallbackResult {
        let _ = self.0.send(format!("error {:?}: {message}", driver.status()));
        Ok(())
    }
}

/// What an agent at `address` would set.
fn variables(address: &str) -> BTreeMap<String, String> {
    [
        ("MESOS_SLAVE_PID", format!("slave(1)@{address}")),
        ("MESOS_SLAVE_ID", "a".into()),
        ("MESOS_FRAMEWORK_ID", "f".into()),
        ("MESOS_EXECUTOR_ID", "e".into()),
        // A test must not kill itself.
        ("MESOS_LOCAL", "1".into()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn builder(address: &str, without: &str) -> (ExecutorDriverBuilder, UnboundedReceiver<String>) {
    let (heard, hearing) = unbounded_channel();
    let mut variables = variables(address);
    variables.remove(without);
    (ExecutorDriver::builder(Recorder(heard)).environment(variables), hearing)
}

async fn next(hearing: &mut UnboundedReceiver<String>) -> String {
    timeout(Duration::from_secs(20), hearing.recv())
        .await
        .expect("a callback comes in time")
        .expect("the executor is there")
}

async fn join(driver: &ExecutorDriver) -> Status {
    let driver = driver.clone();
    let joined = spawn_blocking(move || driver.join());
    timeout(Duration::from_secs(20), joined).await.expect("the driver ends in time").unwrap()
}

fn call_in(request: &Request) -> Call {
    Call::decode(request.body.as_slice()).unwrap()
}

fn send(stream: &EventStream, kind: event::Type, fill: impl FnOnce(&mut Event)) {
    let mut event = Event { r#type: Some(kind.into()), ..Default::default() };
    fill(&mut event);
    stream.send(&event.encode_to_vec());
}

/// A started driver that has been told `registered`.
async fn registered(
    server: &mut FakeServer,
) -> (ExecutorDriver, UnboundedReceiver<String>, EventStream) {
    let (builder, mut hearing) = builder(&server.address, "");
    let driver = builder.build();
    assert_eq!(driver.start(), Status::Running);
    let request = server.request().await;
    assert_eq!(request.path, "/slave(1)/api/v1/executor");
    let stream = request.stream(&[("Content-Type", "application/x-protobuf")]);
    send(&stream, event::Type::Subscribed, |event| {
        let mut subscribed = event::Subscribed::default();
        subscribed.executor_info.executor_id.value = "e".into();
        event.subscribed = Some(subscribed);
    });
    assert_eq!(next(&mut hearing).await, "registered e");
    (driver, hearing, stream)
}

#[tokio::test]
async fn an_executor_launches_reports_and_ends_when_told() {
    let mut server = FakeServer::start().await;
    let (driver, mut hearing, stream) = registered(&mut server).await;
    send(&stream, event::Type::Launch, |event| {
        let task = TaskInfo { task_id: TaskId { value: "t".into() }, ..Default::default() };
        event.launch = Some(event::Launch { task });
    });
    assert_eq!(next(&mut hearing).await, "launchTask t");
    let request = server.request().await;
    let status = call_in(&request).update.unwrap().status;
    assert_eq!(status.agent_id.as_ref().unwrap().value, "a");
    assert_eq!(status.uuid.as_ref().unwrap().len(), 16);
    assert!(status.timestamp.is_some());
    // The stop waits for the agent's answer to what was sent before it.
    send(&stream, event::Type::Shutdown, |_| {});
    assert_eq!(next(&mut hearing).await, "shutdown");
    request.respond(202, &[], "");
    assert_eq!(join(&driver).await, Status::Stopped);
    assert_eq!(hearing.recv().await, None);
}

#[tokio::test]
async fn the_agent_is_the_life_of_an_executor_without_checkpointing() {
    let mut server = FakeServer::start().await;
    let (driver, mut hearing, stream) = registered(&mut server).await;
    stream.hang_up();
    assert_eq!(next(&mut hearing).await, "shutdown");
    assert_eq!(join(&driver).await, Status::Stopped);
}

#[tokio::test]
async fn an_executor_that_does_not_stop_when_told_is_aborted_when_its_grace_is_over() {
    struct Deaf(UnboundedSender<String>);
    impl Executor for Deaf {
        fn shutdown(&mut self, _: &ExecutorDriver) -> CallbackResult {
            let _ = self.0.send("shutdown".into());
            Ok(())
        }
    }
    let mut server = FakeServer::start().await;
    let (heard, mut hearing) = unbounded_channel();
    let mut variables = variables(&server.address);
    variables.insert("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD".into(), "10ms".into());
    let driver = ExecutorDriver::builder(Deaf(heard)).environment(variables).build();
    assert_eq!(driver.start(), Status::Running);
    server.request().await.hang_up();
    assert_eq!(next(&mut hearing).await, "shutdown");
    assert_eq!(join(&driver).await, Status::Aborted);
    assert_eq!(driver.send_framework_message(b"m".to_vec()), Status::Aborted);
}

#[tokio::test]
async fn misuse_aborts_the_executor_and_is_told() {
    let mut server = FakeServer::start().await;
    let (driver, mut hearing, _stream) = registered(&mut server).await;
    let status = TaskStatus {
        task_id: TaskId { value: "t".into() },
        state: TaskState::TaskStaging.into(),
        ..Default::default()
    };
    assert_eq!(driver.send_status_update(status), Status::Aborted);
    let heard = next(&mut hearing).await;
    assert_eq!(heard, "error Aborted: Attempted to send TASK_STAGING status update");
    assert_eq!(join(&driver).await, Status::Aborted);
    assert_eq!(driver.stop(), Status::Aborted);
    assert_eq!(join(&driver).await, Status::Stopped);
}

#[tokio::test]
async fn an_executor_that_no_agent_has_started_says_what_is_missing() {
    for name in ["MESOS_SLAVE_PID", "MESOS_SLAVE_ID", "MESOS_FRAMEWORK_ID", "MESOS_EXECUTOR_ID"] {
        let (builder, mut hearing) = builder("127.0.0.1:5051", name);
        let driver = builder.build();
        assert_eq!(driver.run(), Status::Aborted);
        let heard = hearing.try_recv().unwrap();
        assert!(heard.contains(&format!("Expecting '{name}' to be set")), "{heard}");
    }
}

#[tokio::test]
async fn messages_go_to_the_scheduler() {
    let mut server = FakeServer::start().await;
    let (driver, _hearing, _stream) = registered(&mut server).await;
    assert_eq!(driver.send_framework_message(b"a\0b".to_vec()), Status::Running);
    let call = call_in(&server.request().await);
    assert_eq!(call.r#type(), call::Type::Message);
    assert_eq!(call.message.unwrap().data.as_ref(), b"a\0b");
}
