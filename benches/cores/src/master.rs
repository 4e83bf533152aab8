// SPDX-License-Identifier: Apache-2.0

//! The master's state machine, with a registry that stores at once. Decoding,
//! sockets and views are not in it.
//!
//! | figure | for each | what happens |
//! |---|---|---|
//! | `register` | agent | a new one is admitted |
//! | `one-more-agent` | agent | another, when all have been offered |
//! | `offer` | agent | a framework subscribes and is offered everything |
//! | `launch`, `launch-100` | task | ACCEPT with one task; with a hundred |
//! | `running`, `finished` | task | its update, forwarded and acknowledged |
//! | `reconcile-unknown`, `-implicit`, `-explicit` | task | RECONCILE of tasks unknown, all, named |
//! | `reregister-fresh` | agent | with ten tasks of ten labels, at a master that knows nobody |
//! | `reregister` | agent | the same at one that has the registry |
//! | `resubscribe` | | the framework of all those tasks subscribes again |
//! | `teardown` | task | it ends, with its tasks |

use std::collections::BTreeMap;

use mesos_core::time::Time;
use mesos_load::cluster::{self, Population};
use mesos_master_state::{
    Config, FromAgent, Input, Master, Output, RegistrySnapshot, RequestKey, StreamKey, ToAgent,
};
use mesos_proto::{
    internal::{StatusUpdate, StatusUpdateMessage},
    v1::{
        AgentId, Filters, FrameworkId, FrameworkInfo, MasterInfo, Offer, TaskId, TaskInfo,
        TaskState, TaskStatus,
        scheduler::{Call, call},
    },
};

use crate::meter::Meter;

/// Agents of the groups.
pub const SIZES: [usize; 2] = [1_000, 10_000];
/// The tasks that agents bring along when they register again.
const POPULATION: Population = Population { tasks: 10, completed: 0, labels: 10, frameworks: 1 };
const ONE_BY_ONE: usize = 500;
const BATCHES: usize = 5;
const TASKS_PER_BATCH: usize = 100;
const RECONCILED: usize = 1_000;
const MORE: usize = 100;
const PORT: u16 = 5051;
/// No offer is wanted again.
const FOR_GOOD: f64 = 1e6;

/// A master, its registry, and what it said.
struct Shell {
    master: Master,
    now: Time,
    registry: RegistrySnapshot,
    requests: u64,
    framework: FrameworkId,
    stream_id: String,
    offers: Vec<Offer>,
    launched: Vec<TaskInfo>,
    updates: Vec<TaskStatus>,
}

fn pid(agent: usize) -> String {
    format!("slave({agent})@10.0.0.1:{PORT}")
}

impl Shell {
    fn new(registry: RegistrySnapshot) -> Self {
        let info = MasterInfo { id: "master".to_owned(), port: 5050, ..Default::default() };
        let now = Time::from_secs_f64(1_795_400_000.0);
        Shell {
            master: Master::new(Config::new(info), registry.clone(), now, 1),
            now,
            registry,
            requests: 0,
            framework: FrameworkId::default(),
            stream_id: String::new(),
            offers: Vec::new(),
            launched: Vec::new(),
            updates: Vec::new(),
        }
    }

    fn input(&mut self, input: Input) {
        self.now = self.now + std::time::Duration::from_micros(1);
        self.master.handle(self.now, input);
        while let Some(output) = self.master.poll_output() {
            self.take(output);
        }
    }

    fn take(&mut self, output: Output) {
        if let Output::Store { write, changes } = output {
            changes.iter().for_each(|change| self.registry.apply(change));
            self.master.handle(self.now, Input::RegistryStored { write });
        } else if let Output::ToAgent { message: ToAgent::RunTask(run), .. } = output {
            self.launched.push(run.task);
        } else if let Output::Subscribed { stream_id, .. } = output {
            self.stream_id = stream_id;
        } else if let Output::Event { event, .. } = output {
            if let Some(subscribed) = event.subscribed {
                self.framework = subscribed.framework_id;
            }
            self.offers.extend(event.offers.into_iter().flat_map(|it| it.offers));
            self.updates.extend(event.update.map(|it| it.status));
        }
    }

    /// Lets the master do what it has put off for no longer than a moment.
    fn allocate(&mut self) {
        while self.master.poll_timeout().is_some_and(|(_, what)| what == "allocation") {
            self.now = self.now + std::time::Duration::from_millis(1);
            self.input(Input::Wake);
        }
    }

    fn subscribe(&mut self, framework_info: FrameworkInfo, suppressed: bool) {
        let suppressed_roles = if suppressed { framework_info.roles.clone() } else { Vec::new() };
        let call = Call {
            framework_id: framework_info.id.clone(),
            r#type: Some(call::Type::Subscribe.into()),
            subscribe: Some(call::Subscribe {
                framework_info,
                suppressed_roles,
                ..Default::default()
            }),
            ..Default::default()
        };
        self.requests += 1;
        self.input(Input::Subscribe {
            stream: StreamKey(self.requests),
            call: Box::new(call),
            stream_id: None,
            principal: None,
        });
    }

    fn call(&mut self, kind: call::Type, call: Call) {
        self.requests += 1;
        let framework_id = Some(self.framework.clone());
        let call = Call { framework_id, r#type: Some(kind.into()), ..call };
        self.input(Input::SchedulerCall {
            request: RequestKey(self.requests),
            stream_id: Some(self.stream_id.clone()),
            call: Box::new(call),
            principal: None,
        });
    }

    /// One ACCEPT for each offer, with so many tasks.
    fn accept(&mut self, offers: Vec<Offer>, tasks: usize) {
        for (number, offer) in offers.into_iter().enumerate() {
            let first = (tasks * 1_000_000 + number * tasks) as u64;
            let launch = cluster::launch(&offer.agent_id, first, tasks, &cluster::task_resources());
            let accept = call::Accept {
                offer_ids: vec![offer.id],
                operations: vec![launch],
                filters: Some(Filters { refuse_seconds: Some(FOR_GOOD) }),
            };
            let call = Call { accept: Some(accept), ..Default::default() };
            self.call(call::Type::Accept, call);
        }
    }

    /// An update of each task, acknowledged at once.
    fn report(&mut self, messages: Vec<StatusUpdateMessage>) {
        for message in messages {
            let pid = message.pid.clone().unwrap_or_default();
            let message = FromAgent::StatusUpdate(Box::new(message));
            self.input(Input::AgentMessage { pid, message });
            while let Some(status) = self.updates.pop() {
                let acknowledge = call::Acknowledge {
                    agent_id: status.agent_id.unwrap_or_default(),
                    task_id: status.task_id,
                    uuid: status.uuid.unwrap_or_default(),
                };
                let call = Call { acknowledge: Some(acknowledge), ..Default::default() };
                self.call(call::Type::Acknowledge, call);
            }
        }
    }

    fn reconcile(&mut self, tasks: Vec<call::reconcile::Task>) {
        let reconcile = Some(call::Reconcile { tasks });
        self.call(call::Type::Reconcile, Call { reconcile, ..Default::default() });
        // It is answered in slices.
        while self.master.poll_timeout().is_some_and(|(_, what)| what == "reconciliation") {
            self.input(Input::Wake);
        }
    }

    /// Forgets the updates, of which there are so many.
    fn expect_updates(&mut self, count: usize) {
        assert_eq!(self.updates.len(), count, "each task has one answer");
        self.updates = Vec::new();
    }
}

fn hello(numbers: std::ops::Range<usize>) -> Vec<Input> {
    let register = |number| {
        let message = FromAgent::Register(Box::new(cluster::register(number, PORT)));
        Input::AgentMessage { pid: pid(number), message }
    };
    numbers.map(register).collect()
}

fn back(agents: usize) -> Vec<Input> {
    let reregister = |number| {
        let message = cluster::reregister(number, PORT, &POPULATION);
        let message = FromAgent::Reregister(Box::new(message.into()));
        Input::AgentMessage { pid: pid(number), message }
    };
    (1..=agents).map(reregister).collect()
}

fn updates(
    framework: &FrameworkId,
    tasks: &[TaskInfo],
    pids: &BTreeMap<String, String>,
    state: TaskState,
) -> Vec<StatusUpdateMessage> {
    let update = |(number, task): (usize, &TaskInfo)| {
        let uuid = Some(bytes::Bytes::from(format!("{:04}{number:012}", i32::from(state))));
        let update = StatusUpdate {
            framework_id: framework.clone(),
            agent_id: Some(task.agent_id.clone()),
            status: TaskStatus {
                task_id: task.task_id.clone(),
                state: state.into(),
                agent_id: Some(task.agent_id.clone()),
                uuid: uuid.clone(),
                ..Default::default()
            },
            timestamp: 1.0,
            uuid,
            latest_state: Some(state.into()),
            ..Default::default()
        };
        StatusUpdateMessage { update, pid: pids.get(&task.agent_id.value).cloned() }
    };
    tasks.iter().enumerate().map(update).collect()
}

/// Measures all of it.
pub fn run(agents: usize, meter: &mut Meter) {
    lives(agents, meter);
    let mut fresh = Shell::new(RegistrySnapshot::default());
    let mut inputs = back(agents);
    meter.measure("reregister-fresh", agents, || {
        inputs.drain(..).for_each(|input| fresh.input(input));
    });
    let mut next = Shell::new(std::mem::take(&mut fresh.registry));
    drop(fresh);
    let mut inputs = back(agents);
    meter.measure("reregister", agents, || {
        inputs.drain(..).for_each(|input| next.input(input));
    });
    reconciliation(agents, next, meter);
}

fn lives(agents: usize, meter: &mut Meter) {
    let mut shell = Shell::new(RegistrySnapshot::default());
    let mut inputs = hello(1..agents + 1);
    meter.measure("register", agents, || {
        inputs.drain(..).for_each(|input| shell.input(input));
    });
    meter.measure("offer", agents, || {
        shell.subscribe(cluster::framework_info("bench", None), false);
        shell.allocate();
    });
    assert_eq!(shell.offers.len(), agents, "every agent is offered");
    let mut inputs = hello(agents + 1..agents + 1 + MORE);
    meter.measure("one-more-agent", MORE, || {
        for input in inputs.drain(..) {
            shell.input(input);
            shell.allocate();
        }
    });
    let mut offers = std::mem::take(&mut shell.offers);
    let number = |offer: &Offer| cluster::agent_number(offer).expect("every agent is ours");
    let pids: BTreeMap<String, String> =
        offers.iter().map(|offer| (offer.agent_id.value.clone(), pid(number(offer)))).collect();
    let batch = offers.split_off(offers.len() - BATCHES);
    offers.truncate(ONE_BY_ONE);
    meter.measure("launch", ONE_BY_ONE, || {
        shell.accept(std::mem::take(&mut offers), 1);
    });
    let mut batch = Some(batch);
    meter.measure("launch-100", BATCHES * TASKS_PER_BATCH, || {
        shell.accept(batch.take().unwrap_or_default(), TASKS_PER_BATCH);
    });
    let tasks = std::mem::take(&mut shell.launched);
    assert_eq!(tasks.len(), ONE_BY_ONE + BATCHES * TASKS_PER_BATCH, "every task is launched");
    for (name, state) in
        [("running", TaskState::TaskRunning), ("finished", TaskState::TaskFinished)]
    {
        let mut messages = updates(&shell.framework, &tasks, &pids, state);
        meter.measure(name, tasks.len(), || shell.report(std::mem::take(&mut messages)));
    }
    assert_eq!(shell.master.metrics().tasks_finished, tasks.len() as u64, "all tasks ended");
}

fn reconciliation(agents: usize, mut shell: Shell, meter: &mut Meter) {
    let tasks = agents * POPULATION.tasks;
    let info = cluster::framework_info(&cluster::framework_name(0), Some(cluster::framework_id(0)));
    meter.measure("resubscribe", 1, || shell.subscribe(info.clone(), true));
    shell.updates = Vec::new();
    let unknown = |number| call::reconcile::Task {
        task_id: TaskId { value: format!("unknown-{number}") },
        agent_id: None,
    };
    let mut wanted: Vec<_> = (0..RECONCILED).map(unknown).collect();
    meter.measure("reconcile-unknown", RECONCILED, || shell.reconcile(std::mem::take(&mut wanted)));
    shell.expect_updates(RECONCILED);
    meter.measure("reconcile-implicit", tasks, || shell.reconcile(Vec::new()));
    shell.expect_updates(tasks);
    let known = |number| call::reconcile::Task {
        task_id: cluster::task_id(number / POPULATION.tasks + 1, number % POPULATION.tasks),
        agent_id: Some(AgentId { value: cluster::former_id(number / POPULATION.tasks + 1).value }),
    };
    let mut wanted: Vec<_> = (0..RECONCILED).map(known).collect();
    meter.measure("reconcile-explicit", RECONCILED, || {
        shell.reconcile(std::mem::take(&mut wanted));
    });
    shell.expect_updates(RECONCILED);
    meter.measure("teardown", tasks, || shell.call(call::Type::Teardown, Call::default()));
    assert_eq!(shell.master.gauges().slaves_active, agents as u64, "the agents stay");
}
