// SPDX-License-Identifier: Apache-2.0

//! `/flags`.

use mesos_net::{Reply, Request, model::object};

use super::Api;

/// The flags that have a value, as texts.
pub(super) fn reply(api: &Api, request: &Request) -> Reply {
    let mut out = Vec::new();
    object(&mut out, |object| {
        object.object("flags", |object| {
            api.views.fixed().flags.iter().for_each(|(name, value)| object.text(name, value));
        });
    });
    Reply::json(&request.query, bytes::Bytes::from(out))
}
