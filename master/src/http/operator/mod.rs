// SPDX-License-Identifier: Apache-2.0

//! `/api/v1`: calls of operators.
//!
//! | call | file |
//! |---|---|
//! | GET_HEALTH, GET_FLAGS, GET_VERSION, GET_METRICS, GET_MASTER | `facts.rs` |
//! | GET_STATE, GET_AGENTS, GET_FRAMEWORKS, GET_TASKS, GET_EXECUTORS, GET_OPERATIONS | `cluster.rs` |
//! | TEARDOWN, MARK_AGENT_GONE | `actions.rs` |
//!
//! Every other call of Mesos is understood, and refused with 501 and a text
//! that says so: nothing is done halfway.

mod actions;
mod cluster;
mod facts;

use http::{Method, StatusCode};
use mesos_core::validation::master_call;
use mesos_net::{MediaType, Reply, Request, media};
use mesos_proto::v1::master::{Call, call::Type};

use super::Api;

/// Answers one call.
pub(super) async fn reply(api: &Api, request: &Request) -> Reply {
    if request.method != Method::POST {
        return Reply::method_not_allowed(&["POST"], &request.method);
    }
    let call = match media::content_type(&request.headers) {
        Ok(media) => media::decode_body::<Call>(media, &request.body).await,
        Err(refusal) => Err(refusal),
    };
    let call = match call {
        Ok(call) => call,
        Err(refusal) => return refusal,
    };
    if let Err(reason) = master_call::validate(&call) {
        let text = format!("Failed to validate master::Call: {reason}");
        return Reply::text(StatusCode::BAD_REQUEST, text);
    }
    match media::accept(&request.headers) {
        Ok(media) => dispatch(api, media, call).await,
        Err(refusal) => refusal,
    }
}

async fn dispatch(api: &Api, media: MediaType, call: Call) -> Reply {
    match call.r#type() {
        Type::GetHealth => facts::health(media),
        Type::GetFlags => facts::flags(api, media),
        Type::GetVersion => facts::version(api, media),
        Type::GetMaster => facts::master(api, media),
        Type::GetMetrics => facts::metrics(api, media).await,
        Type::GetState => cluster::state(api, media).await,
        Type::GetAgents => cluster::agents(api, media).await,
        Type::GetFrameworks => cluster::frameworks(api, media).await,
        Type::GetTasks => cluster::tasks(api, media).await,
        Type::GetExecutors => cluster::executors(api, media).await,
        Type::GetOperations => cluster::operations(media),
        Type::Teardown => actions::teardown(api, call).await,
        Type::MarkAgentGone => actions::mark_agent_gone(api, call).await,
        Type::Unknown => Reply::empty(StatusCode::NOT_IMPLEMENTED),
        Type::GetLoggingLevel
        | Type::SetLoggingLevel
        | Type::ListFiles
        | Type::ReadFile
        | Type::GetRoles
        | Type::GetWeights
        | Type::UpdateWeights
        | Type::Subscribe
        | Type::ReserveResources
        | Type::UnreserveResources
        | Type::CreateVolumes
        | Type::DestroyVolumes
        | Type::GrowVolume
        | Type::ShrinkVolume
        | Type::GetMaintenanceStatus
        | Type::GetMaintenanceSchedule
        | Type::UpdateMaintenanceSchedule
        | Type::StartMaintenance
        | Type::StopMaintenance
        | Type::GetQuota
        | Type::UpdateQuota
        | Type::SetQuota
        | Type::RemoveQuota
        | Type::DrainAgent
        | Type::DeactivateAgent
        | Type::ReactivateAgent => {
            let text = format!("{} is not supported yet", call.r#type().as_str_name());
            Reply::text(StatusCode::NOT_IMPLEMENTED, text)
        }
    }
}
