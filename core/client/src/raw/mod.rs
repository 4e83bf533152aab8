// SPDX-License-Identifier: Apache-2.0

//! The v1 libraries of Mesos: connections that the user subscribes with.
//!
//! `mesos::v1::scheduler::Mesos` of C++ and `V1Mesos` of Java are made of
//! [`SchedulerConnection`], `mesos::v1::executor::Mesos` of [`ExecutorConnection`]. A Rust
//! framework is better served by [`crate::SchedulerClient`], which subscribes by itself.
//!
//! [`Peer::connected`] says that a SUBSCRIBE can be sent, [`Peer::disconnected`] that calls are
//! dropped until the next `connected`. What holds for the threads is what [`crate::v0`] says.

mod connection;
mod machine;

pub use mesos_driver::raw::{Answer, ExecutorProtocol, Protocol, SchedulerProtocol};

pub use self::connection::{Connection, ConnectionBuilder, Spoken};
use crate::calling_back::callbacks::CallbackResult;

/// A connection of a scheduler to the master that leads.
pub type SchedulerConnection = Connection<SchedulerProtocol>;

/// A connection of an executor to its agent.
pub type ExecutorConnection = Connection<ExecutorProtocol>;

/// Who uses a connection. An `Err` ends the callbacks.
pub trait Peer<P: Protocol>: Send + 'static {
    /// A SUBSCRIBE can be sent.
    fn connected(&mut self, connection: &Connection<P>) -> CallbackResult;
    /// Calls are dropped until the next `connected`.
    fn disconnected(&mut self, connection: &Connection<P>) -> CallbackResult;
    /// At least one event.
    fn received(&mut self, connection: &Connection<P>, events: Vec<P::Event>) -> CallbackResult;
}
