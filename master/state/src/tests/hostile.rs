// SPDX-License-Identifier: Apache-2.0

//! Anything may be said by anyone at any time: nothing panics, and the books balance.

use std::time::Duration;

use bytes::Bytes;
use mesos_core::{resources::Resources, rng::Rng};
use mesos_proto::{
    internal::{ExitedExecutorMessage, UnregisterSlaveMessage, UpdateSlaveMessage},
    v1::{
        self, AgentId, ExecutorId, ExecutorInfo, FrameworkId, FrameworkInfo, TaskInfo, TaskState,
        framework_info::capability::Type as Capability,
        offer::Operation,
        scheduler::{Call, call},
    },
};

use crate::{FromAgent, Input, OperatorCall, testing::*};

/// What the master's books say twice must agree.
fn check(lab: &Lab) {
    let master = &lab.master;
    for (key, agent) in master.agents.registered.iter() {
        let (mut used, mut offered) = (Resources::default(), Resources::default());
        for index in &agent.tasks {
            let task = &master.tasks[*index];
            assert_eq!(task.agent, key);
            let framework = &master.frameworks.registered[task.framework];
            assert_eq!(framework.tasks.get(&task.record.spec.task_id), Some(index));
            if task.holds {
                used += &task.record.spec.resources;
            }
        }
        for ((framework, id), executor) in &agent.executors {
            let framework = &master.frameworks.registered[*framework];
            assert!(framework.executors.contains(&(key, id.clone())));
            used += &executor.resources;
        }
        for offer in &agent.offers {
            let offer = &master.offers.outstanding[offer].record;
            assert_eq!(offer.agent, key);
            offered += &offer.resources;
        }
        assert!(agent.used == used, "{} is not {used}", agent.used);
        assert!(agent.offered == offered, "{} is not {offered}", agent.offered);
        assert_eq!(master.agents.find(&agent.record.id), Some(key));
        assert!(agent.record.connected || agent.offers.is_empty());
    }
    for (key, framework) in master.frameworks.registered.iter() {
        assert_eq!(master.frameworks.find(&framework.record.id), Some(key));
        assert_eq!(framework.connected(), framework.record.connected);
        assert!(framework.connected() || framework.offers.is_empty());
        for index in framework.tasks.values() {
            assert_eq!(master.tasks[*index].framework, key);
        }
    }
    let (total, available) = totals(lab);
    assert!(total.contains(&available), "{available} of {total}");
}

/// What the allocator has, and what of it is free.
fn totals(lab: &Lab) -> (Resources, Resources) {
    let mut sums = (Resources::default(), Resources::default());
    for key in lab.master.agents.registered.keys() {
        if let Some((total, available)) = lab.master.allocator.agent_resources(key) {
            sums.0 += total;
            sums.1 += available;
        }
    }
    sums
}

/// Says something at random.
struct Noise {
    rng: Rng,
    schedulers: Vec<Scheduler>,
    offers: Vec<v1::Offer>,
    /// Tasks that are there: framework, agent, task.
    tasks: Vec<[String; 3]>,
}

const PIDS: [&str; 3] =
    ["slave(1)@10.0.0.1:5051", "slave(1)@10.0.0.1:5052", "slave(1)@10.0.0.2:5051"];

impl Noise {
    fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.rng.below(items.len() as u64) as usize].clone()
    }

    fn agent_id(&mut self) -> String {
        self.pick(&["m-S0", "m-S1", "m-S2", "m-S3", "alien"]).to_owned()
    }

    fn framework_id(&mut self) -> String {
        self.pick(&["m-0000", "m-0001", "m-0002", "alien"]).to_owned()
    }

    fn task_id(&mut self) -> String {
        self.pick(&["a", "b", "c", "d", "bad/id"]).to_owned()
    }

    fn state(&mut self) -> TaskState {
        TaskState::try_from(self.rng.below(14) as i32).unwrap_or_default()
    }

    fn resources(&mut self) -> Vec<v1::Resource> {
        let cpus = self.pick(&[0.1, 0.1, 0.1, 0.5, 1.0, 2.0, 100.0, -1.0, f64::NAN]);
        let mut resources = vec![scalar("cpus", cpus), scalar("mem", 64.0)];
        if self.rng.below(6) == 0 {
            for resource in &mut resources {
                let role = Some(self.pick(&["*", "a"]).to_owned());
                resource.allocation_info = Some(v1::resource::AllocationInfo { role });
            }
        }
        resources
    }

    fn executor(&mut self) -> ExecutorInfo {
        ExecutorInfo {
            executor_id: ExecutorId { value: self.pick(&["e", "f"]).to_owned() },
            framework_id: Some(FrameworkId { value: self.framework_id() }),
            command: Some(v1::CommandInfo { value: Some("x".to_owned()), ..Default::default() }),
            resources: self.resources(),
            ..Default::default()
        }
    }

    fn task(&mut self) -> TaskInfo {
        let id = self.task_id();
        let offered = self.offers.first().map(|offer| offer.agent_id.value.clone());
        let agent = offered.filter(|_| self.rng.below(8) > 0).unwrap_or_else(|| self.agent_id());
        let mut info = task(&id, &agent);
        info.resources = self.resources();
        if self.rng.below(3) == 0 {
            info.command = None;
            info.executor = Some(ExecutorInfo { framework_id: None, ..self.executor() });
        }
        info
    }

    fn info(&mut self) -> FrameworkInfo {
        let capabilities = [Capability::MultiRole, Capability::PartitionAware];
        let count = self.rng.below(3) as usize;
        let mut info = capable(&capabilities[..count.min(2)]);
        if count > 0 {
            info.roles = vec![self.pick(&["a", "b"]).to_owned()];
        }
        info.checkpoint = Some(self.rng.below(2) == 0);
        info.failover_timeout = self.pick(&[None, Some(0.0), Some(30.0), Some(-1.0)]);
        if self.rng.below(2) == 0 {
            info.id = Some(FrameworkId { value: self.framework_id() });
        }
        info
    }

    fn report(&mut self) -> mesos_proto::internal::ReregisterSlaveMessage {
        let mut message = reregistration(&self.agent_id());
        if self.rng.below(3) == 0 {
            message.agent.resources = vec![scalar("cpus", 2.0), scalar("mem", 512.0)];
        }
        if self.rng.below(4) == 0 {
            message.agent_capabilities.clear();
        }
        for _ in 0..self.rng.below(3) {
            let info = FrameworkInfo {
                id: Some(FrameworkId { value: self.framework_id() }),
                ..self.info()
            };
            message.frameworks.push(info);
        }
        for _ in 0..self.rng.below(4) {
            let (framework, state) = (self.framework_id(), self.state());
            let agent = message.agent.id.clone().map(|id| id.value).unwrap_or_default();
            let mut task = reported_task(&framework, &agent, state);
            task.task_id.value = self.task_id();
            task.resources = self.resources();
            message.tasks.push(task);
        }
        if self.rng.below(3) == 0 {
            message.executor_infos.push(self.executor());
        }
        message
    }

    fn agent_message(&mut self, now: mesos_core::time::Time) -> FromAgent {
        let agent_id = AgentId { value: self.agent_id() };
        match self.rng.below(12) {
            0 => FromAgent::Register(Box::new(registration(agent_info()))),
            1 | 2 => FromAgent::Reregister(Box::new(self.report().into())),
            3 if self.rng.below(4) == 0 => {
                FromAgent::Unregister(UnregisterSlaveMessage { agent_id })
            }
            4 => FromAgent::ExitedExecutor(ExitedExecutorMessage {
                agent_id,
                framework_id: FrameworkId { value: self.framework_id() },
                executor_id: ExecutorId { value: "e".to_owned() },
                status: 1,
            }),
            5 => FromAgent::UpdateSlave(Box::new(UpdateSlaveMessage {
                agent_id,
                oversubscribed_resources: self.resources(),
                ..Default::default()
            })),
            _ => {
                let state = self.state();
                let made_up = [self.framework_id(), agent_id.value, self.task_id()];
                let [framework, agent, task] = match self.rng.below(4) {
                    0 => made_up,
                    _ if self.tasks.is_empty() => made_up,
                    _ => self.pick(&self.tasks.clone()),
                };
                let uuid = Bytes::from_static(b"0123456789abcdef");
                let message = status_update(&framework, &agent, &task, state, uuid, now);
                FromAgent::StatusUpdate(Box::new(message))
            }
        }
    }

    fn call(&mut self) -> Call {
        let agent = self.agent_id();
        match self.rng.below(8) {
            0 | 1 => {
                let tasks: Vec<_> = (0..self.rng.below(4)).map(|_| self.task()).collect();
                let offers = std::mem::take(&mut self.offers);
                let mut operations = vec![launch(tasks)];
                if self.rng.below(4) == 0 {
                    operations.push(Operation {
                        r#type: Some(v1::offer::operation::Type::LaunchGroup.into()),
                        launch_group: Some(v1::offer::operation::LaunchGroup {
                            executor: self.executor(),
                            task_group: v1::TaskGroupInfo { tasks: vec![self.task()] },
                        }),
                        ..Default::default()
                    });
                }
                let offers = offers.into_iter().take(1).map(|offer| offer.id).collect();
                accept(offers, operations)
            }
            2 => {
                let offers = std::mem::take(&mut self.offers);
                decline(offers.into_iter().map(|offer| offer.id).collect(), Some(0.0))
            }
            3 => kill(&self.task_id(), Some(&agent)),
            4 => reconcile(&[(&self.task_id(), Some(&agent)), (&self.task_id(), None)]),
            5 => Call {
                acknowledge: Some(call::Acknowledge {
                    agent_id: AgentId { value: agent },
                    task_id: v1::TaskId { value: self.task_id() },
                    uuid: Bytes::from_static(b"0123456789abcdef"),
                }),
                ..of_type(call::Type::Acknowledge)
            },
            6 => {
                of_type(self.pick(&[call::Type::Revive, call::Type::Suppress, call::Type::Request]))
            }
            _ => Call {
                update_framework: Some(call::UpdateFramework {
                    framework_info: self.info(),
                    ..Default::default()
                }),
                ..of_type(call::Type::UpdateFramework)
            },
        }
    }

    fn step(&mut self, lab: &mut Lab) {
        let pid = self.pick(&PIDS).to_owned();
        match self.rng.below(20) {
            0..=7 => {
                let message = self.agent_message(lab.now);
                let own = named_by(&message).and_then(|id| lab.master.agents.find(id));
                let own = own.map(|key| lab.master.agents.registered[key].record.pid.to_string());
                // Mostly agents speak for themselves.
                let pid = own.filter(|_| self.rng.below(8) > 0).unwrap_or(pid);
                lab.agent_says(&pid, message);
            }
            8..=13 if !self.schedulers.is_empty() => {
                let owner = self.offers.first().map(|offer| offer.framework_id.value.clone());
                let owners = self.schedulers.iter().rev();
                let owner = owners.clone().find(|it| Some(&it.id) == owner.as_ref()).cloned();
                let scheduler = owner.unwrap_or_else(|| self.pick(&self.schedulers.clone()));
                let call = self.call();
                lab.call(&scheduler, call);
            }
            14 => lab.input(Input::AgentLinkBroken { pid }),
            15 if !self.schedulers.is_empty() => {
                let stream = self.pick(&self.schedulers.clone()).stream;
                lab.input(Input::StreamClosed { stream });
            }
            16 => {
                let agent_id = AgentId { value: self.agent_id() };
                if self.rng.below(5) == 0 {
                    lab.operator(OperatorCall::MarkAgentGone { agent_id });
                }
            }
            17 => lab.advance(Duration::from_secs(self.rng.below(40))),
            _ => {
                let scheduler = lab.subscribe(self.info());
                self.schedulers.push(scheduler);
            }
        }
        for scheduler in &self.schedulers {
            self.offers.extend(lab.offers(scheduler));
        }
        lab.take();
        let tasks = lab.master.tasks.iter().map(|(_, task)| {
            let spec = &task.record.spec;
            [&spec.framework_id, &spec.agent_id, &spec.task_id].map(|id| id.to_string())
        });
        self.tasks = tasks.collect();
    }
}

/// The agent that a message is to be from.
fn named_by(message: &FromAgent) -> Option<&str> {
    let id = match message {
        FromAgent::StatusUpdate(message) => message.update.agent_id.as_ref()?,
        FromAgent::ExecutorToFramework(message) => &message.agent_id,
        FromAgent::ExitedExecutor(message) => &message.agent_id,
        FromAgent::UpdateSlave(message) => &message.agent_id,
        FromAgent::Register(_)
        | FromAgent::Reregister(_)
        | FromAgent::Unregister(_)
        | FromAgent::UpdateOperationStatus(_)
        | FromAgent::Pong { .. } => return None,
    };
    Some(&id.value)
}

#[test]
fn the_books_balance_whatever_is_said() {
    let mut reached = [0; 6];
    for seed in 0..180 {
        let mut lab = Lab::new();
        lab.pongs = seed % 3 != 0;
        let mut noise = Noise {
            rng: Rng::new(seed),
            schedulers: Vec::new(),
            offers: Vec::new(),
            tasks: Vec::new(),
        };
        for step in 0..150 {
            lab.stores = step % 10 != 3;
            noise.step(&mut lab);
            if lab.stores {
                lab.release();
                lab.take();
            }
            check(&lab);
        }
        let metrics = lab.master.metrics();
        let numbers = [
            metrics.slave_reregistrations,
            metrics.slave_removals_reason_unhealthy,
            metrics.slave_removals_reason_registered,
            metrics.valid_status_updates,
            metrics.tasks_killed + metrics.tasks_finished,
            metrics.messages_launch_tasks - metrics.tasks_error.min(metrics.messages_launch_tasks),
        ];
        reached.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
    }
    assert!(reached.iter().all(|sum| *sum > 50), "too little happens: {reached:?}");
}

#[test]
fn an_agent_cannot_bring_a_framework_without_an_id() {
    const PID: &str = "slave(1)@10.0.0.1:5051";
    let mut lab = Lab::new();
    let mut message = reregistration("an-agent-of-another-master-S0");
    message.frameworks = vec![FrameworkInfo { id: None, ..framework_info() }];
    lab.reregister(PID, message);
    assert!(lab.sent_to(PID).is_empty(), "the agent is not let in");
    lab.advance(Duration::from_secs(3600));
    let scheduler = lab.subscribe(framework_info());
    assert!(!scheduler.id.is_empty(), "new frameworks are welcome");
}
