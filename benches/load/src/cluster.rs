// SPDX-License-Identifier: Apache-2.0

//! What simulated agents and frameworks say of themselves: the shapes of
//! Mesos's own benchmarks (agents of 20 CPUs, tasks of 0.1 with ten labels).

use bytes::Bytes;
use mesos_proto::{
    internal::{RegisterSlaveMessage, ReregisterSlaveMessage, archive},
    v1::{
        AgentId, AgentInfo, CommandInfo, ExecutorId, FrameworkId, FrameworkInfo, Label, Labels,
        Offer, Resource, Task, TaskId, TaskInfo, TaskState, TaskStatus, agent_info, framework_info,
        offer, resource, task_status, value,
    },
};
use serde::Deserialize;

/// How much a simulated agent has; enough for hundreds of tasks.
pub const AGENT_CPUS: f64 = 20.0;
const AGENT_MEM: f64 = 10240.0;
const TASK_CPUS: f64 = 0.1;
const TASK_MEM: f64 = 5.0;

/// The tasks that agents bring along when they register again.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// Running tasks of each agent.
    pub tasks: usize,
    /// Completed tasks of each agent, in its own history.
    pub completed: usize,
    /// Labels of each task.
    pub labels: usize,
    /// Frameworks that the tasks belong to, in turns.
    pub frameworks: usize,
}

/// So much of a scalar resource.
pub fn scalar(name: &str, value: f64) -> Resource {
    Resource {
        name: name.to_owned(),
        r#type: value::Type::Scalar.into(),
        scalar: Some(value::Scalar { value }),
        ..Default::default()
    }
}

/// How much of a scalar resource there is.
pub fn amount(resources: &[Resource], name: &str) -> f64 {
    let matching = resources.iter().filter(|resource| resource.name == name);
    matching.filter_map(|resource| resource.scalar.as_ref()).map(|scalar| scalar.value).sum()
}

/// The agent of a number, without an id.
pub fn agent_info(number: usize, port: u16) -> AgentInfo {
    AgentInfo {
        hostname: format!("host-{number}"),
        port: Some(i32::from(port)),
        resources: vec![scalar("cpus", AGENT_CPUS), scalar("mem", AGENT_MEM)],
        checkpoint: Some(true),
        ..Default::default()
    }
}

/// The number of the agent that an offer is of.
pub fn agent_number(offer: &Offer) -> Option<usize> {
    offer.hostname.strip_prefix("host-")?.parse().ok()
}

fn agent_capabilities() -> Vec<agent_info::Capability> {
    use agent_info::capability::Type;
    [Type::MultiRole, Type::HierarchicalRole, Type::ReservationRefinement]
        .map(|it| agent_info::Capability { r#type: Some(it.into()) })
        .to_vec()
}

/// What a new agent says.
pub fn register(number: usize, port: u16) -> RegisterSlaveMessage {
    RegisterSlaveMessage {
        agent: agent_info(number, port),
        version: Some("1.11.0".to_owned()),
        agent_capabilities: agent_capabilities(),
        ..Default::default()
    }
}

/// The id of an agent that was registered with an earlier master.
pub fn former_id(number: usize) -> AgentId {
    AgentId { value: format!("3f29e0a1-5d0c-4c1b-9a47-6b1d7c2e8f00-S{number}") }
}

/// The id of a framework of the population.
pub fn framework_id(number: usize) -> FrameworkId {
    FrameworkId { value: format!("3f29e0a1-5d0c-4c1b-9a47-6b1d7c2e8f00-{number:04}") }
}

/// A framework with a role of its own.
pub fn framework_info(name: &str, id: Option<FrameworkId>) -> FrameworkInfo {
    use framework_info::capability::Type;
    FrameworkInfo {
        user: "root".to_owned(),
        name: name.to_owned(),
        id,
        failover_timeout: Some(3600.0),
        checkpoint: Some(true),
        roles: vec![name.to_owned()],
        capabilities: [Type::MultiRole, Type::PartitionAware, Type::ReservationRefinement]
            .map(|it| framework_info::Capability { r#type: Some(it.into()) })
            .to_vec(),
        ..Default::default()
    }
}

/// The name and role of a framework of the population.
pub fn framework_name(number: usize) -> String {
    format!("load-{number}")
}

/// What an agent says that has been with an earlier master.
pub fn reregister(number: usize, port: u16, population: &Population) -> ReregisterSlaveMessage {
    let infos = (0..population.frameworks)
        .map(|it| framework_info(&framework_name(it), Some(framework_id(it))));
    let infos: Vec<FrameworkInfo> = infos.collect();
    let task = |it: usize, state| {
        let framework = it % population.frameworks.max(1);
        task(number, it, framework, population.labels, state)
    };
    let running = (0..population.tasks).map(|it| task(it, TaskState::TaskRunning));
    let history = |framework: usize| {
        (0..population.completed)
            .map(|it| it + population.tasks)
            .filter(move |it| it % population.frameworks.max(1) == framework)
            .map(|it| task(it, TaskState::TaskFinished))
            .collect::<Vec<Task>>()
    };
    let mut completed_frameworks = Vec::new();
    if population.completed > 0 {
        for (framework, info) in infos.iter().enumerate() {
            completed_frameworks.push(archive::Framework {
                framework_info: info.clone(),
                tasks: history(framework),
                ..Default::default()
            });
        }
    }
    let agent = AgentInfo { id: Some(former_id(number)), ..agent_info(number, port) };
    ReregisterSlaveMessage {
        agent,
        tasks: running.collect(),
        completed_frameworks,
        version: Some("1.11.0".to_owned()),
        frameworks: infos,
        agent_capabilities: agent_capabilities(),
        ..Default::default()
    }
}

/// The id of a task of the population.
pub fn task_id(agent: usize, number: usize) -> TaskId {
    TaskId { value: format!("task-{agent}-{number}") }
}

fn task(agent: usize, number: usize, framework: usize, labels: usize, state: TaskState) -> Task {
    let task_id = task_id(agent, number);
    let uuid = Bytes::from(format!("{agent:08}{number:08}"));
    let status = TaskStatus {
        task_id: task_id.clone(),
        state: state.into(),
        source: Some(task_status::Source::Executor.into()),
        agent_id: Some(former_id(agent)),
        timestamp: Some(1_700_000_000.0),
        uuid: Some(uuid.clone()),
        ..Default::default()
    };
    let mut resources = task_resources();
    for resource in &mut resources {
        resource.allocation_info =
            Some(resource::AllocationInfo { role: Some(framework_name(framework)) });
    }
    Task {
        name: format!("task {number}"),
        task_id,
        framework_id: framework_id(framework),
        agent_id: former_id(agent),
        state: state.into(),
        resources,
        statuses: vec![status],
        status_update_state: Some(state.into()),
        status_update_uuid: Some(uuid),
        labels: Some(task_labels(labels)),
        ..Default::default()
    }
}

fn task_labels(count: usize) -> Labels {
    let label = |it| Label { key: format!("key-{it}"), value: Some(format!("value-{it}")) };
    Labels { labels: (0..count).map(label).collect() }
}

/// What one task takes.
pub fn task_resources() -> Vec<Resource> {
    vec![scalar("cpus", TASK_CPUS), scalar("mem", TASK_MEM)]
}

/// How many tasks fit into what an offer holds.
pub fn tasks_that_fit(resources: &[Resource]) -> usize {
    let cpus = amount(resources, "cpus") / TASK_CPUS;
    let mem = amount(resources, "mem") / TASK_MEM;
    // Sums of thousandths are not exact in a float.
    (cpus.min(mem) + 1e-6) as usize
}

/// LAUNCH of so many command tasks, named after `first` and its successors.
pub fn launch(agent: &AgentId, first: u64, tasks: usize, each: &[Resource]) -> offer::Operation {
    let task_info = |number: u64| TaskInfo {
        name: "load".to_owned(),
        task_id: TaskId { value: format!("load-{number}") },
        agent_id: agent.clone(),
        resources: each.to_vec(),
        command: Some(CommandInfo { value: Some("true".to_owned()), ..Default::default() }),
        ..Default::default()
    };
    let task_infos = (first..).take(tasks).map(task_info).collect();
    offer::Operation {
        r#type: Some(offer::operation::Type::Launch.into()),
        launch: Some(offer::operation::Launch { task_infos }),
        ..Default::default()
    }
}

/// The executor of a command task has the task's name.
pub fn command_executor(task: &TaskId) -> ExecutorId {
    ExecutorId { value: task.value.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_and_running_tasks_are_spread_over_the_frameworks() {
        let population = Population { tasks: 10, completed: 7, labels: 3, frameworks: 5 };
        let message = reregister(1, 5051, &population);
        assert_eq!(message.tasks.len(), 10);
        let history = message.completed_frameworks.iter().map(|it| it.tasks.len());
        assert_eq!(history.sum::<usize>(), 7);
        assert_eq!(message.tasks[6].framework_id, framework_id(1));
    }

    #[test]
    fn an_agent_has_room_for_as_many_tasks_as_its_cpus_say() {
        assert_eq!(tasks_that_fit(&agent_info(1, 1).resources), 200);
        assert_eq!(tasks_that_fit(&task_resources()), 1);
        assert_eq!(tasks_that_fit(&[]), 0);
    }
}
