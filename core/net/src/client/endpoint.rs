// SPDX-License-Identifier: Apache-2.0

//! Where a client connects to.

use std::{fmt, str::FromStr};

/// A server: `host:port`, `http://host:port` or `https://host:port`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// Whether TLS is spoken.
    pub tls: bool,
    /// A name or an address; IPv6 without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// Why a text is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is no server address: {reason}; expected host:port or http[s]://host:port")]
pub struct EndpointError {
    text: String,
    reason: &'static str,
}

impl Endpoint {
    /// `host:port`, with brackets where IPv6 needs them.
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let error = |reason| EndpointError { text: text.to_owned(), reason };
        let (tls, rest) = match text.split_once("://") {
            Some(("http", rest)) => (false, rest),
            Some(("https", rest)) => (true, rest),
            Some(_) => return Err(error("the scheme is neither http nor https")),
            None => (false, text),
        };
        let authority = rest.split('/').next().unwrap_or_default();
        let (host, port) =
            authority.rsplit_once(':').ok_or_else(|| error("the port is missing"))?;
        let port = port.parse().map_err(|_| error("the port is no number from 0 to 65535"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() {
            return Err(error("the host is missing"));
        }
        Ok(Endpoint { tls, host: host.to_owned(), port })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority())
    }
}
