// SPDX-License-Identifier: Apache-2.0

//! What a raw driver has to know of the two APIs.

use std::fmt::Debug;

use mesos_proto::v1::{executor, scheduler};

/// What a call is to a raw driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It begins the event stream.
    Subscribe,
    /// It goes over the second connection.
    Other,
    /// It has no type.
    Untyped,
}

/// One of the two APIs.
pub trait Protocol: Clone + Copy + Debug + Send + Sync + 'static {
    /// The calls.
    type Call: Clone + Debug + Send + PartialEq + 'static;
    /// The events.
    type Event: Clone + Debug + Send + PartialEq + 'static;

    /// What `call` is.
    fn kind(call: &Self::Call) -> Kind;
    /// The name of the type of `call`.
    fn name(call: &Self::Call) -> &'static str;
    /// An event that tells of an error.
    fn error_event(message: &str) -> Option<Self::Event>;
    /// An event that tells an executor to end; schedulers know none.
    fn shutdown_event() -> Option<Self::Event>;
    /// Whether `event` tells an executor to end.
    fn is_shutdown(event: &Self::Event) -> bool;
}

/// The v1 scheduler API.
#[derive(Clone, Copy, Debug)]
pub struct SchedulerProtocol;

impl Protocol for SchedulerProtocol {
    type Call = scheduler::Call;
    type Event = scheduler::Event;

    fn kind(call: &scheduler::Call) -> Kind {
        use scheduler::call::Type;
        match call.r#type() {
            Type::Unknown => Kind::Untyped,
            Type::Subscribe => Kind::Subscribe,
            Type::Teardown
            | Type::Accept
            | Type::Decline
            | Type::AcceptInverseOffers
            | Type::DeclineInverseOffers
            | Type::Revive
            | Type::Kill
            | Type::Shutdown
            | Type::Acknowledge
            | Type::AcknowledgeOperationStatus
            | Type::Reconcile
            | Type::ReconcileOperations
            | Type::Message
            | Type::Request
            | Type::Suppress
            | Type::UpdateFramework => Kind::Other,
        }
    }

    fn name(call: &scheduler::Call) -> &'static str {
        call.r#type().as_str_name()
    }

    fn error_event(message: &str) -> Option<scheduler::Event> {
        Some(scheduler::Event {
            r#type: Some(scheduler::event::Type::Error.into()),
            error: Some(scheduler::event::Error { message: message.to_owned() }),
            ..Default::default()
        })
    }

    fn shutdown_event() -> Option<scheduler::Event> {
        None
    }

    fn is_shutdown(_: &scheduler::Event) -> bool {
        false
    }
}

/// The v1 executor API.
#[derive(Clone, Copy, Debug)]
pub struct ExecutorProtocol;

impl Protocol for ExecutorProtocol {
    type Call = executor::Call;
    type Event = executor::Event;

    fn kind(call: &executor::Call) -> Kind {
        use executor::call::Type;
        match call.r#type() {
            Type::Unknown => Kind::Untyped,
            Type::Subscribe => Kind::Subscribe,
            Type::Update | Type::Message | Type::Heartbeat => Kind::Other,
        }
    }

    fn name(call: &executor::Call) -> &'static str {
        call.r#type().as_str_name()
    }

    fn error_event(message: &str) -> Option<executor::Event> {
        Some(executor::Event {
            r#type: Some(executor::event::Type::Error.into()),
            error: Some(executor::event::Error { message: message.to_owned() }),
            ..Default::default()
        })
    }

    fn shutdown_event() -> Option<executor::Event> {
        let shutdown = executor::event::Type::Shutdown.into();
        Some(executor::Event { r#type: Some(shutdown), ..Default::default() })
    }

    fn is_shutdown(event: &executor::Event) -> bool {
        event.r#type() == executor::event::Type::Shutdown
    }
}
