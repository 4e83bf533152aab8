// SPDX-License-Identifier: Apache-2.0

//! Offers: made from allocations, taken back, or used.
//!
//! An offer is resources of one agent for one role of one framework. It ends
//! by ACCEPT, DECLINE, a rescind (with a RESCIND event) or a discard (without:
//! the framework is not there to hear it, or has just named the offer itself).

mod discard;
mod filters;
mod send;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use crate::{
    change::{OfferKey, OfferRecord},
    timers::TimerId,
};

pub(crate) use self::filters::refuse_duration;

/// An outstanding offer.
#[derive(Debug)]
pub(crate) struct Offer {
    /// What the views know of it.
    pub(crate) record: Arc<OfferRecord>,
    /// Runs when offers have a timeout.
    pub(crate) timer: Option<TimerId>,
}

/// All outstanding offers.
#[derive(Debug)]
pub(crate) struct Offers {
    /// `<master id>-O`.
    prefix: String,
    /// By number.
    pub(crate) outstanding: HashMap<OfferKey, Offer>,
    next: u64,
}

impl Offers {
    /// No offers; ids will start with `master_id`.
    pub(crate) fn new(master_id: &str) -> Self {
        Offers { prefix: format!("{master_id}-O"), outstanding: HashMap::new(), next: 0 }
    }

    /// A number for a new offer, and the id that has it.
    pub(crate) fn next_id(&mut self) -> (OfferKey, String) {
        let key = OfferKey(self.next);
        self.next += 1;
        (key, format!("{}{}", self.prefix, key.0))
    }

    /// The outstanding offer with an id.
    pub(crate) fn find(&self, offer_id: &str) -> Option<&Offer> {
        let number = offer_id.strip_prefix(&self.prefix)?.parse().ok()?;
        let offer = self.outstanding.get(&OfferKey(number))?;
        (offer.record.id == offer_id).then_some(offer)
    }
}

/// The outstanding offers among `keys`, in order.
pub(crate) fn copy(keys: &BTreeSet<OfferKey>) -> Vec<OfferKey> {
    keys.iter().copied().collect()
}
