// SPDX-License-Identifier: Apache-2.0

//! The bounds of the server, all in one place; `docs/limits.md` explains them.

use std::time::Duration;

/// Bounds of the server.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Connections at a time; further ones are told so and closed.
    pub max_connections: usize,
    /// Connections at a time from one address.
    pub max_connections_per_source: usize,
    /// The longest request line with headers, as in Mesos.
    pub max_head_bytes: usize,
    /// Headers of one request.
    pub max_headers: usize,
    /// The longest body, also after decompression.
    pub max_body_bytes: usize,
    /// Bytes of all bodies together, without the first [`FREE_BODY_BYTES`] of each.
    pub max_bodies_bytes: usize,
    /// The same, from one address.
    pub max_bodies_bytes_per_source: usize,
    /// How long a body waits for room under these bounds.
    pub room_timeout: Duration,
    /// Requests with large bodies that are answered at a time; more wait.
    pub max_heavy_requests: usize,
    /// Requests with compressed bodies that are decompressed and answered at a
    /// time; more wait. They have no place among the others: nothing that a
    /// cluster cannot do without is compressed.
    pub max_compressed_requests: usize,
    /// How long the first request of a connection may take to begin.
    pub first_request_timeout: Duration,
    /// How long the head of a request may take once it has begun.
    pub head_timeout: Duration,
    /// A connection is closed after this long without a further request.
    ///
    /// Clients of Mesos keep connections open that they use rarely (an executor
    /// sends a heartbeat every 30 minutes) and take a closed one for a lost
    /// master or agent. Those that vanished are noticed much sooner.
    pub idle_timeout: Duration,
    /// How long the body of one request may take.
    pub body_timeout: Duration,
    /// After each such time a body must have grown at `min_rate` since the last.
    pub body_grace: Duration,
    /// Bytes per second, at least, in which bodies come and answers are read.
    pub min_rate: u64,
    /// After each such time so much of an answer must have been read since the
    /// last. Event streams are bounded in bytes, not in time.
    pub answer_grace: Duration,
    /// What answers may still take when the server is told to stop.
    pub shutdown_grace: Duration,
}

/// So much of each body is not counted: what nearly all requests have.
pub const FREE_BODY_BYTES: usize = 64 << 10;

impl Default for Settings {
    fn default() -> Self {
        Settings {
            max_connections: 65_536,
            max_connections_per_source: 57_344,
            max_head_bytes: 80 << 10,
            max_headers: 512,
            max_body_bytes: 128 << 20,
            max_bodies_bytes: 1 << 30,
            max_bodies_bytes_per_source: 512 << 20,
            room_timeout: Duration::from_secs(5),
            max_heavy_requests: 8,
            max_compressed_requests: 4,
            first_request_timeout: Duration::from_secs(30),
            head_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(24 * 60 * 60),
            body_timeout: Duration::from_secs(5 * 60),
            body_grace: Duration::from_secs(15),
            min_rate: 4 << 10,
            answer_grace: Duration::from_secs(60),
            shutdown_grace: Duration::from_secs(2),
        }
    }
}

impl Settings {
    /// The bounds for a process that may have `open_files` files: connections
    /// leave room for those that the daemon opens itself, and one address
    /// leaves room for others.
    pub fn for_open_files(open_files: u64) -> Self {
        let settings = Settings::default();
        let files = usize::try_from(open_files).unwrap_or(usize::MAX);
        let max_connections = (files / 8 * 5).clamp(64, settings.max_connections);
        let max_connections_per_source = max_connections / 8 * 7;
        Settings { max_connections, max_connections_per_source, ..settings }
    }
}
