// SPDX-License-Identifier: Apache-2.0

use mesos_proto::v1::{CommandInfo, TaskId, framework_info::Capability};

use super::*;

fn at(milliseconds: u64) -> Time {
    Time::from_nanos(milliseconds * 1_000_000)
}

fn plain() -> TaskInfo {
    TaskInfo {
        task_id: TaskId { value: "t".into() },
        command: Some(CommandInfo { value: Some("sleep 1".into()), ..CommandInfo::default() }),
        ..TaskInfo::default()
    }
}

fn framework(killing: bool) -> FrameworkInfo {
    let mut framework = FrameworkInfo::default();
    if killing {
        let mut capability = Capability::default();
        capability.set_type(capability::Type::TaskKillingState);
        framework.capabilities.push(capability);
    }
    framework
}

fn task_of(info: TaskInfo, killing: bool) -> CommandTask {
    CommandTask::new(Arc::new(info), &framework(killing), Surroundings::default())
}

/// What happened, in short; what is remembered for a restart aside.
fn seen(task: &mut CommandTask) -> Vec<String> {
    std::iter::from_fn(|| task.poll_effect())
        .filter(|effect| !matches!(effect, Effect::Note(_)))
        .map(|effect| match effect {
            Effect::Update(status) => {
                let mut text = status.state().as_str_name().to_owned();
                if status.reason.is_some() {
                    text += &format!(" {}", status.reason().as_str_name());
                }
                if let Some(healthy) = status.healthy {
                    text += &format!(" healthy={healthy}");
                }
                if let Some(message) = &status.message {
                    text += &format!(" ({message})");
                }
                text
            }
            Effect::Signal(signal) => format!("signal {signal}"),
            Effect::Note(note) => note.text(),
            Effect::Destroy => "destroy".to_owned(),
            Effect::Probe { probe, .. } => format!("probe {}", probe.0),
        })
        .collect()
}

#[test]
fn a_task_that_exits_with_zero_finishes() {
    let mut task = task_of(plain(), false);
    task.started(at(0));
    assert_eq!(seen(&mut task), ["TASK_STARTING", "TASK_RUNNING"]);
    task.exited(Some(0));
    assert_eq!(seen(&mut task), ["TASK_FINISHED (Command exited with status 0)"]);
    task.exited(Some(0));
    assert!(seen(&mut task).is_empty());
}

#[test]
fn a_task_that_fails_says_how() {
    for (status, text) in [
        (Some(127 << 8), "TASK_FAILED (Command exited with status 127)"),
        (Some(11), "TASK_FAILED (Command terminated with signal Segmentation fault)"),
        (None, "TASK_FAILED (Failed to get exit status for Command)"),
    ] {
        let mut task = task_of(plain(), false);
        task.started(at(0));
        seen(&mut task);
        task.exited(status);
        assert_eq!(seen(&mut task), [text]);
    }
}

#[test]
fn a_kill_terminates_and_then_destroys_after_the_grace_period() {
    let mut task = task_of(plain(), true);
    task.started(at(0));
    seen(&mut task);
    task.kill(at(1000), None);
    assert_eq!(seen(&mut task), ["TASK_KILLING", "signal 15"]);
    assert_eq!(task.poll_timeout(), Some(at(4000)));
    task.wake(at(3999));
    assert!(seen(&mut task).is_empty());
    task.wake(at(4000));
    assert_eq!(seen(&mut task), ["destroy"]);
    task.exited(Some(9));
    assert_eq!(seen(&mut task), ["TASK_KILLED (Command terminated with signal Killed)"]);
    assert_eq!(task.poll_timeout(), None);
}

#[test]
fn a_task_that_exits_zero_on_sigterm_is_still_killed() {
    let mut task = task_of(plain(), false);
    task.started(at(0));
    task.kill(at(1), None);
    seen(&mut task);
    task.exited(Some(0));
    assert_eq!(seen(&mut task), ["TASK_KILLED (Command exited with status 0)"]);
}

#[test]
fn the_kill_policy_of_the_call_beats_that_of_the_task() {
    let policy = |seconds: i64| KillPolicy {
        grace_period: Some(DurationInfo { nanoseconds: seconds * 1_000_000_000 }),
    };
    let mut task = task_of(TaskInfo { kill_policy: Some(policy(10)), ..plain() }, false);
    task.started(at(0));
    task.kill(at(0), Some(&policy(20)));
    assert_eq!(task.poll_timeout(), Some(at(20_000)));
    task.kill(at(500), Some(&policy(30)));
    assert_eq!(task.poll_timeout(), Some(at(20_000)), "a longer one changes nothing");
    seen(&mut task);
    task.kill(at(600), Some(&policy(0)));
    assert_eq!(seen(&mut task), ["destroy"], "a shorter one counts from the first kill");
}

#[test]
fn a_task_out_of_time_fails_without_task_killing() {
    let limit = Some(DurationInfo { nanoseconds: 1_000_000_000 });
    let mut task = task_of(TaskInfo { max_completion_time: limit, ..plain() }, true);
    task.started(at(0));
    seen(&mut task);
    assert_eq!(task.poll_timeout(), Some(at(1000)));
    task.wake(at(1000));
    assert_eq!(seen(&mut task), ["signal 15"]);
    task.exited(Some(15));
    assert_eq!(
        seen(&mut task),
        ["TASK_FAILED REASON_MAX_COMPLETION_TIME_REACHED \
             (Command terminated with signal Terminated)"]
    );
}

fn with_health_check(grace: f64) -> TaskInfo {
    let mut check = HealthCheck {
        command: Some(CommandInfo::default()),
        delay_seconds: Some(0.0),
        interval_seconds: Some(0.5),
        timeout_seconds: Some(2.0),
        grace_period_seconds: Some(grace),
        consecutive_failures: Some(2),
        ..HealthCheck::default()
    };
    check.set_type(health_check::Type::Command);
    TaskInfo { health_check: Some(check), ..plain() }
}

#[test]
fn a_task_is_killed_after_too_many_failed_health_checks() {
    let mut task = task_of(with_health_check(0.0), true);
    task.started(at(0));
    assert_eq!(seen(&mut task), ["TASK_STARTING", "TASK_RUNNING", "probe 0"]);
    let unhealthy = "TASK_RUNNING REASON_TASK_HEALTH_CHECK_STATUS_UPDATED healthy=false";
    task.probe_finished(at(100), ProbeKey(0), &ProbeOutcome::Exited(256));
    assert_eq!(seen(&mut task), [unhealthy]);
    assert_eq!(task.poll_timeout(), Some(at(600)));
    task.wake(at(600));
    assert_eq!(seen(&mut task), ["probe 1"]);
    task.probe_finished(at(700), ProbeKey(1), &ProbeOutcome::TimedOut);
    assert_eq!(seen(&mut task), [unhealthy, "TASK_KILLING", "signal 15"]);
    task.exited(Some(15));
    assert_eq!(
        seen(&mut task),
        ["TASK_KILLED healthy=false (Command terminated with signal Terminated)"]
    );
}

#[test]
fn failures_in_the_grace_period_do_not_count_until_one_check_has_passed() {
    let mut task = task_of(with_health_check(2.0), false);
    task.started(at(0));
    seen(&mut task);
    task.probe_finished(at(100), ProbeKey(0), &ProbeOutcome::Exited(256));
    assert!(seen(&mut task).is_empty());
    task.wake(at(600));
    task.probe_finished(at(700), ProbeKey(1), &ProbeOutcome::Exited(0));
    task.wake(at(1200));
    task.probe_finished(at(1300), ProbeKey(2), &ProbeOutcome::Exited(256));
    task.wake(at(1800));
    task.probe_finished(at(1900), ProbeKey(3), &ProbeOutcome::Exited(0));
    let health =
        |healthy| format!("TASK_RUNNING REASON_TASK_HEALTH_CHECK_STATUS_UPDATED healthy={healthy}");
    assert_eq!(
        seen(&mut task),
        [
            "probe 1".to_owned(),
            health(true),
            "probe 2".to_owned(),
            health(false),
            "probe 3".to_owned(),
            health(true)
        ]
    );
}

#[test]
fn a_check_reports_only_what_is_new() {
    let mut check = CheckInfo {
        tcp: Some(check_info::Tcp { port: 1 }),
        delay_seconds: Some(1.0),
        interval_seconds: Some(1.0),
        ..CheckInfo::default()
    };
    check.set_type(check_info::Type::Tcp);
    let mut task = task_of(TaskInfo { check: Some(check), ..plain() }, false);
    task.started(at(0));
    assert_eq!(seen(&mut task), ["TASK_STARTING", "TASK_RUNNING"]);
    for (number, (connected, news)) in
        [(false, true), (false, false), (true, true), (true, false)].into_iter().enumerate()
    {
        let now = at(1000 * (number as u64 + 1));
        task.wake(now);
        task.probe_finished(now, ProbeKey(number as u64), &ProbeOutcome::Connected(connected));
        let expected = if news { 2 } else { 1 };
        assert_eq!(seen(&mut task).len(), expected, "run {number}");
    }
}

#[test]
fn a_late_result_of_a_check_is_of_no_interest() {
    let mut task = task_of(with_health_check(0.0), false);
    task.started(at(0));
    task.kill(at(10), None);
    seen(&mut task);
    task.probe_finished(at(20), ProbeKey(0), &ProbeOutcome::Exited(256));
    assert!(seen(&mut task).is_empty());
}

#[test]
fn a_resumed_task_says_only_what_was_not_said() {
    let mut status = TaskStatus { timestamp: Some(6.0), ..TaskStatus::default() };
    status.set_state(TaskState::TaskRunning);
    let limit = Some(DurationInfo { nanoseconds: 10_000_000_000 });
    let mut task = task_of(TaskInfo { max_completion_time: limit, ..plain() }, false);
    let former = Former { started: Some(at(5_000)), last: Some(status), kill: None };
    task.resumed(at(7_000), former);
    assert!(seen(&mut task).is_empty());
    assert_eq!(task.poll_timeout(), Some(at(15_000)), "its time went on");

    let mut task = task_of(plain(), false);
    task.resumed(at(7_000), Former::default());
    assert_eq!(seen(&mut task), ["TASK_STARTING", "TASK_RUNNING"]);
}

/// What a task lets the agent remember when it is killed, taken up by another life.
fn remembered(info: &TaskInfo, kill: impl FnOnce(&mut CommandTask)) -> (CommandTask, KillNote) {
    let mut task = task_of(info.clone(), false);
    task.started(at(0));
    kill(&mut task);
    let notes = std::iter::from_fn(|| task.poll_effect())
        .filter_map(|effect| if let Effect::Note(note) = effect { Some(note) } else { None });
    let note = notes.last().expect("a kill is remembered");
    let mut last = TaskStatus::default();
    last.set_state(TaskState::TaskRunning);
    let mut next = task_of(info.clone(), false);
    next.resumed(at(2_000), Former { started: Some(at(0)), last: Some(last), kill: Some(note) });
    (next, note)
}

#[test]
fn a_kill_goes_on_after_a_restart_and_ends_as_it_would_have() {
    let (mut task, note) = remembered(&plain(), |task| task.kill(at(1_000), None));
    assert_eq!(seen(&mut task), ["signal 15"]);
    assert_eq!((note.cause, note.since), (KillCause::Wanted, at(1_000)));
    assert_eq!(task.poll_timeout(), Some(at(4_000)), "the grace period went on");
    task.exited(Some(15));
    assert_eq!(seen(&mut task), ["TASK_KILLED (Command terminated with signal Terminated)"]);

    let limit = Some(DurationInfo { nanoseconds: 1_000_000_000 });
    let limited = TaskInfo { max_completion_time: limit, ..plain() };
    let (mut task, note) = remembered(&limited, |task| task.wake(at(1_000)));
    assert_eq!(note.cause, KillCause::OutOfTime);
    assert_eq!(task.poll_timeout(), Some(at(2_100)), "overdue, but not before SIGTERM is seen");
    seen(&mut task);
    task.exited(Some(15));
    let text = "TASK_FAILED REASON_MAX_COMPLETION_TIME_REACHED (Command terminated with signal \
                Terminated)";
    assert_eq!(seen(&mut task), [text]);
}

#[test]
fn a_kill_that_becomes_shorter_is_remembered_so() {
    let (task, note) = remembered(&plain(), |task| {
        task.kill(at(1_000), None);
        let grace_period = Some(DurationInfo { nanoseconds: 1_500_000_000 });
        task.kill(at(1_200), Some(&KillPolicy { grace_period }));
    });
    assert_eq!(note.escalate_at, at(2_500));
    assert_eq!(task.poll_timeout(), Some(at(2_500)));
}
