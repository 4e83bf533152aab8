// SPDX-License-Identifier: Apache-2.0

//! Calls, their answers, acknowledgements, and stopping.

use std::time::Duration;

use super::*;

#[test]
fn calls_carry_the_framework_and_stream_ids_and_are_answered_one_by_one() {
    let mut bench = Bench::subscribed(Config::new(framework()));
    bench.call(kill());
    bench.call(call_of(call::Type::Reconcile));
    bench.answered(1, 202, "");
    bench.answered(2, 400, "Expecting 'reconcile' to be present");
    bench.call(kill());
    bench.input(Input::CallFailed { send: SendKey(3), reason: "connection reset".into() });
    bench.answered(3, 202, "");
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn without_a_subscription_only_what_the_next_one_carries_is_kept() {
    let mut bench = Bench::subscribed(Config::new(framework()));
    bench.failed("the stream ended");
    bench.transcript.clear();
    bench.call(kill());
    bench.call(suppress(&[]));
    bench.call(revive(&["web"]));
    bench.call(revive(&["unknown"]));
    bench.wake();
    bench.failed("connection refused");
    bench.call(update_framework("renamed", &["web"]));
    bench.wake();
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn an_update_of_the_framework_counts_once_the_master_has_taken_it() {
    let mut bench = Bench::subscribed(Config::new(framework()));
    bench.call(update_framework("refused", &["web"]));
    bench.answered(1, 400, "no");
    bench.call(update_framework("taken", &["batch"]));
    bench.answered(2, 200, "");
    bench.call(update_framework("lost", &[]));
    bench.call(suppress(&["web"]));
    bench.failed("the stream ended");
    bench.wake();
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn an_update_that_names_no_user_or_host_keeps_those_of_the_framework() {
    let ours = FrameworkInfo { hostname: Some("here".into()), ..framework() };
    let mut bench = Bench::subscribed(Config::new(ours));
    let mut update = update_framework("renamed", &[]);
    update.update_framework.as_mut().unwrap().framework_info.user.clear();
    let key = CallKey(7);
    bench.driver.handle(bench.now, Input::Call { key, call: Box::new(update) });
    let mut outputs = std::iter::from_fn(|| bench.driver.poll_output());
    let sent = outputs.find_map(|it| {
        if let Output::Send { call, .. } = it { call.update_framework } else { None }
    });
    let info = sent.expect("the call is sent").framework_info;
    assert_eq!((info.user.as_str(), info.hostname()), ("root", "here"));
}

#[test]
fn a_role_the_framework_has_left_is_not_suppressed_any_more() {
    let mut bench = Bench::subscribed(Config::new(framework()));
    let mut update = update_framework("narrowed", &[]);
    update.update_framework.as_mut().unwrap().framework_info.roles = vec!["batch".into()];
    bench.call(update);
    bench.call(suppress(&["web"]));
    bench.answered(1, 200, "");
    bench.answered(2, 202, "");
    bench.failed("the stream ended");
    bench.wake();
    assert!(bench.transcript.ends_with("name narrowed, suppressed []\n"), "{}", bench.transcript);
}

#[test]
fn a_suppressed_role_that_is_none_of_the_frameworks_is_the_masters_to_refuse() {
    let refusal = "Suppressed role 'wbe' is not contained in the list of roles";
    let refused = |mut bench: Bench| {
        bench.wake();
        let subscribe = bench.transcript.lines().last().unwrap();
        assert!(subscribe.ends_with("suppressed [\"batch\", \"wbe\"]"), "{subscribe}");
        bench.opened("s-1");
        bench.error_event(refusal);
        let end = format!("-> ended SubscriptionRefused: {refusal}\n");
        assert!(bench.transcript.ends_with(&end), "{}", bench.transcript);
    };
    let typo = vec!["wbe".into(), "batch".into()];
    let mut bench = Bench::with(Config { suppressed_roles: typo, ..Config::new(framework()) });
    bench.input(Input::Start);
    bench.input(Input::MasterDetected(Some(MASTER.into())));
    refused(bench);
    // The same, when an update brings it while there is no subscription.
    let mut bench = Bench::subscribed(Config::new(framework()));
    bench.failed("the stream ended");
    bench.call(update_framework("test", &["wbe", "batch"]));
    refused(bench);
}

#[test]
fn an_update_made_while_subscribing_that_the_master_refuses_ends_the_driver() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.input(Input::MasterDetected(Some(MASTER.into())));
    bench.wake();
    bench.opened("s-1");
    // Nothing differs but the role, of which a SUPPRESS would be ignored.
    bench.call(update_framework("test", &["wbe"]));
    bench.subscribed_event();
    assert!(bench.transcript.contains("send 1 UPDATE_FRAMEWORK"), "{}", bench.transcript);
    bench.answered(1, 400, "no such role");
    let end = "-> ended Refused: UPDATE_FRAMEWORK was answered with 400: no such role\n";
    assert!(bench.transcript.ends_with(end), "{}", bench.transcript);
}

#[test]
fn a_master_that_knows_no_such_stream_is_subscribed_with_again() {
    for (status, text) in [
        (403, "Framework is not subscribed"),
        (400, "Framework cannot be found"),
        (400, "The stream ID 'a' included in this request didn't match the stream ID currently"),
    ] {
        let mut bench = Bench::subscribed(Config::new(framework()));
        bench.call(update_framework("renamed", &[]));
        bench.answered(1, status, text);
        let answer = format!(
            "-> call 1 Disconnected/AfterReconnect: UPDATE_FRAMEWORK was not \
                              taken: {text}"
        );
        assert!(bench.transcript.contains(&answer), "{}", bench.transcript);
        assert!(!bench.transcript.contains("ended"), "{}", bench.transcript);
        bench.wake();
        assert!(bench.transcript.lines().last().unwrap().contains("SUBSCRIBE"));
    }
}

#[test]
fn calls_that_cannot_be_right_are_not_sent() {
    let mut bench = Bench::subscribed(Config::new(framework()));
    bench.call(scheduler::Call::default());
    bench.call(call_of(call::Type::Subscribe));
    bench.call(call_of(call::Type::Teardown));
    bench.call(call_of(call::Type::UpdateFramework));
    let mut update = update_framework("x", &[]);
    update.update_framework.as_mut().unwrap().framework_info.id =
        Some(FrameworkId { value: "other".into() });
    bench.call(update);
    bench.call(suppress(&["web", "db"]));
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn too_many_calls_without_an_answer_are_refused() {
    let mut bench =
        Bench::subscribed(Config { outstanding_calls_max: 2, ..Config::new(framework()) });
    bench.call(kill());
    bench.call(kill());
    bench.call(kill());
    bench.answered(1, 202, "");
    bench.call(kill());
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn an_update_is_acknowledged_after_it_was_handled() {
    let mut bench = Bench::subscribed(Config::new(framework()));
    bench.update_event(None);
    bench.update_event(Some(b"0123456789abcdef"));
    let key = UpdateKey {
        agent_id: AgentId { value: "a-1".into() },
        task_id: TaskId { value: "t-1".into() },
        uuid: bytes::Bytes::from_static(b"0123456789abcdef"),
    };
    bench.input(Input::Handled(key.clone()));
    bench.answered(1, 202, "");
    bench.failed("the stream ended");
    bench.input(Input::Handled(key));
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn explicit_acknowledgement_is_left_to_the_scheduler() {
    let config = Config { acknowledgement: Acknowledgement::Explicit, ..Config::new(framework()) };
    let mut bench = Bench::subscribed(config);
    bench.update_event(Some(b"0123456789abcdef"));
    assert!(bench.transcript.ends_with("event t-1 TASK_RUNNING\n"), "{}", bench.transcript);
}

#[test]
fn stopping_tears_the_framework_down_and_says_whether_it_worked() {
    let end_of = |answer: &dyn Fn(&mut Bench)| {
        let mut bench = Bench::subscribed(Config::new(framework()));
        bench.call(kill());
        bench.input(Input::Stop { failover: false });
        bench.failed("the master closed the stream");
        answer(&mut bench);
        assert_eq!(bench.driver.poll_timeout(), None);
        bench.transcript
    };
    assert!(end_of(&|bench| bench.answered(2, 202, "")).ends_with("ended: TornDown\n"));
    assert!(end_of(&Bench::wake).ends_with("ended: NotTornDown\n"));
    assert!(
        end_of(&|bench| bench.answered(2, 403, "no"))
            .ends_with("ended Forbidden: TEARDOWN was answered with 403: no\n")
    );
    insta::assert_snapshot!(end_of(&|bench| bench.answered(2, 202, "")));
}

#[test]
fn stopping_for_a_failover_leaves_the_framework_alone() {
    let mut bench = Bench::subscribed(Config::new(framework()));
    bench.input(Input::Stop { failover: true });
    bench.call(kill());
    bench.input(Input::Start);
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn stopping_for_a_failover_waits_for_what_is_in_flight_but_not_for_ever() {
    let end_of = |last: &dyn Fn(&mut Bench)| {
        let mut bench = Bench::subscribed(Config::new(framework()));
        bench.call(kill());
        bench.call(kill());
        bench.input(Input::Stop { failover: true });
        bench.answered(1, 202, "");
        assert!(!bench.transcript.contains("ended"), "{}", bench.transcript);
        last(&mut bench);
        assert_eq!(bench.driver.poll_timeout(), None);
        bench.transcript
    };
    assert!(end_of(&|bench| bench.answered(2, 202, "")).ends_with("ended: LeftForFailover\n"));
    assert!(end_of(&|bench| bench.answered(2, 400, "no")).ends_with("ended: LeftForFailover\n"));
    assert!(end_of(&Bench::wake).ends_with("ended: LeftForFailover\n"));
}

#[test]
fn closing_has_little_patience_but_for_a_teardown() {
    let left_after = |inputs: &[Input]| {
        let mut bench = Bench::subscribed(Config::new(framework()));
        bench.call(kill());
        for input in inputs {
            bench.input(input.clone());
        }
        let (deadline, _) = bench.driver.poll_timeout().expect("an answer is waited for");
        deadline.since(bench.now)
    };
    let stop = |failover| Input::Stop { failover };
    assert_eq!(left_after(&[Input::Close]), Duration::from_millis(500));
    assert_eq!(left_after(&[stop(true), Input::Close]), Duration::from_millis(500));
    assert_eq!(left_after(&[Input::Close, stop(true)]), Duration::from_millis(500));
    assert_eq!(left_after(&[stop(false), Input::Close]), Duration::from_secs(5));
    let mut bench = Bench::subscribed(Config::new(framework()));
    bench.input(Input::Close);
    assert!(bench.transcript.ends_with("ended: LeftForFailover\n"), "{}", bench.transcript);
}

#[test]
fn unreadable_events_are_skipped_with_a_note() {
    let mut bench = Bench::subscribed(Config::new(framework()));
    bench.record(scheduler::Event::default());
    bench.record(scheduler::Event { r#type: Some(4711), ..Default::default() });
    bench.record(scheduler::Event {
        r#type: Some(event::Type::Offers.into()),
        ..Default::default()
    });
    bench.record(scheduler::Event {
        r#type: Some(event::Type::Failure.into()),
        failure: Some(event::Failure::default()),
        ..Default::default()
    });
    assert!(bench.driver.is_subscribed());
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn a_failure_is_about_an_executor_when_it_names_one() {
    let failure = |agent: Option<&str>, executor: Option<&str>| event::Failure {
        agent_id: agent.map(|value| AgentId { value: value.into() }),
        executor_id: executor.map(|value| mesos_proto::v1::ExecutorId { value: value.into() }),
        status: Some(9),
    };
    let mut bench = Bench::subscribed(Config::new(framework()));
    for failure in [failure(Some("a-1"), None), failure(Some("a-1"), Some("e-1"))] {
        bench.record(scheduler::Event {
            r#type: Some(event::Type::Failure.into()),
            failure: Some(failure),
            ..Default::default()
        });
    }
    insta::assert_snapshot!(bench.transcript);
}
