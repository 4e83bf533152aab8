// SPDX-License-Identifier: Apache-2.0

//! Looking for amounts without knowing where they are reserved, and cutting
//! collections down to amounts.
//!
//! Source in Mesos: `Resources::find` in `src/common/resources.cpp`,
//! `shrinkResources` in `src/common/resources_utils.cpp`.

use super::{Quantities, Resource, Resources, Scalar, Value};

impl Resources {
    /// As much as `targets` says, taken for each target from its own role
    /// first, then from the unreserved, then from any other role.
    pub fn find(&self, targets: &Resources) -> Option<Resources> {
        let mut total = Resources::new();
        for target in targets {
            total += self.find_one(target)?;
        }
        Some(total)
    }

    fn find_one(&self, target: &Resource) -> Option<Resources> {
        let mut found = Resources::new();
        let mut wanted = Resources::from_iter([target]).to_unreserved();
        let own_role = target.reservation_role();
        let is_own =
            |resource: &Resource| own_role.is_some_and(|role| resource.is_reserved_to(role));
        let own = self.iter().filter(|resource| is_own(resource));
        let unreserved = self.iter().filter(|resource| resource.is_unreserved());
        let others = self.iter().filter(|resource| resource.is_reserved() && !is_own(resource));

        for candidate in own.chain(unreserved).chain(others) {
            let plain = Resources::from_iter([candidate]).to_unreserved();
            if plain.contains(&wanted) {
                for rest in &wanted {
                    let mut rest = rest.clone();
                    rest.change(|metadata| {
                        metadata.reservations = candidate.reservations().to_vec();
                    });
                    found.add_one(&rest);
                }
                return Some(found);
            }
            if wanted.contains(&plain) {
                found.add_one(candidate);
                wanted -= plain;
            }
        }
        wanted.is_empty().then_some(found)
    }

    /// As much of the scalars as `target` says, or less; nothing that is not a
    /// scalar. Indivisible resources are taken only where they fit as a whole.
    pub fn shrink_to(&self, target: &Quantities) -> Resources {
        let mut rest = target.clone();
        let mut result = Resources::new();
        for resource in self {
            if let Some(shrunk) = resource.shrunk_to(rest.get(&resource.name)) {
                rest.increase(
                    &resource.name,
                    Scalar::ZERO - shrunk.value.as_scalar().unwrap_or_default(),
                );
                result.add_one(&shrunk);
            }
        }
        result
    }
}

impl Resource {
    /// At most `limit` of a scalar; `None` if it is something else, or cannot
    /// be divided, or nothing is left.
    pub fn shrunk_to(&self, limit: Scalar) -> Option<Resource> {
        let amount = self.value.as_scalar()?;
        if limit <= Scalar::ZERO {
            return None;
        }
        if amount <= limit {
            return Some(self.clone());
        }
        if self.is_indivisible() || self.is_shared() {
            return None;
        }
        let mut shrunk = self.clone();
        shrunk.value = Value::Scalar(limit);
        Some(shrunk)
    }
}
