// SPDX-License-Identifier: Apache-2.0

//! How long the master's decisions take, and how much memory they keep, at the
//! size of a large cluster: `cargo bench -p mesos-master-state [agents]`.
//!
//! Plain wall time on whatever machine this is; ratios are what counts.

use std::{collections::BTreeMap, time::Instant};

use bytes::Bytes;
use mesos_core::time::Time;
use mesos_master_state::{
    Change, Config, FromAgent, Input, Master, Output, RegistrySnapshot, RequestKey, StreamKey,
    TaskKey, TaskRecord, ToAgent,
};
use mesos_proto::{
    internal::{RegisterSlaveMessage, ReregisterSlaveMessage, StatusUpdate, StatusUpdateMessage},
    v1::{
        self, AgentId, AgentInfo, CommandInfo, FrameworkId, FrameworkInfo, Label, Labels,
        MasterInfo, Resource, TaskId, TaskInfo, TaskState, TaskStatus,
        scheduler::{Call, call},
    },
};

const FRAMEWORKS: usize = 5;
const TASKS: usize = 10;

struct Shell {
    master: Master,
    now: u64,
    registry: RegistrySnapshot,
    offers: Vec<(usize, v1::Offer)>,
    agents: Vec<String>,
    launched: Vec<(String, String, String)>,
    updates: Vec<(usize, TaskStatus)>,
    streams: Vec<(String, String)>,
    /// What a view holds.
    tasks: BTreeMap<TaskKey, std::sync::Arc<TaskRecord>>,
    requests: u64,
}

impl Shell {
    fn new(registry: RegistrySnapshot) -> Self {
        let info = MasterInfo { id: "master".to_owned(), port: 5050, ..Default::default() };
        let now = 1_795_400_000_000_000_000;
        let master = Master::new(Config::new(info), registry.clone(), Time::from_nanos(now), 1);
        Shell {
            master,
            now,
            registry,
            offers: Vec::new(),
            agents: Vec::new(),
            launched: Vec::new(),
            updates: Vec::new(),
            streams: vec![Default::default(); FRAMEWORKS],
            tasks: BTreeMap::new(),
            requests: 100,
        }
    }

    fn input(&mut self, input: Input) {
        self.now += 1000;
        self.master.handle(Time::from_nanos(self.now), input);
        while let Some(output) = self.master.poll_output() {
            match output {
                Output::Store { write, changes } => {
                    changes.iter().for_each(|change| self.registry.apply(change));
                    self.master.handle(Time::from_nanos(self.now), Input::RegistryStored { write });
                }
                Output::ToAgent { message: ToAgent::Registered(message), .. } => {
                    self.agents.push(message.agent_id.value);
                }
                Output::ToAgent { message: ToAgent::RunTask(run), .. } => {
                    let id = run.framework.id.unwrap_or_default().value;
                    self.launched.push((id, run.task.agent_id.value, run.task.task_id.value));
                }
                Output::Subscribed { stream, stream_id } => {
                    self.streams[stream.0 as usize].1 = stream_id;
                }
                Output::Event { stream, event } => self.event(stream.0 as usize, *event),
                Output::Change(change) => self.change(change),
                Output::ToAgent { .. }
                | Output::Ping { .. }
                | Output::Link { .. }
                | Output::Unlink { .. }
                | Output::Answer { .. }
                | Output::Explained { .. }
                | Output::RefuseSubscribe { .. }
                | Output::CloseStream { .. }
                | Output::Log { .. }
                | Output::Fatal { .. } => {}
            }
        }
    }

    fn event(&mut self, stream: usize, event: v1::scheduler::Event) {
        if let Some(subscribed) = event.subscribed {
            self.streams[stream].0 = subscribed.framework_id.value;
        }
        for offer in event.offers.map(|offers| offers.offers).unwrap_or_default() {
            self.offers.push((stream, offer));
        }
        if let Some(update) = event.update {
            self.updates.push((stream, update.status));
        }
    }

    fn change(&mut self, change: Change) {
        match change {
            Change::TaskAdded(task) | Change::TaskUpdated { task, .. } => {
                self.tasks.insert(task.spec.key, task);
            }
            Change::TaskCompleted(task) => {
                self.tasks.remove(&task.spec.key);
            }
            Change::AgentRecovered(_)
            | Change::Agent(_)
            | Change::AgentUsage { .. }
            | Change::AgentRemoved { .. }
            | Change::AgentsPruned { .. }
            | Change::Framework(_)
            | Change::FrameworkUsage { .. }
            | Change::FrameworkCompleted(_)
            | Change::TaskUnreachable(_)
            | Change::TaskForgotten { .. }
            | Change::ExecutorAdded { .. }
            | Change::ExecutorRemoved { .. }
            | Change::OfferAdded(_)
            | Change::OfferRemoved { .. } => {}
        }
    }

    fn call(&mut self, stream: usize, call: Call) {
        self.requests += 1;
        let (id, stream_id) = self.streams[stream].clone();
        let framework_id = Some(FrameworkId { value: id });
        self.input(Input::SchedulerCall {
            request: RequestKey(self.requests),
            stream_id: Some(stream_id),
            call: Box::new(Call { framework_id, ..call }),
            principal: None,
        });
    }
}

fn scalar(name: &str, value: f64) -> Resource {
    Resource {
        name: name.to_owned(),
        r#type: v1::value::Type::Scalar.into(),
        scalar: Some(v1::value::Scalar { value }),
        ..Default::default()
    }
}

fn pid(agent: usize) -> String {
    format!("slave({agent})@10.0.0.1:5051")
}

fn info(agent: usize) -> AgentInfo {
    AgentInfo {
        hostname: format!("host-{agent}"),
        port: Some(5051),
        resources: vec![scalar("cpus", 20.0), scalar("mem", 10240.0)],
        ..Default::default()
    }
}

fn task(agent: &str, number: usize) -> TaskInfo {
    let labels = (0..10)
        .map(|label| Label { key: format!("key-{label}"), value: Some(format!("value-{label}")) });
    TaskInfo {
        name: "task".to_owned(),
        task_id: TaskId { value: format!("task-{agent}-{number}") },
        agent_id: AgentId { value: agent.to_owned() },
        resources: vec![scalar("cpus", 0.1), scalar("mem", 5.0)],
        command: Some(CommandInfo { value: Some("sleep 1000".to_owned()), ..Default::default() }),
        labels: Some(Labels { labels: labels.collect() }),
        ..Default::default()
    }
}

fn memory() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: f64 = statm.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0.0);
    pages * 4096.0
}

fn measure(what: &str, count: usize, work: impl FnOnce()) {
    let (before, start) = (memory(), Instant::now());
    work();
    let (seconds, bytes) = (start.elapsed().as_secs_f64(), memory() - before);
    let each = seconds * 1e6 / count as f64;
    let line = format!(
        "{what:<34} {count:>8} {seconds:>9.3} s {each:>9.2} us each {:>9.0} bytes each\n",
        bytes / count as f64
    );
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes()).expect("stdout is open");
}

fn subscribe(shell: &mut Shell, ids: Option<&[String]>) {
    for stream in 0..FRAMEWORKS {
        let id = ids.map(|ids| FrameworkId { value: ids[stream].clone() });
        let framework_info = FrameworkInfo {
            user: "root".to_owned(),
            name: "bench".to_owned(),
            failover_timeout: Some(600.0),
            checkpoint: Some(true),
            id: id.clone(),
            ..Default::default()
        };
        let call = Call {
            framework_id: id,
            r#type: Some(call::Type::Subscribe.into()),
            subscribe: Some(call::Subscribe { framework_info, ..Default::default() }),
            ..Default::default()
        };
        shell.input(Input::Subscribe {
            stream: StreamKey(stream as u64),
            call: Box::new(call),
            stream_id: None,
            principal: None,
        });
    }
    while shell.master.poll_timeout().is_some_and(|(_, what)| what == "allocation") {
        shell.now += 1_000_000;
        shell.input(Input::Wake);
    }
}

fn launch(shell: &mut Shell) {
    // What is left is offered to the other frameworks, which do not want it.
    for (stream, offer) in std::mem::take(&mut shell.offers) {
        let agent = offer.agent_id.value.clone();
        let task_infos = (0..TASKS).map(|number| task(&agent, number)).collect();
        let operation = v1::offer::Operation {
            r#type: Some(v1::offer::operation::Type::Launch.into()),
            launch: Some(v1::offer::operation::Launch { task_infos }),
            ..Default::default()
        };
        let filters = Some(v1::Filters { refuse_seconds: Some(1e6) });
        let accept =
            call::Accept { offer_ids: vec![offer.id], operations: vec![operation], filters };
        shell.call(
            stream,
            Call {
                r#type: Some(call::Type::Accept.into()),
                accept: Some(accept),
                ..Default::default()
            },
        );
    }
}

fn report(shell: &mut Shell, state: TaskState) {
    for (number, (framework, agent, task)) in shell.launched.clone().into_iter().enumerate() {
        let uuid = Bytes::from(format!("{number:016}"));
        let update = StatusUpdate {
            framework_id: FrameworkId { value: framework },
            agent_id: Some(AgentId { value: agent.clone() }),
            status: TaskStatus {
                task_id: TaskId { value: task },
                state: state.into(),
                source: Some(v1::task_status::Source::Executor.into()),
                ..Default::default()
            },
            timestamp: 1.0,
            uuid: Some(uuid),
            latest_state: Some(state.into()),
            ..Default::default()
        };
        let message = FromAgent::StatusUpdate(Box::new(StatusUpdateMessage { update, pid: None }));
        shell.input(Input::AgentMessage { pid: "slave(0)@10.0.0.1:5051".to_owned(), message });
        for (stream, status) in std::mem::take(&mut shell.updates) {
            let acknowledge = call::Acknowledge {
                agent_id: status.agent_id.unwrap_or_default(),
                task_id: status.task_id,
                uuid: status.uuid.unwrap_or_default(),
            };
            shell.call(
                stream,
                Call {
                    r#type: Some(call::Type::Acknowledge.into()),
                    acknowledge: Some(acknowledge),
                    ..Default::default()
                },
            );
        }
    }
}

fn fail_over(shell: Shell, agents: usize) {
    let ids: Vec<String> = shell.streams.iter().map(|(id, _)| id.clone()).collect();
    let mut messages = BTreeMap::new();
    for record in shell.tasks.values() {
        let task = record.to_proto();
        let agent = task.agent_id.value.clone();
        messages.entry(agent).or_insert_with(Vec::new).push(task);
    }
    let numbers: BTreeMap<_, _> =
        shell.agents.iter().enumerate().map(|(number, id)| (id.clone(), number)).collect();
    let registry = shell.registry.clone();
    drop(shell);
    let mut next = Shell::new(registry);
    subscribe(&mut next, Some(&ids));
    let mut inputs = Vec::new();
    for (agent, tasks) in messages {
        let number = numbers[&agent];
        let frameworks = ids.iter().map(|id| FrameworkInfo {
            user: "root".to_owned(),
            name: "bench".to_owned(),
            id: Some(FrameworkId { value: id.clone() }),
            ..Default::default()
        });
        let message = ReregisterSlaveMessage {
            agent: AgentInfo { id: Some(AgentId { value: agent }), ..info(number) },
            version: Some("1.11.0".to_owned()),
            agent_capabilities: capabilities(),
            frameworks: frameworks.collect(),
            tasks,
            ..Default::default()
        };
        let message = FromAgent::Reregister(Box::new(message.into()));
        inputs.push(Input::AgentMessage { pid: pid(number), message });
    }
    measure("re-register agents with tasks", agents, || {
        inputs.into_iter().for_each(|input| next.input(input));
    });
    assert_eq!(next.master.gauges().slaves_active, agents as u64);
}

fn capabilities() -> Vec<v1::agent_info::Capability> {
    (1..=8).map(|number| v1::agent_info::Capability { r#type: Some(number) }).collect()
}

fn main() {
    let agents = std::env::args().filter_map(|it| it.parse().ok()).next().unwrap_or(10_000);
    let mut shell = Shell::new(RegistrySnapshot::default());
    measure("register agents", agents, || {
        for agent in 0..agents {
            let message = RegisterSlaveMessage {
                agent: info(agent),
                version: Some("1.11.0".to_owned()),
                agent_capabilities: capabilities(),
                ..Default::default()
            };
            let message = FromAgent::Register(Box::new(message));
            shell.input(Input::AgentMessage { pid: pid(agent), message });
        }
    });
    measure("subscribe frameworks, offer all", agents, || subscribe(&mut shell, None));
    measure("launch tasks", agents * TASKS, || launch(&mut shell));
    assert_eq!(shell.launched.len(), agents * TASKS);
    shell.offers = Vec::new();
    measure("TASK_RUNNING and acknowledgement", agents * TASKS, || {
        report(&mut shell, TaskState::TaskRunning);
    });
    fail_over(shell, agents);
}
