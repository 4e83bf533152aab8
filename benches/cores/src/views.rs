// SPDX-License-Identifier: Apache-2.0

//! What readers of the master ask for: `/state` and its kin, as JSON from the
//! records of a cluster. Nothing has been written before; no threads.
//!
//! | figure | for each | what is written |
//! |---|---|---|
//! | `state` | task | `/state` of agents with ten running and ten completed tasks of ten labels |
//! | `state-distinct` | task | the same where each task has a name, labels and an address of its own |
//! | `tasks` | task | `/tasks` of the first |
//! | `slaves` | agent | `/slaves` of the first |

use std::hint::black_box;

use mesos_core::time::Time;
use mesos_load::cluster::{self, Population};
use mesos_master::views::{Bounds, Cluster, Snapshot, Static, TaskFilter, lists, state};
use mesos_master_state::{Config, FromAgent, Input, Master, Output, RegistrySnapshot};
use mesos_net::model::BuildInfo;
use mesos_proto::{
    internal::ReregisterSlaveMessage,
    v1::{ContainerId, ContainerStatus, Label, MasterInfo, NetworkInfo, Task, network_info},
};

use crate::meter::Meter;

/// So few that `/state` is not worth threads.
const AGENTS: usize = 80;
const POPULATION: Population = Population { tasks: 10, completed: 10, labels: 10, frameworks: 5 };
const TASKS: usize = AGENTS * (POPULATION.tasks + POPULATION.completed);
const PORT: u16 = 5051;
const BOUNDS: Bounds = Bounds { completed_frameworks: 50, completed_tasks: TASKS };
const NOW: Time = Time::from_nanos(1_795_400_000_000_000_000);

/// Measures all of it.
pub fn run(meter: &mut Meter) {
    let fixed = Static {
        info: MasterInfo { id: "master".to_owned(), port: 5050, ..Default::default() },
        build: BuildInfo { date: String::new(), time: 0.0, user: "mesos-rs", git_sha: None },
        start_time: NOW,
        elected_time: NOW,
        flags: [("port", "5050".to_owned())].into(),
    };
    let everything = TaskFilter {
        framework_id: None,
        task_id: None,
        limit: usize::MAX,
        offset: 0,
        ascending: true,
    };
    let alike = populated(|_| {});
    meter.measure("state", TASKS, || drop(black_box(state::render(&fixed, &alike))));
    let distinct = populated(|message| each_task(message, make_distinct));
    meter.measure("state-distinct", TASKS, || drop(black_box(state::render(&fixed, &distinct))));
    meter.measure("tasks", TASKS, || drop(black_box(lists::tasks(&alike, &everything))));
    meter.measure("slaves", AGENTS, || drop(black_box(lists::slaves(&alike, None))));
}

/// The cluster once all its agents have registered again.
fn populated(change: impl Fn(&mut ReregisterSlaveMessage)) -> Snapshot {
    let info = MasterInfo { id: "master".to_owned(), port: 5050, ..Default::default() };
    let mut master = Master::new(Config::new(info), RegistrySnapshot::default(), NOW, 1);
    let mut cluster = Cluster::new(BOUNDS);
    for number in 0..AGENTS {
        let mut message = cluster::reregister(number, PORT, &POPULATION);
        change(&mut message);
        let message = FromAgent::Reregister(Box::new(message.into()));
        let pid = format!("slave({number})@10.0.0.1:{PORT}");
        master.handle(NOW, Input::AgentMessage { pid, message });
        while let Some(output) = master.poll_output() {
            if let Output::Store { write, .. } = output {
                master.handle(NOW, Input::RegistryStored { write });
            } else if let Output::Change(change) = output {
                cluster.apply(change);
            }
        }
    }
    let snapshot = cluster.snapshot();
    let lists = snapshot.frameworks.iter().map(|view| view.tasks.len() + view.completed.len());
    assert_eq!(lists.sum::<usize>(), TASKS, "every task is there");
    snapshot
}

fn each_task(message: &mut ReregisterSlaveMessage, change: fn(&mut Task)) {
    let history = message.completed_frameworks.iter_mut().flat_map(|it| &mut it.tasks);
    message.tasks.iter_mut().chain(history).for_each(change);
}

fn make_distinct(task: &mut Task) {
    let id = task.task_id.value.clone();
    task.name = format!("name of {id}");
    let label = Label { key: "instance".to_owned(), value: Some(id.clone()) };
    task.labels.get_or_insert_default().labels.push(label);
    let address = network_info::IpAddress {
        protocol: Some(network_info::Protocol::IPv4.into()),
        ip_address: Some("10.0.0.1".to_owned()),
    };
    let network = NetworkInfo { ip_addresses: vec![address], ..Default::default() };
    for status in &mut task.statuses {
        status.container_status = Some(ContainerStatus {
            container_id: Some(ContainerId { value: id.clone(), parent: None }),
            network_infos: vec![network.clone()],
            executor_pid: Some(4711),
            ..Default::default()
        });
    }
}
