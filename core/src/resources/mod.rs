// SPDX-License-Identifier: Apache-2.0

//! The algebra of resources.
//!
//! [`Resources`] is a collection of [`Resource`]s, at most one of each kind
//! unless the kind is indivisible, none of them empty. It is what offers,
//! tasks and agents hold. [`Quantities`] is the short form that the allocator
//! computes with.
//!
//! Inside, resources are always in the post-refinement format (a stack of
//! reservations); [`convert`] knows the other formats of the APIs.
//!
//! Invariants:
//! - a clone shares everything with its original until one of them changes;
//! - nothing here allocates memory to compare, add or subtract plain scalars,
//!   except for the first change of a shared collection;
//! - the order of resources is that of their first appearance; removing one
//!   keeps the order of the others.
//!
//! Source in Mesos: `src/common/resources.cpp`.

pub mod convert;
mod find;
mod metadata;
pub mod model;
mod name;
pub mod operation;
mod parse;
mod pool;
mod quantities;
mod ranges;
mod reservation;
mod resource;
mod scalar;
mod select;
mod set;
mod text;
pub mod validate;
mod value;

use std::{
    fmt,
    ops::{Add, AddAssign, Sub, SubAssign},
    sync::Arc,
};

pub use self::{
    name::Name,
    parse::{ParseError, QuantitiesError, declared_one},
    pool::Pool,
    quantities::Quantities,
    ranges::{Range, Ranges},
    reservation::ReservationError,
    resource::Resource,
    scalar::Scalar,
    set::Set,
    text::Printed,
    value::Value,
};

/// A collection of resources; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    /// `None` when there is nothing.
    entries: Option<Arc<Vec<Resource>>>,
}

impl Resources {
    /// Nothing.
    pub const fn new() -> Self {
        Resources { entries: None }
    }

    /// The resources, in the order of their first appearance.
    pub fn as_slice(&self) -> &[Resource] {
        match &self.entries {
            Some(entries) => entries,
            None => &[],
        }
    }

    /// The resources, in the order of their first appearance.
    pub fn iter(&self) -> std::slice::Iter<'_, Resource> {
        self.as_slice().iter()
    }

    /// How many different resources there are.
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    /// Whether all of `other` could be subtracted.
    pub fn contains(&self, other: &Resources) -> bool {
        if self.is_identical(other) {
            return true;
        }
        // Resources of one kind are merged, so that each can be looked for by
        // itself; but of indivisible ones `other` may hold several that are equal.
        if !other.iter().any(Resource::is_indivisible) {
            return other.iter().all(|wanted| self.contains_one(wanted));
        }
        let mut rest = self.clone();
        other.iter().all(|wanted| {
            let found = rest.contains_one(wanted);
            if found && wanted.is_indivisible() {
                rest.subtract_one(wanted);
            }
            found
        })
    }

    /// Whether `wanted` could be subtracted.
    pub fn contains_one(&self, wanted: &Resource) -> bool {
        self.iter().any(|entry| entry.contains(wanted))
    }

    /// How many copies of `wanted` there are; at most 1 unless it is shared.
    pub fn count(&self, wanted: &Resource) -> u32 {
        self.iter().find(|entry| entry.same(wanted)).map_or(0, Resource::copies)
    }

    /// Adds one resource.
    pub fn add_one(&mut self, more: &Resource) {
        if more.is_empty() {
            return;
        }
        let entries = self.entries_mut();
        match entries.iter_mut().find(|entry| entry.is_addable(more)) {
            Some(entry) => entry.add(more),
            None => entries.push(more.clone()),
        }
    }

    /// Subtracts one resource.
    ///
    /// Subtracts nothing when there is none of its kind, and no more than
    /// there is: ask [`contains`](Self::contains) first where that matters.
    pub fn subtract_one(&mut self, less: &Resource) {
        if less.is_empty() {
            return;
        }
        let found = self.iter().position(|entry| entry.is_subtractable(less));
        let Some(index) = found else {
            return;
        };
        let entries = self.entries_mut();
        if !entries[index].subtract(less) {
            entries.remove(index);
        }
        if entries.is_empty() {
            self.entries = None;
        }
    }

    /// The resources that satisfy `predicate`.
    pub fn filter(&self, mut predicate: impl FnMut(&Resource) -> bool) -> Resources {
        match self.iter().position(|entry| !predicate(entry)) {
            // All do: share them.
            None => self.clone(),
            Some(first) => {
                let mut kept = self.as_slice()[..first].to_vec();
                let rest = self.as_slice()[first + 1..].iter();
                kept.extend(rest.filter(|entry| predicate(entry)).cloned());
                Resources::from_distinct(kept)
            }
        }
    }

    /// Whether both share their memory, which proves them equal.
    pub fn is_identical(&self, other: &Resources) -> bool {
        match (&self.entries, &other.entries) {
            (None, None) => true,
            (Some(mine), Some(theirs)) => Arc::ptr_eq(mine, theirs),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    /// The collection of resources that are already distinct and not empty.
    fn from_distinct(entries: Vec<Resource>) -> Resources {
        Resources { entries: (!entries.is_empty()).then(|| Arc::new(entries)) }
    }

    /// The entries, made this collection's own.
    fn entries_mut(&mut self) -> &mut Vec<Resource> {
        Arc::make_mut(self.entries.get_or_insert_default())
    }
}

/// Equal when each contains the other: order does not matter.
impl PartialEq for Resources {
    fn eq(&self, other: &Resources) -> bool {
        self.len() == other.len() && self.contains(other) && other.contains(self)
    }
}

impl AddAssign<&Resources> for Resources {
    fn add_assign(&mut self, more: &Resources) {
        if self.is_empty() {
            self.entries = more.entries.clone();
            return;
        }
        for resource in more {
            self.add_one(resource);
        }
    }
}

impl AddAssign<Resources> for Resources {
    fn add_assign(&mut self, more: Resources) {
        *self += &more;
    }
}

impl SubAssign<&Resources> for Resources {
    fn sub_assign(&mut self, less: &Resources) {
        for resource in less {
            self.subtract_one(resource);
        }
    }
}

impl SubAssign<Resources> for Resources {
    fn sub_assign(&mut self, less: Resources) {
        *self -= &less;
    }
}

impl Add<&Resources> for Resources {
    type Output = Resources;

    fn add(mut self, more: &Resources) -> Resources {
        self += more;
        self
    }
}

impl Add<&Resources> for &Resources {
    type Output = Resources;

    fn add(self, more: &Resources) -> Resources {
        self.clone() + more
    }
}

impl Sub<&Resources> for Resources {
    type Output = Resources;

    fn sub(mut self, less: &Resources) -> Resources {
        self -= less;
        self
    }
}

impl Sub<&Resources> for &Resources {
    type Output = Resources;

    fn sub(self, less: &Resources) -> Resources {
        self.clone() - less
    }
}

impl<'a> IntoIterator for &'a Resources {
    type Item = &'a Resource;
    type IntoIter = std::slice::Iter<'a, Resource>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<Resource> for Resources {
    fn from_iter<I: IntoIterator<Item = Resource>>(resources: I) -> Self {
        let mut result = Resources::new();
        for resource in resources {
            result.add_one(&resource);
        }
        result
    }
}

impl<'a> FromIterator<&'a Resource> for Resources {
    fn from_iter<I: IntoIterator<Item = &'a Resource>>(resources: I) -> Self {
        let mut result = Resources::new();
        for resource in resources {
            result.add_one(resource);
        }
        result
    }
}

/// Prints as Mesos does: `cpus:4; mem:1024; ports:[31000-32000]`, and `{}` for nothing.
impl fmt::Display for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("{}");
        }
        for (index, resource) in self.iter().enumerate() {
            let semicolon = if index == 0 { "" } else { "; " };
            write!(f, "{semicolon}{resource}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
