// SPDX-License-Identifier: Apache-2.0

//! The Mesos wire between master, agent and v0 drivers.
//!
//! A message goes one way: an HTTP/1.1 `POST /<process>/<message name>` whose
//! headers name the sender and whose body is protobuf. The answer, 202 or 404,
//! means nothing to the sender. Each side opens its own persistent connection
//! to the other and sends in order; a connection that breaks is how it learns
//! that the other is gone. Nothing is resent here: the protocols above do that.
//!
//! The codec ([`Upid`], [`classify`], [`encode`], [`WireMessage`]) is pure.
//! [`Peers`] owns the outgoing connections. Incoming messages arrive at the
//! HTTP server that a daemon runs anyway; it asks [`classify`] about each POST.
//!
//! In Mesos: `3rdparty/libprocess`. Nothing else in this project knows that word.

mod encode;
mod incoming;
mod message;
mod peer;
mod peers;
mod upid;

pub use encode::encode;
pub use incoming::{Envelope, Incoming, classify};
pub use message::WireMessage;
pub use peers::{LinkBroken, Peers, SendError, Settings};
pub use upid::{Upid, UpidError};

#[cfg(test)]
mod tests;
