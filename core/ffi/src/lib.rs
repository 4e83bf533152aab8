// SPDX-License-Identifier: Apache-2.0

//! libmesos: Mesos for C, and for everything that calls C.
//!
//! A thin shell over `mesos_client`: it checks pointers, lengths and UTF-8,
//! turns handles into drivers and back, and lets no panic out. It decides
//! nothing about Mesos. `include/mesos.h` is made from this crate.
//!
//! Invariants: a handle is a number that is never given out twice, so using
//! one after its end is an error and not a crash; whatever a function gets by
//! pointer is copied before it returns.

#![allow(non_camel_case_types, reason = "the types are named as C names them")]

mod boundary;
mod bytes;
mod connection;
mod detector;
mod error;
mod executor;
mod handles;
mod resources;
mod scheduler;
mod version;

// Its functions are exported because they are linked.
#[cfg(feature = "java")]
use mesos_jni as _;

pub use self::{
    bytes::*, connection::*, detector::*, error::*, executor::*, resources::*, scheduler::*,
    version::*,
};
