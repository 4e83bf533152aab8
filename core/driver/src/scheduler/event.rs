// SPDX-License-Identifier: Apache-2.0

//! What a scheduler is told, as a closed enum.
//!
//! The protobuf event is a type number beside a dozen optional fields. This is
//! the same with the impossible combinations taken out. HEARTBEAT and ERROR
//! are the driver's own business and do not appear.

use bytes::Bytes;
use mesos_proto::v1::{
    AgentId, ExecutorId, FrameworkId, InverseOffer, MasterInfo, Offer, OfferId, OperationStatus,
    TaskStatus, scheduler,
};

/// One thing that happened to a framework.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The framework is subscribed; calls can be made.
    Subscribed {
        /// The id of the framework, given by the master at the first subscription.
        framework_id: FrameworkId,
        /// The master that leads.
        master: Option<MasterInfo>,
        /// Whether this driver was subscribed before.
        again: bool,
    },
    /// The subscription is lost. The driver tries to get it back by itself.
    ///
    /// Every offer in hand is void: the next master makes new ones.
    Disconnected {
        /// Why, for a person.
        reason: String,
    },
    /// Resources to use or to decline.
    Offers(Vec<Offer>),
    /// Agents that should be vacated.
    InverseOffers(Vec<InverseOffer>),
    /// An offer is no longer good.
    Rescind(OfferId),
    /// An inverse offer is no longer good.
    RescindInverseOffer(OfferId),
    /// A task changed its state.
    Update(TaskStatus),
    /// An offer operation changed its state.
    UpdateOperationStatus(OperationStatus),
    /// An executor sent a message.
    Message {
        /// Where the executor runs.
        agent_id: AgentId,
        /// Which executor.
        executor_id: ExecutorId,
        /// What it said.
        data: Bytes,
    },
    /// An agent was removed from the cluster, with everything on it.
    AgentLost(AgentId),
    /// An executor ended.
    ExecutorExited {
        /// Where it ran.
        agent_id: Option<AgentId>,
        /// Which executor.
        executor_id: ExecutorId,
        /// Its wait status, as from `waitpid`.
        status: Option<i32>,
    },
}

/// What a record of the event stream means to the driver.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Record {
    /// The stream begins.
    Subscribed(scheduler::event::Subscribed),
    /// The stream ends with a reason.
    Error(String),
    /// The master is there.
    Heartbeat,
    /// Something for the scheduler.
    Event(Event),
    /// An event of a later Mesos than this.
    Unknown,
    /// An event without the part that its type promises.
    Incomplete(&'static str),
}

/// Sorts out what `event` is.
pub(super) fn read(event: scheduler::Event) -> Record {
    use scheduler::event::Type;
    let Ok(kind) = Type::try_from(event.r#type.unwrap_or_default()) else {
        return Record::Unknown;
    };
    let read = match kind {
        Type::Unknown => return Record::Unknown,
        Type::Heartbeat => return Record::Heartbeat,
        Type::Subscribed => event.subscribed.map(Record::Subscribed),
        Type::Error => event.error.map(|error| Record::Error(error.message)),
        Type::Offers => event.offers.map(|it| Record::Event(Event::Offers(it.offers))),
        Type::InverseOffers => {
            event.inverse_offers.map(|it| Record::Event(Event::InverseOffers(it.inverse_offers)))
        }
        Type::Rescind => event.rescind.map(|it| Record::Event(Event::Rescind(it.offer_id))),
        Type::RescindInverseOffer => event
            .rescind_inverse_offer
            .map(|it| Record::Event(Event::RescindInverseOffer(it.inverse_offer_id))),
        Type::Update => event.update.map(|it| Record::Event(Event::Update(it.status))),
        Type::UpdateOperationStatus => event
            .update_operation_status
            .map(|it| Record::Event(Event::UpdateOperationStatus(it.status))),
        Type::Message => event.message.map(|it| {
            Record::Event(Event::Message {
                agent_id: it.agent_id,
                executor_id: it.executor_id,
                data: it.data,
            })
        }),
        Type::Failure => event.failure.and_then(failure).map(Record::Event),
    };
    read.unwrap_or(Record::Incomplete(kind.as_str_name()))
}

/// A FAILURE event is about an executor when it names one, else about an agent.
fn failure(failure: scheduler::event::Failure) -> Option<Event> {
    match (failure.executor_id, failure.agent_id) {
        (Some(executor_id), agent_id) => {
            Some(Event::ExecutorExited { agent_id, executor_id, status: failure.status })
        }
        (None, Some(agent_id)) => Some(Event::AgentLost(agent_id)),
        (None, None) => None,
    }
}
