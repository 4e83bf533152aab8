// SPDX-License-Identifier: Apache-2.0

//! The native scheduler driver.

use std::{fs::File, io::Write, time::Duration};

use bytes::Bytes;
use mesos_client::{
    v0::{
        CallbackError, CallbackResult, Scheduler, SchedulerDriver, SchedulerDriverBuilder, Status,
    },
    v1::{
        AgentId, Filters, FrameworkId, FrameworkInfo, MasterInfo, Offer, OfferId, TaskId, TaskInfo,
        TaskState, TaskStatus,
        scheduler::{Call, Event, call, event},
    },
};
use prost::Message;
use tempfile::TempDir;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::spawn_blocking,
    time::timeout,
};

use crate::fake_server::{EventStream, FakeServer, Request};

/// What a scheduler does when it has been told something.
type Reaction = Box<dyn FnMut(&SchedulerDriver, &str) -> CallbackResult + Send>;

/// Writes down what it is told, and reacts.
struct Recorder {
    heard: UnboundedSender<String>,
    react: Reaction,
}

impl Recorder {
    fn hear(&mut self, driver: &SchedulerDriver, what: String) -> CallbackResult {
        let _ = self.heard.send(what.clone());
        (self.react)(driver, &what)
    }
}

impl Scheduler for Recorder {
    fn registered(
        &mut self,
        driver: &SchedulerDriver,
        id: FrameworkId,
        master: MasterInfo,
    ) -> CallbackResult {
        self.hear(driver, format!("registered {} {}", id.value, master.hostname()))
    }

    fn reregistered(&mut self, driver: &SchedulerDriver, _: MasterInfo) -> CallbackResult {
        self.hear(driver, "reregistered".into())
    }

    fn disconnected(&mut self, driver: &SchedulerDriver) -> CallbackResult {
        self.hear(driver, "disconnected".into())
    }

    fn resource_offers(&mut self, driver: &SchedulerDriver, offers: Vec<Offer>) -> CallbackResult {
        let ids: Vec<&str> = offers.iter().map(|offer| offer.id.value.as_str()).collect();
        self.hear(driver, format!("offers {}", ids.join(" ")))
    }

    fn status_update(&mut self, driver: &SchedulerDriver, status: TaskStatus) -> CallbackResult {
        let state = status.state().as_str_name();
        let message = status.message();
        let text = format!("{} {state} {message}", status.task_id.value);
        self.hear(driver, text.trim_end().to_owned())
    }

    fn error(&mut self, driver: &SchedulerDriver, message: &str) -> CallbackResult {
        self.hear(driver, format!("error {:?}: {message}", driver.status()))
    }
}

fn framework() -> FrameworkInfo {
    FrameworkInfo { name: "test".into(), ..Default::default() }
}

fn recorder(
    react: impl FnMut(&SchedulerDriver, &str) -> CallbackResult + Send + 'static,
) -> (Recorder, UnboundedReceiver<String>) {
    let (heard, hearing) = unbounded_channel();
    (Recorder { heard, react: Box::new(react) }, hearing)
}

fn builder(
    address: &str,
    react: impl FnMut(&SchedulerDriver, &str) -> CallbackResult + Send + 'static,
) -> (SchedulerDriverBuilder, UnboundedReceiver<String>) {
    let (recorder, hearing) = recorder(react);
    (SchedulerDriver::builder(recorder, framework(), address), hearing)
}

async fn next(hearing: &mut UnboundedReceiver<String>) -> String {
    timeout(Duration::from_secs(20), hearing.recv())
        .await
        .expect("a callback comes in time")
        .expect("the scheduler is there")
}

async fn join(driver: &SchedulerDriver) -> Status {
    let driver = driver.clone();
    let joined = spawn_blocking(move || driver.join());
    timeout(Duration::from_secs(20), joined).await.expect("the driver ends in time").unwrap()
}

fn call_in(request: &Request) -> Call {
    Call::decode(request.body.as_slice()).unwrap()
}

fn accept(request: &Request) -> EventStream {
    let headers = [("Content-Type", "application/x-protobuf"), ("Mesos-Stream-Id", "s-1")];
    let stream = request.stream(&headers);
    let subscribed = Event {
        r#type: Some(event::Type::Subscribed.into()),
        subscribed: Some(event::Subscribed {
            framework_id: FrameworkId { value: "f-1".into() },
            heartbeat_interval_seconds: Some(15.0),
            master_info: None,
        }),
        ..Default::default()
    };
    stream.send(&subscribed.encode_to_vec());
    stream
}

fn update(task: &str) -> Event {
    Event {
        r#type: Some(event::Type::Update.into()),
        update: Some(event::Update {
            status: TaskStatus {
                task_id: TaskId { value: task.into() },
                state: TaskState::TaskRunning.into(),
                agent_id: Some(AgentId { value: "a-1".into() }),
                uuid: Some(Bytes::from_static(b"0123456789abcdef")),
                ..Default::default()
            },
        }),
        ..Default::default()
    }
}

fn offers(ids: &[&str]) -> Event {
    let offers =
        ids.iter().map(|id| Offer { id: OfferId { value: (*id).into() }, ..Default::default() });
    Event {
        r#type: Some(event::Type::Offers.into()),
        offers: Some(event::Offers { offers: offers.collect() }),
        ..Default::default()
    }
}

fn task(id: &str) -> TaskInfo {
    TaskInfo {
        name: id.into(),
        task_id: TaskId { value: id.into() },
        agent_id: AgentId { value: "a-1".into() },
        ..Default::default()
    }
}

/// A started driver that has been told `registered`.
async fn registered(
    server: &mut FakeServer,
    react: impl FnMut(&SchedulerDriver, &str) -> CallbackResult + Send + 'static,
) -> (SchedulerDriver, UnboundedReceiver<String>, EventStream) {
    let (builder, mut hearing) = builder(&server.address, react);
    let driver = builder.build();
    assert_eq!(driver.start(), Status::Running);
    let stream = accept(&server.request().await);
    assert_eq!(next(&mut hearing).await, "registered f-1 127.0.0.1");
    (driver, hearing, stream)
}

/// Answers the SUPPRESS of an abort and lets go of the driver, which waits for that.
async fn answer_the_abort(server: &mut FakeServer, driver: SchedulerDriver) {
    let request = server.request().await;
    assert_eq!(call_in(&request).r#type(), call::Type::Suppress);
    request.respond(202, &[], "");
    let_go(driver).await;
}

/// Its drop blocks, and the server of the test needs this thread.
async fn let_go(driver: SchedulerDriver) {
    spawn_blocking(move || drop(driver)).await.unwrap();
}

fn nothing(_: &SchedulerDriver, _: &str) -> CallbackResult {
    Ok(())
}

#[tokio::test]
async fn a_framework_registers_with_what_it_left_open_and_is_torn_down_by_stop() {
    let mut server = FakeServer::start().await;
    let (builder, mut hearing) = builder(&server.address, nothing);
    let driver = builder.build();
    assert_eq!((driver.status(), driver.join()), (Status::NotStarted, Status::NotStarted));
    assert_eq!(driver.stop(false), Status::NotStarted);
    assert_eq!(driver.start(), Status::Running);
    assert_eq!(driver.start(), Status::Running);
    let request = server.request().await;
    let info = call_in(&request).subscribe.unwrap().framework_info;
    assert!(!info.user.is_empty() && !info.hostname().is_empty(), "{info:?}");
    let _stream = accept(&request);
    assert_eq!(next(&mut hearing).await, "registered f-1 127.0.0.1");
    assert_eq!(driver.stop(false), Status::Stopped);
    let request = server.request().await;
    assert_eq!(call_in(&request).r#type(), call::Type::Teardown);
    request.respond(202, &[], "");
    assert_eq!(join(&driver).await, Status::Stopped);
    assert_eq!(driver.kill_task(TaskId::default()), Status::Stopped);
    assert_eq!((driver.stop(false), driver.abort()), (Status::Stopped, Status::Stopped));
}

struct BeingStarted {
    driver: SchedulerDriver,
    starting: std::thread::JoinHandle<Status>,
    address: File,
    _folder: TempDir,
}

/// A driver that is being started, by a thread that waits for the address of its master.
fn being_started() -> (BeingStarted, UnboundedReceiver<String>) {
    being_started_of(|master| {
        let (builder, hearing) = builder(master, nothing);
        (builder.build(), hearing)
    })
}

fn being_started_of(
    make: impl FnOnce(&str) -> (SchedulerDriver, UnboundedReceiver<String>),
) -> (BeingStarted, UnboundedReceiver<String>) {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("master");
    nix::unistd::mkfifo(&fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let (driver, hearing) = make(&format!("file://{}", fifo.display()));
    let starter = driver.clone();
    let starting = std::thread::spawn(move || starter.start());
    // Opens once the other side reads.
    let address = File::options().write(true).open(&fifo).unwrap();
    (BeingStarted { driver, starting, address, _folder: folder }, hearing)
}

#[test]
fn nobody_waits_for_a_driver_that_is_being_started_but_who_starts_it() {
    let (BeingStarted { driver, starting, mut address, _folder }, _) = being_started();
    assert_eq!((driver.status(), driver.start()), (Status::Running, Status::Running));
    assert_eq!(driver.revive_offers(), Status::Running);
    assert_eq!(driver.join_for(Duration::ZERO), None);
    assert_eq!(driver.stop(false), Status::Stopped);
    assert_eq!(driver.join_for(Duration::ZERO), None);
    address.write_all(b"127.0.0.1:1").unwrap();
    drop(address);
    assert_eq!(starting.join().unwrap(), Status::Stopped);
    assert_eq!(driver.join(), Status::Stopped);
}

/// Notes when it is gone.
struct Mortal {
    gone: UnboundedSender<String>,
    react: Reaction,
}

impl Scheduler for Mortal {
    fn error(&mut self, driver: &SchedulerDriver, message: &str) -> CallbackResult {
        let _ = self.gone.send(format!("error {message}"));
        (self.react)(driver, message)
    }
}

impl Drop for Mortal {
    fn drop(&mut self) {
        let _ = self.gone.send("gone".to_owned());
    }
}

fn mortal(master: &str, react: Reaction) -> (SchedulerDriver, UnboundedReceiver<String>) {
    let (gone, hearing) = unbounded_channel();
    let scheduler = Mortal { gone, react };
    (SchedulerDriver::builder(scheduler, framework(), master).build(), hearing)
}

#[test]
fn closing_a_driver_that_is_being_started_waits_until_its_scheduler_is_gone() {
    let started = being_started_of(|master| mortal(master, Box::new(nothing)));
    let (BeingStarted { driver, starting, address, _folder }, mut hearing) = started;
    let closer = driver.clone();
    let closing = std::thread::spawn(move || closer.close());
    while driver.status() == Status::Running {
        std::thread::yield_now();
    }
    assert!(!closing.is_finished(), "the start has not ended");
    drop(address);
    closing.join().unwrap();
    assert_eq!(hearing.try_recv(), Ok("gone".to_owned()));
    assert_eq!(starting.join().unwrap(), Status::Stopped);
}

#[test]
fn a_scheduler_is_gone_when_its_driver_has_been_closed_whatever_it_was_doing() {
    // Never started.
    let (driver, mut hearing) = mortal("127.0.0.1:1", Box::new(nothing));
    let other = driver.clone();
    driver.close();
    assert_eq!(hearing.try_recv(), Ok("gone".to_owned()));
    assert_eq!((other.start(), other.run(), other.stop(true)), {
        (Status::Aborted, Status::Aborted, Status::Aborted)
    });
    // Not startable; it ends itself in the only callback that comes.
    let react = |driver: &SchedulerDriver, _: &str| {
        driver.close();
        assert_eq!(driver.join(), Status::Stopped);
        Ok(())
    };
    let (driver, mut hearing) = mortal("", Box::new(react));
    assert_eq!(driver.start(), Status::Stopped);
    assert!(hearing.try_recv().unwrap().starts_with("error Failed to create"));
    assert_eq!(hearing.try_recv(), Ok("gone".to_owned()));
    assert_eq!(driver.failure(), None);
}

#[test]
fn misuse_while_a_start_fails_is_what_is_told() {
    let (BeingStarted { driver, starting, address, _folder }, mut hearing) = being_started();
    let status = TaskStatus::default();
    assert_eq!(driver.acknowledge_status_update(status), Status::Aborted);
    drop(address);
    assert_eq!(starting.join().unwrap(), Status::Aborted);
    let heard = hearing.blocking_recv().unwrap();
    assert!(heard.starts_with("error Aborted: ") && heard.contains("Implicit"), "{heard}");
}

#[tokio::test]
async fn who_closes_a_driver_waits_for_the_callback_that_has_closed_it() {
    let mut server = FakeServer::start().await;
    let (returning, returns) = std::sync::mpsc::channel::<()>();
    let (closed, mut closes) = unbounded_channel();
    let react = move |driver: &SchedulerDriver, _: &str| {
        driver.close();
        closed.send(()).unwrap();
        let _ = returns.recv();
        Ok(())
    };
    let (driver, _hearing, _stream) = registered(&mut server, react).await;
    closes.recv().await.unwrap();
    let mut closing = spawn_blocking(move || driver.close());
    let early = timeout(Duration::from_millis(100), &mut closing).await;
    assert!(early.is_err(), "the callback has not returned");
    drop(returning);
    timeout(Duration::from_secs(20), closing).await.expect("it is let go").unwrap();
}

#[test]
fn a_start_that_fails_after_an_abort_tells_nobody() {
    let (BeingStarted { driver, starting, address, _folder }, mut hearing) = being_started();
    assert_eq!(driver.abort(), Status::Aborted);
    drop(address);
    assert_eq!(starting.join().unwrap(), Status::Aborted);
    assert_eq!((driver.join(), driver.failure()), (Status::Aborted, None));
    assert_eq!(hearing.blocking_recv(), None);
}

#[tokio::test]
async fn what_is_launched_without_a_master_is_lost_at_once() {
    let mut server = FakeServer::start().await;
    let (driver, mut hearing, stream) = registered(&mut server, nothing).await;
    stream.hang_up();
    assert_eq!(next(&mut hearing).await, "disconnected");
    let offer = vec![OfferId { value: "o".into() }];
    let tasks = vec![task("t-1"), task("t-2")];
    assert_eq!(driver.launch_tasks(offer, tasks, Filters::default()), Status::Running);
    assert_eq!(next(&mut hearing).await, "t-1 TASK_LOST Master disconnected");
    assert_eq!(next(&mut hearing).await, "t-2 TASK_LOST Master disconnected");
    let _stream = accept(&server.request().await);
    assert_eq!(next(&mut hearing).await, "reregistered");
}

#[tokio::test]
async fn a_launch_that_the_master_refuses_is_an_error_of_its_tasks() {
    let mut server = FakeServer::start().await;
    let (driver, mut hearing, _stream) = registered(&mut server, nothing).await;
    driver.launch_tasks(vec![], vec![task("t-1")], Filters::default());
    server.request().await.respond(400, &[], "no such thing");
    let heard = next(&mut hearing).await;
    assert!(heard.starts_with("t-1 TASK_ERROR ") && heard.contains("no such thing"), "{heard}");
}

#[tokio::test]
async fn an_update_is_acknowledged_when_its_callback_has_returned() {
    let mut server = FakeServer::start().await;
    let (returning, returns) = std::sync::mpsc::channel::<()>();
    let react = move |_: &SchedulerDriver, what: &str| {
        if what.starts_with("t-1") {
            let _ = returns.recv();
        }
        Ok(())
    };
    let (driver, mut hearing, stream) = registered(&mut server, react).await;
    stream.send(&update("t-1").encode_to_vec());
    assert_eq!(next(&mut hearing).await, "t-1 TASK_RUNNING");
    assert!(server.is_idle(), "not before it has returned");
    returning.send(()).unwrap();
    let request = server.request().await;
    let call = call_in(&request);
    assert_eq!(call.r#type(), call::Type::Acknowledge);
    assert_eq!(call.acknowledge.unwrap().task_id.value, "t-1");
    request.respond(202, &[], "");
    let_go(driver).await;
}

#[tokio::test]
async fn an_update_is_not_acknowledged_when_its_callback_stops_the_driver_or_fails() {
    for fails in [false, true] {
        let mut server = FakeServer::start().await;
        let react = move |driver: &SchedulerDriver, what: &str| {
            if !what.starts_with("t-1") {
                return Ok(());
            }
            if fails {
                return Err(CallbackError("oh no".into()));
            }
            assert_eq!(driver.stop(true), Status::Stopped);
            assert_eq!(driver.join(), Status::Stopped, "a join inside does not wait");
            Ok(())
        };
        let (driver, mut hearing, stream) = registered(&mut server, react).await;
        stream.send(&update("t-1").encode_to_vec());
        stream.send(&update("t-2").encode_to_vec());
        assert_eq!(next(&mut hearing).await, "t-1 TASK_RUNNING");
        let expected = if fails { Status::Aborted } else { Status::Stopped };
        assert_eq!(join(&driver).await, expected);
        assert_eq!(driver.failure(), fails.then(|| "oh no".to_owned()));
        assert_eq!(hearing.recv().await, None, "no callback comes after it");
        if fails {
            // Nothing else has been said.
            answer_the_abort(&mut server, driver).await;
        }
        assert!(server.is_idle(), "nothing was acknowledged");
    }
}

#[tokio::test]
async fn what_was_called_before_stopping_for_a_failover_still_reaches_the_master() {
    let mut server = FakeServer::start().await;
    let (driver, _hearing, stream) = registered(&mut server, nothing).await;
    driver.kill_task(TaskId { value: "t-1".into() });
    driver.kill_task(TaskId { value: "t-2".into() });
    assert_eq!(driver.stop(true), Status::Stopped);
    let joined = tokio::spawn(async move { join(&driver).await });
    for task in ["t-1", "t-2"] {
        let request = server.request().await;
        assert_eq!(call_in(&request).kill.unwrap().task_id.value, task);
        assert!(!joined.is_finished(), "the answer is awaited");
        request.respond(202, &[], "");
    }
    assert_eq!(joined.await.unwrap(), Status::Stopped);
    stream.closed().await;
}

#[tokio::test]
async fn a_callback_that_panics_aborts_the_driver() {
    let mut server = FakeServer::start().await;
    let react = |_: &SchedulerDriver, what: &str| {
        assert!(!what.starts_with("offers"), "I do not like offers");
        Ok(())
    };
    let (driver, mut hearing, stream) = registered(&mut server, react).await;
    stream.send(&offers(&["o-1"]).encode_to_vec());
    assert_eq!(next(&mut hearing).await, "offers o-1");
    assert_eq!(join(&driver).await, Status::Aborted);
    assert!(driver.failure().unwrap().contains("I do not like offers"));
    assert_eq!(driver.stop(false), Status::Aborted);
    assert_eq!(driver.status(), Status::Stopped);
    loop {
        let request = server.request().await;
        request.respond(202, &[], "");
        if call_in(&request).r#type() == call::Type::Teardown {
            break;
        }
    }
    let_go(driver).await;
}

#[tokio::test]
async fn a_scheduler_that_panics_when_it_is_dropped_does_not_keep_join_waiting() {
    struct Fragile;
    impl Scheduler for Fragile {}
    impl Drop for Fragile {
        fn drop(&mut self) {
            panic!("I break");
        }
    }
    let mut server = FakeServer::start().await;
    let driver = SchedulerDriver::builder(Fragile, framework(), &*server.address).build();
    assert_eq!(driver.start(), Status::Running);
    let _stream = accept(&server.request().await);
    assert_eq!(driver.stop(true), Status::Stopped);
    assert_eq!(join(&driver).await, Status::Stopped);
    let failure = driver.failure().unwrap();
    assert!(failure.contains("when it was dropped: I break"), "{failure}");
}

#[tokio::test]
async fn an_aborted_driver_gives_offers_back_and_keeps_its_framework() {
    let mut server = FakeServer::start().await;
    let (driver, mut hearing, stream) = registered(&mut server, nothing).await;
    stream.send(&offers(&["o-1", "o-2"]).encode_to_vec());
    assert_eq!(next(&mut hearing).await, "offers o-1 o-2");
    driver.decline_offer(OfferId { value: "o-1".into() }, Filters::default());
    server.request().await.respond(202, &[], "");
    assert_eq!(driver.abort(), Status::Aborted);
    assert_eq!(join(&driver).await, Status::Aborted);
    let request = server.request().await;
    assert_eq!(call_in(&request).decline.unwrap().offer_ids[0].value, "o-2");
    request.respond(202, &[], "");
    let request = server.request().await;
    assert_eq!(call_in(&request).r#type(), call::Type::Suppress);
    request.respond(202, &[], "");
    assert_eq!(driver.stop(false), Status::Aborted);
    let request = server.request().await;
    assert_eq!(call_in(&request).r#type(), call::Type::Teardown);
    request.respond(202, &[], "");
    assert_eq!(join(&driver).await, Status::Stopped);
}

#[tokio::test]
async fn an_error_of_the_master_aborts_before_it_is_told() {
    let mut server = FakeServer::start().await;
    let (driver, mut hearing, stream) = registered(&mut server, nothing).await;
    let error = Event {
        r#type: Some(event::Type::Error.into()),
        error: Some(event::Error { message: "Framework failed over".into() }),
        ..Default::default()
    };
    stream.send(&error.encode_to_vec());
    assert_eq!(next(&mut hearing).await, "error Aborted: Framework failed over");
    assert_eq!(join(&driver).await, Status::Aborted);
}

#[tokio::test]
async fn misuse_aborts_the_driver_and_is_told() {
    type Misuse = fn(&SchedulerDriver) -> Status;
    let cases: [(Misuse, &str); 4] = [
        (
            |driver| driver.acknowledge_status_update(TaskStatus::default()),
            "Implicit acknowledgements are enabled",
        ),
        (|driver| driver.serialized().kill_task(b""), "without its required fields: value"),
        (|driver| driver.serialized().kill_task(b"\xff"), "not a valid mesos.v1.TaskID message"),
        (
            |driver| driver.update_framework(framework(), vec!["a".into(), "a".into()], None),
            "contains 1 duplicates { a, a }",
        ),
    ];
    for (misuse, text) in cases {
        let mut server = FakeServer::start().await;
        let (driver, mut hearing, _stream) = registered(&mut server, nothing).await;
        assert_eq!(misuse(&driver), Status::Aborted);
        let heard = next(&mut hearing).await;
        assert!(heard.starts_with("error Aborted: ") && heard.contains(text), "{heard}");
        assert_eq!(join(&driver).await, Status::Aborted);
        answer_the_abort(&mut server, driver).await;
    }
}

#[tokio::test]
async fn what_cannot_start_is_told_by_start() {
    for (master, text) in [
        ("", "Failed to create a master detector for ''"),
        ("no port:x", "Failed to create a master detector"),
    ] {
        let (builder, mut hearing) = builder(master, nothing);
        let driver = builder.build();
        assert_eq!(driver.run(), Status::Aborted);
        let heard = hearing.try_recv().expect("told before start returns");
        assert!(heard.starts_with("error Aborted: ") && heard.contains(text), "{heard}");
        assert_eq!((driver.start(), driver.join()), (Status::Aborted, Status::Aborted));
    }
}

#[tokio::test]
async fn a_driver_dropped_without_stop_leaves_its_framework_alone() {
    let mut server = FakeServer::start().await;
    let (driver, mut hearing, stream) = registered(&mut server, nothing).await;
    spawn_blocking(move || drop(driver)).await.unwrap();
    stream.closed().await;
    assert_eq!(hearing.recv().await, None);
    assert!(server.is_idle(), "no TEARDOWN");
}

#[tokio::test]
async fn a_master_that_is_not_there_is_waited_for_and_stop_still_works() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = gone.local_addr().unwrap().to_string();
    drop(gone);
    let (builder, mut hearing) = builder(&address, nothing);
    let driver = builder.build();
    assert_eq!(driver.start(), Status::Running);
    driver.launch_tasks(vec![], vec![task("t-1")], Filters::default());
    assert_eq!(next(&mut hearing).await, "t-1 TASK_LOST Master disconnected");
    assert_eq!(driver.stop(false), Status::Stopped);
    assert_eq!(join(&driver).await, Status::Stopped);
}
