// SPDX-License-Identifier: Apache-2.0

//! An offer ends without being used.

use mesos_allocator::{AgentKey, FrameworkKey, Recovery};
use mesos_core::trial::{self, Defect};
use mesos_proto::v1::{
    OfferId,
    scheduler::{Event, event},
};

use super::Offer;
use crate::{
    change::{Change, OfferKey},
    master::Master,
};

impl Master {
    /// Takes an offer out of the books. What becomes of its resources is the caller's matter.
    pub(crate) fn remove_offer(&mut self, key: OfferKey) -> Option<Offer> {
        let offer = self.offers.outstanding.remove(&key)?;
        self.timers.cancel(offer.timer);
        let record = &offer.record;
        let agent = &mut self.agents.registered[record.agent];
        agent.offers.remove(&key);
        agent.offered -= &record.resources;
        let framework = &mut self.frameworks.registered[record.framework];
        framework.offers.remove(&key);
        framework.offered -= &record.resources;
        self.dirty_agents.insert(record.agent);
        self.dirty_frameworks.insert(record.framework);
        self.metrics.outstanding_offers -= 1;
        self.changed(Change::OfferRemoved { offer: key });
        Some(offer)
    }

    /// Ends an offer and gives its resources back.
    pub(crate) fn discard_offer(&mut self, key: OfferKey, how: Recovery) {
        let Some(offer) = self.remove_offer(key) else { return };
        let record = &offer.record;
        let (framework, agent) = (record.framework, record.agent);
        let now = self.now;
        self.allocator.recover(now, framework, agent, &record.role, &record.resources, how);
    }

    /// Ends an offer, gives its resources back, and tells the framework.
    pub(crate) fn rescind_offer(&mut self, key: OfferKey) {
        let Some(offer) = self.offers.outstanding.get(&key) else { return };
        let (framework, id) = (offer.record.framework, offer.record.id.clone());
        self.discard_offer(key, Recovery::Rescinded);
        if trial::has(Defect::RescindNotTold) {
            return;
        }
        self.send_event(
            framework,
            Event {
                r#type: Some(event::Type::Rescind.into()),
                rescind: Some(event::Rescind { offer_id: OfferId { value: id } }),
                ..Default::default()
            },
        );
    }

    /// Rescinds everything that is offered of an agent.
    pub(crate) fn rescind_offers_of_agent(&mut self, key: AgentKey) {
        for offer in super::copy(&self.agents.registered[key].offers) {
            self.rescind_offer(offer);
        }
    }

    /// Rescinds what is offered of an agent and may be taken back at any time.
    pub(crate) fn rescind_revocable_offers(&mut self, key: AgentKey) {
        for offer in super::copy(&self.agents.registered[key].offers) {
            let outstanding = self.offers.outstanding.get(&offer);
            if outstanding.is_some_and(|it| !it.record.resources.revocable().is_empty()) {
                self.rescind_offer(offer);
            }
        }
    }

    /// Ends everything that is offered to a framework that cannot hear of it.
    pub(crate) fn discard_offers_of_framework(&mut self, key: FrameworkKey) {
        for offer in super::copy(&self.frameworks.registered[key].offers) {
            self.discard_offer(offer, Recovery::Rescinded);
        }
    }

    /// Timer: an offer was not used.
    pub(crate) fn offer_timer(&mut self, key: OfferKey) {
        self.rescind_offer(key);
    }
}
