// SPDX-License-Identifier: Apache-2.0

//! Parts of a collection: by role, by name, by what kind of resource it is.

use std::collections::{BTreeMap, BTreeSet};

use super::{Name, Quantities, Ranges, Resource, Resources, Scalar, Set, Value};

impl Resources {
    /// Those reserved to any role.
    pub fn reserved(&self) -> Resources {
        self.filter(Resource::is_reserved)
    }

    /// Those reserved to exactly `role`.
    pub fn reserved_to(&self, role: &str) -> Resources {
        self.filter(|resource| resource.is_reserved_to(role))
    }

    /// Those reserved to `role` or to a role below it.
    pub fn reserved_to_subtree(&self, role: &str) -> Resources {
        self.filter(|resource| resource.is_reserved_to_subtree(role))
    }

    /// Those reserved to no role.
    pub fn unreserved(&self) -> Resources {
        self.filter(Resource::is_unreserved)
    }

    /// Those that `role` may use: unreserved, or reserved to it or an ancestor.
    pub fn allocatable_to(&self, role: &str) -> Resources {
        self.filter(|resource| resource.is_allocatable_to(role))
    }

    /// Those allocated to `role` or to a role below it.
    pub fn allocated_to_subtree(&self, role: &str) -> Resources {
        self.filter(|resource| resource.is_allocated_to_subtree(role))
    }

    /// The persistent volumes.
    pub fn persistent_volumes(&self) -> Resources {
        self.filter(Resource::is_persistent_volume)
    }

    /// Those that can be taken back at any time.
    pub fn revocable(&self) -> Resources {
        self.filter(Resource::is_revocable)
    }

    /// Those that cannot be taken back.
    pub fn non_revocable(&self) -> Resources {
        self.filter(|resource| !resource.is_revocable())
    }

    /// Those that several tasks may use at once.
    pub fn shared(&self) -> Resources {
        self.filter(Resource::is_shared)
    }

    /// Those that only one task may use at once.
    pub fn non_shared(&self) -> Resources {
        self.filter(|resource| !resource.is_shared())
    }

    /// Those that are amounts.
    pub fn scalars(&self) -> Resources {
        self.filter(Resource::is_scalar)
    }

    /// Those of this name.
    pub fn named(&self, name: &Name) -> Resources {
        self.filter(|resource| resource.name == *name)
    }

    /// Those of this resource provider, or of the agent itself for `None`.
    pub fn of_provider(&self, provider_id: Option<&str>) -> Resources {
        self.filter(|resource| resource.provider_id() == provider_id)
    }

    /// What the agent has to remember over a restart.
    pub fn needing_checkpoint(&self) -> Resources {
        self.filter(Resource::needs_checkpointing)
    }

    /// The reserved ones by role.
    pub fn reservations(&self) -> BTreeMap<String, Resources> {
        self.grouped(Resource::reservation_role)
    }

    /// The allocated ones by role.
    pub fn allocations(&self) -> BTreeMap<String, Resources> {
        self.grouped(Resource::allocation_role)
    }

    /// The names that occur.
    pub fn names(&self) -> BTreeSet<Name> {
        self.iter().map(|resource| resource.name.clone()).collect()
    }

    /// The sum of all amounts of `name`, in whatever role; `None` if there is none.
    pub fn scalar(&self, name: &Name) -> Option<Scalar> {
        self.iter()
            .filter(|resource| resource.name == *name)
            .filter_map(|resource| resource.value.as_scalar())
            .reduce(|total, amount| total + amount)
    }

    /// All numbers of `name`, in whatever role; `None` if there are none.
    pub fn ranges(&self, name: &Name) -> Option<Ranges> {
        let named = self.iter().filter(|resource| resource.name == *name);
        let ranges = named.filter_map(|resource| match &resource.value {
            Value::Ranges(ranges) => Some(ranges.clone()),
            Value::Scalar(_) | Value::Set(_) => None,
        });
        ranges.reduce(|total, ranges| total.union(&ranges))
    }

    /// All words of `name`, in whatever role; `None` if there are none.
    pub fn set(&self, name: &Name) -> Option<Set> {
        let named = self.iter().filter(|resource| resource.name == *name);
        let sets = named.filter_map(|resource| match &resource.value {
            Value::Set(set) => Some(set.clone()),
            Value::Scalar(_) | Value::Ranges(_) => None,
        });
        sets.reduce(|total, set| total.union(&set))
    }

    /// The processors, in whatever role.
    pub fn cpus(&self) -> Option<Scalar> {
        self.scalar(&Name::Cpus)
    }

    /// The memory in megabytes, in whatever role.
    pub fn mem(&self) -> Option<Scalar> {
        self.scalar(&Name::Mem)
    }

    /// The disk space in megabytes, in whatever role.
    pub fn disk(&self) -> Option<Scalar> {
        self.scalar(&Name::Disk)
    }

    /// The graphics processors, in whatever role.
    pub fn gpus(&self) -> Option<Scalar> {
        self.scalar(&Name::Gpus)
    }

    /// The ports, in whatever role.
    pub fn ports(&self) -> Option<Ranges> {
        self.ranges(&Name::Ports)
    }

    /// How much there is of each scalar. A shared resource counts once,
    /// however many copies of it there are.
    pub fn quantities(&self) -> Quantities {
        let mut result = Quantities::new();
        for resource in self {
            if let Value::Scalar(amount) = resource.value {
                result.increase(&resource.name, amount);
            }
        }
        result
    }

    /// How much there is of each resource, numbers and words counted.
    pub fn counted_quantities(&self) -> Quantities {
        let mut result = Quantities::new();
        for resource in self {
            result.increase(&resource.name, resource.value.quantity());
        }
        result
    }

    /// Whether there is at least as much as in `wanted`, numbers and words counted.
    pub fn contains_quantities(&self, wanted: &Quantities) -> bool {
        self.counted_quantities().contains(wanted)
    }

    fn grouped<'a>(
        &'a self,
        role: impl Fn(&'a Resource) -> Option<&'a str>,
    ) -> BTreeMap<String, Resources> {
        let mut groups: BTreeMap<String, Resources> = BTreeMap::new();
        for resource in self {
            if let Some(role) = role(resource) {
                match groups.get_mut(role) {
                    Some(group) => group.add_one(resource),
                    None => {
                        let group = Resources::from_distinct(vec![resource.clone()]);
                        groups.insert(role.to_owned(), group);
                    }
                }
            }
        }
        groups
    }
}
