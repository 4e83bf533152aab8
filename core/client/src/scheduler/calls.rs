// SPDX-License-Identifier: Apache-2.0

//! The calls of a scheduler, one method each.

use mesos_driver::{Error, ErrorKind, scheduler::Accepted};
use mesos_proto::v1::{
    AgentId, ExecutorId, Filters, FrameworkInfo, KillPolicy, OfferId, OperationStatus, Request,
    TaskId, TaskInfo, TaskStatus, offer,
    scheduler::{Call, OfferConstraints, call},
};

use super::SchedulerClient;

impl SchedulerClient {
    /// ACCEPT: applies `operations` to the resources of `offer_ids`, which must
    /// be of one agent. What is left of them is declined with `filters`.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn accept(
        &self,
        offer_ids: Vec<OfferId>,
        operations: Vec<offer::Operation>,
        filters: Filters,
    ) -> Result<Accepted, Error> {
        let accept = call::Accept { offer_ids, operations, filters: Some(filters) };
        self.call(Call { accept: Some(accept), ..of(call::Type::Accept) }).await
    }

    /// ACCEPT with one LAUNCH: starts `tasks` on the resources of `offer_ids`.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn launch(
        &self,
        offer_ids: Vec<OfferId>,
        tasks: Vec<TaskInfo>,
        filters: Filters,
    ) -> Result<Accepted, Error> {
        let launch = offer::Operation {
            r#type: Some(offer::operation::Type::Launch.into()),
            launch: Some(offer::operation::Launch { task_infos: tasks }),
            ..Default::default()
        };
        self.accept(offer_ids, vec![launch], filters).await
    }

    /// DECLINE: gives offers back, and does not want the same again for a while.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn decline(
        &self,
        offer_ids: Vec<OfferId>,
        filters: Filters,
    ) -> Result<Accepted, Error> {
        let decline = call::Decline { offer_ids, filters: Some(filters) };
        self.call(Call { decline: Some(decline), ..of(call::Type::Decline) }).await
    }

    /// ACCEPT_INVERSE_OFFERS: will leave the agents in time.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn accept_inverse_offers(
        &self,
        inverse_offer_ids: Vec<OfferId>,
        filters: Filters,
    ) -> Result<Accepted, Error> {
        let accept = call::AcceptInverseOffers { inverse_offer_ids, filters: Some(filters) };
        let kind = call::Type::AcceptInverseOffers;
        self.call(Call { accept_inverse_offers: Some(accept), ..of(kind) }).await
    }

    /// DECLINE_INVERSE_OFFERS: will not leave the agents in time.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn decline_inverse_offers(
        &self,
        inverse_offer_ids: Vec<OfferId>,
        filters: Filters,
    ) -> Result<Accepted, Error> {
        let decline = call::DeclineInverseOffers { inverse_offer_ids, filters: Some(filters) };
        let kind = call::Type::DeclineInverseOffers;
        self.call(Call { decline_inverse_offers: Some(decline), ..of(kind) }).await
    }

    /// REVIVE: wants offers for `roles` again, at once and whatever was declined;
    /// for all its roles when `roles` is empty.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn revive(&self, roles: Vec<String>) -> Result<Accepted, Error> {
        let revive = call::Revive { roles };
        self.call(Call { revive: Some(revive), ..of(call::Type::Revive) }).await
    }

    /// SUPPRESS: wants no offers for `roles` until it revives them; for all its
    /// roles when `roles` is empty.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn suppress(&self, roles: Vec<String>) -> Result<Accepted, Error> {
        let suppress = call::Suppress { roles };
        self.call(Call { suppress: Some(suppress), ..of(call::Type::Suppress) }).await
    }

    /// KILL: stops a task. The answer to this comes as its TASK_KILLED, or as
    /// whatever else becomes of it.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn kill(
        &self,
        task_id: TaskId,
        agent_id: Option<AgentId>,
        kill_policy: Option<KillPolicy>,
    ) -> Result<Accepted, Error> {
        let kill = call::Kill { task_id, agent_id, kill_policy };
        self.call(Call { kill: Some(kill), ..of(call::Type::Kill) }).await
    }

    /// SHUTDOWN: ends an executor and its tasks.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn shutdown_executor(
        &self,
        executor_id: ExecutorId,
        agent_id: AgentId,
    ) -> Result<Accepted, Error> {
        let shutdown = call::Shutdown { executor_id, agent_id };
        self.call(Call { shutdown: Some(shutdown), ..of(call::Type::Shutdown) }).await
    }

    /// ACKNOWLEDGE: has seen `status`. Only with explicit acknowledgement; for an
    /// update that needs none (it has no uuid) this does nothing.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn acknowledge(&self, status: &TaskStatus) -> Result<Accepted, Error> {
        let Some(uuid) = status.uuid.clone() else {
            return Ok(Accepted::ByMaster);
        };
        let agent_id = status.agent_id.clone().ok_or_else(|| {
            Error::new(ErrorKind::InvalidCall, "the status to acknowledge names no agent")
        })?;
        let acknowledge = call::Acknowledge { agent_id, task_id: status.task_id.clone(), uuid };
        self.call(Call { acknowledge: Some(acknowledge), ..of(call::Type::Acknowledge) }).await
    }

    /// ACKNOWLEDGE_OPERATION_STATUS: has seen `status`; without a uuid it needs none.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn acknowledge_operation(&self, status: &OperationStatus) -> Result<Accepted, Error> {
        let (Some(uuid), Some(operation_id)) = (&status.uuid, &status.operation_id) else {
            return Ok(Accepted::ByMaster);
        };
        let acknowledge = call::AcknowledgeOperationStatus {
            agent_id: status.agent_id.clone(),
            resource_provider_id: status.resource_provider_id.clone(),
            uuid: uuid.value.clone(),
            operation_id: operation_id.clone(),
        };
        let kind = call::Type::AcknowledgeOperationStatus;
        self.call(Call { acknowledge_operation_status: Some(acknowledge), ..of(kind) }).await
    }

    /// RECONCILE: asks for the latest state of these tasks; of all it knows when `tasks` is
    /// empty.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn reconcile(
        &self,
        tasks: Vec<(TaskId, Option<AgentId>)>,
    ) -> Result<Accepted, Error> {
        let tasks = tasks
            .into_iter()
            .map(|(task_id, agent_id)| call::reconcile::Task { task_id, agent_id })
            .collect();
        let reconcile = call::Reconcile { tasks };
        self.call(Call { reconcile: Some(reconcile), ..of(call::Type::Reconcile) }).await
    }

    /// RECONCILE_OPERATIONS: asks for the latest state of these operations.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn reconcile_operations(
        &self,
        operations: Vec<call::reconcile_operations::Operation>,
    ) -> Result<Accepted, Error> {
        let reconcile = call::ReconcileOperations { operations };
        let kind = call::Type::ReconcileOperations;
        self.call(Call { reconcile_operations: Some(reconcile), ..of(kind) }).await
    }

    /// MESSAGE: sends `data` to an executor. It can be lost without a word.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn message(
        &self,
        agent_id: AgentId,
        executor_id: ExecutorId,
        data: impl Into<bytes::Bytes>,
    ) -> Result<Accepted, Error> {
        let message = call::Message { agent_id, executor_id, data: data.into() };
        self.call(Call { message: Some(message), ..of(call::Type::Message) }).await
    }

    /// REQUEST: asks the allocator for resources; the built-in one does not listen.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn request(&self, requests: Vec<Request>) -> Result<Accepted, Error> {
        let request = call::Request { requests };
        self.call(Call { request: Some(request), ..of(call::Type::Request) }).await
    }

    /// UPDATE_FRAMEWORK: replaces the description of the framework, its suppressed
    /// roles and its offer constraints. The master checks it before it answers.
    ///
    /// # Errors
    /// See [`ErrorKind`].
    pub async fn update_framework(
        &self,
        framework_info: FrameworkInfo,
        suppressed_roles: Vec<String>,
        offer_constraints: Option<OfferConstraints>,
    ) -> Result<Accepted, Error> {
        let update = call::UpdateFramework { framework_info, suppressed_roles, offer_constraints };
        let kind = call::Type::UpdateFramework;
        self.call(Call { update_framework: Some(update), ..of(kind) }).await
    }
}

/// An empty call of one type.
fn of(kind: call::Type) -> Call {
    Call { r#type: Some(kind.into()), ..Default::default() }
}
