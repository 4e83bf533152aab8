// SPDX-License-Identifier: Apache-2.0

//! SUPPRESS and REVIVE: no more offers for roles, and offers again.

use std::{collections::BTreeSet, sync::Arc};

use mesos_allocator::FrameworkKey;
use mesos_core::roles;
use mesos_proto::v1::scheduler::call::{Revive, Suppress};

use crate::master::Master;

impl Master {
    /// Call: SUPPRESS; without roles, for all.
    pub(super) fn suppress(&mut self, framework: FrameworkKey, call: &Suppress) {
        self.metrics.messages_suppress_offers += 1;
        match self.check_roles(framework, &call.roles, "suppression") {
            Ok(roles) => {
                self.allocator.suppress(framework, &roles);
                self.change_suppressed(framework, &roles, true);
            }
            Err(error) => self.warn(format!("Dropping SUPPRESS: {error}")),
        }
    }

    /// Call: REVIVE; without roles, for all. Drops the filters too.
    pub(super) fn revive(&mut self, framework: FrameworkKey, call: &Revive) {
        self.metrics.messages_revive_offers += 1;
        match self.check_roles(framework, &call.roles, "revive") {
            Ok(roles) => {
                self.allocator.revive(framework, &roles);
                self.change_suppressed(framework, &roles, false);
            }
            Err(error) => self.warn(format!("Dropping REVIVE: {error}")),
        }
    }

    /// One role that is not the framework's own makes the whole call void.
    fn check_roles(
        &self,
        framework: FrameworkKey,
        wanted: &[String],
        what: &str,
    ) -> Result<BTreeSet<String>, String> {
        let record = &self.frameworks.registered[framework].record;
        for role in wanted {
            roles::validate(role)
                .map_err(|error| format!("{what} role '{role}' is invalid: {error}"))?;
            if !record.roles.contains(role) {
                return Err(format!(
                    "{what} role '{role}' is not one of the framework {}'s subscribed roles",
                    record.id
                ));
            }
        }
        Ok(wanted.iter().cloned().collect())
    }

    fn change_suppressed(
        &mut self,
        framework: FrameworkKey,
        roles: &BTreeSet<String>,
        suppressed: bool,
    ) {
        let record = &mut self.frameworks.registered[framework].record;
        let meant = |role: &String| roles.is_empty() || roles.contains(role);
        let is_suppressed = |role: &String| match meant(role) {
            true => suppressed,
            false => record.suppressed_roles.contains(role),
        };
        let now: Vec<_> = record.roles.iter().filter(|role| is_suppressed(role)).cloned().collect();
        if now != record.suppressed_roles {
            Arc::make_mut(record).suppressed_roles = now;
            self.framework_changed(framework);
        }
    }
}
