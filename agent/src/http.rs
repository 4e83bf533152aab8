// SPDX-License-Identifier: Apache-2.0

//! Tells the agent's requests apart: messages of the wire, the executor API,
//! endpoints.

use std::sync::Arc;

use ::http::StatusCode;
use mesos_net::{Reply, Request, Router};
use mesos_wire::{Incoming, classify};

use crate::{
    endpoints::{Endpoint, Sources},
    engine::Handle,
    executor_api,
    identity::PROCESS,
    wire,
};

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    ExecutorApi,
    Endpoint(Endpoint),
}

/// Answers all requests of the agent's server. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    engine: Handle,
    sources: Arc<Sources>,
    router: Arc<Router<Target>>,
}

impl Service {
    /// A service that hands calls to `engine` and reads `sources`.
    pub fn new(engine: Handle, sources: Sources) -> Service {
        let mut router = Router::new(PROCESS).add(PROCESS, "api/v1/executor", Target::ExecutorApi);
        for (path, endpoint) in Endpoint::ALL {
            router = router.add(PROCESS, path, Target::Endpoint(endpoint));
        }
        Service { engine, sources: Arc::new(sources), router: Arc::new(router) }
    }

    /// Answers one request.
    pub async fn answer(self, request: Request) -> Reply {
        match classify(&request.method, &request.path, &request.headers) {
            Incoming::Message(envelope) => {
                return wire::receive(&self.engine, envelope, request).await;
            }
            Incoming::Malformed(text) => return Reply::text(StatusCode::BAD_REQUEST, text),
            Incoming::NotAMessage => {}
        }
        match self.router.find(&request.path) {
            Some(Target::ExecutorApi) => executor_api::answer(&self.engine, &request).await,
            Some(Target::Endpoint(endpoint)) => endpoint.answer(&self.sources, &request).await,
            None => Reply::not_found(),
        }
    }
}
