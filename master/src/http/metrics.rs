// SPDX-License-Identifier: Apache-2.0

//! `/metrics/snapshot`.

use mesos_net::{Reply, Request, model::object};

use super::{Api, unavailable};

/// All metrics, sorted by name. The parameter `timeout` has no effect: no
/// number has to be waited for.
pub(super) async fn reply(api: &Api, request: &Request) -> Reply {
    let metrics = match api.metrics.collect(&api.engine, &api.views).await {
        Ok(metrics) => metrics,
        Err(closed) => return unavailable(closed),
    };
    let mut out = Vec::with_capacity(16 << 10);
    object(&mut out, |object| {
        metrics.iter().for_each(|(name, value)| object.number(name, *value));
    });
    Reply::json(&request.query, bytes::Bytes::from(out))
}
