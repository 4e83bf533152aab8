// SPDX-License-Identifier: Apache-2.0

//! The methods of a scheduler driver that ask for something.
//!
//! None waits for the master; each returns the driver's status. When that is
//! not RUNNING, nothing was done.

use bytes::Bytes;
use mesos_driver::{
    scheduler::Acknowledgement,
    v0::{
        Status,
        scheduler::{Method, Roles},
    },
};
use mesos_proto::v1::{
    AgentId, ExecutorId, Filters, FrameworkInfo, OfferId, Request, TaskId, TaskInfo, TaskStatus,
    offer::Operation, scheduler::OfferConstraints,
};

use super::SchedulerDriver;

impl SchedulerDriver {
    /// Asks the allocator for resources; the built-in one does not listen.
    pub fn request_resources(&self, requests: Vec<Request>) -> Status {
        self.method(|| Ok(Method::RequestResources(requests)))
    }

    /// Launches `tasks` on the offers, which must be of one agent. What is left is declined.
    ///
    /// Without a master now, each task gets a TASK_LOST at once (TASK_DROPPED, if the framework is
    /// partition aware).
    pub fn launch_tasks(
        &self,
        offer_ids: Vec<OfferId>,
        tasks: Vec<TaskInfo>,
        filters: Filters,
    ) -> Status {
        self.method(|| Ok(Method::LaunchTasks { offer_ids, tasks, filters }))
    }

    /// Applies `operations` to the offers, which must be of one agent. Their ids must be unset.
    pub fn accept_offers(
        &self,
        offer_ids: Vec<OfferId>,
        operations: Vec<Operation>,
        filters: Filters,
    ) -> Status {
        self.method(|| Ok(Method::AcceptOffers { offer_ids, operations, filters }))
    }

    /// Gives an offer back, and does not want the same again for a while.
    pub fn decline_offer(&self, offer_id: OfferId, filters: Filters) -> Status {
        self.method(|| Ok(Method::DeclineOffer { offer_id, filters }))
    }

    /// Wants offers for all roles again, whatever was declined.
    pub fn revive_offers(&self) -> Status {
        self.method(|| Ok(Method::ReviveOffers(Roles::All)))
    }

    /// Wants offers for `roles` again; without any, nothing happens.
    pub fn revive_offers_for(&self, roles: Vec<String>) -> Status {
        self.method(|| Ok(Method::ReviveOffers(Roles::Named(roles))))
    }

    /// Wants no offers until it revives them.
    pub fn suppress_offers(&self) -> Status {
        self.method(|| Ok(Method::SuppressOffers(Roles::All)))
    }

    /// Wants no offers for `roles`; without any, nothing happens.
    pub fn suppress_offers_for(&self, roles: Vec<String>) -> Status {
        self.method(|| Ok(Method::SuppressOffers(Roles::Named(roles))))
    }

    /// Stops a task.
    pub fn kill_task(&self, task_id: TaskId) -> Status {
        self.method(|| Ok(Method::KillTask(task_id)))
    }

    /// Acknowledges an update; only with explicit acknowledgement, else it is misuse.
    pub fn acknowledge_status_update(&self, status: TaskStatus) -> Status {
        self.method(|| Ok(Method::AcknowledgeStatusUpdate(Box::new(status))))
    }

    /// Sends a message to an executor. It can be lost without a word.
    pub fn send_framework_message(
        &self,
        executor_id: ExecutorId,
        agent_id: AgentId,
        data: impl Into<Bytes>,
    ) -> Status {
        self.method(|| {
            Ok(Method::SendFrameworkMessage { executor_id, agent_id, data: data.into() })
        })
    }

    /// Asks for the latest state of these tasks (only ids and agents count); of all when empty.
    pub fn reconcile_tasks(&self, statuses: Vec<TaskStatus>) -> Status {
        self.method(|| Ok(Method::ReconcileTasks(statuses)))
    }

    /// Replaces the description of the framework, its suppressed roles and its constraints.
    /// The id must be there and the framework's own. An empty user or hostname stays as it is.
    pub fn update_framework(
        &self,
        framework: FrameworkInfo,
        suppressed_roles: Vec<String>,
        offer_constraints: Option<OfferConstraints>,
    ) -> Status {
        self.method(|| {
            let framework = Box::new(framework);
            Ok(Method::UpdateFramework { framework, suppressed_roles, offer_constraints })
        })
    }

    /// Queues what `make` gives, once it has been checked.
    pub(super) fn method(&self, make: impl FnOnce() -> Result<Method, String>) -> Status {
        let acknowledgement = if self.shared.implicit_acknowledgements {
            Acknowledgement::Implicit
        } else {
            Acknowledgement::Explicit
        };
        self.shared.session.method(|| {
            let method = make()?;
            method.check(acknowledgement)?;
            Ok(Box::new(method))
        })
    }
}
