// SPDX-License-Identifier: Apache-2.0

//! Frameworks that have not subscribed to this master yet: known from the
//! registry, or from a re-registering agent.
//!
//! Mesos keeps them for ever. We give them their failover timeout, and never
//! less than agents have to come back, counted from when this master knew of
//! them: then their tasks end, as the framework asked for.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use mesos_allocator::FrameworkKey;
use mesos_core::time::Time;
use mesos_proto::v1::FrameworkInfo;

use super::subscribe::Wish;
use crate::{master::Master, registry::FrameworkEntry, timers::Timer};

impl Master {
    /// Takes over the frameworks that the registry knows.
    pub(crate) fn recover_frameworks(
        &mut self,
        frameworks: BTreeMap<String, Arc<FrameworkEntry>>,
        completed: BTreeMap<String, Time>,
    ) {
        let mut by_age: Vec<(Time, Arc<str>)> =
            completed.into_iter().map(|(id, since)| (since, id.into())).collect();
        by_age.sort();
        for (since, id) in by_age {
            self.frameworks.completed_order.push_back(id.clone());
            self.frameworks.completed.insert(id, since);
        }
        for entry in frameworks.into_values() {
            self.recover_framework(entry.info.clone(), entry.failover_deadline);
        }
    }

    /// Adds a framework that has not subscribed yet.
    pub(crate) fn recover_framework(
        &mut self,
        info: FrameworkInfo,
        deadline: Option<Time>,
    ) -> FrameworkKey {
        let key = self.add_framework(
            Wish {
                info,
                suppressed: BTreeSet::new(),
                offer_constraints: Default::default(),
                constraints: Default::default(),
            },
            None,
        );
        let patience = self.now + self.config.agent_reregister_timeout;
        let own = deadline.unwrap_or(self.now + self.failover_timeout(key));
        let timer = self.timers.set_at(own.max(patience), Timer::Failover(key));
        self.frameworks.registered[key].failover = Some(timer);
        key
    }
}
