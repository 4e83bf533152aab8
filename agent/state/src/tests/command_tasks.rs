// SPDX-License-Identifier: Apache-2.0

use std::time::Duration;

use mesos_proto::{
    internal::{ResourceVersionUuid, RunTaskMessage},
    v1::{
        CommandInfo, Environment, Resource, TaskInfo, Uuid,
        environment::Variable,
        executor_info,
        framework_info::capability,
        task_status::{self, Source},
    },
};

use super::rig::*;
use crate::{
    FromMaster, Input,
    input::{ContainerExit, LaunchFailure, Limitation},
};

#[test]
fn a_command_task_runs_to_its_end() {
    let mut rig = Rig::registered();
    rig.run(framework(), command_task("t"));
    let container = rig.launched().container;
    rig.assert_said(&["launch t"]);
    rig.input(Input::ContainerLaunched { container: container.clone(), pid: 77 });
    let updates = rig.updates();
    assert_eq!(updates.len(), 1, "the second update waits for the first acknowledgement");
    let status = &updates[0];
    assert_eq!(describe(status), "t TASK_STARTING");
    assert_eq!(status.source(), Source::Executor);
    let stamped = status.container_status.clone().expect("it says in which container");
    assert_eq!(stamped.container_id, Some(container.to_proto()));
    assert_eq!(stamped.executor_pid, Some(77));
    assert_eq!(stamped.network_infos[0].ip_addresses[0].ip_address(), "10.0.0.2");
    rig.acknowledge(status);
    assert_eq!(rig.acknowledge_all(), ["t TASK_RUNNING"]);
    assert_eq!(rig.agent.metrics().tasks_running, 1);
    rig.exit(&container, 0);
    assert_eq!(rig.acknowledge_all(), ["t TASK_FINISHED (Command exited with status 0)"]);
    let metrics = rig.agent.metrics();
    assert_eq!((metrics.tasks_finished, metrics.frameworks_active), (1, 0));
}

#[test]
fn the_state_of_a_task_runs_ahead_of_the_update_on_its_way() {
    let mut rig = Rig::registered();
    let container = rig.start(framework(), command_task("t"));
    rig.exit(&container, 0);
    rig.seen.clear();
    rig.advance(Duration::from_secs(10));
    let resent = rig.updates();
    assert_eq!(describe(&resent[0]), "t TASK_STARTING");
    assert_eq!(rig.agent.metrics().executors_running, 0);
}

#[test]
fn the_environment_is_that_of_mesos() {
    let mut rig = Rig::registered();
    let variable = |name: &str, value: &str| Variable {
        name: name.into(),
        value: Some(value.into()),
        ..Variable::default()
    };
    let command = CommandInfo {
        value: Some("true".into()),
        environment: Some(Environment {
            variables: vec![variable("OWN", "task"), variable("MESOS_SANDBOX", "mine")],
        }),
        ..CommandInfo::default()
    };
    rig.run(checkpointing(), TaskInfo { command: Some(command), ..command_task("t") });
    let spec = rig.launched();
    let names: Vec<&str> = spec.environment.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "LIBPROCESS_PORT",
            "MESOS_AGENT_ENDPOINT",
            "MESOS_ALLOCATION_ROLE",
            "MESOS_CHECKPOINT",
            "MESOS_DIRECTORY",
            "MESOS_EXECUTOR_ID",
            "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD",
            "MESOS_FRAMEWORK_ID",
            "MESOS_HTTP_COMMAND_EXECUTOR",
            "MESOS_RECOVERY_TIMEOUT",
            "MESOS_SANDBOX",
            "MESOS_SLAVE_ID",
            "MESOS_SLAVE_PID",
            "MESOS_SUBSCRIPTION_BACKOFF_MAX",
            "OWN",
        ]
    );
    let value = |wanted: &str| {
        let found = spec.environment.iter().find(|(name, _)| name == wanted);
        found.map_or("", |(_, value)| value.as_str())
    };
    let sandbox =
        format!("/work/slaves/M-S0/frameworks/M-0000/executors/t/runs/{}", spec.container);
    assert_eq!(value("MESOS_DIRECTORY"), sandbox);
    assert_eq!(value("MESOS_SANDBOX"), "mine", "the command's own variables win");
    assert_eq!(value("MESOS_AGENT_ENDPOINT"), "10.0.0.2:5051");
    assert_eq!(value("MESOS_SLAVE_PID"), "slave(1)@10.0.0.2:5051");
    assert_eq!(value("MESOS_CHECKPOINT"), "1");
    assert_eq!(value("MESOS_RECOVERY_TIMEOUT"), "15mins");
    assert_eq!(value("MESOS_SUBSCRIPTION_BACKOFF_MAX"), "2secs");
    assert_eq!(value("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD"), "5secs");
    assert_eq!(value("MESOS_ALLOCATION_ROLE"), "*");
    assert_eq!(spec.sandbox, sandbox);
    assert_eq!(spec.user.as_deref(), Some("root"));
}

#[test]
fn a_made_up_executor_is_named_after_its_task() {
    for (command, name) in [
        ("sleep 0.5", "Command Executor (Task: t) (Command: sh -c 'sleep 0.5')"),
        ("echo out; echo err", "Command Executor (Task: t) (Command: sh -c 'echo out; ec...')"),
        ("äöüäöüäöü", "Command Executor (Task: t) (Command: sh -c 'äöüäöü...')"),
    ] {
        let mut rig = Rig::registered();
        let command = CommandInfo { value: Some(command.into()), ..CommandInfo::default() };
        rig.run(framework(), TaskInfo { command: Some(command), ..command_task("t") });
        let spec = rig.launched();
        assert_eq!(spec.executor.name(), name);
        let cpus: Vec<f64> = spec
            .resources
            .iter()
            .filter(|resource| resource.name == "cpus")
            .filter_map(|resource| Some(resource.scalar.as_ref()?.value))
            .collect();
        assert_eq!(cpus, [0.1, 1.0], "a little more than the task asked for");
    }
}

#[test]
fn a_checkpointed_task_is_launched_once_it_is_on_disk() {
    let mut rig = Rig::registered();
    rig.disk = false;
    rig.run(checkpointing(), command_task("t"));
    rig.assert_said(&[]);
    let names: Vec<&str> =
        rig.files.iter().filter_map(|(path, _)| path.rsplit('/').next()).skip(2).collect();
    assert_eq!(
        names,
        [
            "framework.info",
            "framework.pid",
            "executor.info",
            "executor_generated_for_command_task",
            "latest",
            "task.launch",
            "task.info"
        ]
    );
    let last = rig.files.len() as u64 - 1;
    rig.input(Input::CheckpointStored { write: crate::WriteKey(last) });
    rig.assert_said(&["launch t"]);
}

#[test]
fn a_checkpointed_update_is_sent_once_it_is_on_disk() {
    let mut rig = Rig::registered();
    let container = {
        rig.run(checkpointing(), command_task("t"));
        rig.launched().container
    };
    rig.seen.clear();
    rig.disk = false;
    rig.input(Input::ContainerLaunched { container, pid: 1 });
    rig.assert_said(&[]);
    let write = crate::WriteKey(rig.files.len() as u64 - 2);
    rig.input(Input::CheckpointStored { write });
    rig.assert_said(&["t TASK_STARTING"]);
}

#[test]
fn a_task_that_cannot_be_checkpointed_is_dropped() {
    let mut rig = Rig::registered();
    rig.disk = false;
    rig.run(checkpointing(), command_task("t"));
    let write = crate::WriteKey(rig.files.len() as u64 - 1);
    rig.input(Input::CheckpointFailed { write, reason: "No space left on device".into() });
    rig.disk = true;
    let write = crate::WriteKey(rig.files.len() as u64 - 1);
    rig.input(Input::CheckpointStored { write });
    let told = rig.acknowledge_all();
    assert_eq!(
        told,
        ["t TASK_LOST REASON_EXECUTOR_TERMINATED \
          (Failed to checkpoint the task: No space left on device)"]
    );
    assert_eq!(rig.agent.metrics().frameworks_active, 0);
}

#[test]
fn a_launch_that_fails_says_why() {
    let partition_aware = capable(framework(), capability::Type::PartitionAware);
    for (failure, expected) in [
        (
            LaunchFailure::Container("exited with status 1".into()),
            "t TASK_FAILED REASON_CONTAINER_LAUNCH_FAILED \
             (Failed to launch container: exited with status 1)",
        ),
        (
            LaunchFailure::Unsupported,
            "t TASK_FAILED REASON_EXECUTOR_TERMINATED \
             (Abnormal executor termination: unknown container)",
        ),
    ] {
        let mut rig = Rig::registered();
        rig.run(framework(), command_task("t"));
        let container = rig.launched().container;
        rig.input(Input::ContainerLaunchFailed { container, failure });
        assert_eq!(rig.acknowledge_all(), [expected]);
        assert_eq!(rig.agent.metrics().frameworks_active, 0);
    }
    let mut rig = Rig::registered();
    rig.run(partition_aware, command_task("t"));
    let spec = rig.launched();
    let failure =
        LaunchFailure::Sandbox("Failed to chown directory to 'x': No such user 'x'".into());
    rig.input(Input::ContainerLaunchFailed { container: spec.container, failure });
    assert_eq!(
        rig.acknowledge_all(),
        [format!(
            "t TASK_DROPPED REASON_EXECUTOR_TERMINATED (Failed to create executor directory \
             '{}': Failed to chown directory to 'x': No such user 'x')",
            spec.sandbox
        )]
    );
}

#[test]
fn a_task_over_its_limit_fails_for_it() {
    let mut rig = Rig::registered();
    let container = rig.start(framework(), command_task("t"));
    rig.acknowledge_all();
    rig.input(Input::ContainerExited {
        container,
        exit: ContainerExit {
            status: Some(9),
            limitation: Some(Limitation {
                reason: task_status::Reason::ContainerLimitationDisk,
                message: "Disk usage (40968KB) exceeds quota (16MB)".into(),
                resources: vec![scalar("disk", 16.0)],
            }),
        },
    });
    let updates = rig.updates();
    assert_eq!(
        describe(&updates[0]),
        "t TASK_FAILED REASON_CONTAINER_LIMITATION_DISK (Disk usage (40968KB) exceeds quota (16MB))"
    );
    assert_eq!(updates[0].source(), Source::Agent);
    assert_eq!(updates[0].limitation.as_ref().map(|it| it.resources.len()), Some(1));
}

#[test]
fn a_task_based_on_outdated_resources_is_dropped() {
    let mut rig = Rig::registered();
    rig.master(FromMaster::RunTask(RunTaskMessage {
        framework: framework(),
        task: command_task("t"),
        resource_version_uuids: vec![ResourceVersionUuid {
            resource_provider_id: None,
            uuid: Uuid { value: bytes::Bytes::from_static(&[1; 16]) },
        }],
        launch_executor: Some(true),
        ..RunTaskMessage::default()
    }));
    rig.assert_said(&[
        "exited executor t -1",
        "t TASK_LOST REASON_INVALID_OFFERS (Task assumes outdated resource state)",
    ]);
}

#[test]
fn a_task_on_an_unknown_volume_is_dropped() {
    let mut reserved = Resource { role: Some("web".into()), ..scalar("cpus", 1.0) };
    reserved.reservation = Some(Default::default());
    let mut rig = Rig::registered();
    rig.run(framework(), TaskInfo { resources: vec![reserved], ..command_task("t") });
    assert_eq!(
        rig.said()[1],
        "t TASK_LOST REASON_RESOURCES_UNKNOWN (The checkpointed resources being used by the task \
         or task group are unknown to the agent)"
    );
}

#[test]
fn a_task_for_an_agent_of_another_id_is_ignored() {
    let mut rig = Rig::registered();
    let mut task = command_task("t");
    task.agent_id.value = "M-S9".into();
    rig.run(framework(), task);
    rig.run(framework(), command_task("../../etc"));
    rig.assert_said(&[]);
    assert_eq!(rig.agent.metrics().frameworks_active, 0);
}

#[test]
fn a_task_id_used_again_at_once_is_dropped_until_the_old_task_is_done_with() {
    let mut rig = Rig::registered();
    let container = rig.start(framework(), command_task("t"));
    rig.acknowledge_all();
    rig.run(framework(), command_task("t"));
    rig.assert_said(&[]);
    rig.exit(&container, 0);
    let updates = rig.updates();
    assert_eq!(describe(&updates[0]), "t TASK_FINISHED (Command exited with status 0)");
    rig.acknowledge(&updates[0]);
    rig.run(framework(), command_task("t"));
    assert!(rig.said().contains(&"launch t".to_owned()));
}

#[test]
fn groups_for_the_default_executor_are_refused() {
    let mut rig = Rig::registered();
    let mut default = executor("e");
    default.set_type(executor_info::Type::Default);
    rig.run_group(default, &["a", "b"]);
    let refused = |task| {
        format!(
            "{task} TASK_ERROR REASON_TASK_GROUP_INVALID \
             (The default executor is not supported by this agent yet)"
        )
    };
    let expected = ["exited executor e -1".to_owned(), refused("a"), refused("b")];
    assert_eq!(rig.said(), expected);
}

#[test]
fn sandboxes_are_removed_when_old_and_sooner_when_the_disk_is_full() {
    let mut rig = Rig::registered();
    let container = rig.start(framework(), command_task("t"));
    rig.exit(&container, 0);
    rig.acknowledge_all();
    assert_eq!(rig.agent.metrics().gc_path_removals_pending, 2);
    rig.input(Input::DiskUsage { used: Some(0.95) });
    let removed = rig.said();
    assert_eq!(removed.len(), 2);
    assert!(removed[0].starts_with("remove /work/slaves/M-S0/frameworks/M-0000"));
    rig.run(framework(), command_task("t"));
    assert_eq!(
        rig.said()[1],
        "t TASK_LOST REASON_GC_ERROR (Could not launch the task because we failed to unschedule \
         directories scheduled for gc)"
    );
}
