// SPDX-License-Identifier: Apache-2.0

use std::time::Duration;

use mesos_proto::{
    internal::{
        MasterSlaveConnection, PingSlaveMessage, ReconcileTasksMessage, SlaveRegisteredMessage,
        SlaveReregisteredMessage,
    },
    v1::{AgentId, TaskId, TaskStatus, framework_info::capability},
};

use super::rig::*;
use crate::{FromMaster, Input, Output, ToMaster};

fn agent_id() -> AgentId {
    AgentId { value: AGENT_ID.into() }
}

fn reregistered() -> FromMaster {
    FromMaster::Reregistered(SlaveReregisteredMessage {
        agent_id: agent_id(),
        ..SlaveReregisteredMessage::default()
    })
}

#[test]
fn an_agent_registers_and_tells_about_itself() {
    let mut rig = Rig::new();
    rig.assert_said(&[]);
    rig.input(Input::MasterDetected(Some(MASTER.into())));
    rig.assert_said(&[]);
    rig.advance(Duration::from_secs(1));
    assert_eq!(rig.said()[..2], ["link master@10.0.0.1:5050", "register"]);
    rig.master(FromMaster::Registered(SlaveRegisteredMessage {
        agent_id: agent_id(),
        connection: None,
    }));
    rig.assert_said(&["update agent"]);
    assert!(rig.agent.metrics().registered);
    let paths: Vec<&str> = rig.files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["/work/meta/slaves/M-S0/slave.info", "/work/meta/slaves/latest"]);
}

#[test]
fn an_agent_tries_again_after_growing_pauses_of_at_most_a_minute() {
    let mut rig = Rig::new();
    rig.input(Input::MasterDetected(Some(MASTER.into())));
    let mut attempts = Vec::new();
    let start = rig.now;
    for _ in 0..40 {
        let (at, why) = rig.agent.poll_timeout().expect("there is something to do");
        rig.now = at;
        rig.input(Input::Wake);
        if why == "register with the master" {
            attempts.push(at.since(start));
        }
    }
    assert!(attempts[0] < Duration::from_secs(1));
    for pair in attempts.windows(2) {
        assert!(pair[1] - pair[0] <= Duration::from_secs(60));
    }
    assert!(attempts.len() > 8);
}

#[test]
fn the_answer_of_another_master_does_not_count() {
    let mut rig = Rig::new();
    rig.input(Input::MasterDetected(Some(MASTER.into())));
    rig.input(Input::MasterMessage {
        from: "master@10.0.0.9:5050".into(),
        message: Box::new(FromMaster::Registered(SlaveRegisteredMessage {
            agent_id: agent_id(),
            connection: None,
        })),
    });
    assert!(!rig.agent.metrics().registered);
}

#[test]
fn an_agent_pinged_as_disconnected_registers_again() {
    let mut rig = Rig::registered();
    let ping = |connected| FromMaster::Ping(PingSlaveMessage { connected });
    rig.input(Input::MasterMessage {
        from: "slave-observer(1)@10.0.0.1:5050".into(),
        message: Box::new(ping(true)),
    });
    rig.assert_said(&["pong"]);
    rig.master(ping(false));
    rig.assert_said(&["unlink master@10.0.0.1:5050", "detect", "pong"]);
    rig.input(Input::MasterDetected(Some(MASTER.into())));
    rig.advance(Duration::from_secs(1));
    assert_eq!(rig.said()[..2], ["link master@10.0.0.1:5050", "reregister"]);
    rig.master(reregistered());
    rig.assert_said(&["update agent"]);
}

#[test]
fn an_agent_without_pings_looks_for_the_master_anew() {
    let mut rig = Rig::registered();
    rig.advance(Duration::from_secs(74));
    rig.assert_said(&[]);
    rig.advance(Duration::from_secs(2));
    rig.assert_said(&["unlink master@10.0.0.1:5050", "detect"]);
    assert!(!rig.agent.metrics().registered);
}

#[test]
fn the_master_says_how_long_to_wait_for_a_ping() {
    let mut rig = Rig::registered();
    rig.master(FromMaster::Registered(SlaveRegisteredMessage {
        agent_id: agent_id(),
        connection: Some(MasterSlaveConnection { total_ping_timeout_seconds: Some(3.0) }),
    }));
    rig.master(FromMaster::Ping(PingSlaveMessage { connected: true }));
    rig.said();
    rig.advance(Duration::from_secs(4));
    rig.assert_said(&["unlink master@10.0.0.1:5050", "detect"]);
}

#[test]
fn a_broken_connection_makes_the_agent_register_again_at_once() {
    let mut rig = Rig::registered();
    rig.input(Input::MasterLinkBroken { pid: "master@10.0.0.9:5050".into() });
    rig.advance(Duration::from_secs(1));
    rig.assert_said(&[]);
    rig.input(Input::MasterLinkBroken { pid: MASTER.into() });
    rig.advance(Duration::from_secs(1));
    assert_eq!(rig.said()[..2], ["link master@10.0.0.1:5050", "reregister"]);
}

#[test]
fn an_agent_that_comes_back_brings_its_tasks_and_executors() {
    let mut rig = Rig::registered();
    rig.start(framework(), command_task("t"));
    rig.run(framework(), executor_task("u", "e"));
    rig.said();
    rig.input(Input::MasterLinkBroken { pid: MASTER.into() });
    rig.advance(Duration::from_secs(1));
    let message = rig
        .seen
        .iter()
        .find_map(|output| {
            let Output::ToMaster { message, .. } = output else { return None };
            let ToMaster::Reregister(message) = message.as_ref() else { return None };
            Some(message.clone())
        })
        .expect("it registers again");
    let tasks: Vec<&str> = message.tasks.iter().map(|task| task.task_id.value.as_str()).collect();
    assert_eq!(tasks, ["u", "t"]);
    assert_eq!(message.tasks[1].resources[0].role.as_deref(), Some("*"), "the old spelling");
    assert_eq!(message.executor_infos.len(), 1, "made-up executors are not told");
    assert_eq!(message.frameworks.len(), 1);
}

#[test]
fn a_task_the_master_missed_is_reported_lost_or_dropped() {
    for (framework, expected) in [
        (framework(), "t TASK_LOST"),
        (capable(framework(), capability::Type::PartitionAware), "t TASK_DROPPED"),
    ] {
        let mut rig = Rig::registered();
        rig.input(Input::MasterLinkBroken { pid: MASTER.into() });
        rig.advance(Duration::from_secs(1));
        rig.said();
        rig.master(FromMaster::Reregistered(SlaveReregisteredMessage {
            agent_id: agent_id(),
            reconciliations: vec![ReconcileTasksMessage {
                framework_id: framework_id(),
                statuses: vec![TaskStatus {
                    task_id: TaskId { value: "t".into() },
                    ..TaskStatus::default()
                }],
                framework: Some(framework),
            }],
            connection: None,
        }));
        let told = rig.acknowledge_all();
        let text = "REASON_RECONCILIATION (Reconciliation: task unknown to the agent)";
        assert_eq!(told, [format!("{expected} {text}")]);
    }
}

#[test]
fn an_agent_given_another_id_ends() {
    let mut rig = Rig::registered();
    rig.master(FromMaster::Reregistered(SlaveReregisteredMessage {
        agent_id: AgentId { value: "other".into() },
        ..SlaveReregisteredMessage::default()
    }));
    rig.assert_said(&["exit failed=true Re-registered but got wrong id: other (expected: M-S0)"]);
}
