// SPDX-License-Identifier: Apache-2.0

//! The agent's state machine: frameworks, executors, tasks and status updates, without I/O.
//!
//! [`Agent::handle`] takes one [`Input`] at a time, [`Agent::poll_output`] gives what is to be
//! done, [`Agent::poll_timeout`] says when the machine wants to be woken. There is no clock, no
//! file, no thread and no hash map iteration in here, so a run can be repeated from its seed.

pub mod change;
pub mod config;
pub mod input;
pub mod key;
pub mod metrics;
pub mod output;
pub mod paths;
pub mod recovery;

mod agent;
mod command_executor;
mod command_task;
mod containers;
mod environment;
mod executor;
mod executor_calls;
mod executor_end;
pub mod exit_text;
mod framework;
mod from_master;
mod gauges;
mod gc;
mod history;
mod launch;
mod outbox;
mod registration;
mod status_updates;
mod task_state;
mod task_updates;
#[cfg(test)]
#[expect(deprecated, reason = "old masters spell resources with their role")]
mod tests;
mod timers;
mod wire_form;

pub use agent::Agent;
pub use change::Change;
pub use config::Config;
pub use executor_calls::validate as validate_executor_call;
pub use input::{FromMaster, Input};
pub use key::{ConnectionKey, ContainerId, ProbeKey, RequestKey, TaskKey, WriteKey};
pub use metrics::Metrics;
pub use output::{LaunchSpec, Output, ToMaster};
pub use recovery::RecoveredState;
