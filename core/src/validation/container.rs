// SPDX-License-Identifier: Apache-2.0

//! Containers: their ids, volumes and types.

use mesos_proto::v1::{
    ContainerId, ContainerInfo, Volume, container_info,
    volume::{Source, source},
};

use super::{Invalid, Within, ensure, ensure_with};
use crate::ids;

/// The longest id of a container, in bytes.
pub const ID_LENGTH_MAX: usize = 242;

/// Checks the id of a container, and those of the containers around it.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn id(id: &ContainerId) -> Result<(), Invalid> {
    let mut refusal_prefix = String::new();
    let mut next = Some(id);
    while let Some(id) = next {
        own_id(&id.value).map_err(|error| Invalid::new(format!("{refusal_prefix}{error}")))?;
        refusal_prefix.push_str("'ContainerID.parent' is invalid: ");
        next = id.parent.as_deref();
    }
    Ok(())
}

fn own_id(id: &str) -> Result<(), Invalid> {
    ids::validate(id)?;
    ensure_with(id.len() <= ID_LENGTH_MAX, || {
        format!("'ContainerID.value' '{id}' exceeds the maximum length ({ID_LENGTH_MAX})")
    })?;
    // Periods separate the ids of nested containers in paths and logs.
    ensure_with(!id.contains(['.', ' ']), || {
        format!("'ContainerID.value' '{id}' contains invalid characters")
    })
}

/// Checks a container.
///
/// # Errors
/// The first volume, or the Docker part, that is wrong.
pub fn validate(container: &ContainerInfo) -> Result<(), Invalid> {
    container.volumes.iter().try_for_each(volume).within("Invalid volume")?;
    if container.r#type() != container_info::Type::Docker {
        return Ok(());
    }
    let Some(docker) = &container.docker else {
        return Err(Invalid::new("DockerInfo 'docker' is not set for DOCKER typed ContainerInfo"));
    };
    // The agent names Docker containers itself, to find them again.
    ensure(
        docker.parameters.iter().all(|parameter| parameter.key != "name"),
        "Parameter in DockerInfo must not be 'name'",
    )
}

/// Checks that a volume has exactly one origin, and all of it.
///
/// # Errors
/// What is missing or too much.
pub fn volume(volume: &Volume) -> Result<(), Invalid> {
    let origins = [volume.host_path.is_some(), volume.image.is_some(), volume.source.is_some()];
    ensure(
        origins.into_iter().filter(|set| *set).count() == 1,
        "Only one of them should be set: 'host_path', 'image' and 'source'",
    )?;
    volume.source.as_ref().map_or(Ok(()), volume_source)
}

fn volume_source(source: &Source) -> Result<(), Invalid> {
    match source.r#type() {
        source::Type::DockerVolume => ensure(
            source.docker_volume.is_some(),
            "'source.docker_volume' is not set for DOCKER_VOLUME volume",
        ),
        source::Type::HostPath => {
            ensure(source.host_path.is_some(), "'source.host_path' is not set for HOST_PATH volume")
        }
        source::Type::SandboxPath => ensure(
            source.sandbox_path.is_some(),
            "'source.sandbox_path' is not set for SANDBOX_PATH volume",
        ),
        source::Type::Secret => {
            ensure(source.secret.is_some(), "'source.secret' is not set for SECRET volume")
        }
        source::Type::CsiVolume => {
            let Some(csi) = &source.csi_volume else {
                return Err(Invalid::new("'source.csi_volume' is not set for CSI volume"));
            };
            ensure(
                csi.static_provisioning.is_some(),
                "'source.csi_volume.static_provisioning' is not set for CSI volume",
            )
        }
        source::Type::Unknown => Err(Invalid::new("'source.type' is unknown")),
    }
}

/// The value of `share_cgroups`, if it is set.
pub(super) fn share_cgroups(container: Option<&ContainerInfo>) -> Option<bool> {
    container?.linux_info.as_ref()?.share_cgroups
}
