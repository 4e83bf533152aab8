// SPDX-License-Identifier: Apache-2.0

//! Whether what frameworks, executors, agents and operators send makes sense.
//!
//! Pure functions over the v1 types. They check in Mesos's order and refuse in
//! Mesos's words, because clients match on them: a refusal becomes the body of
//! a 400, the message of a TASK_ERROR, or of an OPERATION_ERROR.
//!
//! What needs the state of a cluster gets it as plain data (`TaskContext` and
//! the like). Authorization is not decided here, nor anything that depends on
//! the time. Fields that protobuf requires are taken to be there:
//! `mesos_proto::decode` and `from_json` see to that.
//!
//! Source in Mesos: `src/common/validation.cpp`, `src/master/validation.cpp`,
//! `src/slave/validation.cpp`.

pub mod agent;
pub mod agent_call;
pub mod check;
pub mod command;
pub mod container;
pub mod executor;
pub mod executor_call;
pub mod framework;
pub mod master_call;
pub mod offers;
pub mod operation;
pub mod resources;
pub mod scheduler_call;
pub mod task;
pub mod task_group;

mod number;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt::Display};

use mesos_proto::v1::DurationInfo;

use crate::{ids::InvalidId, resources::validate::InvalidResources, roles::InvalidRole};

/// A refusal, in Mesos's words.
///
/// One type for all: the words are the contract, and no caller acts on more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(Cow<'static, str>);

impl Invalid {
    /// A refusal that says this.
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(message.into())
    }

    /// What it says.
    pub fn message(&self) -> &str {
        &self.0
    }
}

impl From<InvalidId> for Invalid {
    fn from(error: InvalidId) -> Self {
        Self::new(error.to_string())
    }
}

impl From<InvalidRole> for Invalid {
    fn from(error: InvalidRole) -> Self {
        Self::new(error.to_string())
    }
}

impl From<InvalidResources> for Invalid {
    fn from(error: InvalidResources) -> Self {
        Self::new(error.to_string())
    }
}

/// Says in a refusal what was refused.
trait Within<T> {
    /// Puts `what` and a colon before the refusal.
    fn within(self, what: &str) -> Result<T, Invalid>;
}

impl<T, E: Display> Within<T> for Result<T, E> {
    fn within(self, what: &str) -> Result<T, Invalid> {
        self.map_err(|error| Invalid::new(format!("{what}: {error}")))
    }
}

/// Refuses unless the condition holds.
fn ensure(holds: bool, refusal: &'static str) -> Result<(), Invalid> {
    if holds { Ok(()) } else { Err(Invalid::new(refusal)) }
}

/// Refuses, in words that have to be put together, unless the condition holds.
fn ensure_with(holds: bool, refusal: impl FnOnce() -> String) -> Result<(), Invalid> {
    if holds { Ok(()) } else { Err(Invalid::new(refusal())) }
}

/// Refuses a message without this sub-message or field.
fn present<T>(field: Option<&T>, name: &str) -> Result<(), Invalid> {
    ensure_with(field.is_some(), || format!("Expecting '{name}' to be present"))
}

/// Whether a duration is below zero.
fn is_negative(duration: Option<&DurationInfo>) -> bool {
    duration.is_some_and(|duration| duration.nanoseconds < 0)
}
