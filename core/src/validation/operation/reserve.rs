// SPDX-License-Identifier: Apache-2.0

//! RESERVE.

use std::collections::BTreeSet;

use mesos_proto::v1::{FrameworkInfo, Resource, offer::operation::Reserve};

use super::{AgentAbilities, Requester, agent_understands};
use crate::{
    resources::{Printed, Resources},
    validation::{
        Invalid, Within, ensure, ensure_with, framework,
        resources::{self, is_dynamically_reserved, reservation_role},
    },
};

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
