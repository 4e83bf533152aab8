// SPDX-License-Identifier: Apache-2.0

//! UNRESERVE.

use mesos_proto::v1::offer::operation::Unreserve;

use crate::{
    resources::Printed,
    validation::{
        Invalid, Within, ensure_with,
        resources::{self, is_dynamically_reserved, is_persistent_volume},
    },
};

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
