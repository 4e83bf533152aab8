// SPDX-License-Identifier: Apache-2.0

//! Updates that the agent has no room for, and those that wait for them.

use super::*;

const FULL: &str = "1024 status updates of task 't' are waiting";

/// An update whose uuid and message are `number`.
fn numbered(bench: &mut Bench, task: &str, number: u32, state: TaskState) -> Vec<String> {
    bench.last_key += 1;
    let status = TaskStatus {
        task_id: TaskId { value: task.into() },
        state: state.into(),
        message: Some(number.to_string()),
        uuid: Some([0, 0, 0, number].map(u32::to_be_bytes).concat().into()),
        ..Default::default()
    };
    said(bench, Input::Update { key: CallKey(bench.last_key), status: Box::new(status) })
}

/// What the driver does, without the events.
fn said(bench: &mut Bench, input: Input) -> Vec<String> {
    bench.driver.handle(bench.now, input);
    std::iter::from_fn(|| bench.driver.poll_output())
        .filter_map(|output| match output {
            Output::Send { send, call } => {
                let status = call.update.expect("nothing else is sent").status;
                Some(format!("send {}: {} {}", send.0, status.task_id.value, status.message()))
            }
            Output::Subscribe { call, .. } => {
                Some(format!("told {}", call.subscribe.unwrap().unacknowledged_updates.len()))
            }
            Output::Event(_) => None,
            output @ (Output::Disconnect { .. }
            | Output::Answered { .. }
            | Output::Note(_)
            | Output::KillSelf
            | Output::Ended(_)) => Some(describe_output(&output)),
        })
        .collect()
}

fn answer(bench: &mut Bench, send: u64, status: u16) -> Vec<String> {
    let body = if status == 503 { FULL } else { "" };
    said(bench, Input::CallAnswered { send: SendKey(send), status, body: body.into() })
}

fn acknowledged(bench: &mut Bench, task: &str, number: u32) -> Vec<String> {
    let acknowledged = event::Acknowledged {
        task_id: TaskId { value: task.into() },
        uuid: [0, 0, 0, number].map(u32::to_be_bytes).concat().into(),
    };
    let event = executor::Event {
        r#type: Some(event::Type::Acknowledged.into()),
        acknowledged: Some(acknowledged),
        ..Default::default()
    };
    let attempt = bench.driver.attempt;
    said(bench, Input::Record { attempt, event: Box::new(event) })
}

/// The next timer, after how many milliseconds it fires, and what comes of it.
fn wake(bench: &mut Bench) -> (u128, Vec<String>) {
    let (at, _) = bench.driver.poll_timeout().expect("a timer is set");
    let pause = at.since(bench.now).as_millis();
    bench.now = at;
    (pause, said(bench, Input::Wake))
}

fn note() -> String {
    format!("note: UPDATE was answered with 503: {FULL}; it will be sent again")
}

/// Calls whose updates are kept.
fn kept(calls: impl IntoIterator<Item = u32>) -> Vec<String> {
    calls.into_iter().map(|call| format!("call {call} ok")).collect()
}

#[test]
fn an_update_without_room_is_sent_again_and_later_ones_of_its_task_wait() {
    for config in [config(), recovering()] {
        let mut bench = Bench::subscribed(config);
        let running = TaskState::TaskRunning;
        assert_eq!(numbered(&mut bench, "t", 1, running), ["send 1: t 1"]);
        assert!(numbered(&mut bench, "t", 2, running).is_empty());
        assert!(numbered(&mut bench, "t", 3, TaskState::TaskFinished).is_empty());
        assert_eq!(numbered(&mut bench, "other", 4, running), ["send 2: other 4"]);
        // Who made them need not wait.
        assert_eq!(answer(&mut bench, 1, 503), [vec![note()], kept(1..=3)].concat());
        assert_eq!(answer(&mut bench, 2, 202), kept([4]));
        assert_eq!(wake(&mut bench), (100, vec!["send 3: t 1".to_owned()]));
        assert_eq!(numbered(&mut bench, "t", 5, running), kept([5]));
        assert!(!answer(&mut bench, 3, 503).is_empty());
        assert_eq!(wake(&mut bench), (200, vec!["send 4: t 1".to_owned()]));
        assert_eq!(answer(&mut bench, 4, 202), ["send 5: t 2"]);
        // Each update has its own patience.
        assert!(answer(&mut bench, 5, 503).is_empty());
        assert_eq!(wake(&mut bench), (100, vec!["send 6: t 2".to_owned()]));
        assert_eq!(answer(&mut bench, 6, 202), ["send 7: t 3"]);
        assert_eq!(answer(&mut bench, 7, 202), ["send 8: t 5"]);
        assert!(answer(&mut bench, 8, 202).is_empty());
        assert!(bench.driver.all_said());
    }
}

#[test]
fn the_end_of_a_task_goes_ahead_when_nothing_moves_for_long() {
    let mut bench = Bench::subscribed(config());
    numbered(&mut bench, "t", 1, TaskState::TaskRunning);
    numbered(&mut bench, "t", 2, TaskState::TaskRunning);
    numbered(&mut bench, "t", 3, TaskState::TaskFinished);
    let since = bench.now;
    for send in 1..=6 {
        answer(&mut bench, send, 503);
        wake(&mut bench);
    }
    assert_eq!(
        answer(&mut bench, 7, 503),
        [
            "note: 2 updates of task 't' are dropped: the agent had no room for them until the \
             task had ended",
            "send 8: t 3",
        ]
    );
    assert_eq!(bench.now.since(since), Duration::from_millis(6300));
    assert!(answer(&mut bench, 8, 202).is_empty());
    assert_eq!(bench.driver.unacknowledged_updates(), 1);
}

#[test]
fn without_an_end_to_tell_an_update_is_sent_again_for_ever() {
    let mut bench = Bench::subscribed(config());
    numbered(&mut bench, "t", 1, TaskState::TaskRunning);
    let mut pauses = Vec::new();
    for send in 1..=20 {
        answer(&mut bench, send, 503);
        pauses.push(wake(&mut bench).0);
    }
    assert_eq!(pauses[..8], [100, 200, 400, 800, 1600, 3200, 6400, 10_000]);
    assert_eq!(pauses[19], 10_000);
    assert!(answer(&mut bench, 21, 202).is_empty());
    assert!(bench.driver.all_said());
}

#[test]
fn one_task_takes_no_more_than_half_of_the_room_and_an_end_is_always_taken() {
    let mut bench = Bench::subscribed(Config { outstanding_calls_max: 8, ..config() });
    let running = TaskState::TaskRunning;
    for number in 1..=4 {
        numbered(&mut bench, "t", number, running);
    }
    answer(&mut bench, 1, 503);
    let busy = |task_id, number, bench: &mut Bench| numbered(bench, task_id, number, running);
    let refused = busy("t", 5, &mut bench);
    assert_eq!(refused, ["call 5 Busy/Later: 4 updates of the task wait for the agent already"]);
    assert_eq!(numbered(&mut bench, "t", 6, TaskState::TaskFinished), kept([6]));
    for number in 7..=9 {
        let said = numbered(&mut bench, "u", number, running);
        assert!(!said.iter().any(|it| it.contains("Busy")), "{said:?}");
    }
    let refused = busy("v", 10, &mut bench);
    assert_eq!(refused, ["call 10 Busy/Later: 8 calls wait for their answer already"]);
    assert_eq!(numbered(&mut bench, "v", 11, TaskState::TaskFailed), ["send 3: v 11"]);
}

#[test]
fn what_comes_before_an_end_that_the_agent_has_is_given_up() {
    let mut bench = Bench::subscribed(recovering());
    numbered(&mut bench, "t", 1, TaskState::TaskRunning);
    numbered(&mut bench, "t", 2, TaskState::TaskRunning);
    numbered(&mut bench, "t", 3, TaskState::TaskFinished);
    bench.failed("the stream ended");
    assert_eq!(wake(&mut bench).1, ["told 3"]);
    bench.subscribed_event();
    // The agent had no room for the second one.
    assert!(acknowledged(&mut bench, "t", 1).is_empty());
    assert_eq!(
        acknowledged(&mut bench, "t", 3),
        ["note: 1 updates of task 't' are dropped: the agent has the end of the task"]
    );
    assert!(bench.driver.all_said());
    assert_eq!(bench.driver.unacknowledged_updates(), 0);
}

#[test]
fn an_agent_that_knows_no_subscription_is_subscribed_with_again() {
    let mut bench = Bench::subscribed(recovering());
    numbered(&mut bench, "t", 1, TaskState::TaskFinished);
    assert_eq!(answer(&mut bench, 1, 403).last().unwrap(), "call 1 ok");
    assert_eq!(wake(&mut bench).1, ["told 1"]);
}

#[test]
fn an_executor_that_is_to_end_tells_the_ends_of_its_tasks_at_once() {
    let shutdown = |bench: &mut Bench| {
        let attempt = bench.driver.attempt;
        let event =
            executor::Event { r#type: Some(event::Type::Shutdown.into()), ..Default::default() };
        said(bench, Input::Record { attempt, event: Box::new(event) })
    };
    type End<'a> = &'a dyn Fn(&mut Bench) -> Vec<String>;
    let ends: [End<'_>; 2] = [&|bench| said(bench, Input::Stop), &shutdown];
    for end in ends {
        let mut bench = Bench::subscribed(config());
        numbered(&mut bench, "t", 1, TaskState::TaskRunning);
        numbered(&mut bench, "t", 2, TaskState::TaskKilled);
        numbered(&mut bench, "u", 3, TaskState::TaskRunning);
        answer(&mut bench, 1, 503);
        assert_eq!(end(&mut bench).last().unwrap(), "send 3: t 2");
        // One whose refusal comes later.
        let mut bench = Bench::subscribed(config());
        numbered(&mut bench, "t", 1, TaskState::TaskRunning);
        numbered(&mut bench, "t", 2, TaskState::TaskKilled);
        assert!(end(&mut bench).is_empty());
        assert_eq!(answer(&mut bench, 1, 503).last().unwrap(), "send 2: t 2");
        if bench.driver.is_subscribed() {
            continue;
        }
        assert_eq!(answer(&mut bench, 2, 202).last().unwrap(), "ended");
    }
    // One whose task ends after the agent has asked for the end.
    let mut bench = Bench::subscribed(config());
    numbered(&mut bench, "t", 1, TaskState::TaskRunning);
    answer(&mut bench, 1, 503);
    shutdown(&mut bench);
    let said = numbered(&mut bench, "t", 2, TaskState::TaskKilled);
    assert_eq!(said.last().unwrap(), "send 2: t 2");
}

#[test]
fn a_flood_follows_a_subscription_in_order_and_what_the_agent_drops_of_it_is_sent_again() {
    let mut bench = Bench::subscribed(recovering());
    bench.failed("the stream ended");
    for number in 1..=300 {
        numbered(&mut bench, "t", number, TaskState::TaskRunning);
    }
    numbered(&mut bench, "other", 301, TaskState::TaskRunning);
    assert_eq!(wake(&mut bench).1, ["told 257"]);
    bench.subscribed_event();
    // The agent takes all but the last two of those that it was told.
    for number in (1..=254).chain([301]) {
        let task = if number == 301 { "other" } else { "t" };
        assert!(acknowledged(&mut bench, task, number).is_empty());
    }
    assert_eq!(wake(&mut bench), (1000, vec!["send 1: t 255".to_owned()]));
    assert_eq!(answer(&mut bench, 1, 202), ["send 2: t 256"]);
    for number in 257..=300_u32 {
        let send = u64::from(number) - 255;
        assert_eq!(answer(&mut bench, send, 202), [format!("send {}: t {number}", send + 1)]);
    }
    assert!(answer(&mut bench, 46, 202).is_empty());
    assert!(bench.driver.all_said());
}

#[test]
fn what_was_made_meanwhile_is_sent_once_the_rest_is_acknowledged() {
    let mut bench = Bench::subscribed(recovering());
    numbered(&mut bench, "t", 1, TaskState::TaskRunning);
    bench.failed("the stream ended");
    wake(&mut bench);
    numbered(&mut bench, "t", 2, TaskState::TaskFinished);
    bench.subscribed_event();
    assert!(bench.transcript.ends_with("again true\n"), "{}", bench.transcript);
    assert_eq!(acknowledged(&mut bench, "t", 1), ["send 2: t 2"]);
    // An acknowledgement may come before the answer.
    assert!(acknowledged(&mut bench, "t", 2).is_empty());
    assert!(answer(&mut bench, 2, 503).is_empty());
    assert!(bench.driver.all_said());
    assert_eq!(bench.driver.unacknowledged_updates(), 0);
}

#[test]
fn stopping_waits_for_no_acknowledgement_of_what_was_told() {
    let mut bench = Bench::subscribed(recovering());
    numbered(&mut bench, "t", 1, TaskState::TaskFinished);
    numbered(&mut bench, "u", 2, TaskState::TaskRunning);
    bench.failed("the stream ended");
    assert_eq!(wake(&mut bench).1, ["told 2"]);
    numbered(&mut bench, "u", 3, TaskState::TaskFinished);
    bench.subscribed_event();
    assert_eq!(said(&mut bench, Input::Stop), ["send 3: u 3"]);
    assert_eq!(answer(&mut bench, 3, 202).last().unwrap(), "ended");
}
