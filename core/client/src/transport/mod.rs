// SPDX-License-Identifier: Apache-2.0

//! HTTP as the drivers need it: one streaming connection for SUBSCRIBE, and
//! one on which all other calls travel in order.
//!
//! Holds no decisions: what an answer means, and when to try again, is the
//! drivers' business.

mod calls;
mod response;
mod stream;
mod wires;

use std::{io, time::Duration};

use tokio::{net::TcpStream, time::timeout};

use self::{calls::Calls, stream::Stream};
pub(crate) use self::{
    calls::{Answer, Outcome},
    stream::News,
    wires::Wires,
};
use crate::ContentType;

/// How long a connection attempt may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a single answer's text may be; more is cut off.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// What stays the same in all requests of one client.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) path: String,
    pub(crate) content_type: ContentType,
    /// The value of the `Authorization` header.
    pub(crate) authorization: Option<String>,
}

async fn connect(authority: &str) -> io::Result<TcpStream> {
    let stream =
        timeout(CONNECT_TIMEOUT, TcpStream::connect(authority)).await.map_err(|_| {
            io::Error::new(io::ErrorKind::TimedOut, "the connection attempt timed out")
        })??;
    stream.set_nodelay(true)?;
    Ok(stream)
}
