// SPDX-License-Identifier: Apache-2.0

use std::time::Duration;

use bytes::Bytes;
use mesos_proto::{
    internal::FrameworkToExecutorMessage,
    v1::{
        AgentId, CheckStatusInfo, ExecutorId, TaskState, check_info,
        executor::{Call, call},
        framework_info::capability,
        task_status::Source,
    },
};

use super::rig::*;
use crate::{Change, FromMaster, Input, Output};

/// A registered agent with a subscribed executor "e" that was given task "t".
fn subscribed() -> (Rig, crate::ContainerId) {
    let mut rig = Rig::registered();
    let container = rig.start(framework(), executor_task("t", "e"));
    rig.subscribe("e", call::Subscribe::default());
    rig.seen.clear();
    (rig, container)
}

#[test]
fn an_executor_subscribes_and_is_given_its_tasks() {
    let mut rig = Rig::registered();
    rig.run(framework(), executor_task("t", "e"));
    let container = rig.launched().container;
    let mut second = executor_task("u", "e");
    second.executor = Some(executor("e"));
    rig.master(FromMaster::RunTask(mesos_proto::internal::RunTaskMessage {
        framework: framework(),
        task: second,
        launch_executor: Some(false),
        ..Default::default()
    }));
    rig.assert_said(&["launch e"]);
    rig.input(Input::ContainerLaunched { container, pid: 5 });
    rig.assert_said(&[]);
    rig.subscribe("e", call::Subscribe::default());
    rig.assert_said(&[
        "accepted",
        "event SUBSCRIBED",
        "update container",
        "event LAUNCH t",
        "event LAUNCH u",
    ]);
    rig.update("e", "t", TaskState::TaskRunning, 0x41);
    rig.assert_said(&["event ACKNOWLEDGED 65", "t TASK_RUNNING", "answer 202"]);
    assert_eq!(rig.agent.metrics().executors_running, 1);
}

#[test]
fn subscribed_says_who_everybody_is() {
    let mut rig = Rig::registered();
    rig.start(framework(), executor_task("t", "e"));
    rig.seen.clear();
    rig.subscribe("e", call::Subscribe::default());
    let subscribed = rig
        .seen
        .iter()
        .find_map(|output| {
            let Output::ExecutorEvent { event, .. } = output else { return None };
            event.subscribed.clone()
        })
        .expect("it is told");
    assert_eq!(subscribed.executor_info.framework_id, Some(framework_id()));
    assert_eq!(subscribed.executor_info.resources[0].role, None, "the new spelling");
    let allocation = subscribed.executor_info.resources[0].allocation_info.clone();
    assert_eq!(allocation.and_then(|info| info.role).as_deref(), Some("*"));
    assert_eq!(subscribed.framework_info.id, Some(framework_id()));
    assert_eq!(subscribed.agent_info.id.map(|id| id.value).as_deref(), Some(AGENT_ID));
    assert!(subscribed.container_id.is_some());
}

#[test]
fn a_call_that_is_wrong_is_refused_in_the_words_of_mesos() {
    type Edit = fn(&mut Call);
    let cases: [(Edit, &str); 9] = [
        (|call| call.r#type = None, "Expecting 'type' to be present"),
        (|call| call.update = None, "Expecting 'update' to be present"),
        (|call| edit(call).uuid = None, "Expecting 'uuid' to be present"),
        (|call| edit(call).uuid = Some(Bytes::new()), "Not a valid UUID"),
        (|call| edit(call).uuid = Some(Bytes::from_static(&[0; 16])), "Not a valid UUID"),
        (
            |call| edit(call).executor_id = Some(ExecutorId { value: "other".into() }),
            "ExecutorID in Call: e does not match ExecutorID in TaskStatus: other",
        ),
        (
            |call| edit(call).set_source(Source::Master),
            "Received Call from executor e of framework M-0000 with invalid source, expecting \
             'SOURCE_EXECUTOR'",
        ),
        (
            |call| edit(call).set_state(TaskState::TaskStaging),
            "Received TASK_STAGING from executor e of framework M-0000 which is not allowed",
        ),
        (
            |call| {
                let mut check = CheckStatusInfo::default();
                check.set_type(check_info::Type::Command);
                edit(call).check_status = Some(check);
            },
            "Expecting 'command' to be set for COMMAND check's status",
        ),
    ];
    let (mut rig, _) = subscribed();
    for (change, text) in cases {
        let mut call = update_call("e", "t", TaskState::TaskRunning, 0x41);
        change(&mut call);
        rig.call(call);
        rig.assert_said(&[&format!("answer 400 Failed to validate Executor::Call: {text}")]);
    }
}

fn edit(call: &mut Call) -> &mut mesos_proto::v1::TaskStatus {
    &mut call.update.as_mut().expect("it is an update").status
}

#[test]
fn a_call_of_nobody_is_refused() {
    let mut rig = Rig::registered();
    let heartbeat = |executor: &str| {
        let mut call = call_of(executor);
        call.set_type(call::Type::Heartbeat);
        call
    };
    rig.call(heartbeat("nobody"));
    rig.assert_said(&["answer 202"]);
    rig.update("e", "t", TaskState::TaskRunning, 0x41);
    rig.assert_said(&["answer 400 Framework cannot be found"]);
    rig.subscribe("e", call::Subscribe::default());
    rig.assert_said(&["refused 400 Framework cannot be found"]);
    rig.start(framework(), executor_task("t", "e"));
    rig.start(framework(), command_task("c"));
    rig.seen.clear();
    rig.update("unknown", "t", TaskState::TaskRunning, 0x41);
    rig.assert_said(&["answer 400 Executor cannot be found"]);
    rig.update("e", "t", TaskState::TaskRunning, 0x41);
    rig.assert_said(&["answer 403 Executor is not subscribed"]);
    rig.subscribe("c", call::Subscribe::default());
    assert!(rig.said()[0].starts_with("refused 403"));
}

#[test]
fn a_second_terminal_update_is_dropped_but_acknowledged() {
    let (mut rig, _) = subscribed();
    rig.update("e", "t", TaskState::TaskFailed, 0x41);
    rig.update("e", "t", TaskState::TaskFinished, 0x42);
    rig.assert_said(&[
        "update container",
        "event ACKNOWLEDGED 65",
        "t TASK_FAILED",
        "answer 202",
        "event ACKNOWLEDGED 66",
        "answer 202",
    ]);
    rig.advance(Duration::from_secs(10));
    assert_eq!(rig.acknowledge_all(), ["t TASK_FAILED"]);
    rig.update("e", "t", TaskState::TaskRunning, 0x43);
    rig.assert_said(&["event ACKNOWLEDGED 67", "answer 202"]);
}

#[test]
fn an_update_of_a_task_never_seen_goes_to_the_scheduler() {
    let (mut rig, _) = subscribed();
    rig.update("e", "unknown", TaskState::TaskRunning, 0x41);
    rig.assert_said(&["unknown TASK_RUNNING", "answer 202"]);
}

#[test]
fn an_update_sent_twice_is_acknowledged_twice_and_forwarded_once() {
    let (mut rig, _) = subscribed();
    rig.update("e", "t", TaskState::TaskRunning, 0x41);
    rig.update("e", "t", TaskState::TaskRunning, 0x41);
    rig.assert_said(&[
        "event ACKNOWLEDGED 65",
        "t TASK_RUNNING",
        "answer 202",
        "event ACKNOWLEDGED 65",
        "answer 202",
    ]);
}

#[test]
fn an_executor_that_does_not_subscribe_in_time_is_killed() {
    let mut rig = Rig::registered();
    let container = rig.start(framework(), executor_task("t", "e"));
    rig.seen.clear();
    rig.advance(Duration::from_secs(59));
    rig.assert_said(&[]);
    rig.advance(Duration::from_secs(1));
    rig.assert_said(&["destroy"]);
    rig.exit(&container, 9);
    rig.assert_said(&[
        "exited executor e 9",
        "t TASK_FAILED REASON_EXECUTOR_REGISTRATION_TIMEOUT \
         (Executor did not register within 1mins)",
    ]);
}

#[test]
fn tasks_of_an_executor_that_exits_fail() {
    let (mut rig, container) = subscribed();
    rig.update("e", "t", TaskState::TaskRunning, 0x41);
    rig.acknowledge_all();
    rig.exit(&container, 3 << 8);
    rig.assert_said(&[
        "exited executor e 768",
        "t TASK_FAILED REASON_EXECUTOR_TERMINATED (Executor terminated)",
    ]);
    rig.advance(Duration::from_secs(10));
    rig.acknowledge_all();
    assert_eq!(rig.agent.metrics().frameworks_active, 0);
}

#[test]
fn a_task_killed_before_its_executor_subscribes_is_never_delivered() {
    let mut rig = Rig::registered();
    let container = rig.start(framework(), executor_task("t", "e"));
    rig.seen.clear();
    rig.kill("t", None);
    rig.assert_said(&[
        "t TASK_KILLED REASON_TASK_KILLED_DURING_LAUNCH (Killed before delivery to the executor)",
    ]);
    rig.subscribe("e", call::Subscribe::default());
    rig.assert_said(&["accepted", "event SHUTDOWN"]);
    rig.advance(Duration::from_secs(5));
    rig.assert_said(&["destroy"]);
    rig.exit(&container, 9);
    rig.assert_said(&["exited executor e 9"]);
}

#[test]
fn an_executor_that_comes_again_brings_what_was_not_acknowledged() {
    let (mut rig, _) = subscribed();
    let unacknowledged = update_call("e", "t", TaskState::TaskRunning, 0x41).update;
    let subscribe = call::Subscribe {
        unacknowledged_updates: unacknowledged.into_iter().collect(),
        ..call::Subscribe::default()
    };
    rig.subscribe("e", subscribe);
    rig.assert_said(&[
        "accepted",
        "close executor",
        "event SUBSCRIBED",
        "event ACKNOWLEDGED 65",
        "t TASK_RUNNING",
    ]);
}

#[test]
fn a_task_that_never_arrived_at_its_executor_is_dropped() {
    let mut rig = Rig::registered();
    let aware = capable(framework(), capability::Type::PartitionAware);
    rig.start(aware, executor_task("t", "e"));
    rig.subscribe("e", call::Subscribe::default());
    rig.seen.clear();
    rig.subscribe("e", call::Subscribe::default());
    let said = rig.said();
    assert!(said.contains(
        &"t TASK_DROPPED REASON_AGENT_RESTARTED (Task launched during agent restart)".to_owned()
    ));
}

#[test]
fn the_master_hears_of_an_executor_that_does_not_start_with_an_ignored_task() {
    let (mut rig, _) = subscribed();
    rig.said();
    rig.run(framework(), executor_task("t", "e"));
    rig.assert_said(&[]);
    rig.run(framework(), executor_task("t", "f"));
    rig.assert_said(&["exited executor f -1"]);
}

#[test]
fn the_others_of_a_group_with_a_task_that_is_here_are_dropped() {
    let (mut rig, _) = subscribed();
    rig.said();
    rig.run_group(executor("f"), &["u", "t", "v"]);
    let dropped = |task| {
        format!(
            "{task} TASK_LOST REASON_TASK_GROUP_INVALID (Its group has the task 't', which the \
             framework has here)"
        )
    };
    assert_eq!(rig.said(), ["exited executor f -1".to_owned(), dropped("u"), dropped("v")]);
}

#[test]
fn a_task_for_a_disconnected_executor_waits_for_it() {
    let (mut rig, _) = subscribed();
    rig.update("e", "t", TaskState::TaskRunning, 0x41);
    rig.input(Input::ExecutorConnectionClosed { connection: crate::ConnectionKey(0) });
    rig.said();
    rig.master(FromMaster::RunTask(mesos_proto::internal::RunTaskMessage {
        framework: framework(),
        task: executor_task("u", "e"),
        launch_executor: Some(false),
        ..Default::default()
    }));
    rig.assert_said(&[]);
    rig.subscribe("e", call::Subscribe::default());
    assert!(rig.said().contains(&"event LAUNCH u".to_owned()));
}

#[test]
fn a_kill_waits_for_a_disconnected_executor() {
    let (mut rig, _) = subscribed();
    rig.update("e", "t", TaskState::TaskRunning, 0x41);
    rig.acknowledge_all();
    rig.input(Input::ExecutorConnectionClosed { connection: crate::ConnectionKey(0) });
    rig.kill("t", None);
    rig.assert_said(&[]);
    rig.subscribe("e", call::Subscribe::default());
    rig.assert_said(&["accepted", "event SUBSCRIBED", "event KILL t"]);
    rig.subscribe("e", call::Subscribe::default());
    rig.assert_said(&["accepted", "close executor", "event SUBSCRIBED"]);
}

#[test]
fn messages_go_both_ways() {
    let (mut rig, _) = subscribed();
    let mut call = call_of("e");
    call.set_type(call::Type::Message);
    call.message = Some(call::Message { data: Bytes::from_static(b"x") });
    rig.call(call);
    rig.assert_said(&["message to framework", "answer 202"]);
    let to = |executor: &str| {
        FromMaster::FrameworkToExecutor(FrameworkToExecutorMessage {
            agent_id: AgentId { value: AGENT_ID.into() },
            framework_id: framework_id(),
            executor_id: ExecutorId { value: executor.into() },
            data: Bytes::from_static(b"y"),
        })
    };
    rig.master(to("e"));
    rig.assert_said(&["event MESSAGE"]);
    rig.master(to("unknown"));
    rig.assert_said(&[]);
    let metrics = rig.agent.metrics();
    assert_eq!((metrics.valid_framework_messages, metrics.invalid_framework_messages), (2, 1));
}

#[test]
fn a_connected_executor_has_a_heartbeat_every_half_hour() {
    let (mut rig, _) = subscribed();
    rig.update("e", "t", TaskState::TaskRunning, 0x41);
    rig.acknowledge_all();
    for _ in 0..2 {
        rig.advance(Duration::from_secs(30 * 60));
        assert!(rig.said().contains(&"event HEARTBEAT".to_owned()));
    }
}

#[test]
fn a_task_launched_on_an_executor_the_master_takes_for_new_is_dropped() {
    let (mut rig, _) = subscribed();
    rig.run(framework(), executor_task("u", "e"));
    let said = rig.said();
    assert_eq!(
        said,
        [
            "event SHUTDOWN",
            "u TASK_LOST REASON_EXECUTOR_TERMINATED \
             (Master wants to launch executor, but one already exists)",
        ]
    );
}

#[test]
fn a_group_is_delivered_together() {
    let mut rig = Rig::registered();
    rig.run_group(executor("e"), &["b", "a"]);
    let container = rig.launched().container;
    rig.input(Input::ContainerLaunched { container, pid: 5 });
    rig.seen.clear();
    rig.subscribe("e", call::Subscribe::default());
    rig.assert_said(&[
        "accepted",
        "event SUBSCRIBED",
        "update container",
        "event LAUNCH_GROUP b,a",
    ]);
    rig.kill("a", None);
    rig.assert_said(&["event KILL a"]);
}

#[test]
fn a_group_is_killed_together_before_it_is_delivered() {
    let mut rig = Rig::registered();
    rig.run_group(executor("e"), &["a", "b"]);
    rig.seen.clear();
    rig.kill("b", None);
    let killed = |task: &str| {
        format!(
            "{task} TASK_KILLED REASON_TASK_KILLED_DURING_LAUNCH (A task within the task group \
             was killed before delivery to the executor)"
        )
    };
    assert_eq!(rig.said(), [killed("a"), killed("b")]);
}

#[test]
fn an_executor_that_floods_updates_is_refused_and_its_task_can_still_end() {
    let mut rig = Rig::registered();
    rig.start(framework(), executor_task("t", "e"));
    rig.subscribe("e", call::Subscribe::default());
    let update = |task: &str, state, number: u32| {
        let mut call = update_call("e", task, state, 0);
        let status = &mut call.update.as_mut().expect("it is an update").status;
        let uuid = [0, 0x4000, 0x8000_0000, number].map(u32::to_be_bytes).concat();
        status.uuid = Some(uuid.into());
        status.data = Some(vec![0; 1 << 20].into());
        call
    };
    let answer = |rig: &mut Rig, call| {
        rig.seen.clear();
        rig.call(call);
        rig.said().into_iter().find(|said| said.starts_with("answer")).expect("it was answered")
    };
    for number in 1..=31 {
        let said = answer(&mut rig, update("t", TaskState::TaskRunning, number));
        assert_eq!(said, "answer 202", "{number}");
    }
    let refused = "answer 503 status updates of framework M-0000 with 32 MB are waiting to be \
                   acknowledged by the scheduler; send this one later";
    assert_eq!(answer(&mut rig, update("t", TaskState::TaskRunning, 32)), refused);
    assert_eq!(answer(&mut rig, update("made up", TaskState::TaskFinished, 33)), refused);
    assert_eq!(answer(&mut rig, update("t", TaskState::TaskRunning, 31)), "answer 202");
    assert_eq!(answer(&mut rig, update("t", TaskState::TaskFinished, 34)), "answer 202");
}

#[test]
fn a_task_that_goes_back_and_forth_keeps_its_latest_statuses() {
    let mut rig = Rig::registered();
    rig.start(framework(), executor_task("t", "e"));
    rig.subscribe("e", call::Subscribe::default());
    let mut shown = None;
    for number in 0..200 {
        let state = [TaskState::TaskStarting, TaskState::TaskRunning][number % 2];
        // Each its own uuid, and a valid one.
        let mut call = update_call("e", "t", state, 0x80);
        let uuid = [0, 0x4000, 0x8000_0000, number as u32].map(u32::to_be_bytes).concat();
        call.update.as_mut().expect("it is an update").status.uuid = Some(uuid.into());
        rig.seen.clear();
        rig.call(call);
        shown = rig.seen.iter().find_map(|output| {
            let Output::Change(Change::Task(record)) = output else { return None };
            Some(record.task.statuses.len())
        });
        rig.acknowledge_all();
    }
    assert_eq!(shown, Some(64));
}

#[test]
fn the_end_of_an_executor_is_told_again_to_the_master_that_takes_the_agent_back() {
    let (mut rig, container) = subscribed();
    rig.input(Input::MasterLinkBroken { pid: MASTER.into() });
    rig.seen.clear();
    rig.exit(&container, 0);
    assert!(rig.said().contains(&"exited executor e 0".to_owned()));
    rig.seen.clear();
    rig.master(FromMaster::Reregistered(mesos_proto::internal::SlaveReregisteredMessage {
        agent_id: AgentId { value: AGENT_ID.into() },
        ..Default::default()
    }));
    assert!(rig.said().contains(&"exited executor e 0".to_owned()));
}
