// SPDX-License-Identifier: Apache-2.0

use std::time::Duration;

use mesos_proto::{
    internal::{ShutdownExecutorMessage, ShutdownFrameworkMessage, ShutdownMessage},
    v1::ExecutorId,
};

use super::rig::*;
use crate::{FromMaster, Input};

const EXIT: &str = "exit failed=false Agent terminated";

#[test]
fn an_agent_with_nothing_to_do_unregisters_and_exits() {
    let mut rig = Rig::registered();
    rig.input(Input::Shutdown { reason: "Received SIGUSR1".into() });
    rig.assert_said(&["unregister", "remove /work/meta/slaves/latest", EXIT]);
}

#[test]
fn an_agent_exits_when_its_tasks_have_ended() {
    let mut rig = Rig::registered();
    let container = rig.start(framework(), command_task("t"));
    rig.acknowledge_all();
    rig.input(Input::Shutdown { reason: "Received SIGUSR1".into() });
    rig.assert_said(&["unregister", "signal 15"]);
    rig.exit(&container, 15);
    rig.assert_said(&["remove /work/meta/slaves/latest", EXIT]);
}

#[test]
fn an_agent_the_master_will_not_have_kills_everything() {
    let mut rig = Rig::registered();
    let container = rig.start(framework(), executor_task("t", "e"));
    rig.subscribe("e", Default::default());
    rig.acknowledge_all();
    rig.master(FromMaster::Shutdown(ShutdownMessage { message: Some("gone".into()) }));
    rig.assert_said(&["event SHUTDOWN"]);
    rig.advance(Duration::from_secs(5));
    rig.assert_said(&["destroy"]);
    rig.exit(&container, 9);
    rig.assert_said(&["exited executor e 9", "remove /work/meta/slaves/latest", EXIT]);
}

#[test]
fn a_framework_that_is_torn_down_ends_without_updates() {
    let mut rig = Rig::registered();
    let container = rig.start(framework(), command_task("t"));
    rig.acknowledge_all();
    rig.master(FromMaster::ShutdownFramework(ShutdownFrameworkMessage {
        framework_id: framework_id(),
    }));
    rig.assert_said(&["signal 15"]);
    rig.exit(&container, 15);
    rig.assert_said(&[]);
    assert_eq!(rig.agent.metrics().frameworks_active, 0);
}

#[test]
fn a_command_task_whose_executor_is_shut_down_is_killed() {
    let mut rig = Rig::registered();
    let container = rig.start(framework(), command_task("t"));
    rig.acknowledge_all();
    rig.master(FromMaster::ShutdownExecutor(ShutdownExecutorMessage {
        executor_id: Some(ExecutorId { value: "t".into() }),
        framework_id: Some(framework_id()),
    }));
    rig.assert_said(&["signal 15"]);
    rig.exit(&container, 15);
    rig.assert_said(&["t TASK_KILLED (Command terminated with signal Terminated)"]);
}
