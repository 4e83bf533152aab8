// SPDX-License-Identifier: Apache-2.0

//! The shape of an operator's (or executor's) call to an agent.
//!
//! Beyond Mesos it refuses to remove a container that is not nested, which
//! Apache's agent aborts on.

use mesos_proto::v1::{
    CommandInfo, ContainerId, ContainerInfo, Resource, ResourceProviderInfo,
    agent::{
        Call,
        call::{
            AttachContainerInput, LaunchContainer, LaunchNestedContainer,
            LaunchNestedContainerSession, Type, attach_container_input,
        },
    },
};

use super::{
    Invalid, Within, command, container, ensure, ensure_with, present,
    resources::{self, is_persistent_volume},
};
use crate::resources::{convert, validate as valid};

/// Checks a call, before anything is looked up.
///
/// A call of type UNKNOWN passes: the caller answers it.
///
/// # Errors
/// The first thing that is wrong with it.
#[allow(deprecated, reason = "the old nested container calls are still spoken")]
pub fn validate(call: &Call) -> Result<(), Invalid> {
    /// The sub-message of this name must be there.
    macro_rules! has {
        ($part:ident) => {
            present(call.$part.as_ref(), stringify!($part))
        };
    }
    /// The sub-message of this name must be there, with a valid container id.
    macro_rules! container {
        ($part:ident) => {
            names_a_container(call.$part.as_ref().map(|c| &c.container_id), stringify!($part))
        };
    }
    /// The same, with the id of a container within another one.
    macro_rules! nested {
        ($part:ident) => {
            names_a_nested(call.$part.as_ref().map(|c| &c.container_id), stringify!($part))
        };
    }
    let kind = call.r#type.and_then(|number| Type::try_from(number).ok());
    let Some(kind) = kind else {
        return Err(Invalid::new("Expecting 'type' to be present"));
    };
    match kind {
        Type::Unknown | Type::PruneImages => Ok(()),
        Type::GetHealth | Type::GetFlags | Type::GetVersion | Type::GetLoggingLevel => Ok(()),
        Type::GetState | Type::GetContainers | Type::GetFrameworks | Type::GetExecutors => Ok(()),
        Type::GetOperations | Type::GetTasks | Type::GetAgent => Ok(()),
        Type::GetResourceProviders => Ok(()),
        Type::GetMetrics => has!(get_metrics),
        Type::SetLoggingLevel => has!(set_logging_level),
        Type::ListFiles => has!(list_files),
        Type::ReadFile => has!(read_file),
        Type::LaunchNestedContainer => {
            nested!(launch_nested_container)?;
            call.launch_nested_container.as_ref().map_or(Ok(()), launch_nested)
        }
        Type::WaitNestedContainer => nested!(wait_nested_container),
        Type::KillNestedContainer => nested!(kill_nested_container),
        Type::RemoveNestedContainer => nested!(remove_nested_container),
        Type::LaunchNestedContainerSession => {
            nested!(launch_nested_container_session)?;
            call.launch_nested_container_session.as_ref().map_or(Ok(()), launch_session)
        }
        Type::AttachContainerInput => {
            has!(attach_container_input)?;
            call.attach_container_input.as_ref().map_or(Ok(()), attach_input)
        }
        Type::AttachContainerOutput => container!(attach_container_output),
        Type::LaunchContainer => {
            has!(launch_container)?;
            call.launch_container.as_ref().map_or(Ok(()), launch_container)
        }
        Type::WaitContainer => container!(wait_container),
        Type::KillContainer => container!(kill_container),
        Type::RemoveContainer => nested!(remove_container),
        Type::AddResourceProviderConfig => {
            has!(add_resource_provider_config)?;
            let info = call.add_resource_provider_config.as_ref().map(|call| &call.info);
            without_id(info, "add_resource_provider_config")
        }
        Type::UpdateResourceProviderConfig => {
            has!(update_resource_provider_config)?;
            let info = call.update_resource_provider_config.as_ref().map(|call| &call.info);
            without_id(info, "update_resource_provider_config")
        }
        Type::RemoveResourceProviderConfig => has!(remove_resource_provider_config),
        Type::MarkResourceProviderGone => has!(mark_resource_provider_gone),
    }
}

fn launch_nested(launch: &LaunchNestedContainer) -> Result<(), Invalid> {
    let (command, container) = (launch.command.as_ref(), launch.container.as_ref());
    runnable("launch_nested_container", command, container)?;
    ensure(
        container::share_cgroups(container) != Some(false)
            || !is_twice_nested(&launch.container_id),
        "'launch_nested_container' is invalid: containers nested at the second level or \
         greater cannot set 'share_cgroups' to 'false'",
    )
}

fn launch_session(launch: &LaunchNestedContainerSession) -> Result<(), Invalid> {
    let (command, container) = (launch.command.as_ref(), launch.container.as_ref());
    runnable("launch_nested_container_session", command, container)?;
    ensure(
        container::share_cgroups(container) != Some(false),
        "'launch_nested_container_session.container.linux_info' is invalid: \
         'share_cgroups' cannot be set to 'false' for nested container sessions",
    )
}

fn names_a_container(id: Option<&ContainerId>, call: &str) -> Result<(), Invalid> {
    let Some(id) = id else { return present(id, call) };
    container::id(id).within(&format!("'{call}.container_id' is invalid"))
}

fn names_a_nested(id: Option<&ContainerId>, call: &str) -> Result<(), Invalid> {
    names_a_container(id, call)?;
    ensure_with(id.is_none_or(|id| id.parent.is_some()), || {
        format!("Expecting '{call}.container_id.parent' to be present")
    })
}

fn is_twice_nested(id: &ContainerId) -> bool {
    id.parent.as_ref().is_some_and(|parent| parent.parent.is_some())
}

fn runnable(
    call: &str,
    command: Option<&CommandInfo>,
    container: Option<&ContainerInfo>,
) -> Result<(), Invalid> {
    command.map_or(Ok(()), command::validate).within(&format!("'{call}.command' is invalid"))?;
    container.map_or(Ok(()), container::validate).within(&format!("'{call}.container' is invalid"))
}

fn attach_input(call: &AttachContainerInput) -> Result<(), Invalid> {
    if call.r#type.is_none() {
        return Err(Invalid::new("Expecting 'attach_container_input.type' to be present"));
    }
    match call.r#type() {
        attach_container_input::Type::Unknown => {
            Err(Invalid::new("'attach_container_input.type' is unknown"))
        }
        attach_container_input::Type::ContainerId => {
            let none = ContainerId::default();
            container::id(call.container_id.as_ref().unwrap_or(&none))
                .within("'attach_container_input.container_id' is invalid")
        }
        attach_container_input::Type::ProcessIo => Ok(()),
    }
}

fn launch_container(launch: &LaunchContainer) -> Result<(), Invalid> {
    container::id(&launch.container_id).within("'launch_container.container_id' is invalid")?;
    valid::all(&launch.resources).within("Invalid resources")?;
    resources::gpus(&launch.resources).within("Invalid GPU resources")?;
    let stands_alone = launch.container_id.parent.is_none();
    if stands_alone {
        launch.resources.iter().try_for_each(standalone_resource)?;
    }
    runnable("launch_container", launch.command.as_ref(), launch.container.as_ref())?;
    let share_cgroups = container::share_cgroups(launch.container.as_ref());
    if is_twice_nested(&launch.container_id) {
        let refuse = |what: &str| {
            format!(
                "'launch_container' is invalid: containers nested at the second level or \
                 greater cannot {what}"
            )
        };
        ensure_with(launch.resources.is_empty(), || refuse("specify resources"))?;
        ensure_with(launch.limits.is_empty(), || refuse("specify resource limits"))?;
        ensure_with(share_cgroups != Some(false), || refuse("set 'share_cgroups' to 'false'"))?;
    }
    ensure(
        !stands_alone || share_cgroups != Some(true),
        "'launch_container' is invalid: containers without a parent cannot set 'share_cgroups' \
         to 'true'",
    )
}

/// A container outside of any offer may only use what nobody else counts on.
fn standalone_resource(resource: &Resource) -> Result<(), Invalid> {
    let mut resource = resource.clone();
    convert::upgrade(&mut resource);
    ensure(resource.reservations.is_empty(), "'launch_container.resources' must be unreserved")?;
    ensure(
        !is_persistent_volume(&resource),
        "'launch_container.resources' may not use persistent volumes",
    )?;
    ensure(resource.revocable.is_none(), "'launch_container.resources' must be non-revocable")
}

/// The agent gives providers their ids.
fn without_id(info: Option<&ResourceProviderInfo>, call: &str) -> Result<(), Invalid> {
    ensure_with(info.is_none_or(|info| info.id.is_none()), || {
        format!("Expecting '{call}.info.id' to be unset")
    })
}
