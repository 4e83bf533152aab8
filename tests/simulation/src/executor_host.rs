// SPDX-License-Identifier: Apache-2.0

//! Custom executors: processes in containers, with the real executor driver.
//!
//! An executor talks to the agent of its machine only, in order and quickly. It runs
//! each task for a while, is killed or not, mostly heeds SHUTDOWN, sometimes crashes,
//! and leaves when it has nothing more to do.

use std::{collections::BTreeMap, time::Duration};

use mesos_agent_state::{self as agent, ConnectionKey, ContainerId, LaunchSpec, RequestKey};
use mesos_core::time::Time;
use mesos_driver::{
    Attempt, CallKey, SendKey,
    executor::{Config, Driver, Event as Heard, Input, Output, Recovery},
};
use mesos_proto::v1::{
    ExecutorId, FrameworkId, TaskId, TaskState, TaskStatus,
    executor::{self, call},
};

use crate::{
    container::{Container, KILLED},
    event::Event,
    observer::is_terminal,
    world::World,
};

/// How long a message takes between an executor and its agent.
const LOCAL: Duration = Duration::from_micros(200);

/// An executor without anything to do leaves after this.
const IDLE: Duration = Duration::from_secs(45);

/// Updates are made in bursts for no longer than this.
const BURSTS_MAX: Duration = Duration::from_secs(60);

/// Where an executor is: its agent's number and its container.
pub(crate) type Place = (usize, ContainerId);

/// What an executor does of its own accord.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    /// A driver's timer.
    Wake,
    /// Something for its driver.
    Driver(Box<Input>),
    /// A task comes to a state.
    Task {
        task_id: String,
        state: TaskState,
    },
    /// It makes many updates of a task at once.
    Burst {
        task_id: String,
    },
    /// Its subscription breaks.
    LoseStream,
    /// Leaves, if there still is nothing to do.
    LeaveIfIdle,
    Leave,
}

pub(crate) struct Executor {
    driver: Driver,
    wake: Option<Time>,
    framework_id: String,
    tasks: BTreeMap<String, TaskState>,
    stream: Option<ConnectionKey>,
    /// It is up, and never says a word.
    silent: bool,
}

/// Which executor's subscription or call the agent speaks of.
#[derive(Default)]
pub(crate) struct Conversations {
    streams: BTreeMap<ConnectionKey, (ContainerId, Attempt)>,
    requests: BTreeMap<RequestKey, (ContainerId, SendKey)>,
}

impl Executor {
    fn new(spec: &LaunchSpec, seed: u64) -> Self {
        let framework_id = FrameworkId { value: spec.framework_id.clone() };
        let executor_id = ExecutorId { value: spec.executor_id.clone() };
        let mut config = Config::new(framework_id, executor_id);
        config.heartbeat_interval = Duration::from_secs(20);
        if spec.environment.iter().any(|(name, value)| name == "MESOS_CHECKPOINT" && value == "1") {
            let timeout = Duration::from_secs([900, 20][(seed % 2) as usize]);
            let backoff_max = Duration::from_secs(2);
            config.recovery = Some(Recovery { timeout, backoff_max });
        }
        Executor {
            driver: Driver::new(config, seed),
            wake: None,
            framework_id: spec.framework_id.clone(),
            tasks: BTreeMap::new(),
            stream: None,
            silent: false,
        }
    }

    /// Whether there is nothing to do, nor to wait for.
    fn is_idle(&self) -> bool {
        self.driver.unacknowledged_updates() == 0
            && self.tasks.values().all(|state| is_terminal(*state))
    }
}

impl World {
    /// The process in an executor's container begins.
    pub(crate) fn start_executor(&mut self, place: Place) {
        let seed = self.rng.next_u64();
        let Some(container) = self.agents[place.0].containers.get(&place.1) else { return };
        let mut executor = Executor::new(&container.spec, seed);
        executor.silent = self.rng.below(25) == 0;
        let silent = executor.silent;
        self.executors.insert(place.clone(), executor);
        if silent {
            return;
        }
        if self.rng.below(8) == 0 {
            let after = Duration::from_millis(self.rng.below(60_000));
            let (agent, container) = place.clone();
            self.queue
                .push(self.now + after, Event::ContainerEnds { agent, container, status: 11 });
        }
        self.executor_later(&place, IDLE, Deed::LeaveIfIdle);
        self.executor_input(&place, Input::Start);
    }

    /// An executor's process is gone.
    pub(crate) fn end_executor(&mut self, place: &Place) {
        if let Some(executor) = self.executors.remove(place)
            && let Some(connection) = executor.stream
        {
            let input = agent::Input::ExecutorConnectionClosed { connection };
            self.local_to_agent(place.0, input);
        }
    }

    fn executor_later(&mut self, place: &Place, after: Duration, deed: Deed) {
        self.queue.push(self.now + after, Event::Executor { place: place.clone(), deed });
    }

    fn local_to_agent(&mut self, index: usize, input: agent::Input) {
        let life = self.agents[index].life;
        let event = Event::Agent { agent: index, life, input: Box::new(input) };
        self.queue.push(self.now + LOCAL, event);
    }

    pub(crate) fn executor_does(&mut self, place: &Place, deed: Deed) {
        let now = self.now;
        let Some(executor) = self.executors.get_mut(place) else { return };
        match deed {
            Deed::Wake => {
                if executor.wake.take_if(|at| *at <= now).is_some() {
                    self.executor_input(place, Input::Wake);
                }
            }
            Deed::Driver(input) => self.executor_input(place, *input),
            Deed::Task { task_id, state } => self.task_comes_to(place, task_id, state),
            Deed::Burst { task_id } => self.task_says_much(place, &task_id),
            Deed::LeaveIfIdle if executor.is_idle() => {
                self.executor_has_said(place);
                self.executor_input(place, Input::Stop);
            }
            Deed::LeaveIfIdle => {}
            Deed::LoseStream => self.executor_loses_stream(place),
            Deed::Leave => {
                for task_id in executor.tasks.keys() {
                    let name = (executor.framework_id.clone(), task_id.clone());
                    self.reports.stops(&name);
                }
                self.executor_input(place, Input::Stop);
            }
        }
    }

    fn executor_input(&mut self, place: &Place, input: Input) {
        let now = self.now;
        let Some(executor) = self.executors.get_mut(place) else { return };
        executor.driver.handle(now, input);
        while let Some(output) =
            self.executors.get_mut(place).and_then(|executor| executor.driver.poll_output())
        {
            self.executor_output(place, output);
        }
        let Some(executor) = self.executors.get_mut(place) else { return };
        if let Some((at, _)) = executor.driver.poll_timeout()
            && executor.wake.is_none_or(|planned| at < planned)
        {
            executor.wake = Some(at);
            self.queue
                .push(at.max(now), Event::Executor { place: place.clone(), deed: Deed::Wake });
        }
    }

    fn executor_output(&mut self, place: &Place, output: Output) {
        match output {
            Output::Subscribe { attempt, call } => self.executor_subscribes(place, attempt, call),
            Output::Disconnect { .. } => {
                let executor = self.executors.get_mut(place).expect("it has just spoken");
                if let Some(connection) = executor.stream.take() {
                    let input = agent::Input::ExecutorConnectionClosed { connection };
                    self.local_to_agent(place.0, input);
                }
            }
            Output::Send { send, call } => self.executor_calls(place, send, call),
            Output::Event(event) => self.executor_hears(place, event),
            Output::Note(text) => {
                self.trace.note(self.now, || format!("executor {place:?} log: {text}"));
            }
            Output::Answered { .. } => {}
            Output::KillSelf => self.executor_exits(place, KILLED),
            Output::Ended(result) => {
                self.trace.note(self.now, || format!("executor {place:?} ends: {result:?}"));
                self.executor_exits(place, 0);
            }
        }
    }

    fn executor_exits(&mut self, place: &Place, status: i32) {
        let (agent, container) = place.clone();
        self.queue.push(self.now + LOCAL, Event::ContainerEnds { agent, container, status });
    }

    fn executor_subscribes(&mut self, place: &Place, attempt: Attempt, call: Box<executor::Call>) {
        if self.agents[place.0].core.is_none() {
            let input = match self.rng.below(4) {
                // It listens already.
                0 => Input::StreamRefused { attempt, status: 503, body: String::new() },
                _ => Input::StreamFailed { attempt, reason: "connection refused".to_owned() },
            };
            return self.executor_later(place, LOCAL, Deed::Driver(Box::new(input)));
        }
        let connection = ConnectionKey(self.next_key());
        let executor = self.executors.get_mut(place).expect("it has just spoken");
        executor.stream = Some(connection);
        let streams = &mut self.agents[place.0].conversations.streams;
        streams.insert(connection, (place.1.clone(), attempt));
        self.local_to_agent(place.0, agent::Input::ExecutorSubscribe { connection, call });
    }

    fn executor_calls(&mut self, place: &Place, send: SendKey, call: Box<executor::Call>) {
        if self.agents[place.0].core.is_none() {
            let input = Input::CallFailed { send, reason: "connection refused".to_owned() };
            return self.executor_later(place, LOCAL, Deed::Driver(Box::new(input)));
        }
        self.trace.note(self.now, || format!("executor {place:?} calls {}", label(&call)));
        let request = RequestKey(self.next_key());
        let requests = &mut self.agents[place.0].conversations.requests;
        requests.insert(request, (place.1.clone(), send));
        self.local_to_agent(place.0, agent::Input::ExecutorCall { request, call });
    }

    /// The agent answers a call.
    pub(crate) fn answer_executor(
        &mut self,
        index: usize,
        request: RequestKey,
        status: u16,
        body: String,
    ) {
        let call = self.agents[index].conversations.requests.remove(&request);
        if let Some((container, send)) = call {
            let input = Input::CallAnswered { send, status, body };
            self.executor_later(&(index, container), LOCAL, Deed::Driver(Box::new(input)));
        }
    }

    /// The agent has something for a subscription, which may end it.
    pub(crate) fn tell_executor(
        &mut self,
        index: usize,
        connection: ConnectionKey,
        ends: bool,
        input: impl FnOnce(Attempt) -> Input,
    ) {
        let streams = &mut self.agents[index].conversations.streams;
        let stream = match ends {
            true => streams.remove(&connection),
            false => streams.get(&connection).cloned(),
        };
        if let Some((container, attempt)) = stream {
            let input = Box::new(input(attempt));
            self.executor_later(&(index, container), LOCAL, Deed::Driver(input));
        }
    }

    /// The agent's process is gone: so are its connections to executors.
    pub(crate) fn agent_left_executors(&mut self, index: usize) {
        let conversations = std::mem::take(&mut self.agents[index].conversations);
        for (container, attempt) in conversations.streams.into_values() {
            let input = Input::StreamFailed { attempt, reason: "connection reset".to_owned() };
            self.executor_later(&(index, container), LOCAL, Deed::Driver(Box::new(input)));
        }
        for (container, send) in conversations.requests.into_values() {
            let input = Input::CallFailed { send, reason: "connection reset".to_owned() };
            self.executor_later(&(index, container), LOCAL, Deed::Driver(Box::new(input)));
        }
    }

    /// An executor leaves, and its agent has taken all that it had to say.
    fn executor_has_said(&mut self, place: &Place) {
        let executor = &self.executors[place];
        for (task_id, state) in &executor.tasks {
            self.said.insert((executor.framework_id.clone(), task_id.clone()), *state);
        }
    }

    fn executor_hears(&mut self, place: &Place, event: Heard) {
        match event {
            Heard::Launch(task) => self.executor_launches(place, task.task_id.value),
            Heard::Kill { task_id, .. } => {
                self.trace.note(self.now, || format!("executor {place:?}: KILL {task_id:?}"));
                if self.rng.below(10) > 0 {
                    let after = Duration::from_millis(self.rng.below(2000));
                    let (task_id, state) = (task_id.value, TaskState::TaskKilled);
                    self.executor_later(place, after, Deed::Task { task_id, state });
                }
            }
            Heard::Shutdown { reason } => {
                self.trace.note(self.now, || format!("executor {place:?}: SHUTDOWN {reason}"));
                if self.rng.below(4) == 0 {
                    return; // It does not listen.
                }
                let executor = &self.executors[place];
                let tasks: Vec<String> = executor.tasks.keys().cloned().collect();
                for task_id in tasks {
                    let state = TaskState::TaskKilled;
                    self.executor_later(place, LOCAL, Deed::Task { task_id, state });
                }
                self.executor_later(place, LOCAL * 2, Deed::Leave);
            }
            Heard::Acknowledged { .. } => {
                if self.executors[place].is_idle() {
                    let after = Duration::from_millis(self.rng.below(20_000));
                    self.executor_later(place, after, Deed::LeaveIfIdle);
                }
            }
            Heard::LaunchGroup(group) => {
                for task in group.tasks {
                    self.executor_launches(place, task.task_id.value);
                }
            }
            Heard::Message(data) => {
                let key = CallKey(self.next_key());
                let input = Input::Message { key, data };
                self.executor_later(place, LOCAL, Deed::Driver(Box::new(input)));
            }
            Heard::Subscribed { .. } | Heard::Disconnected { .. } => {}
        }
    }

    fn executor_launches(&mut self, place: &Place, task_id: String) {
        let executor = self.executors.get_mut(place).expect("it is listening");
        let framework_id = executor.framework_id.clone();
        executor.tasks.insert(task_id.clone(), TaskState::TaskStaging);
        self.trace.note(self.now, || format!("executor {place:?} launches {task_id}"));
        let name = (framework_id, task_id.clone());
        if !self.launched.insert(name.clone()) && !self.is_excused(&name) {
            self.violate(format!("task {task_id} is launched twice"));
        }
        let begins = Duration::from_millis(self.rng.below(500));
        let services = self.plan.has_services;
        let (status, lasts) = Container::natural_end(services, &mut self.rng);
        let end = match status {
            0 => TaskState::TaskFinished,
            _ => TaskState::TaskFailed,
        };
        if self.plan.bursts {
            let millis = lasts.min(BURSTS_MAX).as_millis() as u64;
            for _ in 0..=self.rng.below(3) {
                let after = begins + Duration::from_millis(self.rng.below(millis + 1));
                self.executor_later(place, after, Deed::Burst { task_id: task_id.clone() });
            }
        }
        for (after, state) in [(begins, TaskState::TaskRunning), (begins + lasts, end)] {
            let task_id = task_id.clone();
            self.executor_later(place, after, Deed::Task { task_id, state });
        }
    }

    fn task_comes_to(&mut self, place: &Place, task_id: String, state: TaskState) {
        let executor = self.executors.get_mut(place).expect("it was looked up by the caller");
        let Some(now) = executor.tasks.get_mut(&task_id) else { return };
        if is_terminal(*now) {
            // It may speak all the same, of an end that is not the first.
            if self.rng.below(4) == 0 {
                return;
            }
        } else {
            *now = state;
        }
        self.executor_reports(place, &task_id, state);
        match self.rng.below(30) {
            0 => self.executor_later(place, LOCAL, Deed::LoseStream),
            1 if is_terminal(state) => {
                let after = Duration::from_millis(self.rng.below(1000));
                let state = TaskState::TaskFailed;
                self.executor_later(place, after, Deed::Task { task_id, state });
            }
            _ => {}
        }
    }

    /// More than the agent has room for, if the task is not over.
    fn task_says_much(&mut self, place: &Place, task_id: &str) {
        let state = self.executors[place].tasks.get(task_id).copied();
        if state != Some(TaskState::TaskRunning) {
            return;
        }
        for _ in 0..5 + self.rng.below(8) {
            self.executor_reports(place, task_id, TaskState::TaskRunning);
        }
        if self.rng.below(8) == 0 {
            self.executor_later(place, LOCAL, Deed::LoseStream);
        }
    }

    /// Has a driver make an update known.
    fn executor_reports(&mut self, place: &Place, task_id: &str, state: TaskState) {
        let key = CallKey(self.next_key());
        let name = (self.executors[place].framework_id.clone(), task_id.to_owned());
        let status = TaskStatus {
            data: Some(self.reports.made(name)),
            task_id: TaskId { value: task_id.to_owned() },
            state: state as i32,
            ..Default::default()
        };
        self.executor_input(place, Input::Update { key, status: Box::new(status) });
    }

    /// The connection of a subscription breaks, with what is on its way to the executor.
    fn executor_loses_stream(&mut self, place: &Place) {
        let Some(executor) = self.executors.get_mut(place) else { return };
        let Some(connection) = executor.stream.take() else { return };
        let streams = &mut self.agents[place.0].conversations.streams;
        let Some((_, attempt)) = streams.remove(&connection) else { return };
        self.local_to_agent(place.0, agent::Input::ExecutorConnectionClosed { connection });
        let reason = "the connection broke".to_owned();
        self.executor_input(place, Input::StreamFailed { attempt, reason });
    }
}

fn label(call: &executor::Call) -> String {
    let kind: call::Type = call.r#type();
    match &call.update {
        Some(update) => format!(
            "{} {} {}",
            kind.as_str_name(),
            update.status.task_id.value,
            update.status.state().as_str_name()
        ),
        None => kind.as_str_name().to_owned(),
    }
}
