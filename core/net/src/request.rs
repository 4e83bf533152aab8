// SPDX-License-Identifier: Apache-2.0

//! One complete request.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Method};

use crate::Query;

/// A request as handlers see it: read to its end, decompressed, bounded.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, not decoded, without the query.
    pub path: String,
    /// The decoded query.
    pub query: Query,
    /// All headers.
    pub headers: HeaderMap,
    /// The body, decompressed.
    pub body: Bytes,
    /// Who sent it.
    pub peer: SocketAddr,
}

impl Request {
    /// A header's first value, when it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
