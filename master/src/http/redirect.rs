// SPDX-License-Identifier: Apache-2.0

//! `/redirect`: to the leading master, which a single one always is.

use mesos_net::{Reply, Request};

use super::Api;

/// Only the exact path redirects; what is below it does not exist.
pub(super) fn reply(api: &Api, request: &Request) -> Reply {
    if !matches!(request.path.as_str(), "/redirect" | "/master/redirect") {
        return Reply::not_found();
    }
    let info = &api.views.fixed().info;
    Reply::redirect(&format!("//{}:{}", info.hostname(), info.port))
}
