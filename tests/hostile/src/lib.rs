// SPDX-License-Identifier: Apache-2.0

//! Clients that mean harm, against a real master.
//!
//! [`attacks::QUICK`] and [`attacks::SLOW`] list them, one file for each kind. An
//! attack does its worst and checks what it gets for it: a clear answer, at the
//! cost of its own connection. [`neighbour`] lives beside it, a framework and an agent that want
//! nothing but to work, and tells how long things took them; [`Target::memory`]
//! tells what the master takes. The same attacks run as tests, and, in full size
//! and with a table of results, as the program `mesos-hostile`.

pub mod agent;
pub mod attacks;
pub mod neighbour;
pub mod raw;
pub mod scheduler;
mod target;

pub use self::target::{Memory, Target};
