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

use mesos_net::client::Endpoint;
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

/// Connects to `host:port`; an address of IPv6 in a zone can be looked up only without its brackets.
async fn connect(authority: &str) -> io::Result<TcpStream> {
    let endpoint = authority
        .parse::<Endpoint>()
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let connected = TcpStream::connect((endpoint.host.as_str(), endpoint.port));
    let stream = timeout(CONNECT_TIMEOUT, connected).await.map_err(|_| {
        io::Error::new(io::ErrorKind::TimedOut, "the connection attempt timed out")
    })??;
    stream.set_nodelay(true)?;
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn addresses_of_ipv6_are_connected_to_with_and_without_a_zone() {
        let Ok(listener) = TcpListener::bind("[::1]:0").await else {
            eprintln!("skipped: there is no IPv6 here");
            return;
        };
        let port = listener.local_addr().unwrap().port();
        for host in ["[::1]", "[::1%1]", "::1"] {
            connect(&format!("{host}:{port}")).await.unwrap();
        }
        let error = connect("localhost").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
