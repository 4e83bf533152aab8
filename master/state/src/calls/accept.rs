// SPDX-License-Identifier: Apache-2.0

//! ACCEPT: uses offers of one agent for one role.
//!
//! The operations apply in order to what is left of the offers; one that fails
//! does not undo those before it. What is left at the end goes back, with the
//! filter of the call.
//!
//! It is done in one go, so that no other call finds it half done; hence the bound
//! on its tasks. They are all for one agent, and far fewer in practice.

use std::sync::Arc;

use mesos_allocator::{AgentKey, FrameworkKey, Recovery};
use mesos_core::{
    resources::Resources,
    trial::{self, Defect},
    validation::{
        Invalid,
        offers::{self, OfferFacts},
    },
};
use mesos_proto::v1::{
    TaskInfo, TaskState,
    offer::{Operation, operation::Type},
    scheduler::call::Accept,
    task_status::Reason,
};

use crate::{master::Master, offers::refuse_duration, statuses::MasterStatus};

/// How many tasks one ACCEPT may launch: everybody waits for it.
const TASKS_MAX: usize = 5000;

/// Whether an ACCEPT can be done in one go.
pub(super) fn few_enough(call: Option<&Accept>) -> Result<(), Invalid> {
    let tasks = call.into_iter().flat_map(|accept| &accept.operations).map(|operation| {
        let launch = operation.launch.as_ref().map_or(0, |launch| launch.task_infos.len());
        let group = operation.launch_group.as_ref();
        launch + group.map_or(0, |group| group.task_group.tasks.len())
    });
    let tasks: usize = tasks.sum();
    if tasks > TASKS_MAX {
        return Err(Invalid::new(format!(
            "An ACCEPT may launch at most {TASKS_MAX} tasks, but there are {tasks}; launch some, \
             and the others on the next offer"
        )));
    }
    Ok(())
}

/// What an ACCEPT works with.
pub(super) struct Use {
    pub(super) framework: FrameworkKey,
    pub(super) agent: AgentKey,
    pub(super) role: Arc<str>,
    /// What the operations before have left.
    pub(super) remaining: Resources,
    /// The shared resources of the offers, which launching does not use up.
    pub(super) shared: Resources,
}

impl Use {
    /// What an operation may use.
    pub(super) fn available(&self) -> Resources {
        if self.shared.is_empty() {
            return self.remaining.clone();
        }
        self.remaining.non_shared() + &self.shared
    }
}

impl Master {
    /// Call: ACCEPT.
    pub(super) fn accept(&mut self, framework: FrameworkKey, call: Accept) {
        self.count_accept(&call);
        if let Err(error) = self.check_offers(framework, &call) {
            return self.refuse_accept(framework, call, &error);
        }
        let Some(mut used) = self.take_offers(framework, &call) else { return };
        let offered = used.remaining.clone();
        for mut operation in call.operations {
            match self.prepare(&used, &mut operation) {
                Ok(()) => self.apply(&mut used, operation),
                Err(error) => self.refuse_operation(framework, operation, &error),
            }
        }
        let refuse = refuse_duration(call.filters.as_ref());
        let how = match used.remaining == offered {
            true => Recovery::Declined { refuse },
            false => Recovery::Unused { refuse },
        };
        let Use { agent, role, remaining, .. } = used;
        if trial::has(Defect::RestOfOfferLost) {
            return;
        }
        self.allocator.recover(self.now, framework, agent, &role, &remaining, how);
    }

    fn count_accept(&mut self, call: &Accept) {
        let launches = call.operations.iter().filter(|it| it.r#type() == Type::Launch);
        for operation in launches {
            match operation.launch.as_ref().is_some_and(|launch| !launch.task_infos.is_empty()) {
                true => self.metrics.messages_launch_tasks += 1,
                false => self.metrics.messages_decline_offers += 1,
            }
        }
    }

    fn check_offers(&self, framework: FrameworkKey, call: &Accept) -> Result<(), String> {
        let id = &self.frameworks.registered[framework].record.id;
        offers::validate(&call.offer_ids, id, |offer_id| {
            let offer = &self.offers.find(&offer_id.value)?.record;
            Some(OfferFacts {
                framework_id: &self.frameworks.registered[offer.framework].record.id,
                agent_id: &self.agents.registered[offer.agent].record.id,
                role: &offer.role,
            })
        })
        .map_err(|error| error.to_string())
    }

    /// The offers are not usable: they go back, and the tasks are lost.
    fn refuse_accept(&mut self, framework: FrameworkKey, call: Accept, error: &str) {
        self.warn(format!("Refusing an ACCEPT with invalid offers: {error}"));
        for offer_id in &call.offer_ids {
            let offer = self.offers.find(&offer_id.value).map(|offer| &offer.record);
            if let Some(offer) = offer.filter(|offer| offer.framework == framework) {
                self.discard_offer(offer.key, Recovery::Rescinded);
            }
        }
        let aware = self.frameworks.registered[framework].capabilities.partition_aware;
        let state = if aware { TaskState::TaskDropped } else { TaskState::TaskLost };
        for operation in call.operations {
            let message = match operation.r#type() {
                Type::Launch | Type::LaunchGroup => {
                    format!("Task launched with invalid offers: {error}")
                }
                Type::Unknown
                | Type::Reserve
                | Type::Unreserve
                | Type::Create
                | Type::Destroy
                | Type::GrowVolume
                | Type::ShrinkVolume
                | Type::CreateDisk
                | Type::DestroyDisk => {
                    format!("Operation attempted with invalid offers: {error}")
                }
            };
            let reason = Reason::InvalidOffers;
            self.refuse(framework, &operation, &MasterStatus { state, reason, message: &message });
        }
    }

    /// Takes the offers out of the books; nothing is left outstanding of them.
    fn take_offers(&mut self, framework: FrameworkKey, call: &Accept) -> Option<Use> {
        let mut used: Option<Use> = None;
        for offer_id in &call.offer_ids {
            let key = self.offers.find(&offer_id.value)?.record.key;
            let record = self.remove_offer(key)?.record;
            let used = used.get_or_insert_with(|| Use {
                framework,
                agent: record.agent,
                role: record.role.clone(),
                remaining: Resources::default(),
                shared: Resources::default(),
            });
            used.remaining += &record.resources;
        }
        if let Some(used) = &mut used {
            used.shared = used.remaining.shared();
        }
        used
    }

    fn apply(&mut self, used: &mut Use, operation: Operation) {
        match operation.r#type() {
            Type::Launch => {
                for task in operation.launch.map(|launch| launch.task_infos).unwrap_or_default() {
                    self.launch(used, task);
                }
            }
            Type::LaunchGroup => {
                self.launch_group(used, operation.launch_group.unwrap_or_default());
            }
            Type::Reserve
            | Type::Unreserve
            | Type::Create
            | Type::Destroy
            | Type::GrowVolume
            | Type::ShrinkVolume
            | Type::CreateDisk
            | Type::DestroyDisk
            | Type::Unknown => self.refuse_unsupported(used, &operation),
        }
    }

    /// An operation that makes no sense in itself.
    fn refuse_operation(&mut self, framework: FrameworkKey, operation: Operation, error: &str) {
        let status =
            |reason, message| MasterStatus { state: TaskState::TaskError, reason, message };
        match operation.r#type() {
            Type::Launch => self.refuse(framework, &operation, &status(Reason::TaskInvalid, error)),
            Type::LaunchGroup => {
                self.refuse(framework, &operation, &status(Reason::TaskGroupInvalid, error));
            }
            Type::Reserve
            | Type::Unreserve
            | Type::Create
            | Type::Destroy
            | Type::GrowVolume
            | Type::ShrinkVolume
            | Type::CreateDisk
            | Type::DestroyDisk
            | Type::Unknown => {
                self.drop_operation(framework, &operation, error);
            }
        }
    }

    /// Tells a framework that an operation, or each of its tasks, is refused.
    fn refuse(
        &mut self,
        framework: FrameworkKey,
        operation: &Operation,
        status: &MasterStatus<'_>,
    ) {
        match operation.r#type() {
            Type::Launch => {
                let tasks = operation.launch.iter().flat_map(|launch| &launch.task_infos);
                tasks.for_each(|task| self.refuse_task(framework, task, status));
            }
            Type::LaunchGroup => {
                let groups = operation.launch_group.iter();
                let tasks = groups.flat_map(|launch| &launch.task_group.tasks);
                tasks.for_each(|task| self.refuse_task(framework, task, status));
            }
            Type::Reserve
            | Type::Unreserve
            | Type::Create
            | Type::Destroy
            | Type::GrowVolume
            | Type::ShrinkVolume
            | Type::CreateDisk
            | Type::DestroyDisk
            | Type::Unknown => self.drop_operation(framework, operation, status.message),
        }
    }

    /// Tells a framework that a task was not launched.
    pub(super) fn refuse_task(
        &mut self,
        framework: FrameworkKey,
        task: &TaskInfo,
        status: &MasterStatus<'_>,
    ) {
        let (task_id, agent_id) = (&task.task_id.value, &task.agent_id.value);
        let status = Arc::new(status.of(self.now, task_id, Some(agent_id)));
        self.metrics.task_ended(&status);
        self.forward(framework, &status);
    }
}
