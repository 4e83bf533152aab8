// SPDX-License-Identifier: Apache-2.0

//! A master with a registry that stores at once, and short words for its inputs.

#![allow(clippy::wildcard_enum_match_arm, reason = "a test picks one kind of output")]

use std::time::Duration;

use mesos_core::time::Time;
use mesos_proto::{
    internal::{RegisterSlaveMessage, ReregisterSlaveMessage, StatusUpdate, StatusUpdateMessage},
    v1::{
        self, AgentId, AgentInfo, FrameworkId, FrameworkInfo, MasterInfo, Resource, TaskId,
        TaskInfo, TaskState, TaskStatus,
        offer::{Operation, operation},
        scheduler::{Call, Event, call, event},
    },
};

use crate::{
    Change, Config, FromAgent, Input, Master, Output, RegistrySnapshot, RequestKey, StreamKey,
    ToAgent,
};

/// The time at which every test begins.
pub(crate) const START: Time = Time::from_nanos(1_795_400_000_000_000_000);

/// A master under test.
pub(crate) struct Lab {
    pub(crate) master: Master,
    pub(crate) now: Time,
    pub(crate) registry: RegistrySnapshot,
    /// Whether the registry stores; else writes wait in `held`.
    pub(crate) stores: bool,
    pub(crate) held: Vec<crate::WriteKey>,
    /// Whether agents answer pings.
    pub(crate) pongs: bool,
    outputs: Vec<Output>,
    next: u64,
}

/// A subscribed framework.
#[derive(Clone, Debug)]
pub(crate) struct Scheduler {
    pub(crate) id: String,
    pub(crate) stream: StreamKey,
    pub(crate) stream_id: String,
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// A master with another configuration.
    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config();
        change(&mut config);
        Self::start(config, RegistrySnapshot::default(), START)
    }

    /// A master that finds a registry.
    pub(crate) fn start(config: Config, registry: RegistrySnapshot, now: Time) -> Self {
        let master = Master::new(config, registry.clone(), now, 7);
        let mut lab = Lab {
            master,
            now,
            registry,
            stores: true,
            held: Vec::new(),
            pongs: false,
            outputs: Vec::new(),
            next: 0,
        };
        lab.drain();
        lab
    }

    /// Another master that takes over from this one.
    pub(crate) fn fail_over(&self) -> Lab {
        let mut config = config();
        config.master_info.id = "m2".to_owned();
        Self::start(config, self.registry.clone(), self.now)
    }

    pub(crate) fn drain(&mut self) {
        while let Some(output) = self.master.poll_output() {
            if let Output::Store { write, changes } = &output {
                changes.iter().for_each(|change| self.registry.apply(change));
                match self.stores {
                    true => self.master.handle(self.now, Input::RegistryStored { write: *write }),
                    false => self.held.push(*write),
                }
            }
            if let Output::Ping { pid, observer, .. } = &output
                && self.pongs
            {
                let message = FromAgent::Pong { observer: observer.clone() };
                self.master.handle(self.now, Input::AgentMessage { pid: pid.clone(), message });
            }
            self.outputs.push(output);
        }
    }

    /// Gives an input, and the few microseconds that the allocator may rest.
    pub(crate) fn input(&mut self, input: Input) {
        self.master.handle(self.now, input);
        self.drain();
        let soon = self.now + Duration::from_millis(1);
        while let Some((at, _)) = self.master.poll_timeout().filter(|(at, _)| *at <= soon) {
            self.now = self.now.max(at);
            self.master.handle(self.now, Input::Wake);
            self.drain();
        }
    }

    /// Lets time pass, with every timer firing when it is due.
    pub(crate) fn advance(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some((at, _)) = self.master.poll_timeout().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at);
            self.input(Input::Wake);
        }
        self.now = end;
    }

    pub(crate) fn seconds(&mut self, seconds: u64) {
        self.advance(Duration::from_secs(seconds));
    }

    /// Stores the writes that were held.
    pub(crate) fn release(&mut self) {
        for write in std::mem::take(&mut self.held) {
            self.input(Input::RegistryStored { write });
        }
    }

    /// What came out since the last call.
    pub(crate) fn take(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.outputs)
    }

    /// The events of a scheduler among the outputs since the last `take`.
    pub(crate) fn events(&self, scheduler: &Scheduler) -> Vec<Event> {
        let events = self.outputs.iter().filter_map(|output| match output {
            Output::Event { stream, event } if *stream == scheduler.stream => Some(&**event),
            _ => None,
        });
        events.cloned().collect()
    }

    /// The statuses of UPDATE events.
    pub(crate) fn updates(&self, scheduler: &Scheduler) -> Vec<TaskStatus> {
        let events = self.events(scheduler).into_iter();
        events.filter_map(|event| event.update.map(|update| update.status)).collect()
    }

    /// The offers in OFFERS events.
    pub(crate) fn offers(&self, scheduler: &Scheduler) -> Vec<v1::Offer> {
        let events = self.events(scheduler).into_iter();
        events
            .flat_map(|event| event.offers.map(|offers| offers.offers).unwrap_or_default())
            .collect()
    }

    /// The messages to an agent since the last `take`.
    pub(crate) fn sent_to(&self, pid: &str) -> Vec<ToAgent> {
        let messages = self.outputs.iter().filter_map(|output| match output {
            Output::ToAgent { pid: to, message } if to == pid => Some(message.clone()),
            _ => None,
        });
        messages.collect()
    }

    /// The changes told to readers since the last `take`.
    pub(crate) fn changes(&self) -> Vec<Change> {
        let changes = self.outputs.iter().filter_map(|output| match output {
            Output::Change(change) => Some(change.clone()),
            _ => None,
        });
        changes.collect()
    }

    pub(crate) fn agent_says(&mut self, pid: &str, message: FromAgent) {
        self.input(Input::AgentMessage { pid: pid.to_owned(), message });
    }

    /// Registers an agent; gives back its id.
    pub(crate) fn register(&mut self, pid: &str) -> String {
        self.agent_says(pid, FromAgent::Register(Box::new(registration(agent_info()))));
        let registered = self.sent_to(pid).into_iter().find_map(|message| match message {
            ToAgent::Registered(message) => Some(message.agent_id.value),
            _ => None,
        });
        registered.expect("the agent is registered")
    }

    /// Has an agent come back with some tasks.
    pub(crate) fn reregister(&mut self, pid: &str, message: ReregisterSlaveMessage) {
        self.agent_says(pid, FromAgent::Reregister(Box::new(message.into())));
    }

    /// Subscribes a framework; what it is answered stays among the outputs.
    pub(crate) fn subscribe(&mut self, info: FrameworkInfo) -> Scheduler {
        self.subscribe_with(subscribe_call(info))
    }

    pub(crate) fn subscribe_with(&mut self, call: Call) -> Scheduler {
        self.next += 1;
        let stream = StreamKey(self.next);
        self.input(Input::Subscribe {
            stream,
            call: Box::new(call),
            stream_id: None,
            principal: None,
        });
        let stream_id = self.outputs.iter().find_map(|output| match output {
            Output::Subscribed { stream: of, stream_id } if *of == stream => Some(stream_id),
            _ => None,
        });
        let stream_id = stream_id.cloned().unwrap_or_default();
        let mut scheduler = Scheduler { id: String::new(), stream, stream_id };
        let subscribed = self.events(&scheduler).into_iter().find_map(|event| event.subscribed);
        scheduler.id = subscribed.map(|event| event.framework_id.value).unwrap_or_default();
        scheduler
    }

    /// Makes a call; gives back status and body.
    pub(crate) fn call(&mut self, scheduler: &Scheduler, call: Call) -> (u16, String) {
        let stream_id = Some(scheduler.stream_id.clone());
        let framework_id = Some(FrameworkId { value: scheduler.id.clone() });
        self.raw_call(stream_id, Call { framework_id, ..call })
    }

    pub(crate) fn raw_call(&mut self, stream_id: Option<String>, call: Call) -> (u16, String) {
        self.next += 1;
        let request = RequestKey(self.next);
        let call = Box::new(call);
        self.input(Input::SchedulerCall { request, stream_id, call, principal: None });
        self.answer_to(request)
    }

    /// A call that is still to be handed in.
    pub(crate) fn call_input(&mut self, scheduler: &Scheduler, call: Call) -> Input {
        self.next += 1;
        let framework_id = Some(FrameworkId { value: scheduler.id.clone() });
        Input::SchedulerCall {
            request: RequestKey(self.next),
            stream_id: Some(scheduler.stream_id.clone()),
            call: Box::new(Call { framework_id, ..call }),
            principal: None,
        }
    }

    pub(crate) fn operator(&mut self, call: crate::OperatorCall) -> (u16, String) {
        self.next += 1;
        let request = RequestKey(self.next);
        self.input(Input::Operator { request, call });
        self.answer_to(request)
    }

    fn answer_to(&self, request: RequestKey) -> (u16, String) {
        let answers: Vec<_> = self
            .outputs
            .iter()
            .filter_map(|output| match output {
                Output::Answer { request: of, status, body } if *of == request => {
                    Some((*status, body.clone()))
                }
                _ => None,
            })
            .collect();
        assert!(answers.len() <= 1, "one answer for one request: {answers:?}");
        answers.into_iter().next().unwrap_or((0, "no answer yet".to_owned()))
    }

    /// Launches tasks on an offer.
    pub(crate) fn launch(
        &mut self,
        scheduler: &Scheduler,
        offer: &v1::Offer,
        tasks: Vec<TaskInfo>,
    ) {
        let call = accept(vec![offer.id.clone()], vec![launch(tasks)]);
        assert_eq!(self.call(scheduler, call), (202, String::new()));
    }

    /// Has an agent report a status; gives back its uuid.
    pub(crate) fn report(
        &mut self,
        pid: &str,
        ids: (&str, &str, &str),
        state: TaskState,
    ) -> bytes::Bytes {
        self.next += 1;
        let uuid = bytes::Bytes::from(format!("{:016}", self.next));
        let (framework, agent, task) = ids;
        let message = status_update(framework, agent, task, state, uuid.clone(), self.now);
        self.agent_says(pid, FromAgent::StatusUpdate(Box::new(message)));
        uuid
    }

    /// Acknowledges a status.
    pub(crate) fn acknowledge(
        &mut self,
        scheduler: &Scheduler,
        agent: &str,
        task: &str,
        uuid: bytes::Bytes,
    ) {
        let call = Call {
            r#type: Some(call::Type::Acknowledge.into()),
            acknowledge: Some(call::Acknowledge {
                agent_id: AgentId { value: agent.to_owned() },
                task_id: TaskId { value: task.to_owned() },
                uuid,
            }),
            ..Default::default()
        };
        assert_eq!(self.call(scheduler, call), (202, String::new()));
    }

    /// A framework with one task that runs on one agent; the outputs are taken.
    pub(crate) fn with_running_task(&mut self, info: FrameworkInfo) -> Running {
        let pid = "slave(1)@10.0.0.1:5051".to_owned();
        let agent = self.register(&pid);
        let scheduler = self.subscribe(info);
        let offer = self.offers(&scheduler).remove(0);
        self.launch(&scheduler, &offer, vec![task("t", &agent)]);
        let uuid = self.report(&pid, (&scheduler.id, &agent, "t"), TaskState::TaskRunning);
        self.acknowledge(&scheduler, &agent, "t", uuid);
        self.take();
        Running { scheduler, agent, pid }
    }
}

/// What [`Lab::with_running_task`] makes.
pub(crate) struct Running {
    pub(crate) scheduler: Scheduler,
    pub(crate) agent: String,
    pub(crate) pid: String,
}

pub(crate) fn config() -> Config {
    Config::new(MasterInfo { id: "m".to_owned(), port: 5050, ..Default::default() })
}

pub(crate) fn scalar(name: &str, value: f64) -> Resource {
    Resource {
        name: name.to_owned(),
        r#type: v1::value::Type::Scalar.into(),
        scalar: Some(v1::value::Scalar { value }),
        ..Default::default()
    }
}

pub(crate) fn agent_info() -> AgentInfo {
    AgentInfo {
        hostname: "host".to_owned(),
        port: Some(5051),
        resources: vec![scalar("cpus", 4.0), scalar("mem", 4096.0)],
        ..Default::default()
    }
}

fn capabilities() -> Vec<v1::agent_info::Capability> {
    use v1::agent_info::capability::Type;
    let types = [
        Type::MultiRole,
        Type::HierarchicalRole,
        Type::ReservationRefinement,
        Type::ResourceProvider,
        Type::AgentOperationFeedback,
        Type::TaskResourceLimits,
    ];
    types.map(|it| v1::agent_info::Capability { r#type: Some(it.into()) }).to_vec()
}

pub(crate) fn registration(agent: AgentInfo) -> RegisterSlaveMessage {
    RegisterSlaveMessage {
        agent,
        version: Some("1.11.0".to_owned()),
        agent_capabilities: capabilities(),
        ..Default::default()
    }
}

pub(crate) fn reregistration(agent_id: &str) -> ReregisterSlaveMessage {
    ReregisterSlaveMessage {
        agent: AgentInfo { id: Some(AgentId { value: agent_id.to_owned() }), ..agent_info() },
        version: Some("1.11.0".to_owned()),
        agent_capabilities: capabilities(),
        ..Default::default()
    }
}

/// The task `t` of a framework as an agent reports it.
pub(crate) fn reported_task(framework: &str, agent: &str, state: TaskState) -> v1::Task {
    let mut resources = vec![scalar("cpus", 1.0), scalar("mem", 128.0)];
    for resource in &mut resources {
        let role = Some("*".to_owned());
        resource.allocation_info = Some(v1::resource::AllocationInfo { role });
    }
    v1::Task {
        name: "task".to_owned(),
        task_id: TaskId { value: "t".to_owned() },
        framework_id: FrameworkId { value: framework.to_owned() },
        agent_id: AgentId { value: agent.to_owned() },
        state: state.into(),
        resources,
        ..Default::default()
    }
}

pub(crate) fn framework_info() -> FrameworkInfo {
    FrameworkInfo {
        user: "root".to_owned(),
        name: "test".to_owned(),
        failover_timeout: Some(60.0),
        checkpoint: Some(true),
        ..Default::default()
    }
}

/// The same, with capabilities.
pub(crate) fn capable(capabilities: &[v1::framework_info::capability::Type]) -> FrameworkInfo {
    let capabilities = capabilities
        .iter()
        .map(|it| v1::framework_info::Capability { r#type: Some((*it).into()) })
        .collect();
    FrameworkInfo { capabilities, ..framework_info() }
}

pub(crate) fn subscribe_call(info: FrameworkInfo) -> Call {
    Call {
        framework_id: info.id.clone(),
        r#type: Some(call::Type::Subscribe.into()),
        subscribe: Some(call::Subscribe { framework_info: info, ..Default::default() }),
        ..Default::default()
    }
}

pub(crate) fn of_type(kind: call::Type) -> Call {
    Call { r#type: Some(kind.into()), ..Default::default() }
}

pub(crate) fn task(id: &str, agent: &str) -> TaskInfo {
    TaskInfo {
        name: "task".to_owned(),
        task_id: TaskId { value: id.to_owned() },
        agent_id: AgentId { value: agent.to_owned() },
        resources: vec![scalar("cpus", 1.0), scalar("mem", 128.0)],
        command: Some(v1::CommandInfo { value: Some("true".to_owned()), ..Default::default() }),
        ..Default::default()
    }
}

pub(crate) fn launch(tasks: Vec<TaskInfo>) -> Operation {
    Operation {
        r#type: Some(operation::Type::Launch.into()),
        launch: Some(operation::Launch { task_infos: tasks }),
        ..Default::default()
    }
}

pub(crate) fn accept(offer_ids: Vec<v1::OfferId>, operations: Vec<Operation>) -> Call {
    Call {
        r#type: Some(call::Type::Accept.into()),
        accept: Some(call::Accept { offer_ids, operations, filters: None }),
        ..Default::default()
    }
}

pub(crate) fn decline(offer_ids: Vec<v1::OfferId>, refuse_seconds: Option<f64>) -> Call {
    let filters = Some(v1::Filters { refuse_seconds });
    Call {
        r#type: Some(call::Type::Decline.into()),
        decline: Some(call::Decline { offer_ids, filters }),
        ..Default::default()
    }
}

pub(crate) fn kill(task: &str, agent: Option<&str>) -> Call {
    Call {
        r#type: Some(call::Type::Kill.into()),
        kill: Some(call::Kill {
            task_id: TaskId { value: task.to_owned() },
            agent_id: agent.map(|id| AgentId { value: id.to_owned() }),
            kill_policy: None,
        }),
        ..Default::default()
    }
}

pub(crate) fn reconcile(tasks: &[(&str, Option<&str>)]) -> Call {
    let tasks = tasks.iter().map(|(task, agent)| call::reconcile::Task {
        task_id: TaskId { value: (*task).to_owned() },
        agent_id: agent.map(|id| AgentId { value: id.to_owned() }),
    });
    Call {
        r#type: Some(call::Type::Reconcile.into()),
        reconcile: Some(call::Reconcile { tasks: tasks.collect() }),
        ..Default::default()
    }
}

pub(crate) fn status_update(
    framework: &str,
    agent: &str,
    task: &str,
    state: TaskState,
    uuid: bytes::Bytes,
    now: Time,
) -> StatusUpdateMessage {
    StatusUpdateMessage {
        update: StatusUpdate {
            framework_id: FrameworkId { value: framework.to_owned() },
            agent_id: Some(AgentId { value: agent.to_owned() }),
            status: TaskStatus {
                task_id: TaskId { value: task.to_owned() },
                state: state.into(),
                source: Some(v1::task_status::Source::Executor.into()),
                ..Default::default()
            },
            timestamp: now.as_secs_f64(),
            uuid: Some(uuid),
            latest_state: Some(state.into()),
            ..Default::default()
        },
        pid: None,
    }
}

/// The types of events, in order.
pub(crate) fn types(events: &[Event]) -> Vec<event::Type> {
    events.iter().map(Event::r#type).collect()
}
