// SPDX-License-Identifier: Apache-2.0

//! `/state`.

use mesos_net::{Reply, Request};

use super::{Api, unavailable};

/// The whole cluster, rendered by the views.
pub(super) async fn reply(api: &Api, request: &Request) -> Reply {
    match api.views.state().await {
        Ok(json) => Reply::json(&request.query, json),
        Err(closed) => unavailable(closed),
    }
}
