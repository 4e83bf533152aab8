// SPDX-License-Identifier: Apache-2.0

//! The executor client.

use mesos_client::{
    ErrorKind, ExecutorClient, ExecutorEvent,
    v1::{
        AgentId, AgentInfo, TaskId, TaskInfo, TaskState, TaskStatus,
        executor::{Call, Event, call, event},
    },
};
use prost::Message;

use crate::fake_server::{FakeServer, Request};

fn call_in(request: &Request) -> Call {
    Call::decode(request.body.as_slice()).unwrap()
}

fn subscribed() -> Vec<u8> {
    let subscribed = event::Subscribed {
        agent_info: AgentInfo { id: Some(AgentId { value: "a-1".into() }), ..Default::default() },
        ..Default::default()
    };
    let kind = event::Type::Subscribed.into();
    Event { r#type: Some(kind), subscribed: Some(subscribed), ..Default::default() }.encode_to_vec()
}

fn launch(task_id: &str) -> Vec<u8> {
    let task = TaskInfo { task_id: TaskId { value: task_id.into() }, ..Default::default() };
    let kind = event::Type::Launch.into();
    let launch = Some(event::Launch { task });
    Event { r#type: Some(kind), launch, ..Default::default() }.encode_to_vec()
}

fn status(task_id: TaskId, state: TaskState) -> TaskStatus {
    TaskStatus { task_id, state: state.into(), ..Default::default() }
}

/// What an agent at `address` puts into the environment.
fn variable(address: &str, name: &str) -> Option<String> {
    let value = match name {
        "MESOS_SLAVE_PID" => return Some(format!("slave(1)@{address}")),
        "MESOS_FRAMEWORK_ID" => "f-1",
        "MESOS_EXECUTOR_ID" => "e-1",
        "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD" => "5secs",
        "MESOS_CHECKPOINT" => "1",
        "MESOS_RECOVERY_TIMEOUT" => "1mins",
        "MESOS_SUBSCRIPTION_BACKOFF_MAX" => "10ms",
        "MESOS_EXECUTOR_AUTHENTICATION_TOKEN" => "s3cret",
        _ => return None,
    };
    Some(value.to_owned())
}

#[tokio::test]
async fn an_executor_survives_its_agent_and_ends_when_told_to() {
    let mut server = FakeServer::start().await;
    let address = server.address.clone();
    let builder = ExecutorClient::from_variables(|name| variable(&address, name)).unwrap();
    let (client, mut events) = builder.start().unwrap();

    let request = server.request().await;
    assert_eq!(request.path, "/slave(1)/api/v1/executor");
    assert_eq!(request.header("authorization"), Some("Bearer s3cret"));
    assert_eq!(call_in(&request).r#type(), call::Type::Subscribe);
    let headers = [("Content-Type", "application/x-protobuf")];
    let stream = request.stream(&headers);
    stream.send(&subscribed());
    stream.send(&launch("t-1"));
    let event = events.next().await.unwrap().unwrap();
    assert!(matches!(event, ExecutorEvent::Subscribed { again: false, .. }), "{event:?}");
    let event = events.next().await.unwrap().unwrap();
    let ExecutorEvent::Launch(task) = event else {
        panic!("{event:?}");
    };

    let running = tokio::spawn({
        let (client, task_id) = (client.clone(), task.task_id.clone());
        async move { client.update(status(task_id, TaskState::TaskRunning)).await }
    });
    let request = server.request().await;
    let sent = call_in(&request).update.unwrap().status;
    assert_eq!(sent.uuid.as_ref().unwrap().len(), 16);
    assert_eq!(sent.agent_id.unwrap().value, "a-1");
    request.respond(202, &[], "");
    running.await.unwrap().unwrap();

    // The agent restarts before it has acknowledged anything.
    stream.hang_up();
    let event = events.next().await.unwrap().unwrap();
    assert!(matches!(event, ExecutorEvent::Disconnected { .. }), "{event:?}");
    client.update(status(task.task_id, TaskState::TaskFinished)).await.unwrap();
    assert_eq!(client.message("x").await.unwrap_err().kind, ErrorKind::Disconnected);
    server.request().await.respond(503, &[], "Agent has not finished recovery");
    let request = server.request().await;
    let subscribe = call_in(&request).subscribe.unwrap();
    assert_eq!(subscribe.unacknowledged_tasks[0].task_id.value, "t-1");
    let states: Vec<_> =
        subscribe.unacknowledged_updates.iter().map(|update| update.status.state()).collect();
    assert_eq!(states, [TaskState::TaskRunning, TaskState::TaskFinished]);

    let stream = request.stream(&headers);
    stream.send(&subscribed());
    let shutdown = Event { r#type: Some(event::Type::Shutdown.into()), ..Default::default() };
    stream.send(&shutdown.encode_to_vec());
    let event = events.next().await.unwrap().unwrap();
    assert!(matches!(event, ExecutorEvent::Subscribed { again: true, .. }), "{event:?}");
    let event = events.next().await.unwrap().unwrap();
    assert!(matches!(event, ExecutorEvent::Shutdown { .. }), "{event:?}");
    client.stop().await.unwrap();
    assert_eq!(events.next().await.unwrap(), None);
}
