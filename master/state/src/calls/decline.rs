// SPDX-License-Identifier: Apache-2.0

//! DECLINE: offers are not wanted, for a while.

use mesos_allocator::{FrameworkKey, Recovery};
use mesos_proto::v1::scheduler::call::Decline;

use crate::{master::Master, offers::refuse_duration};

impl Master {
    /// Call: DECLINE. Offers that are not there any more, or never were the
    /// framework's own, are passed over.
    pub(super) fn decline(&mut self, framework: FrameworkKey, call: &Decline) {
        self.metrics.messages_decline_offers += 1;
        let refuse = refuse_duration(call.filters.as_ref());
        for offer_id in &call.offer_ids {
            let offer = self.offers.find(&offer_id.value).map(|offer| &offer.record);
            match offer.filter(|offer| offer.framework == framework) {
                Some(offer) => self.discard_offer(offer.key, Recovery::Declined { refuse }),
                None => self.warn(format!(
                    "Ignoring the decline of offer {}: it is no longer valid",
                    offer_id.value
                )),
            }
        }
    }
}
