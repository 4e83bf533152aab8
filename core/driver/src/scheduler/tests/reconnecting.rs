// SPDX-License-Identifier: Apache-2.0

//! Losing a subscription and getting it back.

use super::*;

#[test]
fn a_lost_stream_is_opened_again_with_the_id_and_the_suppressed_roles() {
    let mut bench = Bench::subscribed(Config::new(framework()));
    bench.call(suppress(&["batch"]));
    bench.answered(1, 202, "");
    bench.failed("the stream ended");
    bench.wake();
    bench.opened("s-2");
    bench.subscribed_event();
    bench.call(kill());
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn five_missed_heartbeats_mean_that_the_master_is_lost() {
    let mut bench = Bench::subscribed(Config::new(framework()));
    bench.advance(Duration::from_secs(74));
    bench.input(Input::Wake);
    assert!(bench.driver.is_subscribed());
    bench.heartbeat();
    bench.wake();
    bench.wake();
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn heartbeats_are_not_missed_while_the_scheduler_is_too_slow_to_read() {
    let mut bench = Bench::subscribed(Config::new(framework()));
    bench.input(Input::ReadingPaused(true));
    assert_eq!(bench.driver.poll_timeout(), None);
    bench.advance(Duration::from_secs(3600));
    bench.input(Input::Wake);
    bench.input(Input::ReadingPaused(false));
    assert!(bench.driver.is_subscribed());
    let (at, _) = bench.driver.poll_timeout().unwrap();
    assert_eq!(at.since(bench.now), Duration::from_secs(75));
}

#[test]
fn another_leader_is_followed_and_none_is_waited_for() {
    let mut bench = Bench::subscribed(Config::new(framework()));
    bench.input(Input::MasterDetected(Some(MASTER.into())));
    assert!(bench.driver.is_subscribed(), "the same leader changes nothing");
    bench.input(Input::MasterDetected(None));
    assert_eq!(bench.driver.poll_timeout(), None);
    bench.input(Input::MasterDetected(Some("m2:5050".into())));
    bench.wake();
    bench.opened("s-2");
    bench.subscribed_event();
    bench.input(Input::MasterDetected(Some("m3:5050".into())));
    bench.wake();
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn a_call_that_is_redirected_means_the_master_does_not_lead_any_more() {
    let mut bench = Bench::subscribed(Config::new(framework()));
    bench.call(kill());
    bench.answered(1, 307, "");
    bench.wake();
    insta::assert_snapshot!(bench.transcript);
}

#[test]
fn an_odd_heartbeat_interval_falls_back_to_fifteen_seconds() {
    for interval in [None, Some(0.0), Some(-1.0), Some(f64::NAN), Some(f64::INFINITY)] {
        let mut bench = Bench::new();
        bench.input(Input::Start);
        bench.input(Input::MasterDetected(Some(MASTER.into())));
        bench.wake();
        bench.opened("s-1");
        bench.record(scheduler::Event {
            r#type: Some(event::Type::Subscribed.into()),
            subscribed: Some(event::Subscribed {
                framework_id: FrameworkId { value: "f-1".into() },
                heartbeat_interval_seconds: interval,
                master_info: None,
            }),
            ..Default::default()
        });
        let (at, _) = bench.driver.poll_timeout().unwrap();
        assert_eq!(at.since(bench.now), Duration::from_secs(75), "{interval:?}");
    }
}
