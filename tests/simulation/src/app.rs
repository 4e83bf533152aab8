// SPDX-License-Identifier: Apache-2.0

//! What a simulated framework wants, and what it holds its cluster to.
//!
//! It launches command tasks on offers, declines, kills, reconciles, suppresses and
//! revives at random. It remembers every task through its own crashes, as a real
//! framework does with its database, and complains
//! - when it hears of a task it did not launch;
//! - when a task that has reached an end that its agent reported changes again.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use mesos_core::rng::Rng;
use mesos_proto::v1::{
    AgentId, FrameworkInfo, Offer, TaskId, TaskState, TaskStatus, framework_info, scheduler,
    task_status::{self, Reason},
};
use scheduler::{Call, OfferConstraints, call};

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
    /// How far it has come, by the updates of the agent that were new.
    stage: u32,
    /// It was launched again while it was there: anything may follow.
    reused: bool,
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
    /// Acknowledges by itself, more or less well.
    pub(crate) explicit: bool,
    pub(crate) constraints: Option<OfferConstraints>,
    /// Updates that were heard.
    seen: BTreeSet<Bytes>,
    /// Ids of tasks that were launched again since the last look.
    pub(crate) reused_now: Vec<String>,
    /// A disk has failed, and nothing that is told of its tasks is sure.
    pub(crate) excused: bool,
    /// Another process has taken over: it only annoys.
    pub(crate) is_ghost: bool,
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
        let roles = some_roles(rng);
        let constraints = (rng.below(4) == 0).then(|| workload::constraints(&roles, rng));
        let info = FrameworkInfo {
            user: "root".to_owned(),
            name: format!("f{index}-{generation}"),
            roles,
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
            explicit: rng.below(4) == 0,
            constraints,
            seen: BTreeSet::new(),
            reused_now: Vec::new(),
            excused: false,
            is_ghost: false,
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

    /// What is left of it when another process takes over.
    pub(crate) fn ghost(&self) -> App {
        let (info, name, tasks) = (self.info.clone(), self.name.clone(), self.tasks.clone());
        App {
            info,
            name,
            tasks,
            next_task: self.next_task,
            settling: self.settling,
            tasks_max: self.tasks_max,
            style: self.style.clone(),
            explicit: self.explicit,
            constraints: self.constraints.clone(),
            seen: self.seen.clone(),
            reused_now: Vec::new(),
            excused: self.excused,
            is_ghost: true,
        }
    }

    /// The framework has ended: nobody will tell it anything more.
    pub(crate) fn abandon(&mut self) {
        self.tasks.clear();
    }

    /// What to do with some offers.
    pub(crate) fn offers(&mut self, offers: Vec<Offer>, rng: &mut Rng) -> Vec<Call> {
        let mut calls = Vec::new();
        for offer in offers {
            let launches = !self.settling && !self.is_ghost && rng.below(4) > 0;
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
        let running = |task: &TaskView| {
            task.state == TaskState::TaskRunning && task.agent_id == offer.agent_id.value
        };
        let mut again = self.tasks.iter().find(|(_, task)| running(task)).map(|(id, _)| id.clone());
        if rng.below(12) > 0 {
            again = None;
        }
        let reused = again.clone();
        let launch = workload::launch(&self.style, self.info.id.clone(), name, offer, rng, || {
            if let Some(id) = again.take() {
                return Some(id);
            }
            *next += 1;
            (*next <= max).then(|| format!("{name}-t{next}"))
        })?;
        for task_id in launch.task_ids() {
            if let Some(task) = self.tasks.get_mut(task_id)
                && reused.as_ref() == Some(task_id)
            {
                task.reused = true;
                self.reused_now.push(task_id.clone());
                continue;
            }
            let view = TaskView {
                agent_id: offer.agent_id.value.clone(),
                state: TaskState::TaskStaging,
                ended: None,
                stage: 0,
                reused: false,
            };
            self.tasks.insert(task_id.clone(), view);
        }
        Some(launch)
    }

    /// A task's id was used a second time, by this process or another one of the framework.
    pub(crate) fn launched_again(&mut self, task_id: &str) {
        if let Some(task) = self.tasks.get_mut(task_id) {
            task.reused = true;
        }
    }

    /// Takes note of a status; says what is wrong with it.
    pub(crate) fn update(&mut self, status: &TaskStatus) -> Result<(), String> {
        let id = &status.task_id.value;
        let Some(task) = self.tasks.get_mut(id) else {
            if self.is_ghost {
                return Ok(()); // The other process launched it.
            }
            return Err(format!("{} hears of task {id}, which it never launched", self.name));
        };
        let state = status.state();
        if task.reused {
            // That the second launch is refused says nothing about the first.
            let refused = [Reason::TaskInvalid, Reason::TaskGroupInvalid, Reason::InvalidOffers];
            if status.reason.is_none() || !refused.contains(&status.reason()) {
                task.state = state;
                task.agent_id = status.agent_id.clone().unwrap_or_default().value;
            }
            return Ok(());
        }
        if let Some(ended) = task.ended
            && !self.excused
            && contradicts(ended, status)
        {
            return Err(format!(
                "task {id} ended as {} and is {} now",
                ended.as_str_name(),
                state.as_str_name()
            ));
        }
        if let Some(uuid) = &status.uuid
            && self.seen.insert(uuid.clone())
            && let Some(stage) = stage(state)
        {
            if stage < task.stage && !self.excused {
                let state = state.as_str_name();
                return Err(format!("task {id} hears of {state} after what came later"));
            }
            task.stage = stage;
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
            if rng.below(4) == 0 {
                return Some(reconcile_all()); // It may think of one as lost that is back.
            }
            let unsettled: Vec<String> = self.unsettled().map(|(id, _)| id.clone()).collect();
            let random = unsettled.get(rng.below(unsettled.len().max(1) as u64) as usize)?;
            return match rng.below(2) {
                0 => Some(self.kill(random)),
                _ => self.reconcile(),
            };
        }
        let known: Vec<String> = self.tasks.keys().cloned().collect();
        let random = known.get(rng.below(known.len().max(1) as u64) as usize).cloned();
        match rng.below(24) {
            0..4 => Some(self.kill(&random?)),
            4..7 => self.reconcile(),
            7 => Some(reconcile_all()),
            8 | 9 => Some(self.suppress(rng)),
            10 => Some(self.shutdown_executor(&random?)),
            11 => Some(self.message_executor(&random?)),
            12 => Some(self.change_roles(rng)),
            13..16 => Some(workload::rare_call(rng)),
            _ => Some(self.revive(rng)),
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

    fn suppress(&self, rng: &mut Rng) -> Call {
        let roles = self.roles_of_a_call(rng);
        call(call::Type::Suppress, |it| it.suppress = Some(call::Suppress { roles }))
    }

    fn revive(&self, rng: &mut Rng) -> Call {
        let roles = self.roles_of_a_call(rng);
        call(call::Type::Revive, |it| it.revive = Some(call::Revive { roles }))
    }

    /// All roles, or one of them.
    fn roles_of_a_call(&self, rng: &mut Rng) -> Vec<String> {
        match rng.below(3) {
            0 => self.info.roles.iter().take(1).cloned().collect(),
            _ => Vec::new(),
        }
    }

    fn change_roles(&mut self, rng: &mut Rng) -> Call {
        self.info.roles = some_roles(rng);
        if self.constraints.is_some() {
            self.constraints = Some(workload::constraints(&self.info.roles, rng));
        }
        let framework_info = self.info.clone();
        let offer_constraints = self.constraints.clone();
        call(call::Type::UpdateFramework, |it| {
            let update =
                call::UpdateFramework { framework_info, offer_constraints, ..Default::default() };
            it.update_framework = Some(update);
        })
    }

    /// The acknowledgements of a status by a framework that sees to that itself.
    pub(crate) fn acknowledgements(&self, status: &TaskStatus, rng: &mut Rng) -> Vec<Call> {
        let (Some(uuid), Some(agent_id)) = (status.uuid.clone(), status.agent_id.clone()) else {
            return Vec::new();
        };
        let task_id = status.task_id.clone();
        let acknowledge = call(call::Type::Acknowledge, |it| {
            it.acknowledge = Some(call::Acknowledge { agent_id, task_id, uuid });
        });
        let times = [0, 1, 1, 1, 1, 1, 2, 3][rng.below(8) as usize];
        vec![acknowledge; times]
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

/// Asks about all tasks that the master knows.
fn reconcile_all() -> Call {
    call(call::Type::Reconcile, |it| it.reconcile = Some(call::Reconcile { tasks: Vec::new() }))
}

/// One or two roles.
fn some_roles(rng: &mut Rng) -> Vec<String> {
    let mut roles = vec![ROLES[rng.below(ROLES.len() as u64) as usize].to_owned()];
    let other = ROLES[rng.below(ROLES.len() as u64) as usize].to_owned();
    if rng.below(2) == 0 && !roles.contains(&other) {
        roles.push(other);
    }
    roles
}

/// The order in which a task goes through states before its end.
fn stage(state: TaskState) -> Option<u32> {
    match state {
        TaskState::TaskStarting => Some(1),
        TaskState::TaskRunning => Some(2),
        TaskState::TaskKilling => Some(3),
        TaskState::TaskStaging
        | TaskState::TaskFinished
        | TaskState::TaskFailed
        | TaskState::TaskKilled
        | TaskState::TaskError
        | TaskState::TaskLost
        | TaskState::TaskDropped
        | TaskState::TaskUnreachable
        | TaskState::TaskGone
        | TaskState::TaskGoneByOperator
        | TaskState::TaskUnknown => None,
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
