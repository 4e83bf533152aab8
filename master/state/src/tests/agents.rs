// SPDX-License-Identifier: Apache-2.0

//! Agents come, go, and come back.

use std::time::Duration;

use mesos_proto::{
    internal::{ReregisterSlaveMessage, UnregisterSlaveMessage},
    v1::{
        AgentId, FrameworkInfo, TaskState, framework_info::capability::Type as Capability,
        scheduler::event::Type, task_status::Reason,
    },
};

use crate::{
    Change, FromAgent, Input, OperatorCall, Output, RateLimit, RegistryChange, ToAgent, testing::*,
};

const PID: &str = "slave(1)@10.0.0.1:5051";

fn aware() -> FrameworkInfo {
    capable(&[Capability::PartitionAware])
}

fn pings(outputs: &[Output]) -> Vec<(String, bool)> {
    let pings = outputs.iter().filter_map(|output| match output {
        Output::Ping { observer, message, .. } => Some((observer.clone(), message.connected)),
        _ => None,
    });
    pings.collect()
}

fn pong(lab: &mut Lab) {
    let observer = "slave-observer(1)".to_owned();
    lab.agent_says(PID, FromAgent::Pong { observer });
}

fn with_task(running: &Running, state: TaskState) -> ReregisterSlaveMessage {
    let id = &running.scheduler.id;
    let info = FrameworkInfo {
        id: Some(mesos_proto::v1::FrameworkId { value: id.clone() }),
        ..framework_info()
    };
    ReregisterSlaveMessage {
        tasks: vec![reported_task(id, &running.agent, state)],
        frameworks: vec![info],
        ..reregistration(&running.agent)
    }
}

#[test]
fn an_agent_that_answers_pings_stays() {
    let mut lab = Lab::new();
    lab.register(PID);
    assert_eq!(pings(&lab.take()), [("slave-observer(1)".to_owned(), true)]);
    for _ in 0..10 {
        pong(&mut lab);
        lab.seconds(15);
        assert_eq!(pings(&lab.take()).len(), 1);
    }
    assert_eq!(lab.master.gauges().slaves_active, 1);
}

#[test]
fn an_agent_that_misses_five_pings_is_unreachable_and_its_task_too() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(aware());
    lab.seconds(74);
    assert_eq!(lab.master.gauges().slaves_unreachable, 0);
    lab.take();
    lab.seconds(2);
    assert_eq!(lab.master.gauges().slaves_unreachable, 1);
    assert!(lab.registry.unreachable.contains_key(&running.agent));
    let updates = lab.updates(&running.scheduler);
    assert_eq!(updates.len(), 1);
    assert_eq!(updates[0].state(), TaskState::TaskUnreachable);
    assert_eq!(updates[0].reason(), Reason::AgentRemoved);
    assert_eq!(updates[0].message(), "health check timed out");
    assert!(updates[0].unreachable_time.is_some());
    assert_eq!(updates[0].uuid, None);
    let events = types(&lab.events(&running.scheduler));
    assert_eq!(events.iter().filter(|it| **it == Type::Failure).count(), 1);
}

#[test]
fn frameworks_that_are_not_partition_aware_see_lost_tasks() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    lab.seconds(76);
    assert_eq!(lab.updates(&running.scheduler)[0].state(), TaskState::TaskLost);
}

#[test]
fn an_unreachable_agent_comes_back_with_its_task() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(aware());
    lab.seconds(80);
    lab.take();
    lab.reregister(&running.pid, with_task(&running, TaskState::TaskRunning));
    assert!(lab.registry.admitted.contains_key(&running.agent));
    assert!(lab.registry.unreachable.is_empty());
    let updates = lab.updates(&running.scheduler);
    assert_eq!(updates[0].state(), TaskState::TaskRunning);
    assert_eq!(updates[0].reason(), Reason::AgentReregistered);
    assert_eq!(updates[0].message(), "Unreachable agent re-reregistered");
    let sent = lab.sent_to(PID);
    assert!(matches!(sent[0], ToAgent::Reregistered(_)), "{sent:?}");
    assert!(matches!(sent[1], ToAgent::UpdateFramework(_)), "{sent:?}");
    let gauges = lab.master.gauges();
    assert_eq!((gauges.tasks_running, gauges.tasks_unreachable), (1, 0));
    lab.take();
    lab.call(&running.scheduler, reconcile(&[("t", None)]));
    assert_eq!(lab.updates(&running.scheduler)[0].state(), TaskState::TaskRunning);
}

#[test]
fn what_an_agent_says_last_counts_while_the_registry_is_told_that_it_is_back() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(aware());
    lab.seconds(80);
    lab.take();
    lab.stores = false;
    lab.reregister(&running.pid, with_task(&running, TaskState::TaskRunning));
    // The machine was rebooted meanwhile: nothing runs there any more.
    lab.reregister(&running.pid, reregistration(&running.agent));
    lab.release();
    assert_eq!(lab.registry.admitted.len(), 1);
    let gauges = lab.master.gauges();
    assert_eq!((gauges.slaves_active, gauges.tasks_running), (1, 0));
}

#[test]
fn another_info_or_host_does_not_take_the_place_of_what_waits_for_the_registry() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(aware());
    lab.seconds(80);
    lab.take();
    lab.stores = false;
    lab.reregister(&running.pid, with_task(&running, TaskState::TaskRunning));
    let mut other = reregistration(&running.agent);
    other.agent.hostname = "elsewhere".to_owned();
    lab.reregister(&running.pid, other);
    lab.reregister("slave(1)@10.0.0.9:5051", reregistration(&running.agent));
    let sent = lab.sent_to("slave(1)@10.0.0.9:5051");
    assert!(matches!(sent[..], [ToAgent::Shutdown(_)]), "{sent:?}");
    lab.release();
    assert_eq!(lab.master.gauges().tasks_running, 1);
}

#[test]
fn a_pong_in_time_saves_an_agent_that_waits_for_the_rate_limit() {
    let limit = RateLimit { permits: 1, period: Duration::from_secs(600) };
    let mut lab = Lab::with(|config| config.agent_removal_rate_limit = Some(limit));
    lab.register(PID);
    lab.register("slave(1)@10.0.0.2:5051");
    lab.seconds(80);
    let gauges = lab.master.gauges();
    assert_eq!((gauges.slaves_active, gauges.slaves_unreachable), (1, 1));
    assert_eq!(lab.master.metrics().slave_unreachable_scheduled, 2);
    let observer = "slave-observer(2)".to_owned();
    lab.agent_says("slave(1)@10.0.0.2:5051", FromAgent::Pong { observer });
    assert_eq!(lab.master.metrics().slave_unreachable_canceled, 1);
    lab.seconds(60);
    assert_eq!(lab.master.gauges().slaves_unreachable, 1);
}

#[test]
fn agents_beyond_the_rate_limit_wait_for_their_turn() {
    let limit = RateLimit { permits: 1, period: Duration::from_secs(600) };
    let mut lab = Lab::with(|config| config.agent_removal_rate_limit = Some(limit));
    for host in 1..=3 {
        lab.register(&format!("slave(1)@10.0.0.{host}:5051"));
    }
    lab.seconds(80);
    assert_eq!(lab.master.gauges().slaves_unreachable, 1);
    lab.seconds(600);
    assert_eq!(lab.master.gauges().slaves_unreachable, 2);
    lab.seconds(600);
    assert_eq!(lab.master.gauges().slaves_unreachable, 3);
}

#[test]
fn a_broken_link_rescinds_offers_and_waits_for_the_agent() {
    let mut lab = Lab::new();
    lab.register(PID);
    let scheduler = lab.subscribe(framework_info());
    lab.take();
    lab.input(Input::AgentLinkBroken { pid: PID.to_owned() });
    assert_eq!(types(&lab.events(&scheduler)), [Type::Rescind]);
    lab.take();
    lab.seconds(15);
    assert!(!pings(&lab.take())[0].1, "pings say that it is not connected");
    assert_eq!(lab.offers(&scheduler), []);
    lab.reregister(PID, reregistration("m-S0"));
    assert!(matches!(lab.sent_to(PID)[0], ToAgent::Reregistered(_)));
    assert_eq!(lab.offers(&scheduler).len(), 1);
}

#[test]
fn a_broken_link_costs_frameworks_without_checkpoints_their_tasks() {
    let mut lab = Lab::new();
    let running =
        lab.with_running_task(FrameworkInfo { checkpoint: Some(false), ..framework_info() });
    lab.input(Input::AgentLinkBroken { pid: PID.to_owned() });
    let updates = lab.updates(&running.scheduler);
    assert_eq!(updates[0].state(), TaskState::TaskLost);
    assert_eq!(updates[0].reason(), Reason::AgentDisconnected);
    assert_eq!(updates[0].message(), "Agent host disconnected");
    lab.take();
    lab.reregister(&running.pid, with_task(&running, TaskState::TaskRunning));
    let kills = lab.sent_to(PID).into_iter().filter(|it| matches!(it, ToAgent::KillTask(_)));
    assert_eq!(kills.count(), 1, "a task that was given up does not run on unseen");
}

#[test]
fn a_disconnected_agent_is_unreachable_after_ten_minutes() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(aware());
    lab.input(Input::AgentLinkBroken { pid: PID.to_owned() });
    for _ in 0..40 {
        pong(&mut lab);
        lab.seconds(15);
    }
    let updates = lab.updates(&running.scheduler);
    assert_eq!(updates[0].message(), "agent did not reregister within 10mins after disconnecting");
}

#[test]
fn an_agent_that_came_back_does_not_wait_for_the_rate_limit_any_more() {
    let limit = RateLimit { permits: 1, period: Duration::from_secs(1200) };
    let mut lab = Lab::with(|config| config.agent_removal_rate_limit = Some(limit));
    lab.pongs = true;
    lab.register("slave(1)@10.0.0.9:5051");
    let running = lab.with_running_task(aware());
    for pid in ["slave(1)@10.0.0.9:5051", PID] {
        lab.input(Input::AgentLinkBroken { pid: pid.to_owned() });
    }
    lab.seconds(700);
    assert_eq!(lab.master.gauges().slaves_unreachable, 1, "the other one waits");
    lab.reregister(PID, with_task(&running, TaskState::TaskRunning));
    lab.seconds(1000);
    lab.input(Input::AgentLinkBroken { pid: PID.to_owned() });
    lab.seconds(300);
    assert_eq!(lab.master.gauges().slaves_unreachable, 1, "it has been away for 5 minutes only");
}

#[test]
fn the_oldest_unreachable_tasks_are_forgotten_first() {
    let mut lab = Lab::with(|config| config.max_unreachable_tasks_per_framework = 2);
    let agent = lab.register(PID);
    let scheduler = lab.subscribe(aware());
    let offer = lab.offers(&scheduler).remove(0);
    let tasks = ["a", "b", "c"].map(|id| task(id, &agent)).to_vec();
    lab.launch(&scheduler, &offer, tasks);
    lab.take();
    lab.seconds(80);
    let forgotten =
        lab.changes().into_iter().filter(|it| matches!(it, Change::TaskForgotten { .. }));
    assert_eq!(forgotten.count(), 1);
    assert_eq!(lab.master.gauges().tasks_unreachable, 2);
    lab.reregister(PID, reregistration(&agent));
    assert_eq!(lab.master.gauges().tasks_unreachable, 0);
}

#[test]
fn a_task_that_a_returning_agent_does_not_have_is_asked_for() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    lab.input(Input::AgentLinkBroken { pid: PID.to_owned() });
    lab.reregister(PID, reregistration(&running.agent));
    let sent = lab.sent_to(PID);
    let [ToAgent::Reregistered(message), ..] = &sent[..] else { panic!("{sent:?}") };
    let status = &message.reconciliations[0].statuses[0];
    assert_eq!(status.task_id.value, "t");
    assert_eq!(status.state(), TaskState::TaskRunning);
    assert_eq!(status.message(), "Reconciliation request");
}

#[test]
fn a_kill_is_sent_again_when_the_agent_is_back() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(framework_info());
    lab.input(Input::AgentLinkBroken { pid: PID.to_owned() });
    lab.call(&running.scheduler, kill("t", None));
    assert_eq!(lab.sent_to(PID).len(), 0);
    lab.reregister(&running.pid, with_task(&running, TaskState::TaskRunning));
    assert!(lab.sent_to(PID).iter().any(|it| matches!(it, ToAgent::KillTask(_))));
}

#[test]
fn an_agent_that_unregisters_loses_its_tasks_even_for_partition_aware_frameworks() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(aware());
    let agent_id = AgentId { value: running.agent.clone() };
    let message = UnregisterSlaveMessage { agent_id };
    lab.agent_says("slave(1)@10.9.9.9:1", FromAgent::Unregister(message.clone()));
    assert_eq!(lab.master.gauges().slaves_active, 1, "someone else cannot unregister it");
    lab.agent_says(PID, FromAgent::Unregister(message));
    let updates = lab.updates(&running.scheduler);
    assert_eq!(updates[0].state(), TaskState::TaskLost);
    assert_eq!(updates[0].message(), "Agent host removed: the agent unregistered");
    assert!(lab.registry.admitted.is_empty());
}

#[test]
fn a_second_registration_from_a_connected_agent_gets_the_same_id() {
    let mut lab = Lab::new();
    lab.register(PID);
    lab.take();
    assert_eq!(lab.register(PID), "m-S0");
}

#[test]
fn a_new_agent_at_the_address_of_a_disconnected_one_replaces_it() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(aware());
    lab.input(Input::AgentLinkBroken { pid: PID.to_owned() });
    lab.take();
    assert_eq!(lab.register(PID), "m-S1");
    let updates = lab.updates(&running.scheduler);
    assert_eq!(
        updates[0].message(),
        "Agent host removed: a new agent registered at the same address"
    );
    assert_eq!(lab.registry.admitted.len(), 1);
    assert_eq!(lab.master.metrics().slave_removals_reason_registered, 1);
}

#[test]
fn an_agent_on_another_host_with_a_known_id_is_shut_down() {
    let mut lab = Lab::new();
    let agent = lab.register(PID);
    lab.reregister("slave(1)@10.0.0.9:5051", reregistration(&agent));
    let sent = lab.sent_to("slave(1)@10.0.0.9:5051");
    let [ToAgent::Shutdown(message)] = &sent[..] else { panic!("{sent:?}") };
    let expected = "Agent attempted to reregister with different IP / hostname";
    assert_eq!(message.message.as_deref(), Some(expected));
}

#[test]
fn an_agent_that_is_too_old_is_ignored() {
    let mut lab = Lab::new();
    let mut message = registration(agent_info());
    message.version = Some("0.28.0".to_owned());
    lab.agent_says(PID, FromAgent::Register(Box::new(message)));
    assert_eq!(lab.sent_to(PID).len(), 0);
    assert!(lab.registry.admitted.is_empty());
}

#[test]
fn a_gone_agent_is_shut_down_and_stays_away() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(aware());
    let agent_id = AgentId { value: running.agent.clone() };
    let call = OperatorCall::MarkAgentGone { agent_id };
    assert_eq!(lab.operator(call.clone()), (200, String::new()));
    let updates = lab.updates(&running.scheduler);
    assert_eq!(updates[0].state(), TaskState::TaskGoneByOperator);
    assert_eq!(updates[0].reason(), Reason::AgentRemovedByOperator);
    assert!(matches!(lab.sent_to(PID)[..], [ToAgent::Shutdown(_)]));
    lab.take();
    lab.reregister(PID, reregistration(&running.agent));
    let sent = lab.sent_to(PID);
    let [ToAgent::Shutdown(message)] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(message.message.as_deref(), Some("Agent has been marked gone"));
    assert_eq!(lab.operator(call).0, 200, "again is fine");
    let agent_id = AgentId { value: "who".to_owned() };
    let (status, body) = lab.operator(OperatorCall::MarkAgentGone { agent_id });
    assert_eq!((status, body.as_str()), (404, "Agent 'who' not found"));
}

#[test]
fn tasks_of_an_unreachable_agent_that_is_marked_gone_are_over() {
    let mut lab = Lab::new();
    let running = lab.with_running_task(aware());
    lab.seconds(80);
    lab.take();
    let agent_id = AgentId { value: running.agent.clone() };
    assert_eq!(lab.operator(OperatorCall::MarkAgentGone { agent_id }).0, 200);
    assert_eq!(lab.updates(&running.scheduler)[0].state(), TaskState::TaskGoneByOperator);
    assert_eq!(lab.master.gauges().tasks_unreachable, 0);
}

#[test]
fn old_unreachable_agents_are_forgotten() {
    let mut lab = Lab::with(|config| {
        config.registry_max_agent_age = Duration::from_secs(3600);
    });
    let running = lab.with_running_task(aware());
    lab.seconds(3600);
    assert_eq!(lab.master.gauges().slaves_unreachable, 1);
    lab.seconds(3600);
    assert_eq!(lab.master.gauges().slaves_unreachable, 0);
    assert_eq!(lab.master.gauges().tasks_unreachable, 0);
    assert!(lab.registry.unreachable.is_empty());
    lab.take();
    lab.call(&running.scheduler, reconcile(&[("t", Some(&running.agent))]));
    assert_eq!(lab.updates(&running.scheduler)[0].state(), TaskState::TaskUnknown);
}

#[test]
fn a_failed_registry_write_stops_the_master() {
    let mut lab = Lab::new();
    lab.stores = false;
    let register = FromAgent::Register(Box::new(registration(agent_info())));
    lab.agent_says(PID, register);
    let write = lab.held[0];
    lab.input(Input::RegistryFailed { write, reason: "disk full".to_owned() });
    let outputs = lab.take();
    assert!(
        matches!(outputs.last(), Some(Output::Fatal { reason }) if reason.contains("disk full"))
    );
    lab.input(Input::RegistryStored { write });
    assert_eq!(lab.take().len(), 0, "a stopped master does nothing");
    assert_eq!(lab.master.poll_timeout(), None);
}

#[test]
fn a_changed_agent_is_stored_before_it_is_answered() {
    let mut lab = Lab::new();
    let agent = lab.register(PID);
    lab.stores = false;
    lab.take();
    let mut message = reregistration(&agent);
    message.agent.resources.push(scalar("disk", 100.0));
    lab.reregister(PID, message);
    assert_eq!(lab.sent_to(PID).len(), 0);
    let stored = lab.take().into_iter().any(|output| {
        matches!(output, Output::Store { changes, .. }
            if matches!(changes[..], [RegistryChange::UpdateAgent { .. }]))
    });
    assert!(stored);
    lab.release();
    assert!(matches!(lab.sent_to(PID)[0], ToAgent::Reregistered(_)));
}

#[test]
fn another_process_at_the_address_of_a_connected_agent_is_another_agent() {
    let of_process = |version: &'static [u8]| {
        let mut message = registration(agent_info());
        message.resource_version_uuid = Some(mesos_proto::v1::Uuid { value: version.into() });
        FromAgent::Register(Box::new(message))
    };
    let ids = |lab: &mut Lab| -> Vec<String> {
        let outputs = lab.take();
        let ids = outputs.into_iter().filter_map(|output| match output {
            Output::ToAgent { message: ToAgent::Registered(it), .. } => Some(it.agent_id.value),
            _ => None,
        });
        ids.collect()
    };
    let mut lab = Lab::new();
    lab.agent_says(PID, of_process(b"first"));
    lab.agent_says(PID, of_process(b"first"));
    let first = ids(&mut lab);
    assert_eq!((first.len(), &first[0]), (2, &first[1]));
    lab.agent_says(PID, of_process(b"second"));
    let second = ids(&mut lab);
    assert_eq!(second.len(), 1);
    assert_ne!(second[0], first[0]);
}

/// A lab in which task `t` of executor `e` has just been launched.
fn launched_with_executor() -> (Lab, String, Scheduler) {
    let mut lab = Lab::new();
    let agent = lab.register(PID);
    let scheduler = lab.subscribe(framework_info());
    let offer = lab.offers(&scheduler).remove(0);
    let mut with_executor = task("t", &agent);
    with_executor.command = None;
    with_executor.executor = Some(mesos_proto::v1::ExecutorInfo {
        executor_id: mesos_proto::v1::ExecutorId { value: "e".to_owned() },
        command: Some(Default::default()),
        resources: vec![scalar("cpus", 0.1), scalar("mem", 32.0)],
        ..Default::default()
    });
    lab.launch(&scheduler, &offer, vec![with_executor]);
    (lab, agent, scheduler)
}

/// Whether an executor has been removed since the outputs were last taken.
fn removed_executor(lab: &mut Lab) -> bool {
    let outputs = lab.take();
    outputs.iter().any(|it| matches!(it, Output::Change(Change::ExecutorRemoved { .. })))
}

/// The agent says that it does not know task `t`.
fn say_unknown(lab: &mut Lab, agent: &str, scheduler: &Scheduler) {
    let mut message = status_update(
        &scheduler.id,
        agent,
        "t",
        TaskState::TaskLost,
        b"0123456789abcdef".as_slice().into(),
        lab.now,
    );
    message.update.status.set_reason(Reason::Reconciliation);
    lab.agent_says(PID, FromAgent::StatusUpdate(Box::new(message)));
}

#[test]
fn a_registration_older_than_a_launch_leaves_the_executor_in_the_books() {
    let (mut lab, agent, scheduler) = launched_with_executor();
    assert!(!removed_executor(&mut lab));
    lab.reregister(PID, reregistration(&agent));
    assert!(!removed_executor(&mut lab), "the launch is on its way, and the agent was asked");
    say_unknown(&mut lab, &agent, &scheduler);
    assert!(removed_executor(&mut lab), "the agent knows nothing of the launch");
}

#[test]
fn a_task_that_is_unknown_says_nothing_of_an_executor_that_no_report_lacked() {
    let (mut lab, agent, scheduler) = launched_with_executor();
    say_unknown(&mut lab, &agent, &scheduler);
    assert!(!removed_executor(&mut lab), "it may run, and its end will be told");
}
