// SPDX-License-Identifier: Apache-2.0

//! Transcripts of the raw drivers.

use std::fmt::Write;

use mesos_proto::v1::{executor, scheduler};

use super::*;

struct Bench<P: Protocol> {
    driver: Driver<P>,
    now: Time,
    last_key: u64,
    transcript: String,
}

impl<P: Protocol> Bench<P> {
    fn new(config: Config) -> Self {
        let now = Time::from_nanos(1_000_000_000_000);
        let driver = Driver::new(config, 7);
        let mut bench = Bench { driver, now, last_key: 0, transcript: String::new() };
        bench.input("start", Input::Start);
        bench.input("detected", Input::Detected(Some("m1:5050".into())));
        bench
    }

    /// A connection, with the transcript begun anew.
    fn connected(config: Config) -> Self {
        let mut bench = Self::new(config);
        bench.wake();
        let attempt = bench.driver.attempt;
        bench.input("connected", Input::Connected { attempt });
        bench.transcript.clear();
        bench
    }

    fn input(&mut self, name: &str, input: Input<P>) {
        writeln!(self.transcript, "{name}").unwrap();
        self.driver.handle(self.now, input);
        while let Some(output) = self.driver.poll_output() {
            writeln!(self.transcript, "    -> {}", describe(&output)).unwrap();
        }
    }

    fn wake(&mut self) {
        let (at, why) = self.driver.poll_timeout().expect("a timer is set");
        self.now = self.now.max(at);
        self.input(why, Input::Wake);
    }

    fn call(&mut self, call: P::Call) {
        self.last_key += 1;
        let name = format!("call {} {}", self.last_key, P::name(&call));
        self.input(&name, Input::Call { key: CallKey(self.last_key), call: Box::new(call) });
    }

    fn opened(&mut self) {
        let (attempt, stream_id) = (self.driver.attempt, Some("s".to_owned()));
        self.input("200", Input::StreamOpened { attempt, stream_id });
    }

    fn refused(&mut self, status: u16, location: Option<&str>) {
        let attempt = self.driver.attempt;
        let location = location.map(str::to_owned);
        let body = "because".to_owned();
        let input = Input::StreamRefused { attempt, status, location, body };
        self.input(&status.to_string(), input);
    }

    fn failed(&mut self) {
        let attempt = self.driver.attempt;
        self.input("stream lost", Input::StreamFailed { attempt, reason: "gone".into() });
    }

    fn record(&mut self, event: P::Event) {
        let attempt = self.driver.attempt;
        self.input("record", Input::Records { attempt, events: vec![event] });
    }
}

fn describe<P: Protocol>(output: &Output<P>) -> String {
    match output {
        Output::Connect { attempt, authority } => format!("#{} connect to {authority}", attempt.0),
        Output::Subscribe(_) => "post SUBSCRIBE".into(),
        Output::Disconnect { attempt } => format!("#{} disconnect", attempt.0),
        Output::Send { send, call, stream_id, .. } => {
            format!("send {} {} on {stream_id:?}", send.0, P::name(call))
        }
        Output::Callback(Callback::Connected) => "connected".into(),
        Output::Callback(Callback::Disconnected) => "disconnected".into(),
        Output::Callback(Callback::Received(events)) => {
            let shutdown = if events.iter().any(P::is_shutdown) { ", SHUTDOWN" } else { "" };
            format!("received {}{shutdown}", events.len())
        }
        Output::Answered { key, result: Ok(answer) } => {
            format!("call {}: {} {}", key.0, answer.status, answer.text())
        }
        Output::Answered { key, result: Err(error) } => format!("call {}: {error}", key.0),
        Output::Note(text) => format!("note: {text}"),
        Output::KillSelf => "kill the process group".into(),
        Output::Ended => "ended".into(),
    }
}

fn of(kind: scheduler::call::Type) -> scheduler::Call {
    scheduler::Call { r#type: Some(kind.into()), ..Default::default() }
}

fn subscribe() -> scheduler::Call {
    of(scheduler::call::Type::Subscribe)
}

fn kill() -> scheduler::Call {
    of(scheduler::call::Type::Kill)
}

#[test]
fn calls_pass_only_in_the_phase_that_they_are_for() {
    let mut bench = Bench::<SchedulerProtocol>::new(Config::default());
    bench.transcript.clear();
    bench.call(subscribe());
    bench.wake();
    let attempt = bench.driver.attempt;
    bench.input("connected", Input::Connected { attempt });
    bench.call(kill());
    bench.call(scheduler::Call::default());
    bench.call(subscribe());
    bench.call(kill());
    bench.opened();
    bench.call(subscribe());
    bench.call(kill());
    let answer = Input::CallAnswered { send: SendKey(1), status: 202, body: Bytes::new() };
    bench.input("answer", answer);
    bench.record(scheduler::Event::default());
    bench.input("stop", Input::Stop);
    insta::assert_snapshot!(bench.transcript, @r#"
    call 1 SUBSCRIBE
        -> call 1: SUBSCRIBE was dropped: the library is disconnected
    next attempt to connect
        -> #1 connect to m1:5050
    connected
        -> connected
    call 2 KILL
        -> call 2: KILL was dropped: the library is connected, but not subscribed
    call 3 UNKNOWN
        -> call 3: the call has no type
    call 4 SUBSCRIBE
        -> post SUBSCRIBE
        -> call 4: 202 
    call 5 KILL
        -> call 5: KILL was dropped: the library is subscribing
    200
    call 6 SUBSCRIBE
        -> call 6: SUBSCRIBE was dropped: the library is subscribed already
    call 7 KILL
        -> send 1 KILL on Some("s")
    answer
        -> call 7: 202 
    record
        -> received 1
    stop
        -> #1 disconnect
        -> ended
    "#);
}

#[test]
fn a_lost_connection_is_told_and_opened_anew() {
    let mut bench = Bench::<SchedulerProtocol>::connected(Config::default());
    bench.call(subscribe());
    bench.opened();
    bench.call(kill());
    bench.failed();
    bench.wake();
    bench.failed();
    bench.wake();
    let attempt = bench.driver.attempt;
    bench.input("connected", Input::Connected { attempt });
    bench.input("reconnect", Input::Reconnect);
    bench.input("detected nobody", Input::Detected(None));
    insta::assert_snapshot!(bench.transcript, @r#"
    call 1 SUBSCRIBE
        -> post SUBSCRIBE
        -> call 1: 202 
    200
    call 2 KILL
        -> send 1 KILL on Some("s")
    stream lost
        -> note: disconnected: gone
        -> #1 disconnect
        -> call 2: the answer to KILL was lost: gone
        -> disconnected
    next attempt to connect
        -> #2 connect to m1:5050
    stream lost
        -> note: disconnected: gone
        -> #2 disconnect
    next attempt to connect
        -> #3 connect to m1:5050
    connected
        -> connected
    reconnect
        -> note: disconnected: a new connection was asked for
        -> #3 disconnect
        -> disconnected
    detected nobody
    "#);
}

#[test]
fn a_refused_subscription_leads_on_waits_or_is_told() {
    let mut bench = Bench::<SchedulerProtocol>::connected(Config::default());
    for (status, location) in [(307, Some("//m2:5050")), (503, None), (400, None)] {
        bench.call(subscribe());
        bench.refused(status, location);
        bench.wake();
        let attempt = bench.driver.attempt;
        bench.input("connected", Input::Connected { attempt });
    }
    insta::assert_snapshot!(bench.transcript, @r#"
    call 1 SUBSCRIBE
        -> post SUBSCRIBE
        -> call 1: 202 
    307
        -> note: disconnected: the master does not lead
        -> #1 disconnect
        -> disconnected
    next attempt to connect
        -> #2 connect to m2:5050
    connected
        -> connected
    call 2 SUBSCRIBE
        -> post SUBSCRIBE
        -> call 2: 202 
    503
        -> note: disconnected: SUBSCRIBE was answered with 503: because
        -> #2 disconnect
        -> disconnected
    next attempt to connect
        -> #3 connect to m1:5050
    connected
        -> connected
    call 3 SUBSCRIBE
        -> post SUBSCRIBE
        -> call 3: 202 
    400
        -> received 1
        -> note: disconnected: SUBSCRIBE was answered with 400: because
        -> #3 disconnect
        -> disconnected
    next attempt to connect
        -> #4 connect to m1:5050
    connected
        -> connected
    "#);
}

#[test]
fn masters_that_name_each_other_are_not_asked_without_a_pause() {
    let mut bench = Bench::<SchedulerProtocol>::connected(Config::default());
    let mut pauses = Vec::new();
    for round in 0..10 {
        bench.call(subscribe());
        bench.refused(307, Some(if round % 2 == 0 { "//m2:5050" } else { "//m1:5050" }));
        let before = bench.now;
        bench.wake();
        pauses.push(bench.now.since(before));
        let attempt = bench.driver.attempt;
        bench.input("connected", Input::Connected { attempt });
    }
    assert!(pauses[..5].iter().all(Duration::is_zero), "{pauses:?}");
    assert!(pauses[5..].iter().all(|pause| !pause.is_zero()), "{pauses:?}");
    // A subscription ends the row.
    bench.call(subscribe());
    bench.opened();
    bench.failed();
    bench.wake();
    let attempt = bench.driver.attempt;
    bench.input("connected", Input::Connected { attempt });
    bench.call(subscribe());
    bench.refused(307, Some("//m3:5050"));
    assert_eq!(bench.driver.poll_timeout().unwrap().0, bench.now);
}

fn executor_config(recovery: bool) -> Config {
    let recovery = recovery.then_some(Recovery {
        timeout: Duration::from_secs(60),
        backoff_max: Duration::from_secs(2),
    });
    Config {
        executor: Some(ExecutorConfig { recovery, shutdown_grace: Duration::from_secs(5) }),
        ..Config::default()
    }
}

fn executor_subscribe() -> executor::Call {
    executor::Call { r#type: Some(executor::call::Type::Subscribe.into()), ..Default::default() }
}

#[test]
fn an_executor_without_recovery_is_told_to_end_with_its_agent() {
    let mut bench = Bench::<ExecutorProtocol>::connected(executor_config(false));
    bench.call(executor_subscribe());
    bench.refused(503, None);
    bench.wake();
    let attempt = bench.driver.attempt;
    bench.input("connected", Input::Connected { attempt });
    bench.call(executor_subscribe());
    bench.opened();
    bench.failed();
    bench.wake();
    insta::assert_snapshot!(bench.transcript, @r#"
    call 1 SUBSCRIBE
        -> post SUBSCRIBE
        -> call 1: 202 
    503
        -> note: disconnected: SUBSCRIBE was answered with 503: because
        -> #1 disconnect
        -> disconnected
    next attempt to connect
        -> #2 connect to m1:5050
    connected
        -> connected
    call 2 SUBSCRIBE
        -> post SUBSCRIBE
        -> call 2: 202 
    200
    stream lost
        -> note: disconnected: gone
        -> #2 disconnect
        -> disconnected
        -> received 1, SHUTDOWN
    shutdown grace is over
        -> kill the process group
        -> ended
    "#);
}

#[test]
fn an_executor_with_recovery_waits_for_its_agent_as_long_as_it_may() {
    let mut bench = Bench::<ExecutorProtocol>::connected(executor_config(true));
    bench.call(executor_subscribe());
    bench.opened();
    bench.failed();
    bench.wake();
    bench.now = bench.now + Duration::from_secs(60);
    bench.input("wake", Input::Wake);
    bench.wake();
    insta::assert_snapshot!(bench.transcript, @r#"
    call 1 SUBSCRIBE
        -> post SUBSCRIBE
        -> call 1: 202 
    200
    stream lost
        -> note: disconnected: gone
        -> #1 disconnect
        -> disconnected
    next attempt to connect
        -> #2 connect to m1:5050
    wake
        -> note: disconnected: the agent is gone
        -> #2 disconnect
        -> received 1, SHUTDOWN
    shutdown grace is over
        -> kill the process group
        -> ended
    "#);
}
