// SPDX-License-Identifier: Apache-2.0

//! The JSON of the unversioned endpoints (`/state` and its kin), which predates
//! the v1 API: flat resources, old field names, statuses cut to what a page needs.
//!
//! Both daemons show tasks, executors and agents in this form. Everything is
//! appended to a buffer as it is read from the record, without a value tree.
//!
//! In Mesos: the `json(JSON::ObjectWriter*, …)` functions of `src/common/http.cpp`.

mod agent;
mod build_info;
mod executor;
mod object;
mod task;

pub use agent::{attributes, domain, reserved_by_role, resources};
pub use build_info::BuildInfo;
pub use executor::{command, executor};
pub use object::{Array, Object, array, object};
pub use task::{Allocation, Description, TaskView, labels, task, task_with};

#[cfg(test)]
mod tests;
