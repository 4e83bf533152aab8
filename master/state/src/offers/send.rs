// SPDX-License-Identifier: Apache-2.0

//! Allocations become offers.

use std::{collections::BTreeMap, sync::Arc};

use mesos_allocator::{Allocation, FrameworkKey, Recovery};
use mesos_proto::v1::{
    self, AgentId, ExecutorId, FrameworkId, OfferId, Url,
    resource::AllocationInfo,
    scheduler::{Event, event},
};

use super::Offer;
use crate::{
    agents::address_of,
    change::{Change, OfferKey, OfferRecord},
    master::Master,
    timers::Timer,
};

impl Master {
    /// Sends what one pass of the allocator gave, in one event per framework.
    pub(crate) fn send_offers(&mut self, allocations: Vec<Allocation>) {
        let mut events: BTreeMap<FrameworkKey, Vec<v1::Offer>> = BTreeMap::new();
        for allocation in allocations {
            let framework = allocation.framework;
            if let Some(offer) = self.make_offer(allocation) {
                events.entry(framework).or_default().push(offer);
            }
        }
        for (framework, offers) in events {
            self.send_event(
                framework,
                Event {
                    r#type: Some(event::Type::Offers.into()),
                    offers: Some(event::Offers { offers }),
                    ..Default::default()
                },
            );
        }
    }

    fn make_offer(&mut self, allocation: Allocation) -> Option<v1::Offer> {
        let Allocation { framework, agent, role, resources } = allocation;
        let connected = self.frameworks.registered[framework].connected();
        if !connected || !self.agents.registered[agent].record.active {
            let now = self.now;
            let how = Recovery::Rescinded;
            self.allocator.recover(now, framework, agent, &role, &resources, how);
            return None;
        }
        let (key, id) = self.offers.next_id();
        let record = Arc::new(OfferRecord { key, id, framework, role, agent, resources });
        let offer = self.describe(&record);
        self.changed(Change::OfferAdded(record.clone()));
        let timeout = self.config.offer_timeout;
        let timer = timeout.map(|timeout| self.timers.set(self.now, timeout, Timer::Offer(key)));
        self.book_offer(key, &record);
        self.offers.outstanding.insert(key, Offer { record, timer });
        Some(offer)
    }

    fn book_offer(&mut self, key: OfferKey, record: &OfferRecord) {
        let agent = &mut self.agents.registered[record.agent];
        agent.offers.insert(key);
        agent.offered += &record.resources;
        let framework = &mut self.frameworks.registered[record.framework];
        framework.offers.insert(key);
        framework.offered += &record.resources;
        self.dirty_agents.insert(record.agent);
        self.dirty_frameworks.insert(record.framework);
        self.metrics.outstanding_offers += 1;
    }

    /// The offer as its framework sees it, by the framework's capabilities.
    fn describe(&self, record: &OfferRecord) -> v1::Offer {
        let agent = &self.agents.registered[record.agent];
        let framework = &self.frameworks.registered[record.framework];
        let info = &agent.record.info;
        let executors = agent.executors.range((record.framework, "".into())..);
        let executors = executors.take_while(|((owner, _), _)| *owner == record.framework);
        let executor_ids = executors.map(|((_, id), _)| ExecutorId { value: id.to_string() });
        let mut resources = match framework.capabilities.reservation_refinement {
            true => record.resources.to_proto(),
            // The allocator offers no refined reservations to such a framework.
            false => record.resources.to_pre_refinement().unwrap_or_default(),
        };
        resources.retain(|resource| resource.name != "ephemeral_ports");
        let multi_role = framework.capabilities.multi_role;
        if !multi_role {
            resources.iter_mut().for_each(|resource| resource.allocation_info = None);
        }
        let allocation_info = AllocationInfo { role: Some(record.role.to_string()) };
        v1::Offer {
            id: OfferId { value: record.id.clone() },
            framework_id: FrameworkId { value: framework.record.id.to_string() },
            agent_id: AgentId { value: agent.record.id.to_string() },
            hostname: info.hostname.clone(),
            url: Some(url_of(&agent.record.pid, &info.hostname)),
            domain: info.domain.clone(),
            resources,
            attributes: info.attributes.clone(),
            executor_ids: executor_ids.collect(),
            unavailability: None,
            allocation_info: multi_role.then_some(allocation_info),
        }
    }
}

/// Where an agent listens, e.g. `http://10.0.0.7:5051/slave(1)`.
fn url_of(pid: &str, hostname: &str) -> Url {
    let process = pid.split_once('@').map_or("", |(process, _)| process);
    let (ip, port) = address_of(pid).rsplit_once(':').unwrap_or((pid, "0"));
    Url {
        scheme: "http".to_owned(),
        address: v1::Address {
            hostname: Some(hostname.to_owned()),
            ip: Some(ip.to_owned()),
            port: port.parse().unwrap_or(0),
        },
        path: Some(format!("/{process}")),
        query: Vec::new(),
        fragment: None,
    }
}
