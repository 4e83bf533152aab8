// SPDX-License-Identifier: Apache-2.0

//! Transcripts of the scheduler driver: each input with the time of it, and
//! below it what came out.

mod calls;
mod reconnecting;
mod subscribing;

use std::{fmt::Write, time::Duration};

use mesos_core::time::Time;
use mesos_proto::v1::{
    AgentId, FrameworkId, FrameworkInfo, TaskId, TaskState, TaskStatus, scheduler,
    scheduler::{call, event},
};

use super::*;
use crate::CallKey;

/// A driver under a clock that only moves when told.
struct Bench {
    driver: Driver,
    start: Time,
    now: Time,
    transcript: String,
    last_key: u64,
}

const MASTER: &str = "m1:5050";

fn framework() -> FrameworkInfo {
    FrameworkInfo {
        user: "root".into(),
        name: "test".into(),
        failover_timeout: Some(600.0),
        roles: vec!["web".into(), "batch".into()],
        capabilities: vec![mesos_proto::v1::framework_info::Capability {
            r#type: Some(mesos_proto::v1::framework_info::capability::Type::MultiRole.into()),
        }],
        ..Default::default()
    }
}

impl Bench {
    fn new() -> Self {
        Self::with(Config::new(framework()))
    }

    fn with(config: Config) -> Self {
        let start = Time::from_nanos(1_000_000_000_000);
        let driver = Driver::new(config, 42);
        Bench { driver, start, now: start, transcript: String::new(), last_key: 0 }
    }

    /// A driver that has subscribed, with the transcript begun anew.
    fn subscribed(config: Config) -> Self {
        let mut bench = Self::with(config);
        bench.input(Input::Start);
        bench.input(Input::MasterDetected(Some(MASTER.into())));
        bench.wake();
        bench.opened("s-1");
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

    fn attempt(&self) -> Attempt {
        self.driver.attempt
    }

    fn advance(&mut self, duration: Duration) {
        self.now = self.now + duration;
    }

    /// Jumps to the next timer and fires it.
    fn wake(&mut self) {
        let (at, why) = self.driver.poll_timeout().expect("a timer is set");
        self.now = self.now.max(at);
        writeln!(self.transcript, "-- {why}").unwrap();
        self.input(Input::Wake);
    }

    fn opened(&mut self, stream_id: &str) {
        let attempt = self.attempt();
        self.input(Input::StreamOpened { attempt, stream_id: Some(stream_id.into()) });
    }

    fn refused(&mut self, status: u16, location: Option<&str>, body: &str) {
        let attempt = self.attempt();
        let location = location.map(str::to_owned);
        self.input(Input::StreamRefused { attempt, status, location, body: body.into() });
    }

    fn failed(&mut self, reason: &str) {
        let attempt = self.attempt();
        self.input(Input::StreamFailed { attempt, reason: reason.into() });
    }

    fn record(&mut self, event: scheduler::Event) {
        let attempt = self.attempt();
        self.input(Input::Record { attempt, event: Box::new(event) });
    }

    fn subscribed_event(&mut self) {
        self.record(scheduler::Event {
            r#type: Some(event::Type::Subscribed.into()),
            subscribed: Some(event::Subscribed {
                framework_id: FrameworkId { value: "f-1".into() },
                heartbeat_interval_seconds: Some(15.0),
                master_info: None,
            }),
            ..Default::default()
        });
    }

    fn error_event(&mut self, message: &str) {
        self.record(scheduler::Event {
            r#type: Some(event::Type::Error.into()),
            error: Some(event::Error { message: message.into() }),
            ..Default::default()
        });
    }

    fn heartbeat(&mut self) {
        self.record(scheduler::Event {
            r#type: Some(event::Type::Heartbeat.into()),
            ..Default::default()
        });
    }

    fn update_event(&mut self, uuid: Option<&'static [u8]>) {
        self.record(scheduler::Event {
            r#type: Some(event::Type::Update.into()),
            update: Some(event::Update {
                status: TaskStatus {
                    task_id: TaskId { value: "t-1".into() },
                    state: TaskState::TaskRunning.into(),
                    agent_id: Some(AgentId { value: "a-1".into() }),
                    uuid: uuid.map(bytes::Bytes::from_static),
                    ..Default::default()
                },
            }),
            ..Default::default()
        });
    }

    fn call(&mut self, call: scheduler::Call) {
        self.last_key += 1;
        self.input(Input::Call { key: CallKey(self.last_key), call: Box::new(call) });
    }

    fn answered(&mut self, send: u64, status: u16, body: &str) {
        self.input(Input::CallAnswered { send: SendKey(send), status, body: body.into() });
    }
}

fn call_of(kind: call::Type) -> scheduler::Call {
    scheduler::Call { r#type: Some(kind.into()), ..Default::default() }
}

fn kill() -> scheduler::Call {
    scheduler::Call {
        kill: Some(call::Kill { task_id: TaskId { value: "t-1".into() }, ..Default::default() }),
        ..call_of(call::Type::Kill)
    }
}

fn suppress(roles: &[&str]) -> scheduler::Call {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    scheduler::Call { suppress: Some(call::Suppress { roles }), ..call_of(call::Type::Suppress) }
}

fn revive(roles: &[&str]) -> scheduler::Call {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    scheduler::Call { revive: Some(call::Revive { roles }), ..call_of(call::Type::Revive) }
}

fn update_framework(name: &str, suppressed: &[&str]) -> scheduler::Call {
    let framework_info = FrameworkInfo { name: name.into(), ..framework() };
    scheduler::Call {
        update_framework: Some(call::UpdateFramework {
            framework_info,
            suppressed_roles: suppressed.iter().map(|role| (*role).to_owned()).collect(),
            offer_constraints: None,
        }),
        ..call_of(call::Type::UpdateFramework)
    }
}

fn describe_input(input: &Input) -> String {
    match input {
        Input::Start => "start".into(),
        Input::MasterDetected(Some(master)) => format!("master detected: {master}"),
        Input::MasterDetected(None) => "no master detected".into(),
        Input::StreamOpened { attempt, stream_id } => {
            format!("#{} 200, stream {}", attempt.0, stream_id.as_deref().unwrap_or("without id"))
        }
        Input::StreamRefused { attempt, status, location, body } => {
            format!("#{} {status} {} {body}", attempt.0, location.as_deref().unwrap_or("-"))
        }
        Input::StreamFailed { attempt, reason } => format!("#{} failed: {reason}", attempt.0),
        Input::Record { attempt, event } => {
            format!("#{} event {}", attempt.0, event.r#type().as_str_name())
        }
        Input::ReadingPaused(paused) => format!("reading paused: {paused}"),
        Input::Call { key, call } => format!("call {} {}", key.0, call.r#type().as_str_name()),
        Input::CallAnswered { send, status, body } => format!("send {}: {status} {body}", send.0),
        Input::CallFailed { send, reason } => format!("send {} failed: {reason}", send.0),
        Input::Handled(_) => "update handled".into(),
        Input::Stop { failover } => format!("stop, failover {failover}"),
        Input::Close => "close".into(),
        Input::Wake => "wake".into(),
    }
}

fn describe_output(output: &Output) -> String {
    match output {
        Output::Subscribe { attempt, master, call } => {
            let id = call.framework_id.as_ref().map_or("none", |id| &id.value);
            let subscribe = call.subscribe.as_ref().expect("SUBSCRIBE has its content");
            format!(
                "#{} SUBSCRIBE to {master}, id {id}, name {}, suppressed {:?}",
                attempt.0, subscribe.framework_info.name, subscribe.suppressed_roles
            )
        }
        Output::Disconnect { attempt } => format!("#{} disconnect", attempt.0),
        Output::Send { send, master, stream_id, call } => format!(
            "send {} {} to {master}, stream {stream_id}, id {}",
            send.0,
            call.r#type().as_str_name(),
            call.framework_id.as_ref().map_or("none", |id| &id.value)
        ),
        Output::Event { event, handled } => {
            let text = match &**event {
                Event::Subscribed { framework_id, again, .. } => {
                    format!("subscribed as {}, again {again}", framework_id.value)
                }
                Event::Disconnected { reason } => format!("disconnected: {reason}"),
                Event::Update(status) => {
                    format!("{} {}", status.task_id.value, status.state().as_str_name())
                }
                event @ (Event::Offers(_)
                | Event::InverseOffers(_)
                | Event::Rescind(_)
                | Event::RescindInverseOffer(_)
                | Event::UpdateOperationStatus(_)
                | Event::Message { .. }
                | Event::AgentLost(_)
                | Event::ExecutorExited { .. }) => format!("{event:?}"),
            };
            format!("event {text}{}", if handled.is_some() { ", to be handled" } else { "" })
        }
        Output::Answered { key, result: Ok(accepted) } => format!("call {} {accepted:?}", key.0),
        Output::Answered { key, result: Err(error) } => {
            format!("call {} {:?}/{:?}: {error}", key.0, error.kind, error.retry)
        }
        Output::Note(text) => format!("note: {text}"),
        Output::Ended(Ok(stopped)) => format!("ended: {stopped:?}"),
        Output::Ended(Err(error)) => format!("ended {:?}: {error}", error.kind),
    }
}
