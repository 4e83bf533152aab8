// SPDX-License-Identifier: Apache-2.0

//! Transcripts of the native executor driver.

use std::fmt::Write;

use mesos_proto::v1::{ExecutorId, FrameworkId, TaskGroupInfo, executor as api, executor::event};

use super::*;
use crate::executor::{Input as Client, Recovery};

struct Bench {
    driver: Driver,
    now: Time,
    attempt: u64,
    transcript: String,
}

impl Bench {
    fn registered() -> Self {
        let mut config =
            Config::new(FrameworkId { value: "f".into() }, ExecutorId { value: "e".into() });
        config.recovery = Some(Recovery {
            timeout: std::time::Duration::from_secs(60),
            backoff_max: std::time::Duration::from_secs(1),
        });
        let driver = Driver::new(config, AgentId { value: "a".into() }, 7);
        let now = Time::from_nanos(1_000_000_000_000);
        let mut bench = Bench { driver, now, attempt: 1, transcript: String::new() };
        bench.input("start", Input::Client(Client::Start));
        bench.subscribed();
        bench
    }

    fn subscribed(&mut self) {
        self.event("SUBSCRIBED", |event| {
            event.r#type = Some(event::Type::Subscribed.into());
            event.subscribed = Some(event::Subscribed::default());
        });
    }

    fn input(&mut self, name: &str, input: Input) {
        writeln!(self.transcript, "{name}").unwrap();
        self.driver.handle(self.now, input);
        while let Some(output) = self.driver.poll_output() {
            writeln!(self.transcript, "    -> {}", describe(&output)).unwrap();
        }
    }

    fn event(&mut self, name: &str, fill: impl FnOnce(&mut api::Event)) {
        let mut event = api::Event::default();
        fill(&mut event);
        let attempt = Attempt(self.attempt);
        let event = Box::new(event);
        self.input(name, Input::Client(Client::Record { attempt, event }));
    }

    fn launch(&mut self) {
        let task =
            |id: &str| TaskInfo { task_id: TaskId { value: id.into() }, ..Default::default() };
        self.event("LAUNCH", |event| {
            event.r#type = Some(event::Type::Launch.into());
            event.launch = Some(event::Launch { task: task("t1") });
        });
        self.event("LAUNCH_GROUP", |event| {
            event.r#type = Some(event::Type::LaunchGroup.into());
            let task_group = TaskGroupInfo { tasks: vec![task("t2"), task("t3")] };
            event.launch_group = Some(event::LaunchGroup { task_group });
        });
    }

    fn wake(&mut self) {
        let (at, why) = self.driver.poll_timeout().expect("a timer is set");
        self.now = self.now.max(at);
        self.input(why, Input::Client(Client::Wake));
    }
}

fn running() -> Input {
    let status = TaskStatus {
        task_id: TaskId { value: "t1".into() },
        state: TaskState::TaskRunning.into(),
        uuid: Some(Bytes::from_static(b"0123456789abcdef")),
        timestamp: Some(1.0),
        agent_id: Some(AgentId { value: "another".into() }),
        ..Default::default()
    };
    Input::Method(Method::SendStatusUpdate(Box::new(status)))
}

fn describe(output: &Output) -> String {
    match output {
        Output::Subscribe { attempt, call } => {
            let subscribe = call.subscribe.as_ref().expect("SUBSCRIBE has its content");
            format!(
                "#{} SUBSCRIBE with {} tasks, {} updates",
                attempt.0,
                subscribe.unacknowledged_tasks.len(),
                subscribe.unacknowledged_updates.len()
            )
        }
        Output::Disconnect { .. } => "disconnect".into(),
        Output::Send { call, .. } => match &call.update {
            Some(update) => {
                let own = update.status.uuid.as_deref() != Some(b"0123456789abcdef");
                let agent = update.status.agent_id.as_ref().map_or("none", |id| &id.value);
                format!("UPDATE at {:?}, agent {agent}, own uuid {own}", update.status.timestamp())
            }
            None => call.r#type().as_str_name().into(),
        },
        Output::Callback(callback) => match &**callback {
            Callback::Registered { .. } => "registered".into(),
            Callback::Reregistered(_) => "reregistered".into(),
            Callback::LaunchTask(task) => format!("launchTask {}", task.task_id.value),
            callback @ (Callback::Disconnected
            | Callback::KillTask(_)
            | Callback::FrameworkMessage(_)
            | Callback::Shutdown
            | Callback::Error(_)) => format!("{callback:?}"),
        },
        Output::MethodDone => "method done".into(),
        Output::Note(text) => format!("note: {text}"),
        Output::KillSelf => "kill the process group".into(),
        Output::Ended => "ended".into(),
    }
}

#[test]
fn tasks_come_one_by_one_and_updates_survive_the_agent() {
    let mut bench = Bench::registered();
    bench.launch();
    bench.input("update", running());
    let failed = Client::StreamFailed { attempt: Attempt(1), reason: "gone".into() };
    bench.input("stream lost", Input::Client(failed));
    bench.wake();
    bench.attempt = 2;
    bench.subscribed();
    insta::assert_snapshot!(bench.transcript, @r#"
    start
        -> #1 SUBSCRIBE with 0 tasks, 0 updates
    SUBSCRIBED
        -> registered
    LAUNCH
        -> launchTask t1
    LAUNCH_GROUP
        -> launchTask t2
        -> launchTask t3
    update
        -> UPDATE at 1000.0, agent a, own uuid true
    stream lost
        -> disconnect
        -> method done
        -> note: disconnected: gone
        -> Disconnected
    next attempt to subscribe
        -> #2 SUBSCRIBE with 3 tasks, 1 updates
    SUBSCRIBED
        -> reregistered
    "#);
}

#[test]
fn shutdown_is_the_last_callback_but_updates_still_go_out() {
    let mut bench = Bench::registered();
    bench.transcript.clear();
    bench.event("SHUTDOWN", |event| event.r#type = Some(event::Type::Shutdown.into()));
    bench.launch();
    bench.input("update", running());
    bench.wake();
    insta::assert_snapshot!(bench.transcript, @r#"
    SHUTDOWN
        -> note: asked to shut down: the agent asked for it
        -> Shutdown
    LAUNCH
    LAUNCH_GROUP
    update
        -> UPDATE at 1000.0, agent a, own uuid true
    shutdown grace is over
        -> kill the process group
        -> disconnect
        -> note: the answer to UPDATE was lost: the executor driver has ended
        -> method done
        -> ended
    "#);
}

#[test]
fn an_aborted_executor_hears_nothing_and_can_be_stopped() {
    let mut bench = Bench::registered();
    bench.transcript.clear();
    bench.input("abort", Input::Abort);
    bench.launch();
    bench.input("stop", Input::Stop);
    insta::assert_snapshot!(bench.transcript, @r#"
    abort
    LAUNCH
    LAUNCH_GROUP
    stop
        -> disconnect
        -> ended
    "#);
}

#[test]
fn misuse_is_found_before_anything_is_sent() {
    let status = |id: &str, state: TaskState| {
        Method::SendStatusUpdate(Box::new(TaskStatus {
            task_id: TaskId { value: id.into() },
            state: state.into(),
            ..Default::default()
        }))
    };
    let staging = status("t", TaskState::TaskStaging).check().unwrap_err();
    assert_eq!(staging, "Attempted to send TASK_STAGING status update");
    assert!(status("", TaskState::TaskRunning).check().unwrap_err().contains("without a task id"));
    assert_eq!(status("t", TaskState::TaskRunning).check(), Ok(()));
}
