// SPDX-License-Identifier: Apache-2.0

//! The drivers of Mesos's native API (v0), as state machines.
//!
//! Frameworks written for `MesosSchedulerDriver` and `MesosExecutorDriver`
//! expect more than the v1 APIs offer: a status from every method, local
//! TASK_LOST for what is launched while no master is there, implicit
//! acknowledgement, and misuse that ends the driver. Those decisions are made
//! here, on top of the v1 machines of this crate, once for all languages.
//!
//! Everything is in the words of `mesos.v1`; a v0 message has the same bytes.
//!
//! Refuses to do: threads, callbacks, blocking (the shell's work), and the
//! old wire protocol of drivers.
//!
//! Sources in Mesos: `include/mesos/scheduler.hpp`, `include/mesos/executor.hpp`,
//! `src/sched/sched.cpp`, `src/exec/exec.cpp`.

pub mod executor;
mod lifecycle;
pub mod scheduler;

pub use lifecycle::{Lifecycle, Status, Step};
