// SPDX-License-Identifier: Apache-2.0

//! Tasks: updates, kills, reconciliation, messages, executors.

use bytes::Bytes;
use mesos_proto::{
    internal::{ExecutorToFrameworkMessage, ExitedExecutorMessage},
    v1::{
        AgentId, CommandInfo, ExecutorId, ExecutorInfo, FrameworkId, TaskState, executor_info,
        framework_info::capability::Type as Capability,
        scheduler::{Call, call, event::Type},
        task_status::Reason,
    },
};

use crate::{FromAgent, Input, ToAgent, testing::*};

#[test]
fn a_terminal_state_is_never_left() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    let ids = (running.scheduler.id.as_str(), running.agent.as_str(), "t");
    lab.report(&running.pid, ids, TaskState::TaskFinished);
    lab.report(&running.pid, ids, TaskState::TaskRunning);
    lab.call(&running.scheduler, reconcile(&[]));
    assert_eq!(lab.master.gauges().tasks_running, 0);
    assert_eq!(lab.master.metrics().tasks_finished, 1);
}

#[test]
fn an_agent_speaks_for_itself_only() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    let other = "slave(1)@10.0.0.66:5051";
    let own = lab.register(other);
    lab.take();
    let invalid = lab.master.metrics().invalid_status_updates;
    for agent in [running.agent.as_str(), own.as_str()] {
        lab.report(other, (&running.scheduler.id, agent, "t"), TaskState::TaskFailed);
    }
    let framework_id = FrameworkId { value: running.scheduler.id.clone() };
    let agent_id = AgentId { value: running.agent.clone() };
    let executor_id = ExecutorId { value: "t".to_owned() };
    let exited = ExitedExecutorMessage {
        agent_id: agent_id.clone(),
        framework_id: framework_id.clone(),
        executor_id: executor_id.clone(),
        status: 9,
    };
    lab.agent_says(other, FromAgent::ExitedExecutor(exited));
    let data = Bytes::from_static(b"x");
    let message = ExecutorToFrameworkMessage { agent_id, framework_id, executor_id, data };
    lab.agent_says(other, FromAgent::ExecutorToFramework(message));
    assert_eq!(lab.master.metrics().invalid_status_updates, invalid + 2);
    let events = types(&lab.events(&running.scheduler));
    let about_tasks = [Type::Update, Type::Failure, Type::Message];
    assert!(!events.iter().any(|it| about_tasks.contains(it)), "{events:?}");
    assert_eq!(lab.master.gauges().tasks_running, 1);
}

#[test]
fn an_executor_that_says_unreachable_does_not_confuse_the_books() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    lab.seconds(6);
    lab.take();
    let ids = (running.scheduler.id.as_str(), running.agent.as_str(), "t");
    lab.report(&running.pid, ids, TaskState::TaskUnreachable);
    assert_eq!(lab.offers(&running.scheduler), [], "it still holds its resources");
    lab.report(&running.pid, ids, TaskState::TaskRunning);
    let teardown = of_type(call::Type::Teardown);
    assert_eq!(lab.call(&running.scheduler, teardown), (202, String::new()));
    assert_eq!(lab.master.gauges().tasks_running, 0);
}

#[test]
fn a_terminal_update_frees_resources_before_it_is_acknowledged() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    lab.seconds(6);
    let held: f64 = cpus(&lab, &running);
    assert_eq!(held, 3.0);
    lab.take();
    let ids = (running.scheduler.id.as_str(), running.agent.as_str(), "t");
    lab.report(&running.pid, ids, TaskState::TaskFailed);
    assert_eq!(cpus(&lab, &running), 1.0, "offered at once, without waiting for a tick");
}

fn cpus(lab: &Lab, running: &Running) -> f64 {
    let offers = lab.offers(&running.scheduler);
    let resources = offers.iter().flat_map(|offer| &offer.resources);
    let cpus = resources.filter(|it| it.name == "cpus");
    cpus.filter_map(|it| it.scalar).map(|it| it.value).sum()
}

#[test]
fn an_update_of_an_unknown_task_still_reaches_its_scheduler() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    let ids = (running.scheduler.id.as_str(), running.agent.as_str(), "other");
    let uuid = lab.report(&running.pid, ids, TaskState::TaskRunning);
    assert_eq!(lab.updates(&running.scheduler).len(), 1);
    assert_eq!(lab.master.metrics().invalid_status_updates, 1);
    lab.acknowledge(&running.scheduler, &running.agent, "other", uuid);
    let sent = lab.sent_to(&running.pid);
    assert!(matches!(sent[..], [ToAgent::StatusUpdateAcknowledgement(_)]), "{sent:?}");
}

#[test]
fn an_update_from_an_unknown_agent_is_ignored() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    let ids = (running.scheduler.id.as_str(), "other", "t");
    lab.report(&running.pid, ids, TaskState::TaskFailed);
    assert_eq!(lab.updates(&running.scheduler), []);
}

#[test]
fn a_task_whose_terminal_update_is_not_acknowledged_is_still_reconciled() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    let ids = (running.scheduler.id.as_str(), running.agent.as_str(), "t");
    let uuid = lab.report(&running.pid, ids, TaskState::TaskFinished);
    lab.take();
    lab.call(&running.scheduler, reconcile(&[]));
    let updates = lab.updates(&running.scheduler);
    assert_eq!(updates[0].state(), TaskState::TaskFinished);
    assert_eq!(updates[0].reason(), Reason::Reconciliation);
    assert_eq!(updates[0].uuid, None);
    let stale = Bytes::from_static(b"0123456789abcdef");
    lab.acknowledge(&running.scheduler, &running.agent, "t", stale);
    lab.take();
    lab.call(&running.scheduler, reconcile(&[]));
    assert_eq!(lab.updates(&running.scheduler).len(), 1, "a stale acknowledgement keeps it");
    lab.acknowledge(&running.scheduler, &running.agent, "t", uuid);
    lab.take();
    lab.call(&running.scheduler, reconcile(&[]));
    assert_eq!(lab.updates(&running.scheduler), []);
}

#[test]
fn reconciliation_answers_by_what_is_known_of_the_agent() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(capable(&[Capability::PartitionAware]));
    let asked = [("x", Some(running.agent.as_str())), ("y", Some("who")), ("z", None)];
    lab.call(&running.scheduler, reconcile(&asked));
    let states: Vec<_> = lab.updates(&running.scheduler).iter().map(|it| it.state()).collect();
    assert_eq!(states, [TaskState::TaskGone, TaskState::TaskUnknown, TaskState::TaskUnknown]);
    lab.seconds(80);
    lab.take();
    lab.call(&running.scheduler, reconcile(&[("t", Some(&running.agent))]));
    let updates = lab.updates(&running.scheduler);
    assert_eq!(updates[0].state(), TaskState::TaskUnreachable);
    assert!(updates[0].unreachable_time.is_some());
    assert_eq!(updates[0].message(), "Reconciliation: Task is unreachable");
}

#[test]
fn a_long_reconciliation_is_answered_in_turns() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    let names: Vec<String> = (0..1_200).map(|number| format!("unknown-{number}")).collect();
    let asked: Vec<_> = names.iter().map(|name| (name.as_str(), None)).collect();
    let input = lab.call_input(&running.scheduler, reconcile(&asked));
    lab.take();
    lab.master.handle(lab.now, input);
    lab.drain();
    assert_eq!(lab.updates(&running.scheduler).len(), 500);
    // What all others ask is not behind the rest.
    let input = lab.call_input(&running.scheduler, reconcile(&[("first", None)]));
    lab.master.handle(lab.now, input);
    lab.drain();
    assert_eq!(lab.updates(&running.scheduler).len(), 1_000);
    assert_eq!(lab.master.poll_timeout(), Some((lab.now, "reconciliation")));
    lab.input(Input::Wake);
    let told: Vec<_> = lab.updates(&running.scheduler);
    assert_eq!(told.len(), 1_201);
    assert_eq!(told[1_000].task_id.value, "first");
}

#[test]
fn a_long_reconciliation_ends_with_the_stream_that_asked() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    let names: Vec<String> = (0..1_200).map(|number| format!("unknown-{number}")).collect();
    let asked: Vec<_> = names.iter().map(|name| (name.as_str(), None)).collect();
    let input = lab.call_input(&running.scheduler, reconcile(&asked));
    lab.take();
    lab.master.handle(lab.now, input);
    lab.input(Input::StreamClosed { stream: running.scheduler.stream });
    assert_eq!(lab.updates(&running.scheduler).len(), 500);
    assert_ne!(lab.master.poll_timeout().map(|(_, what)| what), Some("reconciliation"));
}

#[test]
fn kills_are_forwarded_each_time_and_unknown_tasks_reconciled() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    lab.call(&running.scheduler, kill("t", None));
    lab.call(&running.scheduler, kill("t", Some(&running.agent)));
    assert_eq!(lab.sent_to(&running.pid).len(), 2);
    lab.call(&running.scheduler, kill("t", Some("elsewhere")));
    assert_eq!(lab.sent_to(&running.pid).len(), 2, "a wrong agent is ignored");
    lab.call(&running.scheduler, kill("unknown", None));
    let updates = lab.updates(&running.scheduler);
    assert_eq!(updates[0].state(), TaskState::TaskLost);
    assert_eq!(updates[0].message(), "Reconciliation: Task is unknown");
}

#[test]
fn an_executor_is_started_once_and_its_exit_is_reported() {
    let mut lab = Lab::new();
    let pid = "slave(1)@10.0.0.1:5051";
    let agent = lab.register(pid);
    let scheduler = lab.subscribe(framework_info());
    let offer = lab.offers(&scheduler).remove(0);
    lab.take();
    let with_executor = |id: &str| {
        let mut task = task(id, &agent);
        task.command = None;
        task.executor = Some(ExecutorInfo {
            r#type: Some(executor_info::Type::Custom.into()),
            executor_id: ExecutorId { value: "e".to_owned() },
            command: Some(CommandInfo { value: Some("run".to_owned()), ..Default::default() }),
            resources: vec![scalar("cpus", 0.5), scalar("mem", 64.0)],
            ..Default::default()
        });
        task
    };
    lab.launch(&scheduler, &offer, vec![with_executor("a"), with_executor("b")]);
    let sent = lab.sent_to(pid);
    let launches: Vec<_> = sent
        .iter()
        .map(|message| match message {
            ToAgent::RunTask(run) => run.launch_executor,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(launches, [Some(true), Some(false)]);
    lab.take();
    lab.seconds(6);
    let offer = lab.offers(&scheduler).remove(0);
    assert_eq!(offer.executor_ids[0].value, "e");
    let cpus = offer.resources.iter().find(|it| it.name == "cpus").unwrap();
    assert_eq!(cpus.scalar.unwrap().value, 1.5);
    lab.take();
    let exited = ExitedExecutorMessage {
        agent_id: AgentId { value: agent.clone() },
        framework_id: FrameworkId { value: scheduler.id.clone() },
        executor_id: ExecutorId { value: "e".to_owned() },
        status: 256,
    };
    lab.agent_says(pid, FromAgent::ExitedExecutor(exited.clone()));
    let failure = lab.events(&scheduler).remove(0).failure.unwrap();
    assert_eq!(failure.status, Some(256));
    assert_eq!(failure.executor_id.unwrap().value, "e");
    lab.take();
    lab.agent_says(pid, FromAgent::ExitedExecutor(exited));
    assert!(!types(&lab.events(&scheduler)).contains(&Type::Failure), "it exited before");
}

#[test]
fn messages_pass_between_scheduler_and_executor() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    let message = Call {
        message: Some(call::Message {
            agent_id: AgentId { value: running.agent.clone() },
            executor_id: ExecutorId { value: "e".to_owned() },
            data: Bytes::from_static(b"ping"),
        }),
        ..of_type(call::Type::Message)
    };
    assert_eq!(lab.call(&running.scheduler, message).0, 202);
    let sent = lab.sent_to(&running.pid);
    assert!(matches!(&sent[..], [ToAgent::FrameworkToExecutor(it)] if it.data == "ping"[..]));
    lab.agent_says(
        &running.pid,
        FromAgent::ExecutorToFramework(ExecutorToFrameworkMessage {
            agent_id: AgentId { value: running.agent.clone() },
            framework_id: FrameworkId { value: running.scheduler.id.clone() },
            executor_id: ExecutorId { value: "e".to_owned() },
            data: Bytes::from_static(b"pong"),
        }),
    );
    let events = lab.events(&running.scheduler);
    assert_eq!(types(&events), [Type::Message]);
    assert_eq!(events[0].message.as_ref().unwrap().data, "pong"[..]);
}

#[test]
fn the_record_of_a_task_keeps_one_status_per_run_of_equal_states() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    let ids = (running.scheduler.id.as_str(), running.agent.as_str(), "t");
    lab.report(&running.pid, ids, TaskState::TaskRunning);
    lab.report(&running.pid, ids, TaskState::TaskFailed);
    let record = lab.changes().into_iter().rev().find_map(|change| match change {
        crate::Change::TaskUpdated { task, .. } => Some(task),
        _ => None,
    });
    let task = record.unwrap().to_proto();
    let states: Vec<_> = task.statuses.iter().map(|it| it.state()).collect();
    assert_eq!(states, [TaskState::TaskRunning, TaskState::TaskFailed]);
    assert_eq!(task.state(), TaskState::TaskFailed);
    assert_eq!(task.statuses[0].task_id.value, "t");
    assert_eq!(task.statuses[0].agent_id.as_ref().unwrap().value, running.agent);
    assert_eq!(task.name, "task");
}

#[test]
fn of_a_task_whose_state_changes_without_end_the_newest_statuses_are_kept() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    let ids = (running.scheduler.id.as_str(), running.agent.as_str(), "t");
    let mut last = None;
    for _ in 0..100 {
        for state in [TaskState::TaskStarting, TaskState::TaskRunning] {
            lab.take();
            let uuid = lab.report(&running.pid, ids, state);
            let task = lab.changes().into_iter().rev().find_map(|change| match change {
                crate::Change::TaskUpdated { task, .. } => Some(task),
                _ => None,
            });
            last = task.map(|task| (task, uuid)).or(last);
        }
    }
    let (task, uuid) = last.unwrap();
    let task = task.to_proto();
    assert_eq!(task.statuses.len(), 64);
    let newest = task.statuses.last().unwrap();
    assert_eq!((newest.state(), newest.uuid.as_ref()), (TaskState::TaskRunning, Some(&uuid)));
    let states: Vec<_> = task.statuses[..2].iter().map(|it| it.state()).collect();
    assert_eq!(states, [TaskState::TaskStarting, TaskState::TaskRunning]);
}
