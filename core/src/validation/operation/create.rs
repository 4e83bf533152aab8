// SPDX-License-Identifier: Apache-2.0

//! CREATE.

use mesos_proto::v1::{
    Resource, framework_info::capability::Type as Capability, offer::operation::Create,
};

use super::{AgentAbilities, Requester, agent_understands};
use crate::{
    resources::{Printed, Resources},
    validation::{Invalid, Within, ensure_with, framework, resources},
};

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
