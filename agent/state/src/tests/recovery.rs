// SPDX-License-Identifier: Apache-2.0

use std::time::Duration;

use bytes::BytesMut;
use mesos_proto::v1::{
    CheckInfo, DurationInfo, FrameworkInfo, HealthCheck, TaskState, check_info, executor::call,
    framework_info::capability, health_check,
};

use super::{disk::Disk, rig::*};
use crate::{
    Config, ContainerId, Input, Output, ProbeKey, RecoveredState, ToMaster,
    config::ReconfigurationPolicy,
    input::{ContainerExit, ProbeOutcome},
    output::Store,
    recovery::{RecoveredContainer, read},
};

/// The agent after a restart, ten seconds later.
fn restart(rig: &Rig, containers: &[(&ContainerId, RecoveredContainer)]) -> Rig {
    restart_as(rig, config(), &Disk::of(rig), containers)
}

fn restart_as(
    rig: &Rig,
    config: Config,
    disk: &Disk,
    containers: &[(&ContainerId, RecoveredContainer)],
) -> Rig {
    let mut state: RecoveredState = read(disk, "/work", Some("boot"));
    state.containers =
        containers.iter().map(|(id, found)| ((*id).clone(), found.clone())).collect();
    Rig::with(config, state, rig.now + Duration::from_secs(10))
}

fn running() -> RecoveredContainer {
    RecoveredContainer::Running { pid: 77 }
}

fn exited(status: i32) -> RecoveredContainer {
    RecoveredContainer::Exited(ContainerExit { status: Some(status), limitation: None })
}

fn reregister(rig: &mut Rig) -> Vec<String> {
    rig.input(Input::MasterDetected(Some(MASTER.into())));
    rig.advance(Duration::from_secs(1));
    rig.master(crate::FromMaster::Reregistered(mesos_proto::internal::SlaveReregisteredMessage {
        agent_id: mesos_proto::v1::AgentId { value: AGENT_ID.into() },
        ..Default::default()
    }));
    rig.acknowledge_all()
}

#[test]
fn a_first_start_finds_nothing() {
    assert_eq!(read(&Disk::default(), "/work", Some("boot")), RecoveredState::default());
}

#[test]
fn the_time_of_a_recovery_includes_reading() {
    let mut state = read(&Disk::default(), "/work", Some("boot"));
    state.reading_took = Duration::from_millis(1500);
    let rig = Rig::with(config(), state, Rig::new().now);
    assert_eq!(rig.agent.metrics().recovery_time_secs, Some(1.5));
}

#[test]
fn a_command_task_outlives_its_agent() {
    let mut old = Rig::registered();
    let container = old.start(checkpointing(), command_task("t"));
    old.acknowledge_all();
    let mut rig = restart(&old, &[(&container, running())]);
    rig.assert_said(&[]);
    assert_eq!(rig.agent.metrics().tasks_running, 1);
    assert!(reregister(&mut rig).is_empty(), "everything was said and acknowledged");
    rig.kill("t", None);
    rig.assert_said(&["signal 15"]);
    rig.exit(&container, 15);
    assert_eq!(
        rig.acknowledge_all(),
        ["t TASK_KILLED (Command terminated with signal Terminated)"]
    );
    assert_eq!(rig.agent.metrics().frameworks_active, 0);
}

#[test]
fn the_exit_status_of_a_task_that_ended_meanwhile_is_not_lost() {
    for (status, expected) in [
        (0, "t TASK_FINISHED (Command exited with status 0)"),
        (2 << 8, "t TASK_FAILED (Command exited with status 2)"),
    ] {
        let mut old = Rig::registered();
        let container = old.start(checkpointing(), command_task("t"));
        old.acknowledge_all();
        let mut rig = restart(&old, &[(&container, exited(status))]);
        assert_eq!(reregister(&mut rig), [expected]);
    }
}

#[test]
fn a_task_whose_container_is_unknown_has_failed() {
    let mut old = Rig::registered();
    old.start(checkpointing(), command_task("t"));
    old.acknowledge_all();
    let mut rig = restart(&old, &[]);
    assert_eq!(
        reregister(&mut rig),
        ["t TASK_FAILED REASON_EXECUTOR_TERMINATED (Executor terminated)"]
    );
}

#[test]
fn updates_not_acknowledged_are_sent_again_in_order() {
    let mut old = Rig::registered();
    let container = old.start(checkpointing(), command_task("t"));
    old.exit(&container, 0);
    let mut rig = restart(&old, &[(&container, exited(0))]);
    assert_eq!(
        reregister(&mut rig),
        ["t TASK_STARTING", "t TASK_RUNNING", "t TASK_FINISHED (Command exited with status 0)"]
    );
    assert_eq!(rig.agent.metrics().frameworks_active, 0);
    let again = restart(&rig, &[]);
    assert_eq!(again.agent.metrics().frameworks_active, 0);
}

#[test]
fn a_task_launched_just_before_the_crash_says_that_it_runs() {
    let mut old = Rig::registered();
    old.run(checkpointing(), command_task("t"));
    let container = old.launched().container;
    let mut rig = restart(&old, &[(&container, running())]);
    assert_eq!(reregister(&mut rig), ["t TASK_STARTING", "t TASK_RUNNING"]);
}

#[test]
fn a_kill_in_its_grace_period_is_not_forgotten() {
    let mut old = Rig::registered();
    let container = old.start(checkpointing(), command_task("t"));
    old.acknowledge_all();
    old.kill("t", None);
    let killed = ["t TASK_KILLED (Command terminated with signal Terminated)"];
    let mut ended = restart(&old, &[(&container, exited(15))]);
    assert_eq!(reregister(&mut ended), killed);

    let mut rig = restart(&old, &[(&container, running())]);
    rig.assert_said(&["signal 15"]);
    rig.advance(Duration::from_secs(1));
    rig.assert_said(&["destroy"]);
    rig.exit(&container, 9);
    let killed = ["t TASK_KILLED (Command terminated with signal Killed)"];
    assert_eq!(reregister(&mut rig), killed);
}

#[test]
fn the_time_of_a_task_counts_from_its_first_status() {
    let mut task = command_task("t");
    task.max_completion_time = Some(DurationInfo { nanoseconds: 20_000_000_000 });
    let mut check = CheckInfo {
        tcp: Some(check_info::Tcp { port: 80 }),
        delay_seconds: Some(5.0),
        interval_seconds: Some(1000.0),
        ..CheckInfo::default()
    };
    check.set_type(check_info::Type::Tcp);
    task.check = Some(check);
    let mut old = Rig::registered();
    let container = old.start(checkpointing(), task);
    old.advance(Duration::from_secs(5));
    let (probe, outcome) = (ProbeKey(0), ProbeOutcome::Connected(true));
    old.input(Input::ProbeFinished { container: container.clone(), probe, outcome });
    assert_eq!(old.acknowledge_all().len(), 3, "it started, runs, and was checked");
    let mut rig = restart(&old, &[(&container, running())]);
    rig.advance(Duration::from_secs(4));
    rig.assert_said(&[]);
    rig.advance(Duration::from_secs(1));
    rig.assert_said(&["signal 15"]);
}

#[test]
fn nothing_more_is_done_to_a_container_that_ended_meanwhile() {
    let mut task = command_task("t");
    let mut check = HealthCheck {
        tcp: Some(health_check::TcpCheckInfo { port: 80, ..Default::default() }),
        delay_seconds: Some(0.0),
        consecutive_failures: Some(1),
        ..HealthCheck::default()
    };
    check.set_type(health_check::Type::Tcp);
    task.health_check = Some(check);
    let mut old = Rig::registered();
    let container = old.start(checkpointing(), task);
    old.acknowledge_all();
    for found in [vec![], vec![(&container, exited(9))]] {
        let mut rig = restart(&old, &found);
        let (probe, outcome) = (ProbeKey(0), ProbeOutcome::Connected(false));
        rig.input(Input::ProbeFinished { container: container.clone(), probe, outcome });
        rig.advance(Duration::from_secs(60));
        rig.assert_said(&[]);
        assert_eq!(reregister(&mut rig).len(), 1, "the task has failed");
    }
}

#[test]
fn a_container_nobody_claims_is_destroyed() {
    let mut old = Rig::registered();
    let container = old.start(framework(), command_task("t"));
    let mut rig = restart(&old, &[(&container, running())]);
    rig.assert_said(&["destroy"]);
    assert_eq!(rig.agent.metrics().frameworks_active, 0);
}

fn with_custom_executor(framework: FrameworkInfo) -> (Rig, ContainerId) {
    let mut old = Rig::registered();
    let container = old.start(framework, executor_task("t", "e"));
    old.subscribe("e", call::Subscribe::default());
    old.update("e", "t", TaskState::TaskRunning, 0x41);
    old.acknowledge_all();
    (old, container)
}

#[test]
fn an_agent_waits_for_its_executors_before_it_registers() {
    let (old, container) = with_custom_executor(checkpointing());
    let mut rig = restart(&old, &[(&container, running())]);
    rig.input(Input::MasterDetected(Some(MASTER.into())));
    rig.advance(Duration::from_secs(1));
    rig.assert_said(&[]);
    rig.update("e", "t", TaskState::TaskFinished, 0x42);
    rig.assert_said(&["answer 503 Agent has not finished recovery"]);
    rig.subscribe("e", call::Subscribe::default());
    rig.assert_said(&["accepted", "event SUBSCRIBED"]);
    rig.advance(Duration::from_secs(1));
    assert_eq!(rig.said()[..2], ["link master@10.0.0.1:5050", "reregister"]);
    rig.update("e", "t", TaskState::TaskFinished, 0x42);
    assert!(rig.said().contains(&"event ACKNOWLEDGED 66".to_owned()));
}

#[test]
fn an_executor_that_does_not_come_back_is_killed() {
    let aware = capable(checkpointing(), capability::Type::PartitionAware);
    for (framework, state) in [(checkpointing(), "TASK_LOST"), (aware, "TASK_GONE")] {
        let (old, container) = with_custom_executor(framework);
        let mut rig = restart(&old, &[(&container, running())]);
        rig.advance(Duration::from_secs(2));
        rig.assert_said(&["destroy"]);
        rig.exit(&container, 9);
        let text = "REASON_EXECUTOR_REREGISTRATION_TIMEOUT \
                    (Executor did not reregister within 2secs)";
        assert_eq!(reregister(&mut rig), [format!("t {state} {text}")]);
    }
}

#[test]
fn an_agent_told_to_clean_up_ends_everything_and_exits() {
    let mut old = Rig::registered();
    let container = old.start(checkpointing(), command_task("t"));
    old.acknowledge_all();
    let config = Config { recover_cleanup: true, ..config() };
    let mut rig = restart_as(&old, config, &Disk::of(&old), &[(&container, running())]);
    rig.assert_said(&["signal 15"]);
    rig.exit(&container, 15);
    assert!(rig.said().contains(&"exit failed=false Agent terminated".to_owned()));
}

#[test]
fn an_agent_whose_resources_changed_does_not_take_its_old_id() {
    let old = Rig::registered();
    let mut changed = config();
    changed.info.resources.push(scalar("cpus", 1.0));
    let mut rig = restart_as(&old, changed.clone(), &Disk::of(&old), &[]);
    assert!(rig.said()[0].starts_with("exit failed=true Incompatible agent info detected"));
    changed.reconfiguration_policy = ReconfigurationPolicy::Additive;
    let mut rig = restart_as(&old, changed, &Disk::of(&old), &[]);
    rig.assert_said(&[]);
}

#[test]
fn a_torn_write_costs_no_more_than_itself_and_is_repaired() {
    let mut old = Rig::registered();
    let container = old.start(checkpointing(), command_task("t"));
    old.acknowledge_all();
    let mut disk = Disk::of(&old);
    let whole = disk.updates().len();
    disk.updates().extend_from_slice(&[9, 0, 0, 0, 1]);
    let rig = restart_as(&old, config(), &disk, &[(&container, running())]);
    assert_eq!(rig.agent.metrics().recovery_errors, 0);
    let (path, repaired) = &rig.files[0];
    assert!(path.ends_with("task.updates"));
    assert!(matches!(repaired, Store::Replace(bytes) if bytes.len() == whole));
    assert_eq!(rig.agent.metrics().tasks_running, 1);
}

#[test]
fn damaged_files_of_one_executor_cost_nothing_else() {
    let mut old = Rig::registered();
    old.start(checkpointing(), command_task("bad"));
    let container = old.start(checkpointing(), command_task("t"));
    old.acknowledge_all();
    let mut disk = Disk::of(&old);
    let mut damaged = 0;
    for (path, content) in &mut disk.files {
        if path.ends_with("executors/bad/executor.info") {
            *content = BytesMut::from(&b"\xff\xff\xff\xff"[..]);
            damaged += 1;
        }
    }
    assert_eq!(damaged, 1);
    let rig = restart_as(&old, config(), &disk, &[(&container, running())]);
    assert_eq!(rig.agent.metrics().tasks_running, 1);
    assert!(rig.agent.metrics().recovery_errors > 0);
}

#[test]
fn what_a_power_cut_leaves_does_not_keep_a_strict_agent_from_starting() {
    let mut old = Rig::registered();
    old.start(checkpointing(), command_task("t"));
    let mut disk = Disk::of(&old);
    disk.files.insert("/work/meta/boot_id".into(), BytesMut::from(&b"earlier"[..]));
    for (path, content) in &mut disk.files {
        if path.ends_with("executor.info") {
            content.fill(0);
        } else if path.ends_with("task.info") {
            content.clear();
        }
    }
    let state = read(&disk, "/work", Some("boot"));
    assert!(state.errors.is_empty(), "{:?}", state.errors);
    assert!(!state.leftovers.is_empty());
    let rig = restart_as(&old, config(), &disk, &[]);
    assert_eq!(rig.agent.metrics().frameworks_active, 0);
}

#[test]
fn after_a_reboot_nothing_runs_any_more() {
    let mut old = Rig::registered();
    let container = old.start(checkpointing(), command_task("t"));
    old.acknowledge_all();
    let mut disk = Disk::of(&old);
    disk.files.insert("/work/meta/boot_id".into(), BytesMut::from(&b"earlier"[..]));
    let mut rig = restart_as(&old, config(), &disk, &[(&container, running())]);
    assert_eq!(
        reregister(&mut rig),
        ["t TASK_FAILED REASON_EXECUTOR_TERMINATED (Executor terminated)"]
    );
}

#[test]
fn a_restarted_agent_brings_its_tasks_to_the_master() {
    let mut old = Rig::registered();
    let container = old.start(checkpointing(), command_task("t"));
    old.acknowledge_all();
    let mut rig = restart(&old, &[(&container, running())]);
    rig.input(Input::MasterDetected(Some(MASTER.into())));
    rig.advance(Duration::from_secs(1));
    let messages = rig.seen.iter().filter_map(|output| {
        let Output::ToMaster { message, .. } = output else { return None };
        let ToMaster::Reregister(message) = message.as_ref() else { return None };
        Some(message)
    });
    let message = messages.last().expect("it registers again");
    assert_eq!(message.agent.id.as_ref().map(|id| id.value.as_str()), Some(AGENT_ID));
    let states: Vec<TaskState> =
        message.tasks[0].statuses.iter().map(|status| status.state()).collect();
    assert_eq!(states, [TaskState::TaskStarting, TaskState::TaskRunning]);
    assert_eq!(message.tasks[0].state(), TaskState::TaskRunning);
}
