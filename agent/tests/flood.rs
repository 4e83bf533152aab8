// SPDX-License-Identifier: Apache-2.0

//! An executor that means harm: what it says costs the agent a bounded amount of
//! memory, and others nothing.

#![allow(clippy::unwrap_used, reason = "a failure is to end the test")]

mod master;
mod setup;

use bytes::Bytes;
use http::{StatusCode, header};
use master::{FRAMEWORK, Master, framework, get, task};
use mesos_agent::Agent;
use mesos_net::client::{Connection, Tls};
use mesos_proto::v1::{
    CommandInfo, ExecutorId, ExecutorInfo, FrameworkId, TaskId, TaskInfo, TaskState, TaskStatus,
    executor::{Call, call},
};
use prost::Message;
use setup::flags;

const MEGABYTE: usize = 1 << 20;

/// What floods take the agent at most beyond what it takes anyway: what waits for
/// acknowledgements, what waits for the wire, and copies of it on their way.
const GROWTH_MAX: usize = 250 * MEGABYTE;

/// An executor's side, by hand.
struct Executor {
    connection: Connection,
    /// Kept open.
    _events: mesos_net::client::Response,
}

impl Executor {
    /// Runs a task in an executor, and subscribes in its place.
    async fn start(master: &mut Master, agent: &Agent, pid: &mesos_wire::Upid) -> Executor {
        let command = CommandInfo { value: Some("sleep 1000".into()), ..CommandInfo::default() };
        let executor = ExecutorInfo {
            executor_id: ExecutorId { value: "ex".to_owned() },
            framework_id: Some(FrameworkId { value: FRAMEWORK.to_owned() }),
            command: Some(command),
            ..ExecutorInfo::default()
        };
        let task = TaskInfo { command: None, executor: Some(executor), ..task("t", "") };
        master.run_task(pid, framework(false), task);
        let deadline = tokio::time::Instant::now() + master::DEADLINE;
        while get(agent.address(), "/state").await["frameworks"][0]["executors"][0]["id"] != "ex" {
            assert!(tokio::time::Instant::now() < deadline, "the executor never came");
        }
        let mut subscribe = Call { subscribe: Some(call::Subscribe::default()), ..Call::default() };
        subscribe.set_type(call::Type::Subscribe);
        let mut events = open(agent).await;
        let events = post(&mut events, subscribe).await;
        assert_eq!(events.status, StatusCode::OK);
        Executor { connection: open(agent).await, _events: events }
    }

    /// The answer to a call.
    async fn call(&mut self, call: Call) -> (StatusCode, String) {
        let answer = post(&mut self.connection, call).await;
        let status = answer.status;
        (status, String::from_utf8(answer.bytes(MEGABYTE).await.unwrap().to_vec()).unwrap())
    }
}

async fn open(agent: &Agent) -> Connection {
    let endpoint = agent.address().to_string().parse().unwrap();
    Connection::open(&endpoint, &Tls::none(), master::DEADLINE).await.unwrap()
}

async fn post(connection: &mut Connection, call: Call) -> mesos_net::client::Response {
    let call = Call {
        executor_id: ExecutorId { value: "ex".to_owned() },
        framework_id: FrameworkId { value: FRAMEWORK.to_owned() },
        ..call
    };
    let protobuf = (header::CONTENT_TYPE, "application/x-protobuf".parse().unwrap());
    let body = Bytes::from(call.encode_to_vec());
    connection.post("/api/v1/executor", &[protobuf], body).await.unwrap()
}

fn update(number: u128, bytes: usize) -> Call {
    // The bits that make it a random one.
    let uuid = number | (4 << 76) | (8 << 60);
    let mut status = TaskStatus {
        task_id: TaskId { value: "t".to_owned() },
        uuid: Some(Bytes::copy_from_slice(&uuid.to_be_bytes())),
        data: Some(vec![0; bytes].into()),
        ..TaskStatus::default()
    };
    status.set_state(TaskState::TaskRunning);
    status.set_source(mesos_proto::v1::task_status::Source::Executor);
    let mut call = Call { update: Some(call::Update { status }), ..Call::default() };
    call.set_type(call::Type::Update);
    call
}

fn message(bytes: usize) -> Call {
    let data = vec![0; bytes].into();
    let mut call = Call { message: Some(call::Message { data }), ..Call::default() };
    call.set_type(call::Type::Message);
    call
}

/// The memory of this process now, and the most it ever had.
fn memory() -> (usize, usize) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let of = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
    };
    (of("VmRSS:"), of("VmHWM:"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_that_floods_costs_itself_and_nobody_else() {
    let root = tempfile::tempdir().unwrap();
    let mut master = Master::start().await;
    let agent = Agent::start(flags(&master, root.path(), &[])).await.unwrap();
    let pid = master.register().await;
    let mut flooder = Executor::start(&mut master, &agent, &pid).await;
    let (before, _) = memory();

    let (status, text) = flooder.call(message(17 * MEGABYTE)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(text.contains("16777216 are allowed"), "{text}");

    // Nobody acknowledges: the master of this test keeps silent about them.
    let mut taken = 0;
    let text = loop {
        let (status, text) = flooder.call(update(taken, MEGABYTE)).await;
        if status == StatusCode::SERVICE_UNAVAILABLE {
            break text;
        }
        assert_eq!(status, StatusCode::ACCEPTED, "{text}");
        taken += 1;
        assert!(taken < 100, "a hundred megabytes were taken");
    };
    assert!(text.contains("waiting to be acknowledged"), "{text}");
    for number in 0..300 {
        let (status, _) = flooder.call(update(1000 + number, MEGABYTE)).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    }

    // A master that is far behind: what is on its way to it must not break the connection.
    master.stop_reading().await;
    for _ in 0..300 {
        assert_eq!(flooder.call(message(MEGABYTE)).await.0, StatusCode::ACCEPTED);
    }
    let (_, peak) = memory();
    let grown = peak - before;
    assert!(grown < GROWTH_MAX, "the agent has grown by {} MB", grown >> 20);

    let mut other = framework(false);
    other.id = Some(FrameworkId { value: "framework-2".to_owned() });
    let began = std::time::Instant::now();
    master.run_task(&pid, other, task("other", "true"));
    master.go_on_reading();
    let mut states = Vec::new();
    while states.len() < 3 {
        let status = master.status_of("framework-2", &pid).await;
        states.push(status.state());
    }
    let expected = [TaskState::TaskStarting, TaskState::TaskRunning, TaskState::TaskFinished];
    assert_eq!(states, expected);
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
    let metrics = get(agent.address(), "/metrics/snapshot").await;
    assert_eq!(metrics["slave/registered"], 1.0);
    assert!(!master.has_seen("mesos.internal.ReregisterSlaveMessage"), "the link has broken");
}
