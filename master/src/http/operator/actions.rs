// SPDX-License-Identifier: Apache-2.0

//! TEARDOWN and MARK_AGENT_GONE: what changes the cluster.

use mesos_master_state::OperatorCall;
use mesos_net::Reply;
use mesos_proto::v1::master::Call;

use super::super::{Api, answered};

/// Ends a framework.
pub(super) async fn teardown(api: &Api, call: Call) -> Reply {
    let framework_id = call.teardown.unwrap_or_default().framework_id;
    answered(api.engine.operator(OperatorCall::Teardown { framework_id }).await)
}

/// Declares that an agent never comes back.
pub(super) async fn mark_agent_gone(api: &Api, call: Call) -> Reply {
    let agent_id = call.mark_agent_gone.unwrap_or_default().agent_id;
    answered(api.engine.operator(OperatorCall::MarkAgentGone { agent_id }).await)
}
