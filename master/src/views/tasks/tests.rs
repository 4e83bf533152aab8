// SPDX-License-Identifier: Apache-2.0

use std::sync::Arc;

use mesos_core::{rng::Rng, time::Time};
use mesos_master_state::{Change, Config, FromAgent, Input, Master, Output, RegistrySnapshot};
use mesos_proto::{
    internal::ReregisterSlaveMessage,
    v1::{
        AgentId, AgentInfo, CgroupInfo, ContainerId, ContainerInfo, ContainerStatus, DiscoveryInfo,
        DurationInfo, ExecutorId, FrameworkId, FrameworkInfo, HealthCheck, KillPolicy, Label,
        Labels, MasterInfo, NetworkInfo, Resource, Task, TaskId, TaskState, TaskStatus, agent_info,
        cgroup_info, container_info, discovery_info, framework_info, network_info, resource, value,
    },
};

use super::*;

const NOW: Time = Time::from_nanos(1_795_400_000_000_000_000);
const TASKS: u64 = 2_000;
const AGENT: &str = "agent";

#[test]
fn what_was_made_lately_is_not_made_again() {
    let mut recent = Recent::default();
    let mut made = Vec::new();
    let first = 0..REMEMBERED;
    for number in first.clone().chain(first).chain([REMEMBERED, 1, 0]) {
        let value = recent.find_or_make(
            |known| *known == number,
            || number,
            |key| {
                made.push(*key);
                *key * 10
            },
        );
        assert_eq!(*value, number * 10);
    }
    // The eighth but one was forgotten for the ninth, and had to be made again.
    assert_eq!(made, [0, 1, 2, 3, 4, 5, 6, 7, 8, 0]);
    assert_eq!(recent.0.len(), REMEMBERED);
}

/// Each makes a task another one than the others do: in one field, and each field that is shown.
const KINDS: &[fn(&mut Task)] = &[
    |_| {},
    |task| task.name = "another name".to_owned(),
    |task| task.user = Some("root".to_owned()),
    |task| task.user = Some(String::new()),
    |task| task.labels = labels(&[("key", Some("value"))]),
    |task| task.labels = labels(&[("key", Some("\"quoted\", \n and \u{1} é"))]),
    |task| task.labels = labels(&[("key", None)]),
    |task| task.labels = labels(&[]),
    |task| {
        let grace_period = Some(DurationInfo { nanoseconds: 5 });
        task.kill_policy = Some(KillPolicy { grace_period });
    },
    |task| task.limits = [("mem".to_owned(), value::Scalar { value: 64.5 })].into(),
    |task| {
        let infinite = value::Scalar { value: f64::INFINITY };
        task.limits = [("cpus".to_owned(), infinite), ("\t".to_owned(), infinite)].into();
    },
    |task| {
        task.discovery = Some(DiscoveryInfo {
            visibility: discovery_info::Visibility::Cluster.into(),
            name: Some("name".to_owned()),
            labels: labels(&[("key", Some("value"))]),
            ..Default::default()
        });
    },
    |task| {
        task.container = Some(ContainerInfo {
            r#type: container_info::Type::Mesos.into(),
            network_infos: vec![network()],
            ..Default::default()
        });
    },
    |task| task.health_check = Some(HealthCheck { delay_seconds: Some(0.1), ..Default::default() }),
    |task| {
        task.resources = given("a", &[("x", 1.0), ("y", 1.0)]);
        // Equal to those of the other framework, but not shown alike.
        if task.framework_id == framework_id(1) {
            task.resources.reverse();
        }
    },
    |task| task.resources = given("a", &[("cpus", 0.2), ("mem", 32.0)]),
    |task| task.resources = given("b", &[("cpus", 0.1), ("mem", 32.0)]),
    |task| task.resources = Vec::new(),
];

/// As [`KINDS`], of statuses.
const STATUS_KINDS: &[fn(&mut TaskStatus)] = &[
    |_| {},
    |status| status.timestamp = Some(1_700_000_000.25),
    |status| status.healthy = Some(false),
    |status| status.labels = labels(&[("key", Some("value"))]),
    |status| status.message = Some("not shown".to_owned()),
    |status| status.executor_id = Some(ExecutorId { value: "another".to_owned() }),
    |status| {
        let parent = ContainerId { value: "parent".to_owned(), parent: None };
        status.container_status = Some(ContainerStatus {
            container_id: Some(ContainerId {
                value: "container".to_owned(),
                parent: Some(Box::new(parent)),
            }),
            network_infos: vec![network()],
            cgroup_info: Some(CgroupInfo {
                net_cls: Some(cgroup_info::NetCls { classid: Some(7) }),
            }),
            executor_pid: Some(4711),
        });
    },
];

fn labels(all: &[(&str, Option<&str>)]) -> Option<Labels> {
    let label = |(key, value): &(&str, Option<&str>)| Label {
        key: (*key).to_owned(),
        value: value.map(str::to_owned),
    };
    Some(Labels { labels: all.iter().map(label).collect() })
}

fn network() -> NetworkInfo {
    NetworkInfo {
        ip_addresses: vec![network_info::IpAddress {
            protocol: Some(network_info::Protocol::IPv4.into()),
            ip_address: Some("10.0.0.1".to_owned()),
        }],
        name: Some("network".to_owned()),
        groups: vec!["group".to_owned()],
        labels: labels(&[("key", None)]),
        port_mappings: vec![network_info::PortMapping {
            host_port: 80,
            container_port: 8080,
            protocol: None,
        }],
    }
}

fn scalar(name: &str, value: f64) -> Resource {
    Resource {
        name: name.to_owned(),
        r#type: value::Type::Scalar.into(),
        scalar: Some(value::Scalar { value }),
        ..Default::default()
    }
}

fn given(role: &str, amounts: &[(&str, f64)]) -> Vec<Resource> {
    let allocation = resource::AllocationInfo { role: Some(role.to_owned()) };
    let allocated = |(name, value): &(&str, f64)| Resource {
        allocation_info: Some(allocation.clone()),
        ..scalar(name, *value)
    };
    amounts.iter().map(allocated).collect()
}

fn any<T: Copy>(of: &[T], rng: &mut Rng) -> T {
    of[rng.below(of.len() as u64) as usize]
}

fn framework_id(number: u64) -> FrameworkId {
    FrameworkId { value: format!("framework-{number}") }
}

fn task(number: u64, rng: &mut Rng) -> Task {
    let mut task = Task {
        name: "name".to_owned(),
        task_id: TaskId { value: format!("task-{number}") },
        framework_id: framework_id(rng.below(2)),
        agent_id: AgentId { value: AGENT.to_owned() },
        state: any(&[TaskState::TaskStaging, TaskState::TaskRunning], rng).into(),
        resources: given("a", &[("cpus", 0.1), ("mem", 32.0)]),
        ..Default::default()
    };
    if rng.below(2) == 0 {
        task.executor_id = Some(ExecutorId { value: format!("executor-{}", rng.below(2)) });
    }
    any(KINDS, rng)(&mut task);
    for state in [TaskState::TaskStarting, TaskState::TaskRunning] {
        if rng.below(2) == 0 {
            let mut status = TaskStatus {
                task_id: task.task_id.clone(),
                state: state.into(),
                agent_id: Some(task.agent_id.clone()),
                timestamp: Some(1_700_000_000.0),
                ..Default::default()
            };
            any(STATUS_KINDS, rng)(&mut status);
            task.statuses.push(status);
        }
    }
    task
}

fn framework(number: u64) -> FrameworkInfo {
    let multi_role = framework_info::capability::Type::MultiRole;
    FrameworkInfo {
        user: "root".to_owned(),
        name: "framework".to_owned(),
        id: Some(framework_id(number)),
        roles: vec!["a".to_owned(), "b".to_owned()],
        capabilities: vec![framework_info::Capability { r#type: Some(multi_role.into()) }],
        ..Default::default()
    }
}

/// The tasks as a master keeps them that a returning agent tells of.
fn records(rng: &mut Rng) -> Vec<Arc<TaskRecord>> {
    let multi_role = agent_info::capability::Type::MultiRole;
    let message = ReregisterSlaveMessage {
        agent: AgentInfo {
            hostname: "host".to_owned(),
            id: Some(AgentId { value: AGENT.to_owned() }),
            resources: vec![scalar("cpus", 1e6), scalar("mem", 1e6)],
            ..Default::default()
        },
        tasks: (0..TASKS).map(|number| task(number, rng)).collect(),
        frameworks: vec![framework(0), framework(1)],
        agent_capabilities: vec![agent_info::Capability { r#type: Some(multi_role.into()) }],
        version: Some("1.11.0".to_owned()),
        ..Default::default()
    };
    let info = MasterInfo { id: "master".to_owned(), port: 5050, ..Default::default() };
    let mut master = Master::new(Config::new(info), RegistrySnapshot::default(), NOW, 1);
    let message = FromAgent::Reregister(Box::new(message.into()));
    master.handle(NOW, Input::AgentMessage { pid: "slave(1)@10.0.0.1:5051".to_owned(), message });
    let mut records = Vec::new();
    while let Some(output) = master.poll_output() {
        if let Output::Store { write, .. } = output {
            master.handle(NOW, Input::RegistryStored { write });
        } else if let Output::Change(Change::TaskAdded(task)) = output {
            records.push(task);
        }
    }
    records
}

#[test]
fn a_task_is_written_after_others_as_it_is_alone() {
    let records = records(&mut Rng::new(12));
    assert_eq!(records.len() as u64, TASKS);
    let mut writer = TaskWriter::default();
    for record in records {
        let (mut after_others, mut alone) = (Vec::new(), Vec::new());
        writer.write(&record, &mut after_others);
        model::task(&record.to_proto(), &mut alone);
        assert_eq!(String::from_utf8(after_others), String::from_utf8(alone));
    }
}
