// SPDX-License-Identifier: Apache-2.0

//! The shape of an operator's call to the master.

use mesos_proto::v1::master::{Call, call::Type};

use super::{Invalid, ensure, present};
use crate::resources::validate as valid;

/// Checks a call, before anything is looked up.
///
/// A call of type UNKNOWN passes: the caller answers it.
///
/// # Errors
/// The first thing that is wrong with it.
#[expect(deprecated, reason = "the old quota calls are still spoken")]
pub fn validate(call: &Call) -> Result<(), Invalid> {
    let kind = call.r#type.and_then(|number| Type::try_from(number).ok());
    let Some(kind) = kind else {
        return Err(Invalid::new("Expecting 'type' to be present"));
    };
    match kind {
        Type::Unknown
        | Type::GetHealth
        | Type::GetFlags
        | Type::GetVersion
        | Type::GetLoggingLevel
        | Type::GetState
        | Type::GetAgents
        | Type::GetFrameworks
        | Type::GetExecutors
        | Type::GetOperations
        | Type::GetTasks
        | Type::GetRoles
        | Type::GetWeights
        | Type::GetMaster
        | Type::Subscribe
        | Type::GetMaintenanceStatus
        | Type::GetMaintenanceSchedule
        | Type::GetQuota => Ok(()),
        Type::GetMetrics => present(call.get_metrics.as_ref(), "get_metrics"),
        Type::SetLoggingLevel => present(call.set_logging_level.as_ref(), "set_logging_level"),
        Type::ListFiles => present(call.list_files.as_ref(), "list_files"),
        Type::ReadFile => present(call.read_file.as_ref(), "read_file"),
        Type::UpdateWeights => present(call.update_weights.as_ref(), "update_weights"),
        Type::ReserveResources => {
            present(call.reserve_resources.as_ref(), "reserve_resources")?;
            Ok(valid::all(call.reserve_resources.iter().flat_map(|call| &call.resources))?)
        }
        Type::UnreserveResources => {
            present(call.unreserve_resources.as_ref(), "unreserve_resources")?;
            Ok(valid::all(call.unreserve_resources.iter().flat_map(|call| &call.resources))?)
        }
        Type::CreateVolumes => present(call.create_volumes.as_ref(), "create_volumes"),
        Type::DestroyVolumes => present(call.destroy_volumes.as_ref(), "destroy_volumes"),
        Type::GrowVolume => {
            present(call.grow_volume.as_ref(), "grow_volume")?;
            names_an_agent(call.grow_volume.as_ref().and_then(|call| call.agent_id.as_ref()))
        }
        Type::ShrinkVolume => {
            present(call.shrink_volume.as_ref(), "shrink_volume")?;
            names_an_agent(call.shrink_volume.as_ref().and_then(|call| call.agent_id.as_ref()))
        }
        Type::UpdateMaintenanceSchedule => {
            present(call.update_maintenance_schedule.as_ref(), "update_maintenance_schedule")
        }
        Type::StartMaintenance => present(call.start_maintenance.as_ref(), "start_maintenance"),
        Type::StopMaintenance => present(call.stop_maintenance.as_ref(), "stop_maintenance"),
        Type::DrainAgent => present(call.drain_agent.as_ref(), "drain_agent"),
        Type::DeactivateAgent => present(call.deactivate_agent.as_ref(), "deactivate_agent"),
        Type::ReactivateAgent => present(call.reactivate_agent.as_ref(), "reactivate_agent"),
        Type::UpdateQuota => present(call.update_quota.as_ref(), "update_quota"),
        Type::SetQuota => present(call.set_quota.as_ref(), "set_quota"),
        Type::RemoveQuota => present(call.remove_quota.as_ref(), "remove_quota"),
        Type::Teardown => present(call.teardown.as_ref(), "teardown"),
        Type::MarkAgentGone => present(call.mark_agent_gone.as_ref(), "mark_agent_gone"),
    }
}

fn names_an_agent<T>(agent_id: Option<&T>) -> Result<(), Invalid> {
    ensure(
        agent_id.is_some(),
        "Expecting 'agent_id' to be present; only agent default resources \
         are supported right now",
    )
}
