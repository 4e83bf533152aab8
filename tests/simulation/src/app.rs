// SPDX-License-Identifier: Apache-2.0

//! What a simulated framework wants, and what it holds its cluster to.
//!
//! It launches command tasks on offers, declines, kills, reconciles, suppresses and
//! revives at random. It remembers every task through its own crashes, as a real
//! framework does with its database, and complains
//! - when it hears of a task it did not launch;
//! - when a task that has reached an end that its agent reported changes again.

use std::collections::BTreeMap;

use mesos_core::{resources::Resources, rng::Rng};
use mesos_proto::v1::{
    AgentId, CommandInfo, ExecutorId, ExecutorInfo, Filters, FrameworkInfo, Offer, OfferId, TaskId,
    TaskInfo, TaskState, TaskStatus, executor_info, framework_info, offer, scheduler, task_status,
};
use scheduler::{Call, call};

/// What one framework task needs.
const TASK_RESOURCES: &str = "cpus:0.5;mem:64";

/// What an executor needs.
const EXECUTOR_RESOURCES: &str = "cpus:0.1;mem:32";

/// What a framework knows of one of its tasks.
#[derive(Clone, Debug)]
pub(crate) struct TaskView {
    pub(crate) agent_id: String,
    /// The last thing heard.
    pub(crate) state: TaskState,
    /// An end reported by the agent: nothing may follow.
    ended: Option<TaskState>,
}

impl TaskView {
    /// Whether there is nothing more to wait for.
    pub(crate) fn is_settled(&self) -> bool {
        self.ended.is_some()
            || match self.state {
                TaskState::TaskLost
                | TaskState::TaskDropped
                | TaskState::TaskUnknown
                | TaskState::TaskGone
                | TaskState::TaskGoneByOperator
                | TaskState::TaskError
                | TaskState::TaskFailed
                | TaskState::TaskFinished
                | TaskState::TaskKilled => true,
                TaskState::TaskStaging
                | TaskState::TaskStarting
                | TaskState::TaskRunning
                | TaskState::TaskKilling
                | TaskState::TaskUnreachable => false,
            }
    }
}

impl TaskView {
    /// Whether its agent is said to be out of reach.
    pub(crate) fn is_unreachable(&self) -> bool {
        self.state == TaskState::TaskUnreachable
    }
}

/// A framework.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) info: FrameworkInfo,
    name: String,
    pub(crate) tasks: BTreeMap<String, TaskView>,
    next_task: u32,
    /// No more launches: everything is to come to an end.
    pub(crate) settling: bool,
    /// How many tasks it will launch in all.
    tasks_max: u32,
    /// Whether its tasks run in an executor of its own.
    has_executor: bool,
}

impl App {
    /// The `generation`th framework of scheduler `index`.
    pub(crate) fn new(index: usize, generation: u32, rng: &mut Rng) -> Self {
        use framework_info::{Capability, capability::Type};
        let capable = |kind: Type| Capability { r#type: Some(kind as i32) };
        let mut capabilities = vec![
            capable(Type::MultiRole),
            capable(Type::ReservationRefinement),
            capable(Type::TaskKillingState),
        ];
        if rng.below(2) == 0 {
            capabilities.push(capable(Type::PartitionAware));
        }
        let roles = ["*", "web", "org/batch", "org"];
        let role = roles[rng.below(roles.len() as u64) as usize];
        let info = FrameworkInfo {
            user: "root".to_owned(),
            name: format!("f{index}-{generation}"),
            roles: vec![role.to_owned()],
            failover_timeout: Some([3600.0 * 24.0, 3600.0, 30.0][rng.below(3) as usize]),
            checkpoint: Some(rng.below(3) > 0),
            capabilities,
            ..Default::default()
        };
        App {
            name: info.name.clone(),
            info,
            tasks: BTreeMap::new(),
            next_task: 0,
            settling: false,
            tasks_max: 40,
            has_executor: rng.below(2) == 0,
        }
    }

    pub(crate) fn unsettled(&self) -> impl Iterator<Item = (&String, &TaskView)> {
        self.tasks.iter().filter(|(_, task)| !task.is_settled())
    }

    /// The framework has ended: nobody will tell it anything more.
    pub(crate) fn abandon(&mut self) {
        self.tasks.clear();
    }

    /// What to do with some offers.
    pub(crate) fn offers(&mut self, offers: Vec<Offer>, rng: &mut Rng) -> Vec<Call> {
        let mut calls = Vec::new();
        for offer in offers {
            let launches = !self.settling && self.next_task < self.tasks_max && rng.below(4) > 0;
            let tasks = if launches { self.tasks_for(&offer, rng) } else { Vec::new() };
            if tasks.is_empty() {
                calls.push(decline(offer.id, self.refuse_seconds(rng)));
                continue;
            }
            calls.push(accept(offer.id, tasks, self.refuse_seconds(rng)));
        }
        calls
    }

    fn refuse_seconds(&self, rng: &mut Rng) -> Option<f64> {
        if self.settling {
            return Some(3600.0);
        }
        [None, Some(0.0), Some(1.0), Some(20.0), Some(-1.0)][rng.below(5) as usize]
    }

    fn tasks_for(&mut self, offer: &Offer, rng: &mut Rng) -> Vec<TaskInfo> {
        let task = Resources::parse(TASK_RESOURCES, "*").expect("the text is valid");
        let role = offer.allocation_info.as_ref().and_then(|info| info.role.clone());
        let role = role.unwrap_or_else(|| "*".to_owned());
        let task = task.allocated(&role);
        let mut rest = Resources::from_proto(&offer.resources);
        let executor = self.has_executor.then(|| self.executor(&role));
        if let Some(executor) = &executor
            && !offer.executor_ids.contains(&executor.executor_id)
        {
            let needs = Resources::from_proto(&executor.resources);
            if !rest.contains(&needs) {
                return Vec::new();
            }
            rest -= &needs;
        }
        let mut tasks = Vec::new();
        for _ in 0..=rng.below(3) {
            if !rest.contains(&task) || self.next_task >= self.tasks_max {
                break;
            }
            rest -= &task;
            let task_id = format!("{}-t{}", self.name, self.next_task);
            self.next_task += 1;
            let view = TaskView {
                agent_id: offer.agent_id.value.clone(),
                state: TaskState::TaskStaging,
                ended: None,
            };
            self.tasks.insert(task_id.clone(), view);
            tasks.push(TaskInfo {
                name: task_id.clone(),
                task_id: TaskId { value: task_id },
                agent_id: offer.agent_id.clone(),
                resources: task.to_proto(),
                command: executor.is_none().then(|| command("sleep 60")),
                executor: executor.clone(),
                ..Default::default()
            });
        }
        tasks
    }

    fn executor(&self, role: &str) -> ExecutorInfo {
        let resources = Resources::parse(EXECUTOR_RESOURCES, "*").expect("the text is valid");
        ExecutorInfo {
            r#type: Some(executor_info::Type::Custom as i32),
            executor_id: ExecutorId { value: format!("{}-executor", self.name) },
            framework_id: self.info.id.clone(),
            command: Some(command("run tasks")),
            resources: resources.allocated(role).to_proto(),
            ..Default::default()
        }
    }

    /// Takes note of a status; says what is wrong with it.
    pub(crate) fn update(&mut self, status: &TaskStatus) -> Result<(), String> {
        let id = &status.task_id.value;
        let Some(task) = self.tasks.get_mut(id) else {
            return Err(format!("{} hears of task {id}, which it never launched", self.name));
        };
        let state = status.state();
        if let Some(ended) = task.ended
            && contradicts(ended, status)
        {
            return Err(format!(
                "task {id} ended as {} and is {} now",
                ended.as_str_name(),
                state.as_str_name()
            ));
        }
        task.state = state;
        if is_end(status) {
            task.ended = Some(state);
        }
        Ok(())
    }

    /// Something the framework does unasked.
    pub(crate) fn tick(&mut self, rng: &mut Rng) -> Option<Call> {
        if self.settling {
            let unsettled: Vec<String> = self.unsettled().map(|(id, _)| id.clone()).collect();
            let random = unsettled.get(rng.below(unsettled.len().max(1) as u64) as usize)?;
            return match rng.below(2) {
                0 => Some(self.kill(random)),
                _ => self.reconcile(),
            };
        }
        let known: Vec<String> = self.tasks.keys().cloned().collect();
        match rng.below(10) {
            0..3 => {
                let id = known.get(rng.below(known.len().max(1) as u64) as usize)?;
                Some(self.kill(id))
            }
            3..5 => self.reconcile(),
            5 => Some(call(call::Type::Reconcile, |it| {
                it.reconcile = Some(call::Reconcile { tasks: Vec::new() });
            })),
            6 => Some(call(call::Type::Suppress, |it| it.suppress = Some(Default::default()))),
            _ => Some(call(call::Type::Revive, |it| it.revive = Some(Default::default()))),
        }
    }

    fn kill(&self, task_id: &str) -> Call {
        let agent_id = self.tasks.get(task_id).map(|task| task.agent_id.clone());
        call(call::Type::Kill, |it| {
            it.kill = Some(call::Kill {
                task_id: TaskId { value: task_id.to_owned() },
                agent_id: agent_id.map(|value| AgentId { value }),
                kill_policy: None,
            });
        })
    }

    /// Asks about every task that may be running, if there are any.
    pub(crate) fn reconcile(&self) -> Option<Call> {
        let tasks = self.unsettled().map(|(id, task)| call::reconcile::Task {
            task_id: TaskId { value: id.clone() },
            agent_id: Some(AgentId { value: task.agent_id.clone() }),
        });
        let tasks: Vec<call::reconcile::Task> = tasks.collect();
        // An empty list would ask for everything.
        (!tasks.is_empty()).then(|| {
            call(call::Type::Reconcile, |it| it.reconcile = Some(call::Reconcile { tasks }))
        })
    }
}

/// Whether a status is an end that the agent itself reported.
fn is_end(status: &TaskStatus) -> bool {
    let by_agent = match status.source() {
        task_status::Source::Executor | task_status::Source::Agent => true,
        task_status::Source::Master => false,
    };
    by_agent
        && status.uuid.is_some()
        && match status.state() {
            TaskState::TaskFinished | TaskState::TaskFailed | TaskState::TaskKilled => true,
            TaskState::TaskError
            | TaskState::TaskLost
            | TaskState::TaskDropped
            | TaskState::TaskGone
            | TaskState::TaskGoneByOperator
            | TaskState::TaskStaging
            | TaskState::TaskStarting
            | TaskState::TaskRunning
            | TaskState::TaskKilling
            | TaskState::TaskUnreachable
            | TaskState::TaskUnknown => false,
        }
}

/// Whether a status cannot be true of a task that ended as `ended`: another end,
/// or life. That a master no longer knows the task is no contradiction.
fn contradicts(ended: TaskState, status: &TaskStatus) -> bool {
    match status.state() {
        TaskState::TaskStaging
        | TaskState::TaskStarting
        | TaskState::TaskRunning
        | TaskState::TaskKilling => true,
        TaskState::TaskFinished | TaskState::TaskFailed | TaskState::TaskKilled => {
            status.state() != ended
        }
        TaskState::TaskError
        | TaskState::TaskLost
        | TaskState::TaskDropped
        | TaskState::TaskGone
        | TaskState::TaskGoneByOperator
        | TaskState::TaskUnreachable
        | TaskState::TaskUnknown => false,
    }
}

fn call(kind: call::Type, fill: impl FnOnce(&mut Call)) -> Call {
    let mut call = Call { r#type: Some(kind as i32), ..Default::default() };
    fill(&mut call);
    call
}

fn command(value: &str) -> CommandInfo {
    CommandInfo { value: Some(value.to_owned()), ..Default::default() }
}

fn filters(refuse_seconds: Option<f64>) -> Option<Filters> {
    refuse_seconds.map(|seconds| Filters { refuse_seconds: Some(seconds) })
}

fn decline(offer: OfferId, refuse_seconds: Option<f64>) -> Call {
    call(call::Type::Decline, |it| {
        it.decline =
            Some(call::Decline { offer_ids: vec![offer], filters: filters(refuse_seconds) });
    })
}

fn accept(offer: OfferId, task_infos: Vec<TaskInfo>, refuse_seconds: Option<f64>) -> Call {
    let launch = offer::Operation {
        r#type: Some(offer::operation::Type::Launch as i32),
        launch: Some(offer::operation::Launch { task_infos }),
        ..Default::default()
    };
    call(call::Type::Accept, |it| {
        it.accept = Some(call::Accept {
            offer_ids: vec![offer],
            operations: vec![launch],
            filters: filters(refuse_seconds),
        });
    })
}
