// SPDX-License-Identifier: Apache-2.0

//! Frameworks: who may subscribe as what, and what an update may change.

use std::collections::BTreeSet;

use mesos_proto::v1::{
    FrameworkInfo, OfferFilters, framework_info::capability::Type as Capability,
    offer_filters::MinAllocatableResources,
};

use super::{Invalid, Within, ensure, ensure_with, number};
use crate::{ids, roles};

/// What a master lets in.
#[derive(Clone, Copy, Debug)]
pub struct Admission<'a> {
    /// The roles of `--roles`; `None` lets every role in.
    pub role_whitelist: Option<&'a BTreeSet<String>>,
    /// `--root_submissions`: whether frameworks may run tasks as root.
    pub root_submissions: bool,
    /// Whether a framework with this id has completed or was torn down.
    pub completed: bool,
}

/// Whether the framework has a capability.
pub fn has_capability(info: &FrameworkInfo, capability: Capability) -> bool {
    info.capabilities.iter().any(|has| has.r#type.is_some() && has.r#type() == capability)
}

/// The roles of the framework, in whichever field they are.
pub fn roles(info: &FrameworkInfo) -> BTreeSet<&str> {
    if has_capability(info, Capability::MultiRole) {
        info.roles.iter().map(String::as_str).collect()
    } else {
        BTreeSet::from([info.role()])
    }
}

/// Checks a framework that subscribes, or updates itself, with these suppressed roles.
///
/// # Errors
/// The first thing that is wrong, in the order of Mesos.
pub fn subscription(
    info: &FrameworkInfo,
    suppressed_roles: &[String],
    admission: Admission<'_>,
) -> Result<(), Invalid> {
    validate(info)?;
    let roles = roles(info);
    if let Some(whitelist) = admission.role_whitelist {
        let strangers = roles.iter().filter(|role| **role != "*" && !whitelist.contains(**role));
        let strangers: Vec<&str> = strangers.copied().collect();
        ensure_with(strangers.is_empty(), || {
            format!("Roles {{ {} }} are not present in the master's --roles", strangers.join(", "))
        })?;
    }
    for role in suppressed_roles {
        ensure_with(roles.contains(role.as_str()), || {
            format!("Suppressed role '{role}' is not contained in the list of roles")
        })?;
    }
    ensure(
        info.user != "root" || admission.root_submissions,
        "User 'root' is not allowed to run frameworks without --root_submissions set",
    )?;
    ensure(!admission.completed, "Framework has been removed")?;
    let seconds = info.failover_timeout();
    ensure_with(is_duration(seconds), || {
        format!("The framework failover_timeout ({}) is invalid", number::general(seconds))
    })
}

/// Whether that many seconds fit in 64 bits of nanoseconds.
fn is_duration(seconds: f64) -> bool {
    let nanoseconds = seconds * 1e9;
    nanoseconds >= i64::MIN as f64 && nanoseconds < i64::MAX as f64
}

/// Checks the framework itself: roles, id, offer filters.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn validate(info: &FrameworkInfo) -> Result<(), Invalid> {
    validate_roles(info)?;
    if let Some(id) = info.id.as_ref().filter(|id| !id.value.is_empty()) {
        ids::validate(&id.value)?;
    }
    info.offer_filters.values().try_for_each(offer_filters)
}

#[expect(deprecated, reason = "frameworks without MULTI_ROLE have one role in the old field")]
fn validate_roles(info: &FrameworkInfo) -> Result<(), Invalid> {
    if !has_capability(info, Capability::MultiRole) {
        ensure(
            info.roles.is_empty(),
            "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable",
        )?;
        return roles::validate(info.role()).within("'FrameworkInfo.role' is not a valid role");
    }
    ensure(
        info.role.is_none(),
        "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable",
    )?;
    let mut seen = BTreeSet::new();
    let duplicates: BTreeSet<&str> =
        info.roles.iter().map(String::as_str).filter(|role| !seen.insert(*role)).collect();
    ensure_with(duplicates.is_empty(), || {
        let items: Vec<&str> = duplicates.into_iter().collect();
        format!("'FrameworkInfo.roles' contains duplicate items: {{ {} }}", items.join(", "))
    })?;
    info.roles
        .iter()
        .try_for_each(|role| roles::validate(role))
        .within("'FrameworkInfo.roles' contains invalid role")
}

fn offer_filters(filters: &OfferFilters) -> Result<(), Invalid> {
    let none = MinAllocatableResources::default();
    let minimum = filters.min_allocatable_resources.as_ref().unwrap_or(&none);
    for alternative in &minimum.quantities {
        ensure(
            !alternative.quantities.is_empty(),
            "Resource quantities must contain at least one quantity",
        )?;
        for (name, quantity) in &alternative.quantities {
            amount(quantity.value).within(&format!("Invalid resource quantity for '{name}'"))?;
        }
    }
    Ok(())
}

/// Checks an amount: finite, not negative, zero or a normal number.
///
/// # Errors
/// What is wrong with it.
pub fn amount(value: f64) -> Result<(), Invalid> {
    ensure(!value.is_infinite(), "Infinite values not supported")?;
    ensure(!value.is_nan(), "NaN not supported")?;
    ensure(!value.is_subnormal(), "Subnormal values not supported")?;
    ensure(value >= 0.0, "Negative values not supported")
}

/// Checks what UPDATE_FRAMEWORK, or a new subscription, wants to change.
///
/// # Errors
/// A change of a field that must stay. The old principal is never told.
pub fn update(old: &FrameworkInfo, new: &FrameworkInfo) -> Result<(), Invalid> {
    principal_kept(old, new)?;
    ensure_with(old.user == new.user, || {
        format!(
            "Updating 'FrameworkInfo.user' is unsupported; attempted to update \
             from '{}' to '{}'",
            old.user, new.user
        )
    })?;
    ensure_with(old.checkpoint() == new.checkpoint(), || {
        format!(
            "Updating 'FrameworkInfo.checkpoint' is unsupported; attempted to update \
             from '{}' to '{}'",
            old.checkpoint(),
            new.checkpoint()
        )
    })
}

/// Checks that a framework that subscribes again has its principal of before.
///
/// # Errors
/// Another principal, or none any more.
pub fn principal_kept(old: &FrameworkInfo, new: &FrameworkInfo) -> Result<(), Invalid> {
    ensure(old.principal == new.principal, "Changing framework's principal is not allowed.")
}

/// Puts back what a framework cannot change by subscribing again: user and checkpoint.
pub fn preserve_immutable(old: &FrameworkInfo, new: &mut FrameworkInfo) {
    if new.user != old.user {
        new.user.clone_from(&old.user);
    }
    if new.checkpoint() != old.checkpoint() {
        new.checkpoint = Some(old.checkpoint());
    }
}
