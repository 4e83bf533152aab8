// SPDX-License-Identifier: Apache-2.0

use std::time::Duration;

use mesos_proto::{
    internal::DrainSlaveMessage,
    v1::{DrainConfig, DurationInfo, framework_info::capability},
};

use super::rig::*;
use crate::{FromMaster, Input, input::LaunchFailure};

#[test]
fn a_running_task_is_killed() {
    let mut rig = Rig::registered();
    let killing = capable(framework(), capability::Type::TaskKillingState);
    let container = rig.start(killing, command_task("t"));
    rig.acknowledge_all();
    rig.kill("t", None);
    rig.assert_said(&["t TASK_KILLING", "signal 15"]);
    rig.advance(Duration::from_secs(3));
    rig.assert_said(&["destroy"]);
    rig.exit(&container, 9);
    rig.advance(Duration::from_secs(7));
    assert_eq!(
        rig.acknowledge_all(),
        ["t TASK_KILLING", "t TASK_KILLED (Command terminated with signal Killed)"]
    );
}

#[test]
fn a_task_whose_container_is_being_launched_is_killed() {
    let mut rig = Rig::registered();
    rig.run(framework(), command_task("t"));
    let container = rig.launched().container;
    rig.seen.clear();
    rig.kill("t", None);
    rig.assert_said(&[
        "t TASK_KILLED REASON_TASK_KILLED_DURING_LAUNCH (Killed before delivery to the executor)",
        "destroy",
    ]);
    rig.input(Input::ContainerLaunchFailed {
        container,
        failure: LaunchFailure::Container("destroyed".into()),
    });
    rig.advance(Duration::from_secs(10));
    rig.acknowledge_all();
    assert_eq!(rig.agent.metrics().frameworks_active, 0);
}

#[test]
fn a_task_that_is_not_on_disk_yet_is_killed() {
    let mut rig = Rig::registered();
    rig.disk = false;
    rig.run(checkpointing(), command_task("t"));
    let write = crate::WriteKey(rig.files.len() as u64 - 1);
    rig.kill("t", None);
    rig.disk = true;
    rig.input(Input::CheckpointStored { write });
    let update = crate::WriteKey(write.0 + 1);
    rig.input(Input::CheckpointStored { write: update });
    let told = rig.acknowledge_all();
    assert_eq!(
        told,
        ["t TASK_KILLED REASON_TASK_KILLED_DURING_LAUNCH (Killed before delivery to the executor)"]
    );
    assert_eq!(rig.agent.metrics().frameworks_active, 0);
}

#[test]
fn a_task_without_an_executor_is_lost_to_its_killer() {
    let mut rig = Rig::registered();
    rig.kill("t", None);
    rig.assert_said(&[]);
    rig.start(framework(), command_task("t"));
    rig.acknowledge_all();
    rig.kill("other", None);
    rig.assert_said(&["other TASK_LOST REASON_EXECUTOR_TERMINATED (Cannot find executor)"]);
}

#[test]
fn a_kill_of_a_task_that_has_ended_changes_nothing() {
    let mut rig = Rig::registered();
    let container = rig.start(framework(), command_task("t"));
    rig.exit(&container, 0);
    rig.seen.clear();
    rig.kill("t", None);
    rig.assert_said(&[]);
}

#[test]
fn a_draining_agent_kills_its_tasks_within_the_limit_and_takes_no_new_ones() {
    let mut rig = Rig::registered();
    let container = rig.start(framework(), command_task("t"));
    rig.acknowledge_all();
    let config = DrainConfig {
        max_grace_period: Some(DurationInfo { nanoseconds: 1_000_000_000 }),
        mark_gone: None,
    };
    rig.master(FromMaster::Drain(DrainSlaveMessage { config }));
    rig.assert_said(&["signal 15"]);
    rig.run(framework(), command_task("new"));
    assert_eq!(
        rig.said(),
        [
            "exited executor new -1",
            "new TASK_LOST REASON_AGENT_DRAINING (Task was received while agent was already draining)",
        ]
    );
    rig.advance(Duration::from_secs(1));
    rig.assert_said(&["destroy"]);
    rig.exit(&container, 9);
    assert!(rig.said().contains(
        &"t TASK_KILLED REASON_AGENT_DRAINING (Command terminated with signal Killed)".into()
    ));
}
