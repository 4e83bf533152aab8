// SPDX-License-Identifier: Apache-2.0

//! `/slaves`, `/frameworks`, `/tasks` and `/state-summary`: parts of `/state`.

use bytes::Bytes;
use mesos_net::{Reply, Request};

use super::{Api, unavailable};
use crate::{
    engine::Closed,
    views::{Snapshot, TaskFilter, lists},
};

/// Tasks that `/tasks` shows unless asked for more.
const TASK_LIMIT: usize = 100;

/// `/slaves[?slave_id=…]`.
pub(super) async fn slaves(api: &Api, request: &Request) -> Reply {
    let id = request.query.get("slave_id").map(str::to_owned);
    render(api, request, move |snapshot| lists::slaves(snapshot, id.as_deref())).await
}

/// `/frameworks[?framework_id=…]`.
pub(super) async fn frameworks(api: &Api, request: &Request) -> Reply {
    let id = request.query.get("framework_id").map(str::to_owned);
    render(api, request, move |snapshot| lists::frameworks(snapshot, id.as_deref())).await
}

/// `/tasks`, with `limit`, `offset`, `order`, `framework_id`, `task_id`.
pub(super) async fn tasks(api: &Api, request: &Request) -> Reply {
    let text = |name: &str| request.query.get(name).map(str::to_owned);
    // As in Mesos, what is no number has no effect, and a negative limit is none.
    let number = |name: &str| request.query.get(name).and_then(|text| text.parse::<i64>().ok());
    let filter = TaskFilter {
        framework_id: text("framework_id"),
        task_id: text("task_id"),
        limit: number("limit")
            .map_or(TASK_LIMIT, |limit| usize::try_from(limit).unwrap_or(usize::MAX)),
        offset: number("offset").map_or(0, |offset| usize::try_from(offset).unwrap_or(0)),
        ascending: request.query.get("order") == Some("asc"),
    };
    render(api, request, move |snapshot| lists::tasks(snapshot, &filter)).await
}

/// `/state-summary`.
pub(super) async fn summary(api: &Api, request: &Request) -> Reply {
    let views = api.views.clone();
    render(api, request, move |snapshot| lists::summary(views.fixed(), snapshot)).await
}

/// Renders on a thread of its own, as a list may be long.
async fn render(
    api: &Api,
    request: &Request,
    write: impl FnOnce(&Snapshot) -> Vec<Bytes> + Send + 'static,
) -> Reply {
    let snapshot = match api.views.snapshot().await {
        Ok(snapshot) => snapshot,
        Err(closed) => return unavailable(closed),
    };
    match mesos_net::background::handle().spawn_blocking(move || write(&snapshot)).await {
        Ok(json) => Reply::json(&request.query, json),
        Err(_) => unavailable(Closed),
    }
}
