// SPDX-License-Identifier: Apache-2.0

//! From the start to the first SUBSCRIBED.

use super::*;

#[test]
fn a_framework_subscribes_and_gets_its_id() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.input(Input::MasterDetected(Some(MASTER.into())));
    bench.wake();
    bench.opened("s-1");
    bench.subscribed_event();
    bench.heartbeat();
    assert_eq!(bench.driver.framework_id().unwrap().value, "f-1");
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn what_changes_while_subscribing_is_sent_once_subscribed() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.input(Input::MasterDetected(Some(MASTER.into())));
    bench.wake();
    bench.opened("s-1");
    bench.call(suppress(&["web"]));
    bench.subscribed_event();
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn nothing_happens_before_start_or_without_a_master() {
    let mut bench = Bench::new();
    bench.input(Input::MasterDetected(Some(MASTER.into())));
    assert_eq!(bench.driver.poll_timeout(), None);
    bench.input(Input::MasterDetected(None));
    bench.input(Input::Start);
    assert_eq!(bench.driver.poll_timeout(), None);
    bench.input(Input::MasterDetected(Some(MASTER.into())));
    let (at, _) = bench.driver.poll_timeout().unwrap();
    assert!(at.since(bench.now) < Duration::from_millis(500));
}

#[test]
fn a_redirect_is_followed_at_once_and_forgotten_when_it_leads_nowhere() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.input(Input::MasterDetected(Some(MASTER.into())));
    bench.wake();
    bench.refused(307, Some("//m2:5050/api/v1/scheduler"), "");
    bench.wake();
    bench.failed("connection refused");
    bench.wake();
    bench.refused(307, Some("//m1:5050"), "");
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn masters_that_redirect_in_a_circle_are_given_time() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.input(Input::MasterDetected(Some(MASTER.into())));
    bench.wake();
    for hop in 0..5 {
        let next = if hop % 2 == 0 { "//m2:5050" } else { "//m1:5050" };
        bench.refused(307, Some(next), "");
        assert_eq!(bench.driver.poll_timeout().unwrap().0, bench.now, "at once");
        bench.wake();
    }
    bench.refused(307, Some("//m1:5050"), "");
    assert!(bench.transcript.ends_with("#6 disconnect\n"), "{}", bench.transcript);
    assert!(bench.driver.poll_timeout().unwrap().0 > bench.now, "after a delay");
}

#[test]
fn a_master_that_is_not_ready_is_asked_again_with_growing_delays() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.input(Input::MasterDetected(Some(MASTER.into())));
    for limit_ms in [500, 1000, 2000, 4000, 8000, 15_000, 15_000] {
        bench.wake();
        bench.refused(503, None, "Master has not finished recovery");
        let delay = bench.driver.poll_timeout().unwrap().0.since(bench.now);
        assert!(delay < Duration::from_millis(limit_ms), "{delay:?}");
    }
    bench.wake();
    bench.opened("s-1");
    bench.subscribed_event();
    bench.failed("reset");
    let delay = bench.driver.poll_timeout().unwrap().0.since(bench.now);
    assert!(delay < Duration::from_millis(500), "the back-off starts over: {delay:?}");
}

#[test]
fn delays_leave_ten_attempts_before_the_framework_times_out() {
    let mut config = Config::new(framework());
    config.framework.failover_timeout = Some(20.0);
    let mut bench = Bench::with(config);
    bench.input(Input::Start);
    bench.input(Input::MasterDetected(Some(MASTER.into())));
    for _ in 0..20 {
        bench.wake();
        bench.failed("connection refused");
        let delay = bench.driver.poll_timeout().unwrap().0.since(bench.now);
        assert!(delay < Duration::from_secs(2), "{delay:?}");
    }
}

#[test]
fn a_master_that_accepts_and_then_says_nothing_is_left() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.input(Input::MasterDetected(Some(MASTER.into())));
    bench.wake();
    bench.opened("s-1");
    bench.wake();
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn refusals_that_no_retry_can_change_end_the_driver() {
    for (status, kind) in [
        (400, ErrorKind::Refused),
        (401, ErrorKind::Unauthenticated),
        (403, ErrorKind::Forbidden),
        (415, ErrorKind::Refused),
    ] {
        let mut bench = Bench::new();
        bench.input(Input::Start);
        bench.input(Input::MasterDetected(Some(MASTER.into())));
        bench.wake();
        bench.refused(status, None, "no");
        let end = format!("-> ended {kind:?}: SUBSCRIBE was answered with {status}: no\n");
        assert!(bench.transcript.ends_with(&end), "{}", bench.transcript);
        assert_eq!(bench.driver.poll_timeout(), None);
    }
}

#[test]
fn an_error_event_ends_the_driver_with_what_it_means() {
    for (message, kind) in [
        ("Framework failed over", ErrorKind::FailedOver),
        ("Framework has been removed", ErrorKind::FrameworkRemoved),
        ("Roles are wrong", ErrorKind::SubscriptionRefused),
    ] {
        let mut bench = Bench::new();
        bench.input(Input::Start);
        bench.input(Input::MasterDetected(Some(MASTER.into())));
        bench.wake();
        bench.opened("s-1");
        bench.error_event(message);
        let end = format!("-> ended {kind:?}: {message}\n");
        assert!(bench.transcript.ends_with(&end), "{}", bench.transcript);
    }
}

#[test]
fn answers_that_are_no_event_stream_are_tried_again() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.input(Input::MasterDetected(Some(MASTER.into())));
    bench.wake();
    let attempt = bench.attempt();
    bench.input(Input::StreamOpened { attempt, stream_id: None });
    bench.wake();
    bench.opened("s-2");
    bench.update_event(None);
    bench.wake();
    bench.refused(204, None, "");
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn late_news_of_an_earlier_attempt_changes_nothing() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.input(Input::MasterDetected(Some(MASTER.into())));
    bench.wake();
    let old = bench.attempt();
    bench.failed("connection refused");
    bench.wake();
    let before = bench.driver.phase.clone();
    bench.input(Input::StreamOpened { attempt: old, stream_id: Some("old".into()) });
    bench.input(Input::StreamFailed { attempt: old, reason: "late".into() });
    bench.input(Input::StreamRefused {
        attempt: old,
        status: 400,
        location: None,
        body: String::new(),
    });
    assert_eq!(bench.driver.phase, before);
}

#[test]
fn an_absurd_heartbeat_interval_is_as_good_as_none() {
    let mut bench = Bench::new();
    bench.input(Input::Start);
    bench.input(Input::MasterDetected(Some(MASTER.into())));
    bench.wake();
    bench.opened("s-1");
    bench.record(scheduler::Event {
        r#type: Some(event::Type::Subscribed.into()),
        subscribed: Some(event::Subscribed {
            framework_id: FrameworkId { value: "f-1".into() },
            heartbeat_interval_seconds: Some(1e19),
            master_info: None,
        }),
        ..Default::default()
    });
    bench.heartbeat();
    assert!(bench.driver.is_subscribed());
    assert_eq!(bench.driver.poll_timeout().unwrap().0, Time::NEVER);
}
