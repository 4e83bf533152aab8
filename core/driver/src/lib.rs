// SPDX-License-Identifier: Apache-2.0

//! The two client state machines of Mesos: [`scheduler::Driver`] for
//! frameworks, [`executor::Driver`] for executors.
//!
//! They decide everything that a client of the v1 APIs has to decide:
//! when to connect and to whom, when a master counts as lost, what to resend
//! and what to refuse. They do no I/O: a shell (`mesos-client`, the bindings,
//! the simulation) feeds them inputs with the current time, and carries out
//! their outputs.
//!
//! # The contract of a shell
//!
//! 1. Call `handle(now, input)` for whatever happened. `now` never goes back.
//! 2. Then call `poll_output` until it gives nothing more, carrying out each output in order.
//! 3. Then ask `poll_timeout`, and hand in `Input::Wake` when that time has come.
//!
//! Mesos sources for the behaviour: the v1 scheduler and executor HTTP API
//! documents, and what Apache Mesos 1.11's own libraries do.

pub mod backoff;
pub mod error;
pub mod executor;
pub mod raw;
pub mod scheduler;
pub mod v0;

pub use error::{Error, ErrorKind, Retry};

/// One streaming connection attempt of a driver; attempts are numbered from 1.
///
/// Inputs about another attempt than the current one are ignored, so a shell
/// need not be careful about late news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attempt(pub u64);

/// One call that a driver asked its shell to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SendKey(pub u64);

/// One call that the user of a driver made; the keys are the shell's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallKey(pub u64);
