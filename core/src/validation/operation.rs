// SPDX-License-Identifier: Apache-2.0

//! Operations on offered resources: their shape, and each kind's own rules.
//!
//! LAUNCH and LAUNCH_GROUP have their tasks checked by `task` and `task_group`.

use std::collections::BTreeSet;

use mesos_proto::v1::{
    FrameworkInfo, Resource,
    framework_info::capability::Type as Capability,
    offer::{
        Operation,
        operation::{
            Create, CreateDisk, Destroy, DestroyDisk, GrowVolume, Reserve, ShrinkVolume, Type,
            Unreserve,
        },
    },
    resource::disk_info::{Source, source},
};

use super::{
    Invalid, Within, ensure, ensure_with, framework,
    resources::{self, amount, is_dynamically_reserved, is_persistent_volume, reservation_role},
};
use crate::resources::{Printed, Resources, Scalar, validate as valid};

/// Who attempts an operation.
#[derive(Clone, Copy, Debug)]
pub enum Requester<'a> {
    /// A framework that accepted an offer.
    Framework(&'a FrameworkInfo),
    /// An operator, through the HTTP API.
    Operator,
}

/// What an agent can do with reservations and volumes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentAbilities {
    /// HIERARCHICAL_ROLE.
    pub hierarchical_role: bool,
    /// RESERVATION_REFINEMENT.
    pub reservation_refinement: bool,
    /// RESIZE_VOLUME.
    pub resize_volume: bool,
}

/// Checks that an operation has what its type says, with resources that are valid.
///
/// An unset or unknown type is refused. Call it before the resources are
/// upgraded to the post-refinement format.
///
/// # Errors
/// The part that is missing, or the first invalid resource.
pub fn shape(operation: &Operation) -> Result<(), Invalid> {
    let missing = |article: &str, offer: &str, end: &str| {
        let kind = operation.r#type().as_str_name();
        let field = kind.to_ascii_lowercase();
        Invalid::new(format!(
            "{article} {kind} {offer}operation must have the Offer.Operation.{field} field set{end}"
        ))
    };
    let resources: Vec<&Resource> = match operation.r#type() {
        Type::Unknown => return Err(Invalid::new("Unknown offer operation")),
        Type::Launch => {
            let launch = operation.launch.as_ref().ok_or_else(|| missing("A", "offer ", "."))?;
            launch.task_infos.iter().flat_map(task_resources).collect()
        }
        Type::LaunchGroup => {
            let group = &operation.launch_group;
            let group = group.as_ref().ok_or_else(|| missing("A", "offer ", "."))?;
            let tasks = group.task_group.tasks.iter().flat_map(task_resources);
            group.executor.resources.iter().chain(tasks).collect()
        }
        Type::Reserve => {
            let reserve = operation.reserve.as_ref().ok_or_else(|| missing("A", "offer ", "."))?;
            reserve.resources.iter().chain(&reserve.source).collect()
        }
        Type::Unreserve => {
            let unreserve = &operation.unreserve;
            let unreserve = unreserve.as_ref().ok_or_else(|| missing("An", "offer ", "."))?;
            unreserve.resources.iter().collect()
        }
        Type::Create => {
            let create = operation.create.as_ref().ok_or_else(|| missing("A", "offer ", "."))?;
            create.volumes.iter().collect()
        }
        Type::Destroy => {
            let destroy = operation.destroy.as_ref().ok_or_else(|| missing("A", "offer ", "."))?;
            destroy.volumes.iter().collect()
        }
        Type::GrowVolume => {
            let grow = operation.grow_volume.as_ref().ok_or_else(|| missing("A", "", ""))?;
            vec![&grow.volume, &grow.addition]
        }
        Type::ShrinkVolume => {
            let shrink = &operation.shrink_volume;
            vec![&shrink.as_ref().ok_or_else(|| missing("A", "offer ", ""))?.volume]
        }
        Type::CreateDisk => {
            let create = &operation.create_disk;
            vec![&create.as_ref().ok_or_else(|| missing("A", "offer ", "."))?.source]
        }
        Type::DestroyDisk => {
            let destroy = &operation.destroy_disk;
            vec![&destroy.as_ref().ok_or_else(|| missing("A", "offer ", "."))?.source]
        }
    };
    Ok(valid::all(resources)?)
}

fn task_resources(task: &mesos_proto::v1::TaskInfo) -> impl Iterator<Item = &Resource> {
    let executor = task.executor.iter().flat_map(|executor| &executor.resources);
    task.resources.iter().chain(executor)
}

/// Checks a RESERVE.
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn reserve(
    reserve: &Reserve,
    principal: Option<&str>,
    agent: AgentAbilities,
    requester: Requester<'_>,
) -> Result<(), Invalid> {
    resources::all(&reserve.resources).within("Invalid resources")?;
    resources::all(&reserve.source).within("Invalid source")?;
    if !reserve.source.is_empty() {
        reservation_update(reserve)?;
    }
    resources::from_one_provider(&reserve.resources).within("Invalid resources")?;
    for resource in &reserve.resources {
        ensure_with(is_dynamically_reserved(resource), || {
            format!("Resource {} is not dynamically reserved", Printed(resource))
        })?;
        agent_understands(resource, agent, "Resource", "reserved")?;
        if let Some(principal) = principal {
            reserved_by(resource, principal)?;
        }
        match requester {
            Requester::Framework(info) => reserved_for(resource, info)?,
            Requester::Operator => ensure(
                resource.allocation_info.is_none(),
                "A reserve operation was attempted with an allocated resource, but the operator \
                 API only allows reservations to be made to unallocated resources",
            )?,
        }
    }
    match requester {
        Requester::Framework(_) => {
            resources::allocated_to_one_role(&Resources::from_proto(&reserve.resources))
                .within("Invalid reservation resources")
        }
        Requester::Operator => Ok(()),
    }
}

/// Checks a RESERVE that replaces one reservation by another.
fn reservation_update(reserve: &Reserve) -> Result<(), Invalid> {
    let uniform = |resources: &[Resource]| {
        let Some(first) = resources.first() else {
            return Err(Invalid::new("Resource cannot be empty"));
        };
        ensure_with(resources.iter().all(|r| r.reservations == first.reservations), || {
            let printed = Resources::from_proto(resources);
            format!("Mixed reservations are not supported{printed}")
        })
    };
    uniform(&reserve.source).within("Invalid source")?;
    uniform(&reserve.resources).within("Invalid resources")?;
    let source = Resources::from_proto(&reserve.source).to_unreserved();
    let target = Resources::from_proto(&reserve.resources).to_unreserved();
    ensure_with(source == target, || {
        format!(
            "Source and target resources should refer to identical resource quantities: \
             {source} vs. {target}"
        )
    })
}

/// Checks that the agent knows this kind of reservation.
fn agent_understands(
    resource: &Resource,
    agent: AgentAbilities,
    what: &str,
    done: &str,
) -> Result<(), Invalid> {
    let role = reservation_role(resource);
    ensure_with(agent.hierarchical_role || !role.contains('/'), || {
        format!(
            "{what} {} with reservation for hierarchical role '{role}' cannot be {done} \
             on an agent without HIERARCHICAL_ROLE capability",
            Printed(resource)
        )
    })?;
    ensure_with(agent.reservation_refinement || resource.reservations.len() < 2, || {
        format!(
            "{what} {} with reservation refinement cannot be {done} on an agent \
             without RESERVATION_REFINEMENT capability",
            Printed(resource)
        )
    })
}

fn reserved_by(resource: &Resource, principal: &str) -> Result<(), Invalid> {
    let named = resource.reservations.last().and_then(|last| last.principal.as_deref());
    let Some(named) = named else {
        return Err(Invalid::new(format!(
            "A reserve operation was attempted by principal '{principal}', but there is a \
             reserved resource in the request with no principal set"
        )));
    };
    ensure_with(named == principal, || {
        format!(
            "A reserve operation was attempted by authenticated principal '{principal}', which \
             does not match a reserved resource in the request with principal '{named}'"
        )
    })
}

fn reserved_for(resource: &Resource, info: &FrameworkInfo) -> Result<(), Invalid> {
    let allocated = resource.allocation_info.as_ref().and_then(|info| info.role.as_deref());
    let Some(allocated) = allocated else {
        return Err(Invalid::new(format!(
            "A reserve operation was attempted on unallocated resource {}, but frameworks can \
             only perform reservations on allocated resources",
            Printed(resource)
        )));
    };
    let reserved = reservation_role(resource);
    ensure_with(allocated == reserved, || {
        format!(
            "A reserve operation was attempted for a resource with role '{reserved}', but the \
             resource was allocated to role '{allocated}'"
        )
    })?;
    let roles: BTreeSet<&str> = framework::roles(info);
    ensure_with(roles.contains(allocated), || {
        let roles: Vec<&str> = roles.iter().copied().collect();
        format!(
            "A reserve operation was attempted for a resource allocated to role '{allocated}', \
             but the framework only has roles '{{ {} }}'",
            roles.join(", ")
        )
    })
}

/// Checks an UNRESERVE.
///
/// Whose reservation it may undo is a matter of authorization.
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn unreserve(unreserve: &Unreserve) -> Result<(), Invalid> {
    resources::all(&unreserve.resources).within("Invalid resources")?;
    resources::from_one_provider(&unreserve.resources).within("Invalid resources")?;
    for resource in &unreserve.resources {
        ensure_with(is_dynamically_reserved(resource), || {
            format!("Resource {} is not dynamically reserved", Printed(resource))
        })?;
        ensure_with(!is_persistent_volume(resource), || {
            format!(
                "A dynamically reserved persistent volume {} cannot be unreserved directly. \
                 Please destroy the persistent volume first then unreserve the resource",
                Printed(resource)
            )
        })?;
    }
    Ok(())
}

/// Checks a CREATE.
///
/// `checkpointed` is what the agent remembers: its volumes and reservations.
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn create(
    create: &Create,
    checkpointed: &Resources,
    principal: Option<&str>,
    agent: AgentAbilities,
    requester: Requester<'_>,
) -> Result<(), Invalid> {
    resources::all(&create.volumes).within("Invalid resources")?;
    resources::from_one_provider(&create.volumes).within("Invalid resources")?;
    resources::persistent_volumes(&create.volumes).within("Not a persistent volume")?;
    let volumes = Resources::from_proto(&create.volumes);
    resources::unique_persistence_ids(&(checkpointed + &volumes))?;
    for volume in &create.volumes {
        if let Requester::Framework(info) = requester {
            let may_share = framework::has_capability(info, Capability::SharedResources);
            ensure_with(may_share || volume.shared.is_none(), || {
                format!(
                    "Create volume operation for '{}' has been attempted by framework '{}' \
                     with no SHARED_RESOURCES capability",
                    Printed(volume),
                    info.id.as_ref().map_or("", |id| id.value.as_str())
                )
            })?;
        }
        agent_understands(volume, agent, "Volume", "created")?;
        if let Some(principal) = principal {
            created_by(volume, principal)?;
        }
    }
    match requester {
        Requester::Framework(_) => {
            resources::allocated_to_one_role(&volumes).within("Invalid volume resources")
        }
        Requester::Operator => Ok(()),
    }
}

fn created_by(volume: &Resource, principal: &str) -> Result<(), Invalid> {
    let persistence = volume.disk.as_ref().and_then(|disk| disk.persistence.as_ref());
    let Some(named) = persistence.and_then(|persistence| persistence.principal.as_deref()) else {
        return Err(Invalid::new(format!(
            "Create volume operation attempted by principal '{principal}', but there is a volume \
             in the operation with no principal set in 'disk.persistence'"
        )));
    };
    ensure_with(named == principal, || {
        format!(
            "Create volume operation attempted by authenticated principal '{principal}', which \
             does not match a volume in the operation with principal '{named}' set in \
             'disk.persistence'"
        )
    })
}

/// Checks a DESTROY.
///
/// `used` are the resources of the tasks and executors of each framework on
/// the agent.
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn destroy<'a>(
    destroy: &Destroy,
    checkpointed: &Resources,
    used: impl IntoIterator<Item = &'a Resources>,
) -> Result<(), Invalid> {
    let mut volumes = destroy.volumes.clone();
    volumes.iter_mut().for_each(|volume| volume.allocation_info = None);
    resources::all(&volumes).within("Invalid resources")?;
    resources::from_one_provider(&volumes).within("Invalid resources")?;
    resources::persistent_volumes(&volumes).within("Not a persistent volume")?;
    let volumes = Resources::from_proto(&volumes);
    let all_known = volumes
        .iter()
        .all(|volume| volume.provider_id().is_some() || checkpointed.contains_one(volume));
    ensure(all_known, "Persistent volumes not found")?;
    for resources in used {
        let used = resources.unallocated();
        ensure(
            !volumes.iter().any(|volume| used.contains_one(volume)),
            "Persistent volumes in use",
        )?;
    }
    Ok(())
}

/// Checks a GROW_VOLUME.
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn grow_volume(grow: &GrowVolume, agent: AgentAbilities) -> Result<(), Invalid> {
    valid::resource(&grow.volume).within("Invalid resource in the 'GrowVolume.volume' field")?;
    valid::resource(&grow.addition)
        .within("Invalid resource in the 'GrowVolume.addition' field")?;
    ensure(
        amount(grow.addition.scalar.as_ref()) > Scalar::ZERO,
        "The size of 'GrowVolume.addition' field must be greater than zero",
    )?;
    ensure(
        grow.volume.provider_id.is_none(),
        "Growing a volume from a resource provider is not supported",
    )?;
    resources::persistent_volumes(std::slice::from_ref(&grow.volume))
        .within("Invalid persistent volume in the 'GrowVolume.volume' field")?;
    ensure(grow.volume.shared.is_none(), "Growing a shared persistent volume is not supported")?;
    let both = Resources::from_proto(&[without_volume(&grow.volume), grow.addition.clone()]);
    ensure(
        both.len() == 1,
        "Incompatible resources in the 'GrowVolume.volume' and 'GrowVolume.addition' fields",
    )?;
    ensure_with(agent.resize_volume, || {
        format!(
            "Volume {} cannot be grown on an agent without RESIZE_VOLUME capability",
            Printed(&grow.volume)
        )
    })
}

/// The disk space that a volume occupies.
fn without_volume(volume: &Resource) -> Resource {
    let mut space = volume.clone();
    if let Some(disk) = &mut space.disk {
        disk.persistence = None;
        disk.volume = None;
    }
    if space.disk.as_ref().is_some_and(|disk| disk.source.is_none()) {
        space.disk = None;
    }
    space
}

/// Checks a SHRINK_VOLUME.
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn shrink_volume(shrink: &ShrinkVolume, agent: AgentAbilities) -> Result<(), Invalid> {
    valid::resource(&shrink.volume)
        .within("Invalid resource in the 'ShrinkVolume.volume' field")?;
    let subtract = Scalar::from(&shrink.subtract);
    ensure(subtract > Scalar::ZERO, "Value of 'ShrinkVolume.subtract' must be greater than zero")?;
    ensure(
        amount(shrink.volume.scalar.as_ref()) > subtract,
        "Value of 'ShrinkVolume.subtract' must be smaller than the size of 'ShrinkVolume.volume'",
    )?;
    ensure(
        shrink.volume.provider_id.is_none(),
        "Shrinking a volume from a resource provider is not supported",
    )?;
    ensure(
        disk_source(&shrink.volume).map(Source::r#type) != Some(source::Type::Mount),
        "Shrinking a volume on a MOUNT disk is not supported",
    )?;
    resources::persistent_volumes(std::slice::from_ref(&shrink.volume))
        .within("Invalid persistent volume in the 'ShrinkVolume.volume' field")?;
    ensure(
        shrink.volume.shared.is_none(),
        "Shrinking a shared persistent volume is not supported",
    )?;
    ensure_with(agent.resize_volume, || {
        format!(
            "Volume {} cannot be shrunk on an agent without RESIZE_VOLUME capability",
            Printed(&shrink.volume)
        )
    })
}

fn disk_source(resource: &Resource) -> Option<&Source> {
    resource.disk.as_ref()?.source.as_ref()
}

/// Checks a CREATE_DISK.
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn create_disk(create: &CreateDisk) -> Result<(), Invalid> {
    resources::all(std::slice::from_ref(&create.source)).within("Invalid resource")?;
    ensure(create.source.provider_id.is_some(), "'source' is not managed by a resource provider")?;
    let raw = disk_source(&create.source).filter(|s| s.r#type() == source::Type::Raw);
    let Some(raw) = raw else {
        return Err(Invalid::new("'source' is not a RAW disk resource"));
    };
    ensure(
        matches!(create.target_type(), source::Type::Mount | source::Type::Block),
        "'target_type' is neither MOUNT or BLOCK",
    )?;
    match (raw.profile.is_some(), create.target_profile.is_some()) {
        (true, true) => {
            Err(Invalid::new("'target_profile' must not be set when 'source' has a profile"))
        }
        (false, false) => {
            Err(Invalid::new("'target_profile' must be set when 'source' has no profile"))
        }
        (true, false) | (false, true) => Ok(()),
    }
}

/// Checks a DESTROY_DISK.
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn destroy_disk(destroy: &DestroyDisk) -> Result<(), Invalid> {
    resources::all(std::slice::from_ref(&destroy.source)).within("Invalid resource")?;
    ensure(destroy.source.provider_id.is_some(), "'source' is not managed by a resource provider")?;
    let disk = disk_source(&destroy.source).filter(|disk| {
        matches!(disk.r#type(), source::Type::Mount | source::Type::Block | source::Type::Raw)
    });
    let Some(disk) = disk else {
        return Err(Invalid::new("'source' is neither a MOUNT, BLOCK or RAW disk resource"));
    };
    ensure(disk.id.is_some(), "'source' is not backed by a CSI volume")?;
    ensure_with(!is_persistent_volume(&destroy.source), || {
        format!(
            "A disk resource containing a persistent volume {} cannot be destroyed directly. \
             Please destroy the persistent volume first then destroy the disk resource",
            Printed(&destroy.source)
        )
    })
}
