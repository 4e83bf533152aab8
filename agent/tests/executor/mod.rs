// SPDX-License-Identifier: Apache-2.0

//! An executor that says whatever a test wants.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use bytes::Bytes;
use http::{StatusCode, header};
use mesos_agent::Agent;
use mesos_net::client::{Connection, Tls};
use mesos_proto::v1::{
    CommandInfo, ExecutorId, ExecutorInfo, FrameworkId, TaskId, TaskInfo, TaskState, TaskStatus,
    executor::{Call, call},
};
use prost::Message;

use crate::master::{self, FRAMEWORK, Master, framework, get, task};

pub const MEGABYTE: usize = 1 << 20;

/// An executor's side, by hand.
pub struct Executor {
    id: &'static str,
    connection: Connection,
    /// Its stream, which is not read.
    pub events: mesos_net::client::Response,
}

impl Executor {
    /// Runs a task in an executor, and subscribes in its place.
    pub async fn start(
        master: &mut Master,
        agent: &Agent,
        pid: &mesos_wire::Upid,
        (id, task_id): (&'static str, &str),
    ) -> Executor {
        let command = CommandInfo { value: Some("sleep 1000".into()), ..CommandInfo::default() };
        let executor = ExecutorInfo {
            executor_id: ExecutorId { value: id.to_owned() },
            framework_id: Some(FrameworkId { value: FRAMEWORK.to_owned() }),
            command: Some(command),
            ..ExecutorInfo::default()
        };
        let task = TaskInfo { command: None, executor: Some(executor), ..task(task_id, "") };
        master.run_task(pid, framework(false), task);
        let deadline = tokio::time::Instant::now() + master::DEADLINE;
        while !is_there(agent, id).await {
            assert!(tokio::time::Instant::now() < deadline, "the executor never came");
        }
        let mut subscribe = Call { subscribe: Some(call::Subscribe::default()), ..Call::default() };
        subscribe.set_type(call::Type::Subscribe);
        let mut events = open(agent).await;
        let events = post(&mut events, id, subscribe).await;
        assert_eq!(events.status, StatusCode::OK);
        Executor { id, connection: open(agent).await, events }
    }

    /// The answer to a call.
    pub async fn call(&mut self, call: Call) -> (StatusCode, String) {
        self.call_as(self.id, call).await
    }

    /// The answer to a call in another one's name.
    pub async fn call_as(&mut self, id: &str, call: Call) -> (StatusCode, String) {
        let answer = post(&mut self.connection, id, call).await;
        let status = answer.status;
        (status, String::from_utf8(answer.bytes(MEGABYTE).await.unwrap().to_vec()).unwrap())
    }
}

async fn open(agent: &Agent) -> Connection {
    let endpoint = agent.address().to_string().parse().unwrap();
    Connection::open(&endpoint, &Tls::none(), master::DEADLINE).await.unwrap()
}

async fn is_there(agent: &Agent, id: &str) -> bool {
    let state = get(agent.address(), "/state").await;
    let frameworks = state["frameworks"].as_array().into_iter().flatten();
    let executors = frameworks.flat_map(|it| it["executors"].as_array().into_iter().flatten());
    executors.into_iter().any(|executor| executor["id"] == id)
}

async fn post(connection: &mut Connection, id: &str, call: Call) -> mesos_net::client::Response {
    let call = Call {
        executor_id: ExecutorId { value: id.to_owned() },
        framework_id: FrameworkId { value: FRAMEWORK.to_owned() },
        ..call
    };
    let protobuf = (header::CONTENT_TYPE, "application/x-protobuf".parse().unwrap());
    let body = Bytes::from(call.encode_to_vec());
    connection.post("/api/v1/executor", &[protobuf], body).await.unwrap()
}

/// TASK_RUNNING of a task, with so many bytes.
pub fn update(task_id: &str, number: u128, bytes: usize) -> Call {
    // The bits that make it a random one.
    let uuid = number | (4 << 76) | (8 << 60);
    let mut status = TaskStatus {
        task_id: TaskId { value: task_id.to_owned() },
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

/// A message of so many bytes.
pub fn message(bytes: usize) -> Call {
    let data = vec![0; bytes].into();
    let mut call = Call { message: Some(call::Message { data }), ..Call::default() };
    call.set_type(call::Type::Message);
    call
}

/// The memory of this process now, and the most it ever had.
pub fn memory() -> (usize, usize) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let of = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() << 10
    };
    (of("VmRSS:"), of("VmHWM:"))
}
