// SPDX-License-Identifier: Apache-2.0

//! The offers an ACCEPT names: known, distinct, of one framework, role and agent.

use std::collections::BTreeSet;

use mesos_proto::v1::OfferId;

use super::{Invalid, ensure, ensure_with};

/// What the master knows of an outstanding offer or inverse offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferFacts<'a> {
    /// The framework it was made to.
    pub framework_id: &'a str,
    /// The agent it is about.
    pub agent_id: &'a str,
    /// The role it is allocated to; empty for an inverse offer.
    pub role: &'a str,
}

/// Checks the offers of an ACCEPT.
///
/// `lookup` finds an outstanding offer.
///
/// # Errors
/// No offers, or the first thing that is wrong with them.
pub fn validate<'a>(
    offer_ids: &[OfferId],
    framework_id: &str,
    lookup: impl Fn(&OfferId) -> Option<OfferFacts<'a>>,
) -> Result<(), Invalid> {
    ensure(!offer_ids.is_empty(), "No offers specified")?;
    distinct(offer_ids)?;
    let offers = known(offer_ids, &lookup, "Offer")?;
    of_framework(&offers, framework_id)?;
    let first_role = offers.first().map_or("", |(_, offer)| offer.role);
    for (id, offer) in &offers {
        ensure_with(offer.role == first_role, || {
            format!(
                "Aggregated offers must be allocated to the same role. Offer {id} uses \
                 role '{} but another is using role '{first_role}",
                offer.role
            )
        })?;
    }
    on_one_agent(&offers)
}

/// Checks the offers of an ACCEPT_INVERSE_OFFERS.
///
/// # Errors
/// The first thing that is wrong with them.
pub fn validate_inverse<'a>(
    offer_ids: &[OfferId],
    framework_id: &str,
    lookup: impl Fn(&OfferId) -> Option<OfferFacts<'a>>,
) -> Result<(), Invalid> {
    distinct(offer_ids)?;
    let offers = known(offer_ids, &lookup, "Inverse offer")?;
    of_framework(&offers, framework_id)?;
    on_one_agent(&offers)
}

fn distinct(offer_ids: &[OfferId]) -> Result<(), Invalid> {
    let mut seen = BTreeSet::new();
    offer_ids.iter().try_for_each(|id| {
        ensure_with(seen.insert(id.value.as_str()), || {
            format!("Duplicate offer {} in offer list", id.value)
        })
    })
}

fn known<'a, 'b>(
    offer_ids: &'b [OfferId],
    lookup: &impl Fn(&OfferId) -> Option<OfferFacts<'a>>,
    what: &str,
) -> Result<Vec<(&'b str, OfferFacts<'a>)>, Invalid> {
    offer_ids
        .iter()
        .map(|id| match lookup(id) {
            Some(offer) => Ok((id.value.as_str(), offer)),
            None => Err(Invalid::new(format!("{what} {} is no longer valid", id.value))),
        })
        .collect()
}

fn of_framework(offers: &[(&str, OfferFacts<'_>)], framework_id: &str) -> Result<(), Invalid> {
    offers.iter().try_for_each(|(id, offer)| {
        ensure_with(offer.framework_id == framework_id, || {
            format!(
                "Offer {id} has invalid framework {} while framework {framework_id} is expected",
                offer.framework_id
            )
        })
    })
}

fn on_one_agent(offers: &[(&str, OfferFacts<'_>)]) -> Result<(), Invalid> {
    let first = offers.first().map_or("", |(_, offer)| offer.agent_id);
    offers.iter().try_for_each(|(id, offer)| {
        ensure_with(offer.agent_id == first, || {
            format!(
                "Aggregated offers must belong to one single agent. Offer {id} uses agent {} \
                 and agent {first}",
                offer.agent_id
            )
        })
    })
}
