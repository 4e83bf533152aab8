// SPDX-License-Identifier: Apache-2.0

//! The scheduler driver in serialized protobuf, as bindings use it.
//!
//! Messages are those of v0 (`mesos.TaskInfo` …), whose bytes are the same as
//! those of v1. Bytes that are not the expected message, or lack a required
//! field, are misuse: the driver is aborted and `error` gets the reason.

use mesos_driver::v0::{
    Status,
    scheduler::{Method, Roles},
};
use mesos_proto::{
    Described,
    v1::{
        AgentId, Credential, ExecutorId, FrameworkId, FrameworkInfo, MasterInfo, Offer, OfferId,
        TaskStatus,
    },
};
use prost::Message;

use super::{CallbackResult, Scheduler, SchedulerDriver, SchedulerDriverBuilder};
use crate::v0::arguments;

/// What a framework in another language is told: [`Scheduler`] with serialized messages.
pub trait SerializedScheduler: Send + 'static {
    /// `FrameworkID`, `MasterInfo`.
    fn registered(
        &mut self,
        driver: &SchedulerDriver,
        framework_id: &[u8],
        master: &[u8],
    ) -> CallbackResult;
    /// `MasterInfo`.
    fn reregistered(&mut self, driver: &SchedulerDriver, master: &[u8]) -> CallbackResult;
    /// Nothing.
    fn disconnected(&mut self, driver: &SchedulerDriver) -> CallbackResult;
    /// `Offer`s.
    fn resource_offers(&mut self, driver: &SchedulerDriver, offers: &[Vec<u8>]) -> CallbackResult;
    /// `OfferID`.
    fn offer_rescinded(&mut self, driver: &SchedulerDriver, offer_id: &[u8]) -> CallbackResult;
    /// `TaskStatus`.
    fn status_update(&mut self, driver: &SchedulerDriver, status: &[u8]) -> CallbackResult;
    /// `ExecutorID`, `SlaveID`, and the message itself.
    fn framework_message(
        &mut self,
        driver: &SchedulerDriver,
        executor_id: &[u8],
        agent_id: &[u8],
        data: &[u8],
    ) -> CallbackResult;
    /// `SlaveID`.
    fn agent_lost(&mut self, driver: &SchedulerDriver, agent_id: &[u8]) -> CallbackResult;
    /// `ExecutorID`, `SlaveID`, and the wait status.
    fn executor_lost(
        &mut self,
        driver: &SchedulerDriver,
        executor_id: &[u8],
        agent_id: &[u8],
        status: i32,
    ) -> CallbackResult;
    /// A text.
    fn error(&mut self, driver: &SchedulerDriver, message: &str) -> CallbackResult;
}

struct Serializing<S>(S);

impl<S: SerializedScheduler> Scheduler for Serializing<S> {
    fn registered(
        &mut self,
        driver: &SchedulerDriver,
        framework_id: FrameworkId,
        master: MasterInfo,
    ) -> CallbackResult {
        self.0.registered(driver, &framework_id.encode_to_vec(), &master.encode_to_vec())
    }

    fn reregistered(&mut self, driver: &SchedulerDriver, master: MasterInfo) -> CallbackResult {
        self.0.reregistered(driver, &master.encode_to_vec())
    }

    fn disconnected(&mut self, driver: &SchedulerDriver) -> CallbackResult {
        self.0.disconnected(driver)
    }

    fn resource_offers(&mut self, driver: &SchedulerDriver, offers: Vec<Offer>) -> CallbackResult {
        let offers: Vec<_> = offers.iter().map(Message::encode_to_vec).collect();
        self.0.resource_offers(driver, &offers)
    }

    fn offer_rescinded(&mut self, driver: &SchedulerDriver, offer_id: OfferId) -> CallbackResult {
        self.0.offer_rescinded(driver, &offer_id.encode_to_vec())
    }

    fn status_update(&mut self, driver: &SchedulerDriver, status: TaskStatus) -> CallbackResult {
        self.0.status_update(driver, &status.encode_to_vec())
    }

    fn framework_message(
        &mut self,
        driver: &SchedulerDriver,
        executor_id: ExecutorId,
        agent_id: AgentId,
        data: bytes::Bytes,
    ) -> CallbackResult {
        let (executor_id, agent_id) = (executor_id.encode_to_vec(), agent_id.encode_to_vec());
        self.0.framework_message(driver, &executor_id, &agent_id, &data)
    }

    fn agent_lost(&mut self, driver: &SchedulerDriver, agent_id: AgentId) -> CallbackResult {
        self.0.agent_lost(driver, &agent_id.encode_to_vec())
    }

    fn executor_lost(
        &mut self,
        driver: &SchedulerDriver,
        executor_id: ExecutorId,
        agent_id: AgentId,
        status: i32,
    ) -> CallbackResult {
        let (executor_id, agent_id) = (executor_id.encode_to_vec(), agent_id.encode_to_vec());
        self.0.executor_lost(driver, &executor_id, &agent_id, status)
    }

    fn error(&mut self, driver: &SchedulerDriver, message: &str) -> CallbackResult {
        self.0.error(driver, message)
    }
}

impl SchedulerDriver {
    /// [`SchedulerDriver::builder`] for a scheduler that wants serialized messages, with a
    /// serialized `FrameworkInfo`. `start` tells when it is none.
    pub fn builder_serialized(
        scheduler: impl SerializedScheduler,
        framework: &[u8],
        master: impl Into<String>,
    ) -> SchedulerDriverBuilder {
        Self::builder_with_serialized_framework(Serializing(scheduler), framework, master)
    }

    /// [`SchedulerDriver::builder`] with a serialized `FrameworkInfo`. `start` tells when it is none.
    pub fn builder_with_serialized_framework(
        scheduler: impl Scheduler,
        framework: &[u8],
        master: impl Into<String>,
    ) -> SchedulerDriverBuilder {
        let (framework, problem) = match arguments::decode::<FrameworkInfo>(framework) {
            Ok(framework) => (framework, None),
            Err(problem) => (FrameworkInfo::default(), Some(problem)),
        };
        let mut builder =
            SchedulerDriverBuilder::new(Box::new(scheduler), framework, master.into());
        if let Some(problem) = problem {
            builder.problem(problem);
        }
        builder
    }

    /// The methods with serialized arguments.
    pub fn serialized(&self) -> SerializedMethods<'_> {
        SerializedMethods(self)
    }
}

impl SchedulerDriverBuilder {
    /// [`SchedulerDriverBuilder::credential`] with a serialized `Credential`. `start` tells when it
    /// is none.
    pub fn credential_serialized(mut self, credential: &[u8]) -> Self {
        match arguments::decode::<Credential>(credential) {
            Ok(credential) => self.credential(credential),
            Err(problem) => {
                self.problem(problem);
                self
            }
        }
    }
}

/// The methods of a scheduler driver with serialized arguments.
#[derive(Clone, Copy, Debug)]
pub struct SerializedMethods<'a>(&'a SchedulerDriver);

impl SerializedMethods<'_> {
    /// `Request`s.
    pub fn request_resources(&self, requests: &[&[u8]]) -> Status {
        self.0.method(|| Ok(Method::RequestResources(decode_all(requests)?)))
    }

    /// `OfferID`s, `TaskInfo`s, `Filters`.
    pub fn launch_tasks(&self, offer_ids: &[&[u8]], tasks: &[&[u8]], filters: &[u8]) -> Status {
        self.0.method(|| {
            Ok(Method::LaunchTasks {
                offer_ids: decode_all(offer_ids)?,
                tasks: decode_all(tasks)?,
                filters: arguments::decode(filters)?,
            })
        })
    }

    /// `OfferID`s, `Offer.Operation`s, `Filters`.
    pub fn accept_offers(
        &self,
        offer_ids: &[&[u8]],
        operations: &[&[u8]],
        filters: &[u8],
    ) -> Status {
        self.0.method(|| {
            Ok(Method::AcceptOffers {
                offer_ids: decode_all(offer_ids)?,
                operations: decode_all(operations)?,
                filters: arguments::decode(filters)?,
            })
        })
    }

    /// `OfferID`, `Filters`.
    pub fn decline_offer(&self, offer_id: &[u8], filters: &[u8]) -> Status {
        self.0.method(|| {
            Ok(Method::DeclineOffer {
                offer_id: arguments::decode(offer_id)?,
                filters: arguments::decode(filters)?,
            })
        })
    }

    /// Role names; `None` for all roles, and nothing happens for an empty list.
    pub fn revive_offers(&self, roles: Option<Vec<String>>) -> Status {
        self.0.method(|| Ok(Method::ReviveOffers(roles.map_or(Roles::All, Roles::Named))))
    }

    /// Role names; `None` for all roles, and nothing happens for an empty list.
    pub fn suppress_offers(&self, roles: Option<Vec<String>>) -> Status {
        self.0.method(|| Ok(Method::SuppressOffers(roles.map_or(Roles::All, Roles::Named))))
    }

    /// `TaskID`.
    pub fn kill_task(&self, task_id: &[u8]) -> Status {
        self.0.method(|| Ok(Method::KillTask(arguments::decode(task_id)?)))
    }

    /// `TaskStatus`.
    pub fn acknowledge_status_update(&self, status: &[u8]) -> Status {
        self.0.method(|| {
            arguments::decode(status).map(|it| Method::AcknowledgeStatusUpdate(Box::new(it)))
        })
    }

    /// `ExecutorID`, `SlaveID`, and the message itself.
    pub fn send_framework_message(
        &self,
        executor_id: &[u8],
        agent_id: &[u8],
        data: &[u8],
    ) -> Status {
        self.0.method(|| {
            Ok(Method::SendFrameworkMessage {
                executor_id: arguments::decode(executor_id)?,
                agent_id: arguments::decode(agent_id)?,
                data: bytes::Bytes::copy_from_slice(data),
            })
        })
    }

    /// `TaskStatus`es.
    pub fn reconcile_tasks(&self, statuses: &[&[u8]]) -> Status {
        self.0.method(|| Ok(Method::ReconcileTasks(decode_all(statuses)?)))
    }

    /// `FrameworkInfo`, role names, `scheduler.OfferConstraints` (`None` and empty are none).
    pub fn update_framework(
        &self,
        framework: &[u8],
        suppressed_roles: Vec<String>,
        offer_constraints: Option<&[u8]>,
    ) -> Status {
        self.0.method(|| {
            let framework = Box::new(arguments::decode::<FrameworkInfo>(framework)?);
            let offer_constraints = match offer_constraints {
                Some(bytes) if !bytes.is_empty() => Some(arguments::decode(bytes)?),
                Some(_) | None => None,
            };
            Ok(Method::UpdateFramework { framework, suppressed_roles, offer_constraints })
        })
    }
}

fn decode_all<M: Described>(messages: &[&[u8]]) -> Result<Vec<M>, String> {
    messages.iter().map(|bytes| arguments::decode(bytes)).collect()
}
