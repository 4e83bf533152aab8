// SPDX-License-Identifier: Apache-2.0

//! Everything that arrives at the master's port.
//!
//! A request is either a message of an agent ([`crate::wire`]) or meant for an
//! endpoint of the table in `endpoint`. One file each; none decides anything that
//! needs the state of the cluster, which is the engine's.

mod endpoint;
mod explain;
mod flags;
mod lists;
mod metrics;
mod operator;
mod redirect;
mod scheduler;
mod state;
mod version;

use std::sync::Arc;

use http::StatusCode;
use mesos_net::{Reply, Request, Router};
use mesos_wire::{Incoming, classify};

use self::endpoint::Endpoint;
use crate::{
    engine::{Answer, Closed, Handle},
    metrics::Sources,
    views::Views,
    wire,
};

/// Answers requests; cheap to clone.
#[derive(Clone)]
pub struct Api {
    engine: Handle,
    views: Views,
    metrics: Arc<Sources>,
    router: Arc<Router<Endpoint>>,
}

impl Api {
    /// The endpoints of a running master.
    pub fn new(engine: Handle, views: Views, metrics: Sources) -> Self {
        Api { engine, views, metrics: Arc::new(metrics), router: Arc::new(endpoint::router()) }
    }

    /// Answers one request.
    pub async fn handle(self, request: Request) -> Reply {
        match classify(&request.method, &request.path, &request.headers) {
            Incoming::Message(envelope) => wire::receive(&self.engine, envelope, request).await,
            Incoming::Malformed(reason) => Reply::text(StatusCode::BAD_REQUEST, reason),
            Incoming::NotAMessage => match self.router.find(&request.path).copied() {
                Some(endpoint) => self.endpoint(endpoint, &request).await,
                None => Reply::not_found(),
            },
        }
    }

    async fn endpoint(&self, endpoint: Endpoint, request: &Request) -> Reply {
        match endpoint {
            Endpoint::Health => Reply::empty(StatusCode::OK),
            Endpoint::Version => version::reply(self, request),
            Endpoint::Flags => flags::reply(self, request),
            Endpoint::Redirect => redirect::reply(self, request),
            Endpoint::State => state::reply(self, request).await,
            Endpoint::Slaves => lists::slaves(self, request).await,
            Endpoint::Frameworks => lists::frameworks(self, request).await,
            Endpoint::Tasks => lists::tasks(self, request).await,
            Endpoint::StateSummary => lists::summary(self, request).await,
            Endpoint::Metrics => metrics::reply(self, request).await,
            Endpoint::Explain => explain::reply(self, request).await,
            Endpoint::Scheduler => scheduler::reply(self, request).await,
            Endpoint::Operator => operator::reply(self, request).await,
        }
    }
}

/// The answer of the engine as one of HTTP.
fn answered(answer: Result<Answer, Closed>) -> Reply {
    match answer {
        Ok(Answer { status, body }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Reply::text(status, body)
        }
        Err(closed) => unavailable(closed),
    }
}

/// The master is about to exit.
fn unavailable(closed: Closed) -> Reply {
    Reply::text(StatusCode::SERVICE_UNAVAILABLE, closed.to_string())
}
