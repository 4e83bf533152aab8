// SPDX-License-Identifier: Apache-2.0

//! `/allocator/explain?framework_id=…[&role=…]`: why a framework gets no offers.

use http::StatusCode;
use mesos_master_state::OperatorCall;
use mesos_net::{Reply, Request};
use mesos_proto::v1;

use super::{Api, answered};

/// The answer is JSON, with one explanation per role.
pub(super) async fn reply(api: &Api, request: &Request) -> Reply {
    let Some(framework_id) = request.query.get("framework_id").filter(|id| !id.is_empty()) else {
        let text = "Expecting the parameter 'framework_id', \
                    as in /allocator/explain?framework_id=<id>";
        return Reply::text(StatusCode::BAD_REQUEST, text);
    };
    let call = OperatorCall::Explain {
        framework_id: v1::FrameworkId { value: framework_id.to_owned() },
        role: request.query.get("role").map(str::to_owned),
    };
    match api.engine.operator(call).await {
        Ok(answer) if answer.status == 200 => {
            Reply::json(&request.query, bytes::Bytes::from(answer.body))
        }
        answer => answered(answer),
    }
}
