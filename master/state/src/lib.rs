// SPDX-License-Identifier: Apache-2.0

//! The master as a state machine: agents, frameworks, offers, tasks.
//!
//! [`Master::handle`] takes one [`Input`] at a time, [`Master::poll_output`]
//! gives what is to be done about it, and [`Master::poll_timeout`] when to come
//! back with [`Input::Wake`]. There is no I/O, no clock, no thread and no
//! randomness but the seed here, and nothing iterates over a hash map, so the
//! same inputs always give the same outputs.
//!
//! It owns the [`Allocator`](mesos_allocator::Allocator) and knows nothing of
//! HTTP, JSON views, metrics' names or how a registry is stored.
//!
//! Invariants: what an agent is told about the registry is stored already (of
//! frameworks, which Mesos does not keep at all, it is stored right after); a
//! message from outside never panics; the cost of an operation on one task,
//! offer or agent does not grow with the cluster.

pub mod change;
pub mod config;
pub mod input;
pub mod metrics;
pub mod output;
pub mod registry;
pub mod tasks;

mod agents;
mod calls;
mod frameworks;
mod master;
mod offers;
mod operator;
mod outputs;
mod slab;
mod statuses;
mod timers;
mod writes;

pub use mesos_allocator::{AgentKey, FrameworkKey};

pub use crate::{
    change::{AgentFate, AgentRecord, Change, FrameworkRecord, OfferKey, OfferRecord, TaskKey},
    config::{Config, RateLimit},
    input::{FromAgent, Input, OperatorCall, RequestKey, StreamKey},
    master::Master,
    metrics::{Gauges, Metrics},
    output::{LogLevel, Output, ToAgent},
    registry::{FrameworkEntry, RegistryChange, RegistrySnapshot, WriteKey},
    tasks::{TaskRecord, TaskSpec},
};

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
