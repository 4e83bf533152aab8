// SPDX-License-Identifier: Apache-2.0

//! Every message of the Mesos APIs and of the wire between master and agent.
//!
//! The types are generated from the .proto files of this crate. There is one
//! vocabulary, that of `mesos.v1`: v0 messages have the same bytes, but for
//! one ([`v0`]).
//!
//! - Binary: prost's `encode`; reading through [`decode`], which refuses a
//!   message without its required fields, as Mesos does (prost alone does not).
//! - In part: [`partial`], for what a master only keeps; [`shown`], for what it
//!   shows of that.
//! - JSON: [`json`], as Mesos writes it and as leniently as Mesos reads it.
//! - [`descriptor`]: the tables behind both.

mod generated {
    #![allow(missing_docs, clippy::all)]
    include!(concat!(env!("OUT_DIR"), "/modules.rs"));
}

pub mod descriptor;
pub mod json;
pub mod partial;
mod plain;
mod required;
pub mod shown;
pub mod v0;
mod weight;
mod wire;

#[cfg(test)]
mod tests;

pub use descriptor::Described;
/// The one type that the APIs take from Google's well-known ones (`Duration`).
pub use generated::google;
/// The wire between master, agent and v0 drivers (`mesos.internal`).
pub use generated::mesos::internal;
/// The v1 APIs (`mesos.v1`), with `agent`, `executor`, `master`, `scheduler`, … as sub-modules.
pub use generated::mesos::v1;
pub use required::{DecodeError, decode};
pub use weight::DECODED_BYTES_MAX;
