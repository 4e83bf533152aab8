// SPDX-License-Identifier: Apache-2.0

//! The framework that `mesos-execute` registers as.

use mesos_client::v1::{
    FrameworkInfo, framework_info::Capability, framework_info::capability::Type,
};
use nix::unistd::{User, getuid};

use super::{ExecuteError, flags::Flags};

/// The description of the framework.
#[expect(deprecated, reason = "as Mesos's, it names its one role in `role`, without MULTI_ROLE")]
pub(super) fn info(flags: &Flags) -> Result<FrameworkInfo, ExecuteError> {
    Ok(FrameworkInfo {
        user: user()?,
        name: "mesos-execute instance".into(),
        role: Some(flags.role.clone()),
        checkpoint: Some(flags.checkpoint),
        capabilities: capabilities(flags)?,
        principal: flags.principal.clone(),
        ..Default::default()
    })
}

fn user() -> Result<String, ExecuteError> {
    let uid = getuid();
    match User::from_uid(uid) {
        Ok(Some(user)) => Ok(user.name),
        Ok(None) => Err(ExecuteError::Value(format!("No username for uid {uid}"))),
        Err(error) => Err(ExecuteError::Value(format!("Failed to get username: {error}"))),
    }
}

fn capabilities(flags: &Flags) -> Result<Vec<Capability>, ExecuteError> {
    let mut kinds =
        vec![Type::ReservationRefinement, Type::TaskKillingState, Type::RevocableResources];
    if flags.partition_aware {
        kinds.push(Type::PartitionAware);
    }
    let more = flags.framework_capabilities.as_deref().unwrap_or_default();
    for name in more.split(',').filter(|name| !name.is_empty()) {
        let problem = match Type::from_str_name(name) {
            Some(Type::GpuResources) => None,
            Some(_) => Some("unsupported"),
            None => Some("unknown"),
        };
        if let Some(problem) = problem {
            return Err(ExecuteError::Value(format!(
                "Flags '--framework_capabilities' specifies an {problem} capability '{name}'; \
                 expected GPU_RESOURCES"
            )));
        }
        kinds.push(Type::GpuResources);
    }
    Ok(kinds.into_iter().map(|kind| Capability { r#type: Some(kind.into()) }).collect())
}
