// SPDX-License-Identifier: Apache-2.0

//! Who is next: the tree of roles with its clients, in the order of their shares.
//!
//! A *client* is a framework in a role. At every role the clients of the role
//! itself (together one *own* entry) and its child roles stand in the order of
//! dominant resource fairness: dominant share divided by weight, then number of
//! grants, then name. Walking the tree depth first in that order names clients
//! from the one with the first claim to the one with the last.
//!
//! The dominant share is the largest, over all scalars of the cluster, of what is
//! allocated (offers included) divided by what there is.
//!
//! Invariants:
//! - the order is exact unless the tree is *stale*: a grant or a release moves one
//!   client and its roles to their new places, and costs the distance moved. A
//!   change of the cluster's total changes every share, so it only marks the tree
//!   stale, and the next [`Tree::refresh`] sorts it once;
//! - only active clients and roles with active clients below them are in an order;
//! - a role is there as long as it has clients or child roles.
//!
//! It knows nothing about agents, filters or what a client could use.
//!
//! Source in Mesos: `src/master/allocator/mesos/sorter/drf/sorter.cpp`.

mod order;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use mesos_core::resources::{Quantities, Scalar};

use crate::{bitset::BitSet, spec::FrameworkKey};

/// A framework in a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ClientIndex(pub(crate) u32);

/// A role in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RoleIndex(u32);

const ROOT: RoleIndex = RoleIndex(0);

/// What one place in an order is sorted by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    /// What is allocated, offers included.
    pub(crate) allocated: Quantities,
    /// Allocations made so far.
    pub(crate) grants: u64,
    /// Dominant share over weight; meaningless while the tree is stale.
    pub(crate) share: f64,
}

pub(crate) struct Client {
    pub(crate) framework: FrameworkKey,
    pub(crate) role: RoleIndex,
    /// The framework's id, the last thing to be sorted by.
    id: Arc<str>,
    pub(crate) standing: Standing,
    active: bool,
}

struct Role {
    path: Arc<str>,
    parent: RoleIndex,
    weight: f64,
    /// Of the role with everything below it.
    standing: Standing,
    /// Of the role's own clients.
    own: Standing,
    /// Active clients, in order.
    clients: Vec<ClientIndex>,
    /// What has active clients, in order.
    entries: Vec<Entry>,
    /// Clients, active or not, and child roles.
    members: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    /// The role's own clients.
    Own,
    Child(RoleIndex),
}

pub(crate) struct Tree {
    roles: Vec<Option<Role>>,
    free_roles: Vec<RoleIndex>,
    by_path: BTreeMap<Arc<str>, RoleIndex>,
    clients: Vec<Option<Client>>,
    free_clients: Vec<ClientIndex>,
    weights: BTreeMap<String, f64>,
    excluded: BTreeSet<String>,
    total: Quantities,
    /// `total` without what is excluded from fair sharing.
    counted: Quantities,
    stale: bool,
    active: BitSet,
}

impl Tree {
    pub(crate) fn new(weights: &[(String, f64)], excluded: &BTreeSet<String>) -> Self {
        let root = Role {
            path: "".into(),
            parent: ROOT,
            weight: 1.0,
            standing: Standing::default(),
            own: Standing::default(),
            clients: Vec::new(),
            entries: Vec::new(),
            members: 1,
        };
        Tree {
            roles: vec![Some(root)],
            free_roles: Vec::new(),
            by_path: BTreeMap::new(),
            clients: Vec::new(),
            free_clients: Vec::new(),
            weights: weights.iter().cloned().collect(),
            excluded: excluded.clone(),
            total: Quantities::new(),
            counted: Quantities::new(),
            stale: false,
            active: BitSet::default(),
        }
    }

    /// Adds a client, inactive and with nothing allocated.
    pub(crate) fn add_client(
        &mut self,
        framework: FrameworkKey,
        id: Arc<str>,
        role: &str,
    ) -> ClientIndex {
        let role = self.role_made(role);
        self.role_mut(role).members += 1;
        let standing = Standing::default();
        let client = Some(Client { framework, role, id, standing, active: false });
        match self.free_clients.pop() {
            Some(index) => {
                self.clients[index.0 as usize] = client;
                index
            }
            None => {
                self.clients.push(client);
                ClientIndex(self.clients.len() as u32 - 1)
            }
        }
    }

    /// Removes a client that has nothing allocated.
    pub(crate) fn remove_client(&mut self, index: ClientIndex) {
        self.set_active(index, false);
        let client = self.clients[index.0 as usize].take().expect("the client exists");
        assert!(
            client.standing.allocated.is_empty(),
            "{} leaves the allocator with {} allocated",
            client.id,
            client.standing.allocated
        );
        self.free_clients.push(index);
        self.release_role(client.role);
    }

    pub(crate) fn client(&self, index: ClientIndex) -> &Client {
        self.clients[index.0 as usize].as_ref().expect("the client exists")
    }

    /// The clients that may get offers, as far as this module knows.
    pub(crate) fn active(&self) -> &BitSet {
        &self.active
    }

    pub(crate) fn is_active(&self, index: ClientIndex) -> bool {
        self.client(index).active
    }

    pub(crate) fn path(&self, role: RoleIndex) -> &Arc<str> {
        &self.role(role).path
    }

    /// The dominant share of the cluster that `role` has with all below it, and its weight.
    pub(crate) fn role_share(&self, role: RoleIndex) -> (f64, f64) {
        let role = self.role(role);
        (self.share(&role.standing, 1.0), role.weight)
    }

    /// The dominant share of the cluster that a client has.
    pub(crate) fn client_share(&self, index: ClientIndex) -> f64 {
        self.share(&self.client(index).standing, 1.0)
    }

    /// Changes the weight of a role, in the tree or not.
    pub(crate) fn set_weight(&mut self, role: &str, weight: f64) {
        self.weights.insert(role.to_owned(), weight);
        if let Some(index) = self.by_path.get(role).copied() {
            self.role_mut(index).weight = weight;
            self.stale = true;
        }
    }

    /// Changes what all agents have together.
    pub(crate) fn change_total(&mut self, less: &Quantities, more: &Quantities) {
        if less != more {
            self.total -= less;
            self.total += more;
            self.stale = true;
        }
    }

    pub(crate) fn total(&self) -> &Quantities {
        &self.total
    }

    fn share(&self, standing: &Standing, weight: f64) -> f64 {
        let mut share = 0f64;
        let part = |allocated: Scalar, all: Scalar| match all > Scalar::ZERO {
            true => allocated.thousandths() as f64 / all.thousandths() as f64,
            false => 0.0,
        };
        for (allocated, all) in standing.allocated.usual().iter().zip(self.counted.usual()) {
            share = share.max(part(*allocated, *all));
        }
        for (name, all) in self.counted.others() {
            share = share.max(part(standing.allocated.get(name), *all));
        }
        share / weight
    }

    fn role(&self, index: RoleIndex) -> &Role {
        self.roles[index.0 as usize].as_ref().expect("the role exists")
    }

    fn role_mut(&mut self, index: RoleIndex) -> &mut Role {
        self.roles[index.0 as usize].as_mut().expect("the role exists")
    }

    fn client_mut(&mut self, index: ClientIndex) -> &mut Client {
        self.clients[index.0 as usize].as_mut().expect("the client exists")
    }

    /// The role at `path`, made with its ancestors where missing.
    fn role_made(&mut self, path: &str) -> RoleIndex {
        let mut parent = ROOT;
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            let path = &path[..end];
            parent = match self.by_path.get(path) {
                Some(index) => *index,
                None => self.add_role(path, parent),
            };
        }
        parent
    }

    fn add_role(&mut self, path: &str, parent: RoleIndex) -> RoleIndex {
        let path: Arc<str> = path.into();
        let role = Some(Role {
            path: path.clone(),
            parent,
            weight: self.weights.get(&*path).copied().unwrap_or(1.0),
            standing: Standing::default(),
            own: Standing::default(),
            clients: Vec::new(),
            entries: Vec::new(),
            members: 0,
        });
        let index = match self.free_roles.pop() {
            Some(index) => {
                self.roles[index.0 as usize] = role;
                index
            }
            None => {
                self.roles.push(role);
                RoleIndex(self.roles.len() as u32 - 1)
            }
        };
        self.by_path.insert(path, index);
        self.role_mut(parent).members += 1;
        index
    }

    /// Gives up one membership of a role; empty roles go, and so on upwards.
    fn release_role(&mut self, mut index: RoleIndex) {
        loop {
            let role = self.role_mut(index);
            role.members -= 1;
            if role.members > 0 {
                return;
            }
            let parent = role.parent;
            let role = self.roles[index.0 as usize].take().expect("the role exists");
            self.by_path.remove(&role.path);
            self.free_roles.push(index);
            index = parent;
        }
    }
}
