// SPDX-License-Identifier: Apache-2.0

//! The scheduler client.

use std::time::Duration;

use bytes::Bytes;
use mesos_client::{
    Accepted, ContentType, ErrorKind, SchedulerBuilder, SchedulerClient, SchedulerEvent,
    SchedulerEvents, Stopped,
    v1::{
        AgentId, Filters, FrameworkId, FrameworkInfo, OfferId, TaskId, TaskState, TaskStatus,
        scheduler::{Call, Event, call, event},
    },
};
use prost::Message;

use crate::fake_server::{EventStream, FakeServer, Request};

const PROTOBUF: &str = "application/x-protobuf";

fn builder(address: &str) -> SchedulerBuilder {
    let framework =
        FrameworkInfo { user: "root".into(), name: "test".into(), ..Default::default() };
    SchedulerClient::builder(address, framework).connection_delay_max(Duration::ZERO)
}

fn call_in(request: &Request) -> Call {
    Call::decode(request.body.as_slice()).unwrap()
}

fn subscribed() -> Event {
    Event {
        r#type: Some(event::Type::Subscribed.into()),
        subscribed: Some(event::Subscribed {
            framework_id: FrameworkId { value: "f-1".into() },
            heartbeat_interval_seconds: Some(15.0),
            master_info: None,
        }),
        ..Default::default()
    }
}

fn update(task: &str, uuid: &'static [u8]) -> Event {
    Event {
        r#type: Some(event::Type::Update.into()),
        update: Some(event::Update {
            status: TaskStatus {
                task_id: TaskId { value: task.into() },
                state: TaskState::TaskRunning.into(),
                agent_id: Some(AgentId { value: "a-1".into() }),
                uuid: Some(Bytes::from_static(uuid)),
                ..Default::default()
            },
        }),
        ..Default::default()
    }
}

/// Answers SUBSCRIBE and sends SUBSCRIBED.
fn accept_subscription(request: &Request, stream_id: &str) -> EventStream {
    let stream = request.stream(&[("Content-Type", PROTOBUF), ("Mesos-Stream-Id", stream_id)]);
    stream.send(&subscribed().encode_to_vec());
    stream
}

/// A client that has been told SUBSCRIBED.
async fn start(server: &mut FakeServer) -> (SchedulerClient, SchedulerEvents, EventStream) {
    let (client, mut events) = builder(&server.address).start().unwrap();
    let stream = accept_subscription(&server.request().await, "s-1");
    let event = events.next().await.unwrap().unwrap();
    assert!(matches!(event, SchedulerEvent::Subscribed { again: false, .. }), "{event:?}");
    (client, events, stream)
}

#[tokio::test]
async fn a_framework_subscribes_calls_and_stops() {
    let mut server = FakeServer::start().await;
    let (client, mut events) = builder(&server.address).credential("me", "pass").start().unwrap();
    let request = server.request().await;
    assert_eq!(request.path, "/api/v1/scheduler");
    assert_eq!(request.header("content-type"), Some(PROTOBUF));
    assert_eq!(request.header("accept"), Some(PROTOBUF));
    assert_eq!(request.header("authorization"), Some("Basic bWU6cGFzcw=="));
    assert_eq!(request.header("host"), Some(server.address.as_str()));
    assert_eq!(call_in(&request).r#type(), call::Type::Subscribe);
    let stream = accept_subscription(&request, "s-1");
    events.next().await.unwrap().unwrap();

    let kill = tokio::spawn({
        let client = client.clone();
        async move { client.kill(TaskId { value: "t".into() }, None, None).await }
    });
    let request = server.request().await;
    assert_eq!(request.header("mesos-stream-id"), Some("s-1"));
    assert_eq!(request.header("authorization"), Some("Basic bWU6cGFzcw=="));
    assert_eq!(call_in(&request).framework_id.unwrap().value, "f-1");
    request.respond(202, &[], "");
    assert_eq!(kill.await.unwrap().unwrap(), Accepted::ByMaster);

    let stop = tokio::spawn(async move { client.stop().await });
    let request = server.request().await;
    assert_eq!(call_in(&request).r#type(), call::Type::Teardown);
    // A master may close the stream before it answers.
    stream.hang_up();
    request.respond(202, &[], "");
    assert_eq!(stop.await.unwrap().unwrap(), Stopped::TornDown);
    assert_eq!(events.next().await.unwrap(), None);
    assert_eq!(events.next().await.unwrap(), None);
}

#[tokio::test]
async fn what_a_framework_leaves_open_is_filled_in_whenever_it_describes_itself() {
    let mut server = FakeServer::start().await;
    let framework = FrameworkInfo { name: "test".into(), ..Default::default() };
    let elsewhere = FrameworkInfo { hostname: Some("elsewhere".into()), ..framework.clone() };
    let builder = SchedulerClient::builder(&server.address, elsewhere);
    let (client, mut events) = builder.connection_delay_max(Duration::ZERO).start().unwrap();
    let request = server.request().await;
    let first = call_in(&request).subscribe.unwrap().framework_info;
    assert!(!first.user.is_empty() && first.hostname() == "elsewhere", "{first:?}");
    let _stream = accept_subscription(&request, "s-1");
    events.next().await.unwrap().unwrap();
    let updating =
        tokio::spawn(async move { client.update_framework(framework, Vec::new(), None).await });
    let request = server.request().await;
    let second = call_in(&request).update_framework.unwrap().framework_info;
    assert_eq!((second.user, second.hostname), (first.user, first.hostname));
    request.respond(202, &[], "");
    updating.await.unwrap().unwrap();
}

#[tokio::test]
async fn json_is_spoken_when_asked_for() {
    let mut server = FakeServer::start().await;
    let builder = builder(&server.address).content_type(ContentType::Json);
    let (_client, mut events) = builder.start().unwrap();
    let request = server.request().await;
    assert_eq!(request.header("accept"), Some("application/json"));
    let text = String::from_utf8(request.body.clone()).unwrap();
    assert!(text.contains(r#""type":"SUBSCRIBE""#), "{text}");
    let stream =
        request.stream(&[("Content-Type", "application/json"), ("Mesos-Stream-Id", "s-1")]);
    stream.send(br#"{"type":"SUBSCRIBED","subscribed":{"framework_id":{"value":"f-9"}}}"#);
    let event = events.next().await.unwrap().unwrap();
    let SchedulerEvent::Subscribed { framework_id, .. } = event else {
        panic!("{event:?}");
    };
    assert_eq!(framework_id.value, "f-9");
}

#[tokio::test]
async fn calls_travel_in_order_without_waiting_for_each_other() {
    let mut server = FakeServer::start().await;
    let (client, _events, _stream) = start(&mut server).await;
    let calls: Vec<_> = (0..100)
        .map(|number| {
            let client = client.clone();
            let mut declined = Box::pin(async move {
                let offer = OfferId { value: number.to_string() };
                client.decline(vec![offer], Filters::default()).await
            });
            // The first poll hands the call over.
            let waker = std::task::Waker::noop();
            let mut context = std::task::Context::from_waker(waker);
            assert!(declined.as_mut().poll(&mut context).is_pending());
            declined
        })
        .collect();
    let mut requests = Vec::new();
    for number in 0..100 {
        let request = server.request().await;
        let offer = call_in(&request).decline.unwrap().offer_ids.remove(0);
        assert_eq!(offer.value, number.to_string());
        assert_eq!(request.connection, 1, "one connection carries them all");
        requests.push(request);
    }
    for (number, request) in requests.iter().enumerate() {
        let status = if number == 7 { 400 } else { 202 };
        request.respond(status, &[], "");
    }
    for (number, call) in calls.into_iter().enumerate() {
        let result = call.await;
        if number == 7 {
            assert_eq!(result.unwrap_err().kind, ErrorKind::Refused);
        } else {
            assert_eq!(result.unwrap(), Accepted::ByMaster);
        }
    }
}

#[tokio::test]
async fn an_update_is_acknowledged_when_the_next_event_is_asked_for() {
    let mut server = FakeServer::start().await;
    let (_client, mut events, stream) = start(&mut server).await;
    stream.send(&update("t-1", b"0123456789abcdef").encode_to_vec());
    stream.send(&update("t-2", b"fedcba9876543210").encode_to_vec());
    events.next().await.unwrap().unwrap();
    tokio::task::yield_now().await;
    assert!(server.is_idle(), "not acknowledged before it is handled");
    events.next().await.unwrap().unwrap();
    let request = server.request().await;
    let acknowledge = call_in(&request).acknowledge.unwrap();
    assert_eq!(acknowledge.task_id.value, "t-1");
    assert_eq!(acknowledge.uuid.as_ref(), b"0123456789abcdef");
    request.respond(202, &[], "");
}

#[tokio::test]
async fn the_leader_named_by_another_master_is_used() {
    let mut follower = FakeServer::start().await;
    let mut leader = FakeServer::start().await;
    let (_client, mut events) = builder(&follower.address).start().unwrap();
    let location = format!("//{}/api/v1/scheduler", leader.address);
    follower.request().await.respond(307, &[("Location", &location)], "");
    let _stream = accept_subscription(&leader.request().await, "s-1");
    let event = events.next().await.unwrap().unwrap();
    assert!(matches!(event, SchedulerEvent::Subscribed { .. }), "{event:?}");
}

#[tokio::test]
async fn a_lost_subscription_comes_back_with_the_same_id() {
    let mut server = FakeServer::start().await;
    let (client, mut events, stream) = start(&mut server).await;
    let kill = tokio::spawn({
        let client = client.clone();
        async move { client.kill(TaskId { value: "t".into() }, None, None).await }
    });
    server.request().await;
    stream.hang_up();
    let event = events.next().await.unwrap().unwrap();
    assert!(matches!(event, SchedulerEvent::Disconnected { .. }), "{event:?}");
    assert_eq!(kill.await.unwrap().unwrap_err().kind, ErrorKind::Transport);
    let request = server.request().await;
    assert_eq!(call_in(&request).framework_id.unwrap().value, "f-1");
    let _stream = accept_subscription(&request, "s-2");
    let event = events.next().await.unwrap().unwrap();
    assert!(matches!(event, SchedulerEvent::Subscribed { again: true, .. }), "{event:?}");
}

#[tokio::test]
async fn a_broken_connection_for_calls_is_opened_again() {
    let mut server = FakeServer::start().await;
    let (client, _events, _stream) = start(&mut server).await;
    let revive = |client: SchedulerClient| async move { client.revive(Vec::new()).await };
    let first = tokio::spawn(revive(client.clone()));
    server.request().await.hang_up();
    assert_eq!(first.await.unwrap().unwrap_err().kind, ErrorKind::Transport);
    let second = tokio::spawn(revive(client.clone()));
    let request = server.request().await;
    assert_eq!(request.connection, 2);
    request.respond(202, &[], "");
    assert_eq!(second.await.unwrap().unwrap(), Accepted::ByMaster);
}

#[tokio::test]
async fn refused_credentials_end_the_client_with_the_reason() {
    let mut server = FakeServer::start().await;
    let (client, mut events) = builder(&server.address).start().unwrap();
    server.request().await.respond(401, &[], "who are you");
    let error = events.next().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
    assert!(error.message.contains("who are you"), "{error}");
    assert_eq!(events.next().await.unwrap(), None, "the error comes once");
    let error = client.revive(Vec::new()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Stopped);
    assert_eq!(client.stop().await.unwrap_err().kind, ErrorKind::Stopped);
}

#[tokio::test]
async fn events_in_another_content_type_are_not_guessed_at() {
    let mut server = FakeServer::start().await;
    let (_client, mut events) = builder(&server.address).start().unwrap();
    let request = server.request().await;
    let stream = request.stream(&[("Content-Type", "text/html"), ("Mesos-Stream-Id", "s-1")]);
    stream.closed().await;
    let _stream = accept_subscription(&server.request().await, "s-2");
    events.next().await.unwrap().unwrap();
}

#[tokio::test]
async fn a_slow_scheduler_loses_no_event_and_stays_subscribed() {
    let mut server = FakeServer::start().await;
    let (_client, mut events, stream) = start(&mut server).await;
    let total = 10_000;
    for number in 0..total {
        let mut event = update(&number.to_string(), b"");
        event.update.as_mut().unwrap().status.uuid = None;
        stream.send(&event.encode_to_vec());
    }
    for number in 0..total {
        let event = events.next().await.unwrap().unwrap();
        let SchedulerEvent::Update(status) = event else {
            panic!("{event:?}");
        };
        assert_eq!(status.task_id.value, number.to_string());
    }
}

#[tokio::test]
async fn a_client_without_its_events_can_still_stop() {
    let mut server = FakeServer::start().await;
    let (client, events, stream) = start(&mut server).await;
    drop(events);
    stream.send(&update("t-1", b"0123456789abcdef").encode_to_vec());
    let stop = tokio::spawn(async move { client.stop().await });
    let request = server.request().await;
    assert_eq!(call_in(&request).r#type(), call::Type::Teardown);
    request.respond(202, &[], "");
    assert_eq!(stop.await.unwrap().unwrap(), Stopped::TornDown);
}

#[tokio::test]
async fn dropping_everything_drops_the_connection() {
    let mut server = FakeServer::start().await;
    let (client, events, stream) = start(&mut server).await;
    drop(client);
    drop(events);
    tokio::time::timeout(Duration::from_secs(20), stream.closed()).await.unwrap();
}
