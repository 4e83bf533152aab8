// SPDX-License-Identifier: Apache-2.0

//! A new master takes over from the registry.

use mesos_proto::{
    internal::{ReregisterSlaveMessage, archive},
    v1::{FrameworkId, FrameworkInfo, TaskState, scheduler::event::Type},
};

use crate::{Change, Input, OperatorCall, Output, ToAgent, testing::*};

fn known(running: &Running) -> FrameworkInfo {
    let id = Some(FrameworkId { value: running.scheduler.id.clone() });
    FrameworkInfo { id, ..framework_info() }
}

fn back(running: &Running) -> ReregisterSlaveMessage {
    let id = &running.scheduler.id;
    ReregisterSlaveMessage {
        tasks: vec![reported_task(id, &running.agent, TaskState::TaskRunning)],
        frameworks: vec![known(running)],
        ..reregistration(&running.agent)
    }
}

#[test]
fn agent_reregisters_after_master_failover() {
    let mut first = Lab::new();
    let running = first.with_running_task(framework_info());
    let mut lab = first.fail_over();
    lab.take();
    lab.reregister(&running.pid, back(&running));
    let sent = lab.sent_to(&running.pid);
    assert!(matches!(sent[0], ToAgent::Reregistered(_)), "{sent:?}");
    assert_eq!(lab.master.gauges().tasks_running, 1);
    lab.seconds(1);
    let scheduler = lab.subscribe(known(&running));
    assert_eq!(scheduler.id, running.scheduler.id);
    let record = lab.changes().into_iter().rev().find_map(|change| match change {
        Change::Framework(record) => Some(record),
        _ => None,
    });
    let record = record.unwrap();
    assert!(!record.recovered && record.reregistered_time > record.registered_time);
    let events = types(&lab.events(&scheduler));
    assert_eq!(events, [Type::Subscribed, Type::Heartbeat, Type::Offers]);
    let offer = &lab.offers(&scheduler)[0];
    let cpus = offer.resources.iter().find(|it| it.name == "cpus").unwrap();
    assert_eq!(cpus.scalar.unwrap().value, 3.0, "what its task uses is not offered");
}

fn with_history(running: &Running) -> ReregisterSlaveMessage {
    let id = &running.scheduler.id;
    let ended = reported_task(id, &running.agent, TaskState::TaskFinished);
    let archived = |id: &str| archive::Framework {
        framework_info: FrameworkInfo {
            id: Some(FrameworkId { value: id.to_owned() }),
            ..framework_info()
        },
        tasks: vec![ended.clone()],
        ..Default::default()
    };
    let completed_frameworks = vec![archived(id), archived("unknown")];
    ReregisterSlaveMessage { completed_frameworks, ..back(running) }
}

fn completed(lab: &Lab) -> Vec<TaskState> {
    let completed = lab.changes().into_iter().filter_map(|change| match change {
        Change::TaskCompleted(task) => Some(task.state),
        _ => None,
    });
    completed.collect()
}

#[test]
fn completed_tasks_that_an_agent_remembers_are_history_of_the_new_master() {
    let mut first = Lab::new();
    let running = first.with_running_task(framework_info());
    let with_the_registry = first.fail_over();
    let with_another = Lab::start(config(), Default::default(), first.now);
    for mut lab in [with_the_registry, with_another] {
        lab.take();
        lab.reregister(&running.pid, with_history(&running));
        assert_eq!(completed(&lab), [TaskState::TaskFinished]);
    }
}

#[test]
fn an_agent_that_this_master_lost_brings_no_history_twice() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    lab.seconds(80);
    lab.take();
    lab.reregister(&running.pid, with_history(&running));
    assert_eq!(completed(&lab), []);
}

#[test]
fn nothing_is_said_about_tasks_while_their_agent_may_still_come() {
    let mut first = Lab::new();
    let running = first.with_running_task(framework_info());
    let mut lab = first.fail_over();
    let scheduler = lab.subscribe(known(&running));
    lab.take();
    lab.call(&scheduler, reconcile(&[("t", Some(&running.agent)), ("u", None)]));
    assert_eq!(lab.updates(&scheduler), []);
    lab.seconds(601);
    lab.take();
    lab.call(&scheduler, reconcile(&[("t", Some(&running.agent)), ("u", None)]));
    let states: Vec<_> = lab.updates(&scheduler).iter().map(|it| it.state()).collect();
    assert_eq!(states, [TaskState::TaskLost, TaskState::TaskLost]);
}

#[test]
fn an_agent_that_does_not_come_back_after_failover_is_unreachable() {
    let mut first = Lab::new();
    let running = first.with_running_task(framework_info());
    let mut lab = first.fail_over();
    let scheduler = lab.subscribe(known(&running));
    lab.take();
    lab.seconds(601);
    assert!(lab.registry.unreachable.contains_key(&running.agent));
    assert_eq!(lab.master.metrics().recovery_slave_removals, 1);
    assert!(types(&lab.events(&scheduler)).contains(&Type::Failure));
}

#[test]
fn too_many_missing_agents_stop_the_master() {
    let mut first = Lab::new();
    first.register("slave(1)@10.0.0.1:5051");
    let mut config = config();
    config.recovery_agent_removal_limit = 0.5;
    let mut lab = Lab::start(config, first.registry.clone(), first.now);
    lab.seconds(601);
    let fatal = lab.take().into_iter().any(|it| matches!(it, Output::Fatal { .. }));
    assert!(fatal);
}

#[test]
fn a_framework_that_never_comes_back_is_torn_down() {
    let mut first = Lab::new();
    let running = first.with_running_task(framework_info());
    let mut lab = first.fail_over();
    lab.pongs = true;
    lab.reregister(&running.pid, back(&running));
    lab.take();
    lab.seconds(601);
    assert!(lab.registry.completed.contains_key(&running.scheduler.id));
    let sent = lab.sent_to(&running.pid);
    assert!(sent.iter().any(|it| matches!(it, ToAgent::ShutdownFramework(_))));
}

#[test]
fn a_completed_framework_stays_completed_after_failover() {
    let mut first = Lab::new();
    let running = first.with_running_task(framework_info());
    let framework_id = FrameworkId { value: running.scheduler.id.clone() };
    assert_eq!(first.operator(OperatorCall::Teardown { framework_id }).0, 200);
    let mut lab = first.fail_over();
    let scheduler = lab.subscribe(known(&running));
    let events = lab.events(&scheduler);
    assert_eq!(types(&events), [Type::Error]);
    assert_eq!(events[0].error.as_ref().unwrap().message, "Framework has been removed");
    lab.take();
    lab.reregister(&running.pid, back(&running));
    let sent = lab.sent_to(&running.pid);
    assert!(matches!(sent[1], ToAgent::ShutdownFramework(_)), "{sent:?}");
    assert_eq!(lab.master.gauges().tasks_running, 0);
}

#[test]
fn a_framework_that_was_away_keeps_its_deadline_across_failover() {
    let mut first = Lab::new();
    let info = FrameworkInfo { failover_timeout: Some(3600.0), ..framework_info() };
    let running = first.with_running_task(info);
    first.input(Input::StreamClosed { stream: running.scheduler.stream });
    first.seconds(1800);
    let mut lab = first.fail_over();
    lab.seconds(1799);
    assert!(lab.registry.frameworks.contains_key(&running.scheduler.id));
    lab.seconds(2);
    assert!(lab.registry.completed.contains_key(&running.scheduler.id));
}
