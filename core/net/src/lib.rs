// SPDX-License-Identifier: Apache-2.0

//! HTTP as Mesos speaks it: a server with its routing, negotiation and event
//! streams, and the small client that drivers need.
//!
//! Nothing here knows a call or decides anything. The server hands a complete,
//! bounded [`Request`] to one function and writes the [`Reply`] it gives; what
//! needs no state (method and media type checks, gzip, JSONP, paths that match
//! by prefix) is here, so that master and agent answer alike. So is [`model`],
//! the form in which both show tasks and resources to people.
//!
//! Invariants: no buffer grows without a bound; a client that does not read
//! its event stream is cut off, never waited for; a panic in one request
//! becomes a 500 and is logged.
//!
//! In Mesos: the HTTP half of `3rdparty/libprocess`.

mod admission;
mod answer;
pub mod background;
mod body;
pub mod client;
mod connection;
mod drive;
mod guard;
mod gzip;
mod lane;
mod limits;
pub mod media;
pub mod model;
mod query;
mod refusal;
mod reply;
mod request;
pub mod resolve;
mod room;
mod router;
mod server;
mod stream;
mod window;

pub use body::{Body, Cut};
pub use limits::{FREE_BODY_BYTES, Settings};
pub use media::MediaType;
pub use query::{Query, QueryError};
pub use reply::Reply;
pub use request::Request;
pub use router::Router;
pub use server::{BindError, Server, serve_stream};
pub use stream::{EventSender, EventStream, PushError, event_stream};

#[cfg(test)]
mod tests;
