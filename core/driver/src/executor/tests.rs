// SPDX-License-Identifier: Apache-2.0

//! Transcripts of the executor driver: each input with the time of it, and
//! below it what came out.

mod repeating;

use std::{fmt::Write, time::Duration};

use bytes::Bytes;
use mesos_core::time::Time;
use mesos_proto::v1::{
    AgentId, AgentInfo, ExecutorId, ExecutorInfo, FrameworkId, FrameworkInfo, TaskGroupInfo,
    TaskId, TaskInfo, TaskState, TaskStatus,
    executor::{self, event},
};

use super::*;
use crate::CallKey;

const UUID: &[u8] = b"0123456789abcdef";

/// A driver under a clock that only moves when told.
struct Bench {
    driver: Driver,
    start: Time,
    now: Time,
    transcript: String,
    last_key: u64,
}

fn config() -> Config {
    let framework = FrameworkId { value: "f-1".into() };
    Config::new(framework, ExecutorId { value: "e-1".into() })
}

fn recovering() -> Config {
    let recovery =
        Recovery { timeout: Duration::from_secs(900), backoff_max: Duration::from_secs(2) };
    Config { recovery: Some(recovery), ..config() }
}

impl Bench {
    fn with(config: Config) -> Self {
        let start = Time::from_nanos(1_000_000_000_000);
        let driver = Driver::new(config, 42);
        Bench { driver, start, now: start, transcript: String::new(), last_key: 0 }
    }

    fn subscribed(config: Config) -> Self {
        let mut bench = Self::with(config);
        bench.input(Input::Start);
        bench.subscribed_event();
        bench.transcript.clear();
        bench
    }

    fn input(&mut self, input: Input) {
        let since = self.now.since(self.start).as_secs_f64();
        writeln!(self.transcript, "{since:.1}s {}", describe_input(&input)).unwrap();
        self.driver.handle(self.now, input);
        while let Some(output) = self.driver.poll_output() {
            writeln!(self.transcript, "    -> {}", describe_output(&output)).unwrap();
        }
    }

    fn wake(&mut self) {
        let (at, why) = self.driver.poll_timeout().expect("a timer is set");
        self.now = self.now.max(at);
        writeln!(self.transcript, "-- {why}").unwrap();
        self.input(Input::Wake);
    }

    fn record(&mut self, kind: event::Type, event: executor::Event) {
        let attempt = self.driver.attempt;
        let event = executor::Event { r#type: Some(kind.into()), ..event };
        self.input(Input::Record { attempt, event: Box::new(event) });
    }

    fn subscribed_event(&mut self) {
        let subscribed = event::Subscribed {
            executor_info: ExecutorInfo::default(),
            framework_info: FrameworkInfo::default(),
            agent_info: AgentInfo {
                id: Some(AgentId { value: "a-1".into() }),
                ..Default::default()
            },
            container_id: None,
        };
        let event = executor::Event { subscribed: Some(subscribed), ..Default::default() };
        self.record(event::Type::Subscribed, event);
    }

    fn launch(&mut self, task_id: &str) {
        let launch = event::Launch { task: task(task_id) };
        let event = executor::Event { launch: Some(launch), ..Default::default() };
        self.record(event::Type::Launch, event);
    }

    fn acknowledged(&mut self, task_id: &str, uuid: &'static [u8]) {
        let acknowledged = event::Acknowledged {
            task_id: TaskId { value: task_id.into() },
            uuid: Bytes::from_static(uuid),
        };
        let event = executor::Event { acknowledged: Some(acknowledged), ..Default::default() };
        self.record(event::Type::Acknowledged, event);
    }

    fn update(&mut self, task_id: &str, state: TaskState) {
        self.last_key += 1;
        let status = TaskStatus {
            task_id: TaskId { value: task_id.into() },
            state: state.into(),
            uuid: Some(Bytes::from_static(UUID)),
            ..Default::default()
        };
        self.input(Input::Update { key: CallKey(self.last_key), status: Box::new(status) });
    }

    fn message(&mut self) {
        self.last_key += 1;
        self.input(Input::Message { key: CallKey(self.last_key), data: Bytes::from_static(b"hi") });
    }

    fn answered(&mut self, send: u64, status: u16, body: &str) {
        self.input(Input::CallAnswered { send: SendKey(send), status, body: body.into() });
    }

    fn refused(&mut self, status: u16, body: &str) {
        let attempt = self.driver.attempt;
        self.input(Input::StreamRefused { attempt, status, body: body.into() });
    }

    fn failed(&mut self, reason: &str) {
        let attempt = self.driver.attempt;
        self.input(Input::StreamFailed { attempt, reason: reason.into() });
    }
}

fn task(id: &str) -> TaskInfo {
    TaskInfo { task_id: TaskId { value: id.into() }, ..Default::default() }
}

fn describe_input(input: &Input) -> String {
    match input {
        Input::Start => "start".into(),
        Input::StreamOpened { attempt } => format!("#{} 200", attempt.0),
        Input::StreamRefused { attempt, status, body } => format!("#{} {status} {body}", attempt.0),
        Input::StreamFailed { attempt, reason } => format!("#{} failed: {reason}", attempt.0),
        Input::Record { attempt, event } => {
            format!("#{} event {}", attempt.0, event.r#type().as_str_name())
        }
        Input::Update { key, status } => {
            format!("call {} {} {}", key.0, status.task_id.value, status.state().as_str_name())
        }
        Input::Message { key, .. } => format!("call {} message", key.0),
        Input::CallAnswered { send, status, body } => format!("send {}: {status} {body}", send.0),
        Input::CallFailed { send, reason } => format!("send {} failed: {reason}", send.0),
        Input::Stop => "stop".into(),
        Input::Wake => "wake".into(),
    }
}

fn describe_output(output: &Output) -> String {
    match output {
        Output::Subscribe { attempt, call } => {
            let subscribe = call.subscribe.as_ref().expect("SUBSCRIBE has its content");
            let tasks: Vec<_> =
                subscribe.unacknowledged_tasks.iter().map(|task| &task.task_id.value).collect();
            let updates: Vec<_> = subscribe
                .unacknowledged_updates
                .iter()
                .map(|update| update.status.state().as_str_name())
                .collect();
            format!("#{} SUBSCRIBE, tasks {tasks:?}, updates {updates:?}", attempt.0)
        }
        Output::Disconnect { attempt } => format!("#{} disconnect", attempt.0),
        Output::Send { send, call } => {
            let ids = format!("{} of {}", call.executor_id.value, call.framework_id.value);
            format!("send {} {} for {ids}", send.0, call.r#type().as_str_name())
        }
        Output::Event(Event::Subscribed { again, .. }) => {
            format!("event subscribed, again {again}")
        }
        Output::Event(Event::Disconnected { reason }) => format!("event disconnected: {reason}"),
        Output::Event(Event::Launch(task)) => format!("event launch {}", task.task_id.value),
        Output::Event(
            event @ (Event::LaunchGroup(_)
            | Event::Kill { .. }
            | Event::Acknowledged { .. }
            | Event::Message(_)
            | Event::Shutdown { .. }),
        ) => format!("event {event:?}"),
        Output::Answered { key, result: Ok(()) } => format!("call {} ok", key.0),
        Output::Answered { key, result: Err(error) } => {
            format!("call {} {:?}/{:?}: {error}", key.0, error.kind, error.retry)
        }
        Output::Note(text) => format!("note: {text}"),
        Output::KillSelf => "kill self".into(),
        Output::Ended(Ok(())) => "ended".into(),
        Output::Ended(Err(error)) => format!("ended {:?}: {error}", error.kind),
    }
}

#[test]
fn an_executor_runs_a_task_and_ends() {
    let mut bench = Bench::with(config());
    bench.input(Input::Start);
    bench.subscribed_event();
    bench.launch("t-1");
    bench.update("t-1", TaskState::TaskFinished);
    bench.message();
    bench.answered(1, 202, "");
    bench.input(Input::Stop);
    bench.answered(2, 202, "");
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn an_update_leaves_complete_and_is_kept_until_acknowledged() {
    let mut bench = Bench::subscribed(recovering());
    let status = TaskStatus {
        task_id: TaskId { value: "t-1".into() },
        state: TaskState::TaskRunning.into(),
        ..Default::default()
    };
    bench.driver.handle(bench.now, Input::Update { key: CallKey(1), status: Box::new(status) });
    let Some(Output::Send { call, .. }) = bench.driver.poll_output() else {
        panic!("the update is sent");
    };
    let status = call.update.unwrap().status;
    assert_eq!(status.uuid.as_ref().unwrap().len(), 16);
    assert_eq!(status.source(), mesos_proto::v1::task_status::Source::Executor);
    assert_eq!(status.executor_id.unwrap().value, "e-1");
    assert_eq!(status.agent_id.unwrap().value, "a-1");
    assert_eq!(status.timestamp, Some(bench.now.as_secs_f64()));
    assert_eq!(bench.driver.unacknowledged_updates(), 1);
}

#[test]
fn a_restarted_agent_is_told_what_it_may_have_missed() {
    let mut bench = Bench::subscribed(recovering());
    bench.launch("t-1");
    bench.launch("t-2");
    bench.update("t-1", TaskState::TaskRunning);
    bench.answered(1, 202, "");
    bench.acknowledged("t-1", UUID);
    bench.update("t-2", TaskState::TaskRunning);
    bench.failed("the stream ended");
    bench.update("t-2", TaskState::TaskFinished);
    bench.message();
    bench.wake();
    bench.refused(503, "Agent has not finished recovery");
    bench.wake();
    bench.subscribed_event();
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn an_update_made_while_subscribing_follows_the_subscription() {
    let mut bench = Bench::with(recovering());
    bench.input(Input::Start);
    bench.update("t-1", TaskState::TaskFinished);
    bench.transcript.clear();
    bench.subscribed_event();
    assert!(bench.transcript.contains("-> send 1 UPDATE"), "{}", bench.transcript);
    // What SUBSCRIBE carried already is not sent twice.
    bench.failed("the stream ended");
    bench.wake();
    bench.transcript.clear();
    bench.subscribed_event();
    assert!(!bench.transcript.contains("UPDATE"), "{}", bench.transcript);
    assert_eq!(bench.driver.unacknowledged_updates(), 1);
}

#[test]
fn an_agent_that_stays_away_ends_the_executor_after_the_recovery_timeout() {
    let mut bench = Bench::subscribed(recovering());
    bench.failed("the stream ended");
    let lost = bench.now;
    let mut attempts = 0;
    while !bench.transcript.contains("Shutdown") {
        let before = bench.now;
        bench.wake();
        assert!(bench.now.since(before) <= Duration::from_secs(2));
        if matches!(bench.driver.phase, Phase::Subscribing { .. }) {
            attempts += 1;
            bench.failed("connection refused");
        }
    }
    assert_eq!(bench.now.since(lost), Duration::from_secs(900));
    assert!(attempts > 450, "{attempts}");
    bench.transcript.clear();
    bench.update("t-1", TaskState::TaskKilled);
    bench.wake();
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn without_checkpointing_losing_the_agent_ends_the_executor() {
    let mut bench = Bench::subscribed(config());
    bench.failed("the stream ended");
    bench.input(Input::Stop);
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn shutdown_leaves_the_grace_period_for_last_updates() {
    let mut bench = Bench::subscribed(recovering());
    bench.record(event::Type::Shutdown, executor::Event::default());
    bench.update("t-1", TaskState::TaskKilled);
    bench.answered(1, 202, "");
    bench.record(event::Type::Shutdown, executor::Event::default());
    bench.failed("the stream ended");
    assert_eq!(bench.driver.poll_timeout().unwrap().0.since(bench.now), Duration::from_secs(5));
    bench.wake();
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn an_agent_that_does_not_know_the_executor_ends_it() {
    let mut bench = Bench::with(recovering());
    bench.input(Input::Start);
    bench.refused(400, "Framework cannot be found");
    bench.input(Input::Stop);
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn an_error_event_ends_the_executor() {
    let mut bench = Bench::subscribed(recovering());
    let error = event::Error { message: "executor has been removed".into() };
    bench.record(event::Type::Error, executor::Event { error: Some(error), ..Default::default() });
    bench.input(Input::Stop);
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn updates_that_the_agent_refuses_are_not_repeated() {
    let mut bench = Bench::subscribed(recovering());
    bench.update("t-1", TaskState::TaskRunning);
    bench.answered(1, 400, "Failed to validate Executor::Call");
    bench.update("t-1", TaskState::TaskStaging);
    bench.update("", TaskState::TaskRunning);
    bench.update("t-1", TaskState::TaskFinished);
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn a_failed_call_means_that_the_connection_is_lost() {
    let mut bench = Bench::subscribed(recovering());
    bench.update("t-1", TaskState::TaskRunning);
    bench.message();
    bench.input(Input::CallFailed { send: SendKey(1), reason: "connection reset".into() });
    bench.wake();
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn heartbeats_are_sent_every_half_hour() {
    let mut bench = Bench::subscribed(config());
    bench.wake();
    bench.answered(1, 202, "");
    bench.wake();
    bench.record(event::Type::Heartbeat, executor::Event::default());
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn stopping_does_not_wait_for_ever() {
    let mut bench = Bench::subscribed(config());
    bench.update("t-1", TaskState::TaskFinished);
    bench.input(Input::Stop);
    bench.update("t-1", TaskState::TaskFinished);
    bench.wake();
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn tasks_of_a_group_are_repeated_like_single_ones() {
    let mut bench = Bench::subscribed(recovering());
    let launch_group =
        event::LaunchGroup { task_group: TaskGroupInfo { tasks: vec![task("a"), task("b")] } };
    let event = executor::Event { launch_group: Some(launch_group), ..Default::default() };
    bench.record(event::Type::LaunchGroup, event);
    bench.failed("the stream ended");
    bench.wake();
    assert!(
        bench.transcript.ends_with("tasks [\"a\", \"b\"], updates []\n"),
        "{}",
        bench.transcript
    );
}

#[test]
fn unreadable_events_are_skipped_with_a_note() {
    let mut bench = Bench::subscribed(config());
    bench.record(event::Type::Unknown, executor::Event::default());
    bench.record(event::Type::Launch, executor::Event::default());
    assert!(bench.driver.is_subscribed());
    insta::assert_snapshot!(bench.transcript);
}
