// SPDX-License-Identifier: Apache-2.0

//! The table of endpoints.

use mesos_net::Router;

/// What a path can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// Is it alive?
    Health,
    /// Which version is it?
    Version,
    /// Which flags has it?
    Flags,
    /// Where is the leader?
    Redirect,
    /// The whole cluster.
    State,
    /// The agents.
    Slaves,
    /// The frameworks.
    Frameworks,
    /// The tasks.
    Tasks,
    /// The cluster in short.
    StateSummary,
    /// All numbers.
    Metrics,
    /// Why does a framework get no offers? Mesos has no such endpoint.
    Explain,
    /// The API of schedulers.
    Scheduler,
    /// The API of operators.
    Operator,
}

/// The processes of Mesos, and what each has.
pub(super) fn router() -> Router<Endpoint> {
    Router::new("master")
        .add("master", "health", Endpoint::Health)
        .add("master", "flags", Endpoint::Flags)
        .add("master", "redirect", Endpoint::Redirect)
        .add("master", "state", Endpoint::State)
        .add("master", "slaves", Endpoint::Slaves)
        .add("master", "frameworks", Endpoint::Frameworks)
        .add("master", "tasks", Endpoint::Tasks)
        .add("master", "state-summary", Endpoint::StateSummary)
        .add("master", "api/v1", Endpoint::Operator)
        .add("master", "api/v1/scheduler", Endpoint::Scheduler)
        .add("version", "", Endpoint::Version)
        .add("metrics", "snapshot", Endpoint::Metrics)
        .add("allocator", "explain", Endpoint::Explain)
}
