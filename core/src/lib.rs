// SPDX-License-Identifier: Apache-2.0

//! The vocabulary of a cluster, without I/O: time, randomness, resources,
//! roles, ids, validation, RecordIO.
//!
//! Nothing here reads a clock, a file or a socket, starts a thread, or
//! iterates over a hash map, so everything above it can be simulated.

pub mod attributes;
pub mod ids;
pub mod recordio;
pub mod resources;
pub mod rng;
pub mod roles;
pub mod task_state;
pub mod time;
pub mod trial;
pub mod validation;
pub mod values;
