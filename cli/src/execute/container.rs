// SPDX-License-Identifier: Apache-2.0

//! The container of the command, for as much as the flags describe it.

use mesos_client::v1::{
    CapabilityInfo, ContainerInfo, Image, Label, Labels, LinuxInfo, NetworkInfo, RLimitInfo,
    TtyInfo, Volume, container_info, image,
};
use mesos_proto::{Described, json};

use super::{
    ExecuteError,
    flags::{Flags, text_or_file},
};

/// The container; none when no flag asks for anything special.
pub(super) fn from_flags(flags: &Flags) -> Result<Option<ContainerInfo>, ExecuteError> {
    if flags.appc_image.is_some() && flags.docker_image.is_some() {
        return Err(ExecuteError::Value(
            "Flags '--docker-image' and '--appc-image' are both set".to_owned(),
        ));
    }
    match flags.containerizer.as_str() {
        "" => Ok(None),
        "mesos" => mesos(flags),
        "docker" => docker(flags).map(Some),
        other => Err(ExecuteError::Value(format!(
            "Unsupported containerizer: {other}; expected 'mesos' or 'docker'"
        ))),
    }
}

fn mesos(flags: &Flags) -> Result<Option<ContainerInfo>, ExecuteError> {
    let image = image(flags);
    let container = ContainerInfo {
        r#type: container_info::Type::Mesos.into(),
        volumes: volumes(flags)?,
        network_infos: network_infos(flags),
        linux_info: linux_info(flags)?,
        rlimit_info: parse::<RLimitInfo>("--rlimits", flags.rlimits.as_deref())?,
        tty_info: flags.tty.then(TtyInfo::default),
        mesos: image.map(|image| container_info::MesosInfo { image: Some(image) }),
        ..Default::default()
    };
    let plain = ContainerInfo { r#type: container.r#type, ..Default::default() };
    Ok((container != plain).then_some(container))
}

fn image(flags: &Flags) -> Option<Image> {
    if let Some(name) = &flags.docker_image {
        return Some(Image {
            r#type: image::Type::Docker.into(),
            docker: Some(image::Docker { name: name.clone(), ..Default::default() }),
            ..Default::default()
        });
    }
    let label = |key: &str, value: &str| Label { key: key.into(), value: Some(value.into()) };
    flags.appc_image.as_ref().map(|name| Image {
        r#type: image::Type::Appc.into(),
        appc: Some(image::Appc {
            name: name.clone(),
            id: None,
            labels: Some(Labels { labels: vec![label("os", "linux"), label("arch", "amd64")] }),
        }),
        ..Default::default()
    })
}

fn docker(flags: &Flags) -> Result<ContainerInfo, ExecuteError> {
    let refuse = |message: &str| Err(ExecuteError::Value(message.to_owned()));
    let Some(image) = flags.docker_image.clone() else {
        return refuse("'Docker' containerizer requires docker image name");
    };
    if flags.tty {
        return refuse("'Docker' containerizer does not allow attaching a TTY");
    }
    let network_infos = network_infos(flags);
    let network = match network_infos.len() {
        0 => None,
        1 => Some(container_info::docker_info::Network::User.into()),
        _ => return refuse("'Docker' containerizer can only support a single network"),
    };
    Ok(ContainerInfo {
        r#type: container_info::Type::Docker.into(),
        volumes: volumes(flags)?,
        network_infos,
        docker: Some(container_info::DockerInfo { image, network, ..Default::default() }),
        ..Default::default()
    })
}

/// The networks of `--networks`, by name.
pub(super) fn network_infos(flags: &Flags) -> Vec<NetworkInfo> {
    let named = |name| NetworkInfo { name: Some(name), ..Default::default() };
    flags.network_names().into_iter().map(named).collect()
}

fn linux_info(flags: &Flags) -> Result<Option<LinuxInfo>, ExecuteError> {
    let effective = parse::<CapabilityInfo>(
        "--effective_capabilities",
        flags.effective_capabilities.as_deref(),
    )?;
    let bounding =
        parse::<CapabilityInfo>("--bounding_capabilities", flags.bounding_capabilities.as_deref())?;
    if effective.is_none() && bounding.is_none() {
        return Ok(None);
    }
    Ok(Some(LinuxInfo {
        effective_capabilities: effective,
        bounding_capabilities: bounding,
        ..Default::default()
    }))
}

fn volumes(flags: &Flags) -> Result<Vec<Volume>, ExecuteError> {
    let Some(text) = &flags.volumes else {
        return Ok(Vec::new());
    };
    let text = text_or_file("--volumes", text)?;
    json::list_from_json::<Volume>(text.as_bytes()).map_err(|error| {
        ExecuteError::Value(format!("Failed to convert '--volumes' to protobuf: {error}"))
    })
}

fn parse<M: Described + Default + prost::Message>(
    flag: &str,
    text: Option<&str>,
) -> Result<Option<M>, ExecuteError> {
    text.map(|text| {
        json::from_json(text.as_bytes())
            .map_err(|error| ExecuteError::Value(format!("Failed to parse '{flag}': {error}")))
    })
    .transpose()
}
