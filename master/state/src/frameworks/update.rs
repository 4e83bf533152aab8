// SPDX-License-Identifier: Apache-2.0

//! A framework becomes another: by a new subscription, or by UPDATE_FRAMEWORK.

use std::sync::Arc;

use mesos_allocator::FrameworkKey;
use mesos_core::{time::Time, validation::framework};
use mesos_proto::v1::scheduler::call::UpdateFramework;

use super::{FrameworkCapabilities, roles_of, subscribe::Wish};
use crate::{
    master::Master,
    registry::{FrameworkEntry, RegistryChange},
    writes::Continuation,
};

impl Master {
    /// Call: UPDATE_FRAMEWORK, the only one with an answer that means something.
    pub(crate) fn call_update_framework(
        &mut self,
        key: FrameworkKey,
        call: UpdateFramework,
    ) -> (u16, String) {
        if let Err(error) = self.validate_framework(&call.framework_info, &call.suppressed_roles) {
            return (400, format!("Supplied FrameworkInfo is not valid: {error}"));
        }
        let current = self.frameworks.registered[key].record.info.clone();
        if let Err(error) = framework::update(&current, &call.framework_info) {
            return (400, format!("FrameworkInfo update is not valid: {error}"));
        }
        let offer_constraints = call.offer_constraints.unwrap_or_default();
        let constraints = match self.compile(&offer_constraints) {
            Ok(constraints) => constraints,
            Err(error) => {
                let body = format!("'UpdateFramework.offer_constraints' are not valid: {error}");
                return (400, body);
            }
        };
        let info = call.framework_info;
        let suppressed = call.suppressed_roles.into_iter().collect();
        let is_other = *current != info;
        self.update_framework(key, Wish { info, suppressed, offer_constraints, constraints });
        self.framework_changed(key);
        if is_other {
            self.broadcast_framework(key);
            self.store_framework(key, None);
        }
        (200, String::new())
    }

    /// Gives a framework a new info, suppressed roles and constraints. Offers for
    /// roles that it leaves are rescinded; its tasks stay.
    pub(super) fn update_framework(&mut self, key: FrameworkKey, mut wish: Wish) {
        let same_constraints =
            *self.frameworks.registered[key].record.offer_constraints == wish.offer_constraints;
        let roles = roles_of(&wish.info);
        let left: Vec<_> = self.frameworks.registered[key]
            .offers
            .iter()
            .copied()
            .filter(|offer| {
                let role = self.offers.outstanding.get(offer).map(|offer| &offer.record.role);
                role.is_some_and(|role| !roles.iter().any(|kept| **kept == **role))
            })
            .collect();
        for offer in left {
            self.rescind_offer(offer);
        }
        let framework = &mut self.frameworks.registered[key];
        match same_constraints {
            // The allocator takes another object for other constraints.
            true => wish.constraints = framework.constraints.clone(),
            false => framework.constraints = wish.constraints.clone(),
        }
        framework.capabilities = FrameworkCapabilities::new(&wish.info);
        let record = Arc::make_mut(&mut framework.record);
        record.roles = roles;
        record.suppressed_roles = wish.suppressed.iter().cloned().collect();
        record.info = Arc::new(wish.info.clone());
        if !same_constraints {
            record.offer_constraints = Arc::new(wish.offer_constraints.clone());
        }
        let id = record.id.clone();
        let spec = wish.spec(&id);
        self.allocator.update_framework(key, spec);
    }

    /// Has the registry know a framework as it is now.
    pub(super) fn store_framework(&mut self, key: FrameworkKey, failover_deadline: Option<Time>) {
        let info = (*self.frameworks.registered[key].record.info).clone();
        let framework = Arc::new(FrameworkEntry { info, failover_deadline });
        self.store(vec![RegistryChange::PutFramework { framework }], Continuation::Nothing);
    }
}
