// SPDX-License-Identifier: Apache-2.0

//! How much there is of each scalar, without regard to what distinguishes one
//! resource from another (roles, volumes, …).
//!
//! The allocator computes with these. The four usual kinds sit in an array, so
//! that adding, subtracting and comparing them is straight-line code; any other
//! kind is kept in a sorted list, empty in most clusters.
//!
//! Invariants: no amount is negative, and absent and zero are the same.
//!
//! Source in Mesos: `src/common/resource_quantities.cpp`.

use std::{
    fmt,
    ops::{Add, AddAssign, Sub, SubAssign},
};

use super::{Name, Scalar};

/// An amount of each kind of scalar; absent kinds are zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quantities {
    usual: [Scalar; 4],
    /// Sorted by name, none zero, none of the usual names.
    others: Vec<(Name, Scalar)>,
}

impl Quantities {
    /// Nothing.
    pub const fn new() -> Self {
        Quantities { usual: [Scalar::ZERO; 4], others: Vec::new() }
    }

    /// The amount of `name`.
    pub fn get(&self, name: &Name) -> Scalar {
        match place(name) {
            Some(place) => self.usual[place],
            None => match self.find(name) {
                Ok(index) => self.others[index].1,
                Err(_) => Scalar::ZERO,
            },
        }
    }

    /// The amount of processors.
    pub fn cpus(&self) -> Scalar {
        self.usual[0]
    }

    /// The amount of memory, in megabytes.
    pub fn mem(&self) -> Scalar {
        self.usual[1]
    }

    /// The amount of disk space, in megabytes.
    pub fn disk(&self) -> Scalar {
        self.usual[2]
    }

    /// The amount of graphics processors.
    pub fn gpus(&self) -> Scalar {
        self.usual[3]
    }

    /// The amounts of cpus, mem, disk and gpus, in this order.
    pub fn usual(&self) -> &[Scalar; 4] {
        &self.usual
    }

    /// The kinds other than cpus, mem, disk and gpus, by name; none is zero.
    pub fn others(&self) -> &[(Name, Scalar)] {
        &self.others
    }

    /// Makes the amount of `name` be `amount`, zero if that is negative.
    pub fn set(&mut self, name: &Name, amount: Scalar) {
        let amount = amount.max(Scalar::ZERO);
        if let Some(place) = place(name) {
            self.usual[place] = amount;
            return;
        }
        match (self.find(name), amount.is_zero()) {
            (Ok(index), true) => drop(self.others.remove(index)),
            (Ok(index), false) => self.others[index].1 = amount,
            (Err(_), true) => {}
            (Err(index), false) => self.others.insert(index, (name.clone(), amount)),
        }
    }

    /// Adds `amount` of `name`; the sum does not go below zero.
    pub fn increase(&mut self, name: &Name, amount: Scalar) {
        match place(name) {
            Some(place) => self.usual[place] = (self.usual[place] + amount).max(Scalar::ZERO),
            None => self.set(name, self.get(name) + amount),
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.usual == [Scalar::ZERO; 4] && self.others.is_empty()
    }

    /// Whether there is at least as much of each kind as in `other`.
    pub fn contains(&self, other: &Quantities) -> bool {
        let mut enough = true;
        for (mine, wanted) in self.usual.iter().zip(&other.usual) {
            enough &= mine >= wanted;
        }
        enough
            && (other.others.is_empty()
                || other.others.iter().all(|(name, wanted)| self.get(name) >= *wanted))
    }

    /// The lesser amount of each kind.
    pub fn min(&self, other: &Quantities) -> Quantities {
        let mut result = Quantities::new();
        for (place, least) in result.usual.iter_mut().enumerate() {
            *least = self.usual[place].min(other.usual[place]);
        }
        for (name, amount) in &self.others {
            result.set(name, (*amount).min(other.get(name)));
        }
        result
    }

    /// Each kind that is not zero, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, Scalar)> {
        let usual = USUAL_BY_NAME
            .iter()
            .map(|name| (name, self.get(name)))
            .filter(|(_, amount)| !amount.is_zero());
        let mut all: Vec<(&Name, Scalar)> =
            usual.chain(self.others.iter().map(|(name, amount)| (name, *amount))).collect();
        all.sort_by_key(|(name, _)| *name);
        all.into_iter()
    }

    fn find(&self, name: &Name) -> Result<usize, usize> {
        self.others.binary_search_by(|(candidate, _)| candidate.cmp(name))
    }
}

const USUAL_BY_NAME: [Name; 4] = [Name::Cpus, Name::Disk, Name::Gpus, Name::Mem];

/// The fixed place of a name, if it has one.
fn place(name: &Name) -> Option<usize> {
    match name {
        Name::Cpus => Some(0),
        Name::Mem => Some(1),
        Name::Disk => Some(2),
        Name::Gpus => Some(3),
        Name::Ports | Name::Other(_) => None,
    }
}

impl AddAssign<&Quantities> for Quantities {
    fn add_assign(&mut self, other: &Quantities) {
        for (mine, more) in self.usual.iter_mut().zip(&other.usual) {
            *mine += *more;
        }
        for (name, amount) in &other.others {
            self.increase(name, *amount);
        }
    }
}

/// Subtracts what is there: no amount goes below zero.
impl SubAssign<&Quantities> for Quantities {
    fn sub_assign(&mut self, other: &Quantities) {
        for (mine, less) in self.usual.iter_mut().zip(&other.usual) {
            *mine = (*mine - *less).max(Scalar::ZERO);
        }
        for (name, amount) in &other.others {
            self.set(name, self.get(name) - *amount);
        }
    }
}

impl Add<&Quantities> for Quantities {
    type Output = Quantities;

    fn add(mut self, other: &Quantities) -> Quantities {
        self += other;
        self
    }
}

/// Subtracts what is there: no amount goes below zero.
impl Sub<&Quantities> for Quantities {
    type Output = Quantities;

    fn sub(mut self, other: &Quantities) -> Quantities {
        self -= other;
        self
    }
}

impl FromIterator<(Name, Scalar)> for Quantities {
    fn from_iter<I: IntoIterator<Item = (Name, Scalar)>>(amounts: I) -> Self {
        let mut result = Quantities::new();
        for (name, amount) in amounts {
            result.increase(&name, amount);
        }
        result
    }
}

/// Prints as Mesos does: `cpus:1; mem:128`, and `{}` for nothing.
impl fmt::Display for Quantities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("{}");
        }
        for (index, (name, amount)) in self.iter().enumerate() {
            let semicolon = if index == 0 { "" } else { "; " };
            write!(f, "{semicolon}{name}:{amount}")?;
        }
        Ok(())
    }
}
