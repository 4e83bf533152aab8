// SPDX-License-Identifier: Apache-2.0

//! One copy in memory of resources that occur many times.
//!
//! A master holds hundreds of thousands of tasks, most of which use one of a
//! few shapes of resources. The pool finds the shape that is there already.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use prost::Message;

use super::{Resource, Resources};

/// How many shapes there are before those that nobody uses are looked for.
const SWEEP_MIN: usize = 256;

/// The shapes in use.
#[derive(Debug, Default)]
pub struct Pool {
    /// By a hash of their content; of two shapes with one hash, the first is kept.
    shapes: BTreeMap<u64, Resources>,
    /// The number of shapes at which the next sweep is due.
    sweep_at: usize,
}

impl Pool {
    /// An empty pool.
    pub fn new() -> Self {
        Pool::default()
    }

    /// The same resources, in the memory of those that are there already.
    ///
    /// The pool holds on to what is in use elsewhere, and to little more.
    pub fn share(&mut self, resources: Resources) -> Resources {
        if resources.is_empty() {
            return resources;
        }
        let hash = hash(&resources);
        match self.shapes.get(&hash) {
            Some(shape) if is_exactly(shape, &resources) => return shape.clone(),
            Some(_) => return resources,
            None => {}
        }
        if self.shapes.len() >= self.sweep_at {
            self.shapes.retain(|_, shape| is_used_elsewhere(shape));
            self.sweep_at = (self.shapes.len() * 2).max(SWEEP_MIN);
        }
        self.shapes.insert(hash, resources.clone());
        resources
    }

    /// How many shapes the pool holds.
    pub fn len(&self) -> usize {
        self.shapes.len()
    }

    /// Whether the pool holds nothing.
    pub fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }
}

fn is_used_elsewhere(shape: &Resources) -> bool {
    shape.entries.as_ref().is_some_and(|entries| Arc::strong_count(entries) > 1)
}

/// A hash of everything that [`is_exactly`] compares.
fn hash(resources: &Resources) -> u64 {
    let mut hasher = DefaultHasher::new();
    for resource in resources {
        resource.name.hash(&mut hasher);
        resource.value.hash(&mut hasher);
        resource.copies.hash(&mut hasher);
        resource.allocation_role().hash(&mut hasher);
        resource.provider_id().hash(&mut hasher);
        resource.is_revocable().hash(&mut hasher);
        resource.is_shared().hash(&mut hasher);
        // These are rare, and their types have no hash of their own.
        for reservation in resource.reservations() {
            reservation.encode_to_vec().hash(&mut hasher);
        }
        if let Some(disk) = resource.disk() {
            disk.encode_to_vec().hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// Whether nothing at all differs, order and the use of volumes included.
fn is_exactly(left: &Resources, right: &Resources) -> bool {
    let same = |(left, right): (&Resource, &Resource)| {
        left.name == right.name
            && left.value == right.value
            && left.copies == right.copies
            && left.metadata == right.metadata
    };
    left.len() == right.len() && left.iter().zip(right).all(same)
}
