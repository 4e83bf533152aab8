// SPDX-License-Identifier: Apache-2.0

//! What a simulated framework wants, and what it holds its cluster to.
//!
//! It launches command tasks on offers, declines, kills, reconciles, suppresses and
//! revives at random. It remembers every task through its own crashes, as a real
//! framework does with its database, and complains
//! - when it hears of a task it did not launch;
//! - when a task that has reached an end that its agent reported changes again.

use std::collections::BTreeMap;

use mesos_core::rng::Rng;
use mesos_proto::v1::{
    AgentId, FrameworkInfo, Offer, TaskId, TaskState, TaskStatus, framework_info, scheduler,
    task_status,
};
use scheduler::{Call, call};

use crate::workload::{self, Launch, Style, call};

/// The roles that frameworks are in.
const ROLES: [&str; 4] = ["*", "web", "org/batch", "org"];

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
    style: Style,
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
        let role = ROLES[rng.below(ROLES.len() as u64) as usize];
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
            style: match rng.below(8) {
                0..4 => Style::Commands,
                4..7 => Style::Executor,
                _ => Style::Groups,
            },
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
            let launches = !self.settling && rng.below(4) > 0;
            let launch = if launches { self.launch(&offer, rng) } else { None };
            let refuse_seconds = self.refuse_seconds(rng);
            calls.push(match launch {
                Some(launch) => workload::accept(offer.id, launch, refuse_seconds),
                None => workload::decline(offer.id, refuse_seconds),
            });
        }
        calls
    }

    fn refuse_seconds(&self, rng: &mut Rng) -> Option<f64> {
        if self.settling {
            return Some(3600.0);
        }
        [None, Some(0.0), Some(1.0), Some(20.0), Some(-1.0)][rng.below(5) as usize]
    }

    fn launch(&mut self, offer: &Offer, rng: &mut Rng) -> Option<Launch> {
        let (next, name) = (&mut self.next_task, &self.name);
        let max = self.tasks_max;
        let launch = workload::launch(&self.style, self.info.id.clone(), name, offer, rng, || {
            *next += 1;
            (*next <= max).then(|| format!("{name}-t{next}"))
        })?;
        for task_id in launch.task_ids() {
            let view = TaskView {
                agent_id: offer.agent_id.value.clone(),
                state: TaskState::TaskStaging,
                ended: None,
            };
            self.tasks.insert(task_id.clone(), view);
        }
        Some(launch)
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
        let random = known.get(rng.below(known.len().max(1) as u64) as usize).cloned();
        match rng.below(16) {
            0..4 => Some(self.kill(&random?)),
            4..7 => self.reconcile(),
            7 => Some(call(call::Type::Reconcile, |it| {
                it.reconcile = Some(call::Reconcile { tasks: Vec::new() });
            })),
            8 | 9 => Some(call(call::Type::Suppress, |it| it.suppress = Some(Default::default()))),
            10 => Some(self.shutdown_executor(&random?)),
            11 => Some(self.message_executor(&random?)),
            12 => Some(self.change_role(rng)),
            _ => Some(call(call::Type::Revive, |it| it.revive = Some(Default::default()))),
        }
    }

    fn shutdown_executor(&self, task_id: &str) -> Call {
        let agent_id = AgentId { value: self.tasks[task_id].agent_id.clone() };
        let executor_id = workload::executor_id(&self.name);
        call(call::Type::Shutdown, |it| {
            it.shutdown = Some(call::Shutdown { executor_id, agent_id });
        })
    }

    fn message_executor(&self, task_id: &str) -> Call {
        let agent_id = AgentId { value: self.tasks[task_id].agent_id.clone() };
        let executor_id = workload::executor_id(&self.name);
        call(call::Type::Message, |it| {
            let data = bytes::Bytes::from_static(b"hello");
            it.message = Some(call::Message { agent_id, executor_id, data });
        })
    }

    fn change_role(&mut self, rng: &mut Rng) -> Call {
        let role = ROLES[rng.below(ROLES.len() as u64) as usize];
        self.info.roles = vec![role.to_owned()];
        let framework_info = self.info.clone();
        call(call::Type::UpdateFramework, |it| {
            let update = call::UpdateFramework { framework_info, ..Default::default() };
            it.update_framework = Some(update);
        })
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
