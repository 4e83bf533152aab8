// SPDX-License-Identifier: Apache-2.0

//! The event streams that masters and agents of Apache Mesos 1.11.0 were recorded to send
//! (`tests/conformance/goldens`), played to the clients and to the native drivers: every event is
//! understood, and comes out as what it is, in order.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use mesos_client::{
    ContentType, ExecutorClient, ExecutorEvent, SchedulerClient, SchedulerEvent,
    v0::{CallbackResult, Executor, ExecutorDriver, Scheduler, SchedulerDriver},
    v1::{
        AgentId, AgentInfo, ExecutorId, ExecutorInfo, FrameworkId, FrameworkInfo, MasterInfo,
        Offer, OfferId, TaskId, TaskInfo, TaskStatus, executor, scheduler,
    },
};
use mesos_proto::{descriptor::Described, json};
use prost::Message;
use serde_json::Value;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::{JoinSet, spawn_blocking},
    time::timeout,
};

use crate::fake_server::FakeServer;

const SCHEDULER: &str = "/api/v1/scheduler";
const EXECUTOR: &str = "/api/v1/executor";

/// One recorded answer to a SUBSCRIBE.
#[derive(Clone)]
struct Recorded {
    name: String,
    headers: Vec<(String, String)>,
    events: Vec<Value>,
    /// Of the events that were recorded as protobuf.
    bytes: Vec<Option<Vec<u8>>>,
}

impl Recorded {
    fn kinds(&self) -> impl Iterator<Item = &str> {
        self.events.iter().map(|event| event["type"].as_str().unwrap())
    }

    /// What is heard of it, if each event is heard as `heard` says, and the connection breaks
    /// then; after an ERROR nothing more is heard.
    fn expected(&self, heard: impl Fn(&Value) -> Vec<String>, broken: &str) -> Vec<String> {
        let mut expected: Vec<String> = self.events.iter().flat_map(heard).collect();
        let end = self.kinds().find(|kind| matches!(*kind, "ERROR" | "SHUTDOWN"));
        if end.is_none() {
            expected.push(broken.to_owned());
        }
        expected
    }

    /// Its records as they are told in `content_type`.
    fn records<M: Described + Message + Default>(&self, content_type: ContentType) -> Vec<Vec<u8>> {
        let record = |(event, bytes): (&Value, &Option<Vec<u8>>)| {
            let text = event.to_string();
            let message: M = json::from_json(text.as_bytes()).unwrap();
            let understood = serde_json::from_str(&json::to_json(&message)).unwrap();
            assert!(includes(&understood, event), "{}: {understood} of {event}", self.name);
            match (content_type, bytes) {
                (ContentType::Json, _) => text.into_bytes(),
                (ContentType::Protobuf, Some(bytes)) => bytes.clone(),
                (ContentType::Protobuf, None) => message.encode_to_vec(),
            }
        };
        self.events.iter().zip(&self.bytes).map(record).collect()
    }

    /// A server that answers one SUBSCRIBE with it, and then closes the connection.
    async fn server<M: Described + Message + Default>(&self, content_type: ContentType) -> String {
        let mut server = FakeServer::start().await;
        let address = server.address.clone();
        let records = self.records::<M>(content_type);
        let mut headers = self.headers.clone();
        for (name, value) in &mut headers {
            if name == "Content-Type" {
                *value = match content_type {
                    ContentType::Json => "application/json".to_owned(),
                    ContentType::Protobuf => "application/x-protobuf".to_owned(),
                };
            }
        }
        tokio::spawn(async move {
            let request = server.request().await;
            let headers: Vec<(&str, &str)> =
                headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let stream = request.stream(&headers);
            records.iter().for_each(|record| stream.send(record));
            stream.hang_up();
            // The client may want to subscribe again, and gets no answer.
            std::future::pending::<()>().await;
            drop(server);
        });
        address
    }
}

/// Whether `whole` says all that `part` says. It may have defaults more, and JSON loses the last
/// digit of a number.
fn includes(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part
            .iter()
            .all(|(name, part)| whole.get(name).is_some_and(|whole| includes(whole, part))),
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(it, part)| includes(it, part))
        }
        (Value::Number(whole), Value::Number(part)) => {
            let [whole, part] = [whole, part].map(|number| number.as_f64().unwrap());
            (whole - part).abs() < 1e-6
        }
        (whole, part) => whole == part,
    }
}

/// The recorded streams of an API.
fn recorded(path: &str) -> Vec<Recorded> {
    let goldens = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/goldens");
    let mut found = Vec::new();
    for folder in ["scheduler-api", "executor-api"] {
        for entry in fs::read_dir(goldens.join(folder)).unwrap() {
            let file = entry.unwrap().path();
            let case: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
            for (index, exchange) in case["exchanges"].as_array().unwrap().iter().enumerate() {
                let Some(events) = exchange["events"].as_array() else { continue };
                let asked = exchange["request"]["path"].as_str().unwrap();
                if !asked.ends_with(path) || exchange["response"]["status"] != 200 {
                    continue;
                }
                let headers = exchange["response"]["headers"].as_object().unwrap();
                let headers = headers.iter().filter(|(name, _)| *name != "Transfer-Encoding");
                found.push(Recorded {
                    name: format!("{} #{index}", file.file_name().unwrap().to_string_lossy()),
                    headers: headers
                        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
                        .collect(),
                    events: events.iter().map(|event| event["record"].clone()).collect(),
                    bytes: events
                        .iter()
                        .map(|event| event["base64"].as_str().map(|it| BASE64.decode(it).unwrap()))
                        .collect(),
                });
            }
        }
    }
    found
}

/// Plays every recorded stream of an API, some at a time.
async fn play_all<F>(path: &str, at_least: usize, play: impl Fn(Recorded) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let all = recorded(path);
    assert!(all.len() >= at_least, "{} streams are found", all.len());
    let mut playing = JoinSet::new();
    for stream in all {
        if playing.len() >= 16 {
            playing.join_next().await.unwrap().unwrap();
        }
        playing.spawn(play(stream));
    }
    while let Some(played) = playing.join_next().await {
        played.unwrap();
    }
}

/// Waits until as much is heard as is expected.
async fn hear(stream: &Recorded, mut hearing: UnboundedReceiver<String>, expected: Vec<String>) {
    let mut heard = Vec::new();
    while heard.len() < expected.len() {
        let next = timeout(Duration::from_secs(20), hearing.recv()).await;
        let next = next.unwrap_or_else(|_| panic!("{}: {expected:?}, not {heard:?}", stream.name));
        heard.push(next.expect("it is told"));
    }
    assert_eq!(heard, expected, "{}", stream.name);
}

/// The event of the v1 API that a recorded one becomes.
fn scheduler_event(event: &Value) -> Vec<String> {
    let name = match event["type"].as_str().unwrap() {
        "HEARTBEAT" => return Vec::new(),
        "ERROR" => return vec![format!("ERROR {}", event["error"]["message"].as_str().unwrap())],
        "FAILURE" if event["failure"]["executor_id"].is_object() => "EXECUTOR EXITED",
        "FAILURE" => "AGENT LOST",
        name => name,
    };
    vec![name.to_owned()]
}

fn name_of(event: &SchedulerEvent) -> &'static str {
    match event {
        SchedulerEvent::Subscribed { .. } => "SUBSCRIBED",
        SchedulerEvent::Disconnected { .. } => "DISCONNECTED",
        SchedulerEvent::Offers(_) => "OFFERS",
        SchedulerEvent::InverseOffers(_) => "INVERSE_OFFERS",
        SchedulerEvent::Rescind(_) => "RESCIND",
        SchedulerEvent::RescindInverseOffer(_) => "RESCIND_INVERSE_OFFER",
        SchedulerEvent::Update(_) => "UPDATE",
        SchedulerEvent::UpdateOperationStatus(_) => "UPDATE_OPERATION_STATUS",
        SchedulerEvent::Message { .. } => "MESSAGE",
        SchedulerEvent::AgentLost(_) => "AGENT LOST",
        SchedulerEvent::ExecutorExited { .. } => "EXECUTOR EXITED",
    }
}

#[tokio::test]
async fn a_scheduler_client_understands_what_apache_masters_were_recorded_to_send() {
    for content_type in [ContentType::Json, ContentType::Protobuf] {
        play_all(SCHEDULER, 130, |stream| async move {
            let address = stream.server::<scheduler::Event>(content_type).await;
            let framework = FrameworkInfo { name: "golden".into(), ..Default::default() };
            let builder = SchedulerClient::builder(address, framework).content_type(content_type);
            let builder = builder.connection_delay_max(Duration::ZERO);
            let (_client, mut events) = builder.start().unwrap();
            let (tell, hearing) = unbounded_channel();
            tokio::spawn(async move {
                loop {
                    let name = match events.next().await {
                        Ok(Some(event)) => name_of(&event).to_owned(),
                        Ok(None) => return,
                        Err(error) => format!("ERROR {error}"),
                    };
                    let _ = tell.send(name);
                }
            });
            let expected = stream.expected(scheduler_event, "DISCONNECTED");
            hear(&stream, hearing, expected).await;
        })
        .await;
    }
}

/// Writes down its callbacks.
struct Recorder(UnboundedSender<String>);

impl Recorder {
    fn hear(&self, callback: &str) -> CallbackResult {
        let _ = self.0.send(callback.to_owned());
        Ok(())
    }
}

impl Scheduler for Recorder {
    fn registered(&mut self, _: &SchedulerDriver, _: FrameworkId, _: MasterInfo) -> CallbackResult {
        self.hear("registered")
    }

    fn disconnected(&mut self, _: &SchedulerDriver) -> CallbackResult {
        self.hear("disconnected")
    }

    fn resource_offers(&mut self, _: &SchedulerDriver, _: Vec<Offer>) -> CallbackResult {
        self.hear("resourceOffers")
    }

    fn offer_rescinded(&mut self, _: &SchedulerDriver, _: OfferId) -> CallbackResult {
        self.hear("offerRescinded")
    }

    fn status_update(&mut self, _: &SchedulerDriver, _: TaskStatus) -> CallbackResult {
        self.hear("statusUpdate")
    }

    fn framework_message(
        &mut self,
        _: &SchedulerDriver,
        _: ExecutorId,
        _: AgentId,
        _: bytes::Bytes,
    ) -> CallbackResult {
        self.hear("frameworkMessage")
    }

    fn agent_lost(&mut self, _: &SchedulerDriver, _: AgentId) -> CallbackResult {
        self.hear("slaveLost")
    }

    fn executor_lost(
        &mut self,
        _: &SchedulerDriver,
        _: ExecutorId,
        _: AgentId,
        _: i32,
    ) -> CallbackResult {
        self.hear("executorLost")
    }

    fn error(&mut self, _: &SchedulerDriver, message: &str) -> CallbackResult {
        self.hear(&format!("error {message}"))
    }
}

/// The callback of `mesos::Scheduler` that a recorded event becomes.
fn scheduler_callback(event: &Value) -> Vec<String> {
    let name = match event["type"].as_str().unwrap() {
        "SUBSCRIBED" => "registered",
        "OFFERS" => "resourceOffers",
        "RESCIND" => "offerRescinded",
        "UPDATE" => "statusUpdate",
        "MESSAGE" => "frameworkMessage",
        "FAILURE" if event["failure"]["executor_id"].is_object() => "executorLost",
        "FAILURE" => "slaveLost",
        "ERROR" => return vec![format!("error {}", event["error"]["message"].as_str().unwrap())],
        "HEARTBEAT" | "INVERSE_OFFERS" | "UPDATE_OPERATION_STATUS" => return Vec::new(),
        kind => panic!("a recorded {kind} is new here"),
    };
    vec![name.to_owned()]
}

#[tokio::test]
async fn a_native_scheduler_driver_calls_back_for_what_apache_masters_were_recorded_to_send() {
    play_all(SCHEDULER, 130, |stream| async move {
        let address = stream.server::<scheduler::Event>(ContentType::Protobuf).await;
        let (tell, hearing) = unbounded_channel();
        let framework = FrameworkInfo { name: "golden".into(), ..Default::default() };
        let driver = SchedulerDriver::builder(Recorder(tell), framework, address).build();
        driver.start();
        let expected = stream.expected(scheduler_callback, "disconnected");
        hear(&stream, hearing, expected).await;
        spawn_blocking(move || driver.close()).await.unwrap();
    })
    .await;
}

/// What an agent at `address` puts into the environment of an executor.
fn variables(address: &str) -> BTreeMap<String, String> {
    [
        ("MESOS_SLAVE_PID", &*format!("slave(1)@{address}")),
        ("MESOS_SLAVE_ID", "a"),
        ("MESOS_FRAMEWORK_ID", "f"),
        ("MESOS_EXECUTOR_ID", "e"),
        ("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "60secs"),
        // A test must not kill itself.
        ("MESOS_LOCAL", "1"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// The event of the v1 API that a recorded one becomes.
fn executor_event(event: &Value) -> Vec<String> {
    match event["type"].as_str().unwrap() {
        "HEARTBEAT" => Vec::new(),
        name => vec![name.to_owned()],
    }
}

#[tokio::test]
async fn an_executor_client_understands_what_apache_agents_were_recorded_to_send() {
    for content_type in [ContentType::Json, ContentType::Protobuf] {
        play_all(EXECUTOR, 9, |stream| async move {
            let address = stream.server::<executor::Event>(content_type).await;
            let variables = variables(&address);
            let builder =
                ExecutorClient::from_variables(|name| variables.get(name).cloned()).unwrap();
            let builder = builder.content_type(content_type).kill_group_when_overdue(false);
            let (_client, mut events) = builder.start().unwrap();
            let (tell, hearing) = unbounded_channel();
            tokio::spawn(async move {
                while let Ok(Some(event)) = events.next().await {
                    let name = match event {
                        ExecutorEvent::Subscribed { .. } => "SUBSCRIBED",
                        ExecutorEvent::Disconnected { .. } => "DISCONNECTED",
                        ExecutorEvent::Launch(_) => "LAUNCH",
                        ExecutorEvent::LaunchGroup(_) => "LAUNCH_GROUP",
                        ExecutorEvent::Kill { .. } => "KILL",
                        ExecutorEvent::Acknowledged { .. } => "ACKNOWLEDGED",
                        ExecutorEvent::Message(_) => "MESSAGE",
                        ExecutorEvent::Shutdown { .. } => "SHUTDOWN",
                    };
                    let _ = tell.send(name.to_owned());
                }
            });
            let expected = stream.expected(executor_event, "SHUTDOWN");
            hear(&stream, hearing, expected).await;
        })
        .await;
    }
}

impl Executor for Recorder {
    fn registered(
        &mut self,
        _: &ExecutorDriver,
        _: ExecutorInfo,
        _: FrameworkInfo,
        _: AgentInfo,
    ) -> CallbackResult {
        self.hear("registered")
    }

    fn launch_task(&mut self, _: &ExecutorDriver, _: TaskInfo) -> CallbackResult {
        self.hear("launchTask")
    }

    fn kill_task(&mut self, _: &ExecutorDriver, _: TaskId) -> CallbackResult {
        self.hear("killTask")
    }

    fn framework_message(&mut self, _: &ExecutorDriver, _: bytes::Bytes) -> CallbackResult {
        self.hear("frameworkMessage")
    }

    fn shutdown(&mut self, _: &ExecutorDriver) -> CallbackResult {
        self.hear("shutdown")
    }
}

/// The callbacks of `mesos::Executor` that a recorded event becomes.
fn executor_callbacks(event: &Value) -> Vec<String> {
    let (name, count) = match event["type"].as_str().unwrap() {
        "SUBSCRIBED" => ("registered", 1),
        "LAUNCH" => ("launchTask", 1),
        "LAUNCH_GROUP" => {
            ("launchTask", event["launch_group"]["task_group"]["tasks"].as_array().unwrap().len())
        }
        "KILL" => ("killTask", 1),
        "MESSAGE" => ("frameworkMessage", 1),
        "SHUTDOWN" => ("shutdown", 1),
        "ACKNOWLEDGED" | "HEARTBEAT" => return Vec::new(),
        kind => panic!("a recorded {kind} is new here"),
    };
    vec![name.to_owned(); count]
}

#[tokio::test]
async fn a_native_executor_driver_calls_back_for_what_apache_agents_were_recorded_to_send() {
    play_all(EXECUTOR, 9, |stream| async move {
        let address = stream.server::<executor::Event>(ContentType::Protobuf).await;
        let (tell, hearing) = unbounded_channel();
        let driver =
            ExecutorDriver::builder(Recorder(tell)).environment(variables(&address)).build();
        driver.start();
        let expected = stream.expected(executor_callbacks, "shutdown");
        hear(&stream, hearing, expected).await;
        spawn_blocking(move || driver.close()).await.unwrap();
    })
    .await;
}
