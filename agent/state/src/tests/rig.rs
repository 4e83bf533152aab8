// SPDX-License-Identifier: Apache-2.0

//! A shell for tests: a clock that is set by hand, a disk that always works, and a short way to
//! say what the machine wanted done.

use std::time::Duration;

use bytes::Bytes;
use mesos_core::time::Time;
use mesos_proto::{
    internal::{
        KillTaskMessage, RunTaskGroupMessage, RunTaskMessage, SlaveRegisteredMessage,
        StatusUpdateAcknowledgementMessage,
    },
    v1::{
        AgentId, AgentInfo, CommandInfo, ExecutorId, ExecutorInfo, FrameworkId, FrameworkInfo,
        KillPolicy, Resource, TaskGroupInfo, TaskId, TaskInfo, TaskState, TaskStatus,
        executor::{Call, Event, call, event},
        framework_info::{Capability, capability},
        task_status::Source,
        value,
    },
};

use crate::{
    Agent, Change, Config, ConnectionKey, ContainerId, FromMaster, Input, LaunchSpec, Output,
    RecoveredState, RequestKey, ToMaster, input::ContainerExit, output::Store,
};

pub(super) const MASTER: &str = "master@10.0.0.1:5050";
pub(super) const AGENT_ID: &str = "M-S0";
pub(super) const FRAMEWORK: &str = "M-0000";

/// A machine and what it wanted done since last asked.
pub(super) struct Rig {
    pub(super) agent: Agent,
    pub(super) now: Time,
    pub(super) seen: Vec<Output>,
    /// Whether checkpoint writes are answered at once.
    pub(super) disk: bool,
    /// How many checkpoint writes were asked for.
    pub(super) writes: u64,
    /// All checkpoint writes so far, but for what was removed.
    pub(super) files: Vec<(String, Store)>,
    next_connection: u64,
    next_request: u64,
}

pub(super) fn info() -> AgentInfo {
    AgentInfo { hostname: "agent".into(), port: Some(5051), ..AgentInfo::default() }
}

pub(super) fn config() -> Config {
    Config::new(info(), "10.0.0.2", 5051, "/work")
}

impl Rig {
    /// An agent that has just started for the first time.
    pub(super) fn new() -> Self {
        Rig::with(config(), RecoveredState::default(), Time::from_nanos(1_000_000_000_000))
    }

    pub(super) fn with(config: Config, recovered: RecoveredState, now: Time) -> Self {
        let mut rig = Rig {
            agent: Agent::new(config, recovered, now, now.as_nanos()),
            now,
            seen: Vec::new(),
            disk: true,
            writes: 0,
            files: Vec::new(),
            next_connection: 0,
            next_request: 0,
        };
        rig.drain();
        rig
    }

    /// An agent that a master has accepted.
    pub(super) fn registered() -> Self {
        let mut rig = Rig::new();
        rig.register();
        rig
    }

    pub(super) fn register(&mut self) {
        self.input(Input::MasterDetected(Some(MASTER.into())));
        self.advance(Duration::from_secs(1));
        self.master(FromMaster::Registered(SlaveRegisteredMessage {
            agent_id: AgentId { value: AGENT_ID.into() },
            connection: None,
        }));
        self.seen.clear();
    }

    pub(super) fn input(&mut self, input: Input) {
        self.agent.handle(self.now, input);
        self.drain();
    }

    pub(super) fn master(&mut self, message: FromMaster) {
        self.input(Input::MasterMessage { from: MASTER.into(), message: Box::new(message) });
    }

    /// Lets time pass, waking the machine whenever it wants to be.
    pub(super) fn advance(&mut self, by: Duration) {
        let until = self.now + by;
        while let Some((at, _)) = self.agent.poll_timeout()
            && at <= until
        {
            self.now = self.now.max(at);
            self.input(Input::Wake);
        }
        self.now = until;
    }

    fn drain(&mut self) {
        while let Some(output) = self.agent.poll_output() {
            if let Output::Checkpoint { write, path, store } = &output {
                self.files.push((path.clone(), store.clone()));
                self.writes = write.0 + 1;
                if self.disk {
                    let write = *write;
                    self.agent.handle(self.now, Input::CheckpointStored { write });
                }
            }
            if let Output::RemovePath { path } = &output {
                self.files.retain(|(file, _)| !file.starts_with(path));
            }
            self.seen.push(output);
        }
    }

    /// What the machine wanted done since last asked, in short.
    pub(super) fn said(&mut self) -> Vec<String> {
        self.seen.drain(..).filter_map(|output| short(&output)).collect()
    }

    /// The log lines and checkpoint writes left out, nothing else matters.
    pub(super) fn assert_said(&mut self, expected: &[&str]) {
        assert_eq!(self.said(), expected);
    }

    pub(super) fn run(&mut self, framework: FrameworkInfo, task: TaskInfo) {
        self.master(FromMaster::RunTask(RunTaskMessage {
            framework,
            pid: Some("@0.0.0.0:0".into()),
            task,
            launch_executor: Some(true),
            ..RunTaskMessage::default()
        }));
    }

    pub(super) fn run_group(&mut self, executor: ExecutorInfo, tasks: &[&str]) {
        self.master(FromMaster::RunTaskGroup(RunTaskGroupMessage {
            framework: framework(),
            executor,
            task_group: TaskGroupInfo { tasks: tasks.iter().map(|id| command_task(id)).collect() },
            launch_executor: Some(true),
            ..RunTaskGroupMessage::default()
        }));
    }

    /// The last container that was to be launched.
    pub(super) fn launched(&self) -> LaunchSpec {
        let specs = self.seen.iter().rev();
        specs
            .filter_map(|output| {
                let Output::Launch(spec) = output else { return None };
                Some(spec.as_ref().clone())
            })
            .next()
            .expect("something was launched")
    }

    /// Runs a task up to the point where its container runs.
    pub(super) fn start(&mut self, framework: FrameworkInfo, task: TaskInfo) -> ContainerId {
        self.run(framework, task);
        let container = self.launched().container;
        self.input(Input::ContainerLaunched { container: container.clone(), pid: 77 });
        container
    }

    pub(super) fn exit(&mut self, container: &ContainerId, status: i32) {
        let exit = ContainerExit { status: Some(status), limitation: None };
        self.input(Input::ContainerExited { container: container.clone(), exit });
    }

    pub(super) fn kill(&mut self, task: &str, policy: Option<KillPolicy>) {
        self.master(FromMaster::KillTask(KillTaskMessage {
            framework_id: framework_id(),
            task_id: TaskId { value: task.into() },
            kill_policy: policy,
        }));
    }

    /// The updates sent to the master since last asked; forgets everything else.
    pub(super) fn updates(&mut self) -> Vec<TaskStatus> {
        let outputs = self.seen.drain(..);
        outputs
            .filter_map(|output| {
                let Output::ToMaster { message, .. } = output else { return None };
                let ToMaster::StatusUpdate(message) = *message else { return None };
                Some(message.update.status)
            })
            .collect()
    }

    pub(super) fn acknowledge(&mut self, status: &TaskStatus) {
        self.master(FromMaster::StatusUpdateAcknowledgement(StatusUpdateAcknowledgementMessage {
            agent_id: AgentId { value: AGENT_ID.into() },
            framework_id: framework_id(),
            task_id: status.task_id.clone(),
            uuid: status.uuid.clone().expect("updates have a uuid"),
        }));
    }

    /// Acknowledges update after update until none comes; gives their states and messages.
    pub(super) fn acknowledge_all(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        loop {
            let updates = self.updates();
            if updates.is_empty() {
                return told;
            }
            for status in updates {
                told.push(describe(&status));
                self.acknowledge(&status);
            }
        }
    }

    pub(super) fn subscribe(
        &mut self,
        executor: &str,
        subscribe: call::Subscribe,
    ) -> ConnectionKey {
        let connection = ConnectionKey(self.next_connection);
        self.next_connection += 1;
        let mut call = Call { subscribe: Some(subscribe), ..call_of(executor) };
        call.set_type(call::Type::Subscribe);
        self.input(Input::ExecutorSubscribe { connection, call: Box::new(call) });
        connection
    }

    pub(super) fn call(&mut self, call: Call) {
        let request = RequestKey(self.next_request);
        self.next_request += 1;
        self.input(Input::ExecutorCall { request, call: Box::new(call) });
    }

    pub(super) fn update(&mut self, executor: &str, task: &str, state: TaskState, uuid: u8) {
        self.call(update_call(executor, task, state, uuid));
    }
}

pub(super) fn call_of(executor: &str) -> Call {
    Call {
        executor_id: ExecutorId { value: executor.into() },
        framework_id: framework_id(),
        ..Call::default()
    }
}

pub(super) fn update_call(executor: &str, task: &str, state: TaskState, uuid: u8) -> Call {
    let mut status = TaskStatus {
        task_id: TaskId { value: task.into() },
        uuid: Some(Bytes::from(vec![uuid; 16])),
        executor_id: Some(ExecutorId { value: executor.into() }),
        ..TaskStatus::default()
    };
    status.set_state(state);
    status.set_source(Source::Executor);
    let mut call = Call { update: Some(call::Update { status }), ..call_of(executor) };
    call.set_type(call::Type::Update);
    call
}

pub(super) fn framework_id() -> FrameworkId {
    FrameworkId { value: FRAMEWORK.into() }
}

pub(super) fn framework() -> FrameworkInfo {
    FrameworkInfo {
        user: "root".into(),
        name: "test".into(),
        id: Some(framework_id()),
        ..FrameworkInfo::default()
    }
}

pub(super) fn capable(mut framework: FrameworkInfo, kind: capability::Type) -> FrameworkInfo {
    let mut capability = Capability::default();
    capability.set_type(kind);
    framework.capabilities.push(capability);
    framework
}

pub(super) fn checkpointing() -> FrameworkInfo {
    FrameworkInfo { checkpoint: Some(true), ..framework() }
}

pub(super) fn scalar(name: &str, value: f64) -> Resource {
    let mut resource = Resource {
        name: name.into(),
        scalar: Some(value::Scalar { value }),
        role: Some("*".into()),
        ..Resource::default()
    };
    resource.set_type(value::Type::Scalar);
    resource
}

pub(super) fn command_task(id: &str) -> TaskInfo {
    TaskInfo {
        name: "task".into(),
        task_id: TaskId { value: id.into() },
        agent_id: AgentId { value: AGENT_ID.into() },
        resources: vec![scalar("cpus", 1.0), scalar("mem", 64.0)],
        command: Some(CommandInfo { value: Some("sleep 1".into()), ..CommandInfo::default() }),
        ..TaskInfo::default()
    }
}

pub(super) fn executor(id: &str) -> ExecutorInfo {
    ExecutorInfo {
        executor_id: ExecutorId { value: id.into() },
        command: Some(CommandInfo { value: Some("./executor".into()), ..CommandInfo::default() }),
        resources: vec![scalar("cpus", 0.1), scalar("mem", 32.0)],
        ..ExecutorInfo::default()
    }
}

pub(super) fn executor_task(id: &str, executor_id: &str) -> TaskInfo {
    TaskInfo { executor: Some(executor(executor_id)), command: None, ..command_task(id) }
}

/// A status in short.
pub(super) fn describe(status: &TaskStatus) -> String {
    let mut text = format!("{} {}", status.task_id.value, status.state().as_str_name());
    if status.reason.is_some() {
        text += &format!(" {}", status.reason().as_str_name());
    }
    if let Some(message) = &status.message {
        text += &format!(" ({message})");
    }
    text
}

/// An output in short; `None` for what most tests do not care about.
fn short(output: &Output) -> Option<String> {
    Some(match output {
        Output::Detect => "detect".to_owned(),
        Output::Link { pid } => format!("link {pid}"),
        Output::Unlink { pid } => format!("unlink {pid}"),
        Output::ToMaster { message, .. } => match message.as_ref() {
            ToMaster::Register(_) => "register".to_owned(),
            ToMaster::Reregister(_) => "reregister".to_owned(),
            ToMaster::Unregister(_) => "unregister".to_owned(),
            ToMaster::StatusUpdate(message) => describe(&message.update.status),
            ToMaster::ExecutorToFramework(_) => "message to framework".to_owned(),
            ToMaster::ExitedExecutor(message) => {
                format!("exited executor {} {}", message.executor_id.value, message.status)
            }
            ToMaster::UpdateSlave(_) => "update agent".to_owned(),
            ToMaster::UpdateOperationStatus(_) => "operation status".to_owned(),
            ToMaster::Pong(_) => "pong".to_owned(),
        },
        Output::ExecutorAccepted { .. } => "accepted".to_owned(),
        Output::ExecutorRefused { status, body, .. } => format!("refused {status} {body}"),
        Output::ExecutorEvent { event, .. } => format!("event {}", event_name(event)),
        Output::CloseExecutor { .. } => "close executor".to_owned(),
        Output::Answer { status, body, .. } => format!("answer {status} {body}").trim().to_owned(),
        Output::Launch(spec) => format!("launch {}", spec.executor_id),
        Output::UpdateContainer { .. } => "update container".to_owned(),
        Output::Signal { signal, .. } => format!("signal {signal}"),
        Output::Destroy { .. } => "destroy".to_owned(),
        Output::RunProbe { .. } => "probe".to_owned(),
        Output::RemovePath { path } => format!("remove {path}"),
        Output::Exit { reason, failed } => format!("exit failed={failed} {reason}"),
        Output::Checkpoint { .. }
        | Output::MeasureDiskUsage
        | Output::Change(
            Change::Agent(_)
            | Change::Framework(_)
            | Change::FrameworkCompleted { .. }
            | Change::FrameworkForgotten { .. }
            | Change::Executor(_)
            | Change::ExecutorCompleted { .. }
            | Change::ExecutorForgotten { .. }
            | Change::Task(_)
            | Change::TaskForgotten { .. },
        )
        | Output::Log { .. } => return None,
    })
}

fn event_name(event: &Event) -> String {
    let name = event.r#type().as_str_name();
    match event.r#type() {
        event::Type::Launch => {
            format!("{name} {}", event.launch.as_ref().map_or("", |it| &it.task.task_id.value))
        }
        event::Type::Kill => {
            format!("{name} {}", event.kill.as_ref().map_or("", |it| &it.task_id.value))
        }
        event::Type::Acknowledged => {
            let acknowledged = event.acknowledged.as_ref();
            format!("{name} {}", acknowledged.map_or(0, |it| it.uuid[0]))
        }
        event::Type::LaunchGroup => {
            let group = event.launch_group.as_ref();
            let tasks = group.map_or(&[][..], |it| &it.task_group.tasks);
            let ids: Vec<&str> = tasks.iter().map(|task| task.task_id.value.as_str()).collect();
            format!("{name} {}", ids.join(","))
        }
        event::Type::Subscribed
        | event::Type::Message
        | event::Type::Error
        | event::Type::Shutdown
        | event::Type::Heartbeat
        | event::Type::Unknown => name.to_owned(),
    }
}
