// SPDX-License-Identifier: Apache-2.0

//! `/health`.

use http::StatusCode;
use mesos_net::Reply;

/// 200 and nothing else.
pub(super) fn answer() -> Reply {
    Reply::empty(StatusCode::OK)
}
