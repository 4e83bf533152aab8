// SPDX-License-Identifier: Apache-2.0

//! Transcripts of the native scheduler driver: each input, and below it what came out.

use std::{fmt::Write, time::Duration};

use bytes::Bytes;
use mesos_proto::v1::{
    AgentId, ExecutorId, Filters, FrameworkId, FrameworkInfo, Offer, OperationId, TaskInfo,
    offer::Operation,
    scheduler::{self as api, event},
};

use super::*;
use crate::scheduler::{Acknowledgement, Input as Client};

struct Bench {
    driver: Driver,
    now: Time,
    transcript: String,
}

fn framework(capabilities: &[framework_info::capability::Type]) -> FrameworkInfo {
    FrameworkInfo {
        user: "root".into(),
        name: "test".into(),
        capabilities: capabilities
            .iter()
            .map(|it| framework_info::Capability { r#type: Some((*it).into()) })
            .collect(),
        ..Default::default()
    }
}

impl Bench {
    fn new(config: Config) -> Self {
        let now = Time::from_nanos(1_000_000_000_000);
        let mut bench = Bench { driver: Driver::new(config, 7), now, transcript: String::new() };
        bench.client("start", Client::Start);
        bench.client("master detected", Client::MasterDetected(Some("10.0.0.1:5050".into())));
        bench
    }

    /// A driver that has been registered, with the transcript begun anew.
    fn registered(config: Config) -> Self {
        let mut bench = Self::new(config);
        bench.subscribe();
        bench.transcript.clear();
        bench
    }

    fn subscribe(&mut self) {
        let (at, _) = self.driver.poll_timeout().expect("an attempt is due");
        self.now = self.now.max(at);
        self.client("wake", Client::Wake);
        let stream_id = Some("s".to_owned());
        self.client("opened", Client::StreamOpened { attempt: self.attempt(), stream_id });
        self.event("SUBSCRIBED", |event| {
            event.r#type = Some(event::Type::Subscribed.into());
            event.subscribed = Some(event::Subscribed {
                framework_id: FrameworkId { value: "f".into() },
                heartbeat_interval_seconds: None,
                master_info: None,
            });
        });
    }

    fn attempt(&self) -> Attempt {
        // Attempts are numbered from 1, and each bench counts those it has seen.
        Attempt(self.attempts())
    }

    fn attempts(&self) -> u64 {
        let text = format!("{:?}", self.driver);
        let (_, rest) = text.split_once("attempt: Attempt(").expect("the debug text has it");
        rest.split(')').next().and_then(|number| number.parse().ok()).expect("a number")
    }

    fn input(&mut self, name: &str, input: Input) {
        writeln!(self.transcript, "{name}").unwrap();
        self.driver.handle(self.now, input);
        while let Some(output) = self.driver.poll_output() {
            writeln!(self.transcript, "    -> {}", describe(&output)).unwrap();
        }
    }

    fn client(&mut self, name: &str, input: Client) {
        self.input(name, Input::Client(input));
    }

    fn event(&mut self, name: &str, fill: impl FnOnce(&mut api::Event)) {
        let mut event = api::Event::default();
        fill(&mut event);
        let attempt = self.attempt();
        self.client(name, Client::Record { attempt, event: Box::new(event) });
    }

    fn offers(&mut self, ids: &[&str]) {
        let offers = ids
            .iter()
            .map(|id| Offer { id: OfferId { value: (*id).into() }, ..Default::default() })
            .collect();
        self.event("OFFERS", |event| {
            event.r#type = Some(event::Type::Offers.into());
            event.offers = Some(event::Offers { offers });
        });
    }

    fn update(&mut self, uuid: &'static [u8]) {
        self.event("UPDATE", |event| {
            event.r#type = Some(event::Type::Update.into());
            event.update = Some(event::Update {
                status: TaskStatus {
                    task_id: TaskId { value: "t".into() },
                    state: TaskState::TaskRunning.into(),
                    agent_id: Some(AgentId { value: "a".into() }),
                    uuid: Some(Bytes::from_static(uuid)),
                    ..Default::default()
                },
            });
        });
    }

    fn lose(&mut self) {
        let attempt = self.attempt();
        self.client("stream lost", Client::StreamFailed { attempt, reason: "gone".into() });
    }

    fn method(&mut self, method: Method) {
        self.input("method", Input::Method(Box::new(method)));
    }

    fn answered(&mut self, send: u64, status: u16, body: &str) {
        let body = body.to_owned();
        self.client("answer", Client::CallAnswered { send: SendKey(send), status, body });
    }
}

fn launch() -> Method {
    let task = TaskInfo { task_id: TaskId { value: "t".into() }, ..Default::default() };
    Method::LaunchTasks {
        offer_ids: vec![OfferId { value: "o1".into() }],
        tasks: vec![task],
        filters: Filters::default(),
    }
}

fn describe(output: &Output) -> String {
    match output {
        Output::Subscribe { call, .. } => {
            let subscribe = call.subscribe.as_ref().expect("SUBSCRIBE has its content");
            format!("SUBSCRIBE, suppressed {:?}", subscribe.suppressed_roles)
        }
        Output::Disconnect { .. } => "disconnect".into(),
        Output::Send { send, call, .. } => {
            format!("send {} {}{}", send.0, call.r#type().as_str_name(), details(call))
        }
        Output::Callback { callback, handled } => {
            let acknowledged = if handled.is_some() { ", acknowledged after it" } else { "" };
            match &**callback {
                Callback::StatusUpdate(status) => format!(
                    "statusUpdate {} {:?} {:?}{acknowledged}",
                    status.state().as_str_name(),
                    status.reason.map(|_| status.reason()),
                    status.message()
                ),
                Callback::ResourceOffers(offers) => format!("resourceOffers {}", offers.len()),
                Callback::Registered { master, .. } => {
                    format!("registered with {} {}", master.pid(), master.ip)
                }
                callback @ (Callback::Reregistered(_)
                | Callback::Disconnected
                | Callback::OfferRescinded(_)
                | Callback::FrameworkMessage { .. }
                | Callback::AgentLost(_)
                | Callback::ExecutorLost { .. }
                | Callback::Error(_)) => format!("{callback:?}"),
            }
        }
        Output::MethodDone => "method done".into(),
        Output::Note(text) => format!("note: {text}"),
        Output::Ended => "ended".into(),
    }
}

fn details(call: &Call) -> String {
    let decline = call.decline.iter().flat_map(|decline| &decline.offer_ids);
    decline.map(|id| format!(" {}", id.value)).collect()
}

#[test]
fn the_first_subscription_registers_and_later_ones_reregister() {
    let mut bench = Bench::new(Config::new(framework(&[])));
    bench.subscribe();
    bench.lose();
    bench.subscribe();
    insta::assert_snapshot!(bench.transcript, @r#"
    start
    master detected
    wake
        -> SUBSCRIBE, suppressed []
    opened
    SUBSCRIBED
        -> registered with master@10.0.0.1:5050 16777226
    stream lost
        -> disconnect
        -> note: disconnected: gone
        -> Disconnected
    wake
        -> SUBSCRIBE, suppressed []
    opened
    SUBSCRIBED
        -> Reregistered(MasterInfo { id: "", ip: 16777226, port: 5050, pid: Some("master@10.0.0.1:5050"), hostname: Some("10.0.0.1"), version: None, address: Some(Address { hostname: Some("10.0.0.1"), ip: Some("10.0.0.1"), port: 5050 }), domain: None, capabilities: [] })
    "#);
}

#[test]
fn a_launch_without_a_master_is_lost_or_dropped() {
    let mut bench = Bench::registered(Config::new(framework(&[])));
    bench.lose();
    bench.method(launch());
    bench.method(Method::KillTask(TaskId::default()));
    let aware = framework(&[framework_info::capability::Type::PartitionAware]);
    let mut other = Bench::new(Config::new(aware));
    other.transcript.clear();
    other.method(launch());
    insta::assert_snapshot!(bench.transcript + &other.transcript, @r#"
    stream lost
        -> disconnect
        -> note: disconnected: gone
        -> Disconnected
    method
        -> method done
        -> note: ACCEPT was not sent: there is no subscription now
        -> statusUpdate TASK_LOST Some(MasterDisconnected) "Master disconnected"
    method
        -> method done
        -> note: KILL was not sent: there is no subscription now
    method
        -> method done
        -> note: ACCEPT was not sent: there is no subscription now
        -> statusUpdate TASK_DROPPED Some(MasterDisconnected) "Master disconnected"
    "#);
}

#[test]
fn a_launch_that_was_sent_is_lost_only_when_the_master_has_refused_it() {
    let mut bench = Bench::registered(Config::new(framework(&[])));
    bench.method(launch());
    bench.answered(1, 202, "");
    bench.method(launch());
    bench.answered(2, 400, "no");
    bench.method(launch());
    bench.answered(3, 503, "later");
    bench.method(launch());
    bench.lose();
    insta::assert_snapshot!(bench.transcript, @r#"
    method
        -> send 1 ACCEPT
    answer
        -> method done
    method
        -> send 2 ACCEPT
    answer
        -> method done
        -> note: ACCEPT was answered with 400: no
        -> statusUpdate TASK_ERROR Some(TaskInvalid) "ACCEPT was answered with 400: no"
    method
        -> send 3 ACCEPT
    answer
        -> method done
        -> note: ACCEPT was answered with 503: later
        -> statusUpdate TASK_LOST Some(MasterDisconnected) "Master disconnected"
    method
        -> send 4 ACCEPT
    stream lost
        -> disconnect
        -> method done
        -> note: the answer to ACCEPT was lost: gone
        -> note: disconnected: gone
        -> Disconnected
    "#);
}

#[test]
fn updates_are_acknowledged_after_their_callback_unless_explicitly() {
    let mut bench = Bench::registered(Config::new(framework(&[])));
    bench.update(b"0123456789abcdef");
    bench.update(b"");
    let mut config = Config::new(framework(&[]));
    config.acknowledgement = Acknowledgement::Explicit;
    let mut explicit = Bench::registered(config);
    explicit.update(b"0123456789abcdef");
    let status = TaskStatus {
        agent_id: Some(AgentId { value: "a".into() }),
        uuid: Some(Bytes::from_static(b"0123456789abcdef")),
        ..Default::default()
    };
    explicit.method(Method::AcknowledgeStatusUpdate(Box::new(status.clone())));
    let without = TaskStatus { uuid: None, ..status };
    explicit.method(Method::AcknowledgeStatusUpdate(Box::new(without)));
    insta::assert_snapshot!(bench.transcript + &explicit.transcript, @r#"
    UPDATE
        -> statusUpdate TASK_RUNNING None "", acknowledged after it
    UPDATE
        -> statusUpdate TASK_RUNNING None ""
    UPDATE
        -> statusUpdate TASK_RUNNING None ""
    method
        -> method done
        -> send 1 ACKNOWLEDGE
    method
        -> method done
    "#);
}

#[test]
fn an_abort_gives_back_what_is_in_hand_and_goes_quiet() {
    let mut bench = Bench::registered(Config::new(framework(&[])));
    bench.offers(&["o1", "o2", "o3"]);
    bench.method(launch());
    bench.event("RESCIND", |event| {
        event.r#type = Some(event::Type::Rescind.into());
        event.rescind = Some(event::Rescind { offer_id: OfferId { value: "o2".into() } });
    });
    bench.input("abort", Input::Abort);
    bench.offers(&["o4"]);
    bench.update(b"0123456789abcdef");
    bench.method(launch());
    bench.input("stop", Input::Stop { failover: false });
    bench.answered(5, 202, "");
    let mut lost = Bench::registered(Config::new(framework(&[])));
    lost.input("abort", Input::Abort);
    lost.lose();
    insta::assert_snapshot!(bench.transcript + &lost.transcript, @r#"
    OFFERS
        -> resourceOffers 3
    method
        -> send 1 ACCEPT
    RESCIND
        -> OfferRescinded(OfferId { value: "o2" })
    abort
        -> send 2 DECLINE o3
        -> send 3 SUPPRESS
    OFFERS
        -> send 4 DECLINE o4
    UPDATE
    method
        -> method done
    stop
        -> send 5 TEARDOWN
    answer
        -> disconnect
        -> method done
        -> ended
    abort
        -> send 1 SUPPRESS
    stream lost
        -> disconnect
        -> ended
    "#);
}

#[test]
fn update_framework_needs_a_registered_framework_and_its_own_id() {
    let update = |id: Option<&str>| Method::UpdateFramework {
        framework: Box::new(FrameworkInfo {
            id: id.map(|id| FrameworkId { value: id.into() }),
            ..framework(&[])
        }),
        suppressed_roles: vec!["*".into()],
        offer_constraints: None,
    };
    let mut early = Bench::new(Config::new(framework(&[])));
    early.transcript.clear();
    early.method(update(Some("f")));
    let mut bench = Bench::registered(Config::new(framework(&[])));
    bench.method(update(Some("f")));
    bench.answered(1, 200, "");
    bench.lose();
    bench.subscribe();
    bench.method(update(Some("g")));
    insta::assert_snapshot!(early.transcript + &bench.transcript, @r#"
    method
        -> method done
        -> Error("MesosSchedulerDriver::updateFramework() must not be called prior to registration with the master")
        -> ended
    method
        -> send 1 UPDATE_FRAMEWORK
    answer
        -> method done
    stream lost
        -> disconnect
        -> note: disconnected: gone
        -> Disconnected
    wake
        -> SUBSCRIBE, suppressed ["*"]
    opened
    SUBSCRIBED
        -> Reregistered(MasterInfo { id: "", ip: 16777226, port: 5050, pid: Some("master@10.0.0.1:5050"), hostname: Some("10.0.0.1"), version: None, address: Some(Address { hostname: Some("10.0.0.1"), ip: Some("10.0.0.1"), port: 5050 }), domain: None, capabilities: [] })
    method
        -> method done
        -> Error("The 'FrameworkInfo.id' provided to MesosSchedulerDriver::updateFramework() (g) must be equal to the value known to the MesosSchedulerDriver (f)")
        -> send 2 SUPPRESS
    "#);
}

#[test]
fn an_update_of_the_framework_that_the_master_refuses_is_an_error() {
    let mut bench = Bench::registered(Config::new(framework(&[])));
    bench.method(Method::UpdateFramework {
        framework: Box::new(FrameworkInfo {
            id: Some(FrameworkId { value: "f".into() }),
            ..framework(&[])
        }),
        suppressed_roles: vec!["typo".into()],
        offer_constraints: None,
    });
    bench.answered(1, 400, "no such role");
    insta::assert_snapshot!(bench.transcript, @r#"
    method
        -> send 1 UPDATE_FRAMEWORK
    answer
        -> method done
        -> Error("UPDATE_FRAMEWORK was answered with 400: no such role")
        -> send 2 SUPPRESS
    "#);
}

#[test]
fn roles_are_resent_and_no_roles_are_no_call() {
    let mut bench = Bench::registered(Config::new(framework(&[])));
    bench.method(Method::SuppressOffers(Roles::All));
    bench.answered(1, 202, "");
    bench.method(Method::ReviveOffers(Roles::Named(vec![])));
    bench.lose();
    bench.subscribe();
    insta::assert_snapshot!(bench.transcript, @r#"
    method
        -> send 1 SUPPRESS
    answer
        -> method done
    method
        -> method done
    stream lost
        -> disconnect
        -> note: disconnected: gone
        -> Disconnected
    wake
        -> SUBSCRIBE, suppressed ["*"]
    opened
    SUBSCRIBED
        -> Reregistered(MasterInfo { id: "", ip: 16777226, port: 5050, pid: Some("master@10.0.0.1:5050"), hostname: Some("10.0.0.1"), version: None, address: Some(Address { hostname: Some("10.0.0.1"), ip: Some("10.0.0.1"), port: 5050 }), domain: None, capabilities: [] })
    "#);
}

#[test]
fn the_hostname_of_a_master_has_no_brackets() {
    let master = master_at("[2001:db8::1]:80");
    assert_eq!(master.hostname(), "2001:db8::1");
    assert_eq!(master.pid(), "master@[2001:db8::1]:80");
    let address = master.address.unwrap();
    assert_eq!((address.hostname(), address.port, address.ip.as_ref()), ("2001:db8::1", 80, None));
}

#[test]
fn what_has_no_callback_is_dropped() {
    let mut bench = Bench::registered(Config::new(framework(&[])));
    bench.offers(&[]);
    bench.event("INVERSE_OFFERS", |event| {
        event.r#type = Some(event::Type::InverseOffers.into());
        event.inverse_offers = Some(event::InverseOffers { inverse_offers: vec![] });
    });
    bench.event("FAILURE", |event| {
        event.r#type = Some(event::Type::Failure.into());
        event.failure = Some(event::Failure {
            agent_id: Some(AgentId { value: "a".into() }),
            executor_id: Some(ExecutorId { value: "e".into() }),
            status: None,
        });
    });
    insta::assert_snapshot!(bench.transcript, @r#"
    OFFERS
    INVERSE_OFFERS
    FAILURE
        -> ExecutorLost { executor_id: ExecutorId { value: "e" }, agent_id: AgentId { value: "a" }, status: -1 }
    "#);
}

#[test]
fn misuse_is_found_before_anything_is_sent() {
    let operation = Operation { id: Some(OperationId { value: "x".into() }), ..Default::default() };
    let accept = Method::AcceptOffers {
        offer_ids: vec![],
        operations: vec![operation],
        filters: Filters::default(),
    };
    let acknowledge = Method::AcknowledgeStatusUpdate(Box::default());
    let update = Method::UpdateFramework {
        framework: Box::default(),
        suppressed_roles: vec!["a".into(), "a".into()],
        offer_constraints: None,
    };
    for (method, misused) in [
        (accept, "An offer operation's 'id' field was set"),
        (acknowledge.clone(), "Implicit acknowledgements are enabled"),
        (update, "contains 1 duplicates { a, a }"),
    ] {
        let misuse = method.check(Acknowledgement::Implicit).unwrap_err();
        assert!(misuse.contains(misused), "{misuse}");
    }
    assert_eq!(acknowledge.check(Acknowledgement::Explicit), Ok(()));
    assert_eq!(launch().check(Acknowledgement::Implicit), Ok(()));
}

#[test]
fn a_refused_subscription_is_an_error_and_the_end() {
    let mut bench = Bench::registered(Config::new(framework(&[])));
    bench.now = bench.now + Duration::from_secs(1);
    bench.event("ERROR", |event| {
        event.r#type = Some(event::Type::Error.into());
        event.error = Some(event::Error { message: "Framework has been removed".into() });
    });
    bench.method(launch());
    insta::assert_snapshot!(bench.transcript, @r#"
    ERROR
        -> disconnect
        -> Error("Framework has been removed")
        -> ended
    method
        -> method done
    "#);
}
