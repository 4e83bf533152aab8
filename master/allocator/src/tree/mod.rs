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
//!   stale, and the next [`Tree::refresh`] sorts it once. Until the total has
//!   changed by [`NOTICEABLE`] shares are those of the total as it was;
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

/// A change of the total by less than one part in so many leaves shares as they are:
/// one agent more in a large cluster is no reason to sort a thousand frameworks anew.
const NOTICEABLE: u64 = 100;

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
    /// The path of the role.
    pub(crate) path: Arc<str>,
    /// The framework's id, the last thing to be sorted by; see [`Tree::ids`].
    id: Arc<str>,
    pub(crate) standing: Standing,
    active: bool,
}

/// What clients of one role are sorted by, in one place to be read fast.
#[derive(Clone, Copy, Debug, Default)]
struct SortKey {
    share: f64,
    grants: u64,
    /// The place of the framework's id among all.
    rank: u64,
}

struct Role {
    /// The last part of its path.
    name: Arc<str>,
    parent: RoleIndex,
    children: BTreeMap<Arc<str>, RoleIndex>,
    weight: f64,
    /// Of the role with everything below it.
    standing: Standing,
    /// Of the role's own clients.
    own: Standing,
    /// Active clients, in order.
    clients: Vec<ClientIndex>,
    /// What has active clients, in order.
    entries: Vec<Entry>,
    /// Its own clients, active or not.
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
    clients: Vec<Option<Client>>,
    free_clients: Vec<ClientIndex>,
    /// By client.
    keys: Vec<SortKey>,
    /// Ids of frameworks with their ranks and how many clients have them. Ranks are
    /// in the order of ids, with gaps, so that comparing clients compares numbers.
    ids: BTreeMap<Arc<str>, (u64, u32)>,
    weights: BTreeMap<String, f64>,
    excluded: BTreeSet<String>,
    total: Quantities,
    /// `total` when the tree was last sorted.
    noticed: Quantities,
    /// What shares are shares of: `noticed` without what is excluded from fair sharing.
    counted: Quantities,
    stale: bool,
    active: BitSet,
}

impl Tree {
    pub(crate) fn new(weights: &[(String, f64)], excluded: &BTreeSet<String>) -> Self {
        // Its one member, which is nobody, keeps the root in place.
        let root = Role { members: 1, ..Role::new("", ROOT, 1.0) };
        Tree {
            roles: vec![Some(root)],
            free_roles: Vec::new(),
            clients: Vec::new(),
            free_clients: Vec::new(),
            keys: Vec::new(),
            ids: BTreeMap::new(),
            weights: weights.iter().cloned().collect(),
            noticed: Quantities::new(),
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
        let path: Arc<str> = role.into();
        let role = self.role_made(role);
        self.role_mut(role).members += 1;
        let rank = self.rank(&id);
        let standing = Standing::default();
        let client = Some(Client { framework, role, path, id, standing, active: false });
        let index = match self.free_clients.pop() {
            Some(index) => {
                self.clients[index.0 as usize] = client;
                index
            }
            None => {
                self.clients.push(client);
                self.keys.push(SortKey::default());
                ClientIndex(self.clients.len() as u32 - 1)
            }
        };
        self.keys[index.0 as usize] = SortKey { share: 0.0, grants: 0, rank };
        index
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
        let (_, clients) = self.ids.get_mut(&client.id).expect("the id of a client has a rank");
        *clients -= 1;
        if *clients == 0 {
            self.ids.remove(&client.id);
        }
        self.role_mut(client.role).members -= 1;
        self.remove_empty(client.role);
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
        let child = |at: RoleIndex, name| self.role(at).children.get(name).copied();
        if let Some(index) = role.split('/').try_fold(ROOT, child) {
            self.role_mut(index).weight = weight;
            self.stale = true;
        }
    }

    /// Changes what all agents have together.
    pub(crate) fn change_total(&mut self, less: &Quantities, more: &Quantities) {
        if less != more {
            self.total -= less;
            self.total += more;
            self.stale |= !self.is_close();
        }
    }

    /// Whether shares would be nearly what they are.
    fn is_close(&self) -> bool {
        let close = |all: Scalar, noticed: Scalar| {
            let (all, noticed) = (all.thousandths(), noticed.thousandths());
            all.abs_diff(noticed) <= noticed.unsigned_abs() / NOTICEABLE
        };
        let (total, noticed) = (&self.total, &self.noticed);
        let mut others = total.others().iter().chain(noticed.others()).map(|(name, _)| name);
        total.usual().iter().zip(noticed.usual()).all(|(all, noticed)| close(*all, *noticed))
            && others.all(|name| close(total.get(name), noticed.get(name)))
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

    /// The rank of an id, with one client more that has it.
    fn rank(&mut self, id: &Arc<str>) -> u64 {
        const GAP: u64 = 1 << 32;
        if let Some((rank, clients)) = self.ids.get_mut(id) {
            *clients += 1;
            return *rank;
        }
        let rank_of = |entry: Option<(&Arc<str>, &(u64, u32))>| entry.map(|(_, (rank, _))| *rank);
        let before = rank_of(self.ids.range::<Arc<str>, _>(..id).next_back()).unwrap_or(0);
        let after = rank_of(self.ids.range::<Arc<str>, _>(id..).next());
        let rank = match after {
            Some(after) => before + (after - before) / 2,
            None => before.saturating_add(GAP),
        };
        self.ids.insert(id.clone(), (rank, 1));
        if rank > before && after.is_none_or(|after| rank < after) {
            return rank;
        }
        // No room: all ranks are given anew.
        for (place, (rank, _)) in self.ids.values_mut().enumerate() {
            *rank = (place as u64 + 1) * GAP;
        }
        for (client, key) in self.clients.iter().zip(&mut self.keys) {
            if let Some(client) = client {
                key.rank = self.ids[&client.id].0;
            }
        }
        self.ids[id].0
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
        let (mut at, mut end) = (ROOT, 0);
        for name in path.split('/') {
            end += name.len();
            at = match self.role(at).children.get(name) {
                Some(child) => *child,
                None => {
                    let weight = self.weights.get(&path[..end]).copied().unwrap_or(1.0);
                    self.add_role(Role::new(name, at, weight))
                }
            };
            end += 1;
        }
        at
    }

    fn add_role(&mut self, role: Role) -> RoleIndex {
        let (name, parent) = (role.name.clone(), role.parent);
        let index = match self.free_roles.pop() {
            Some(index) => {
                self.roles[index.0 as usize] = Some(role);
                index
            }
            None => {
                self.roles.push(Some(role));
                RoleIndex(self.roles.len() as u32 - 1)
            }
        };
        self.role_mut(parent).children.insert(name, index);
        index
    }

    /// Removes a role without clients and children, and ancestors left so.
    fn remove_empty(&mut self, mut index: RoleIndex) {
        while self.role(index).members == 0 && self.role(index).children.is_empty() {
            let role = self.roles[index.0 as usize].take().expect("the role exists");
            self.free_roles.push(index);
            self.role_mut(role.parent).children.remove(&role.name);
            index = role.parent;
        }
    }
}

impl Role {
    fn new(name: &str, parent: RoleIndex, weight: f64) -> Self {
        Role {
            name: name.into(),
            parent,
            children: BTreeMap::new(),
            weight,
            standing: Standing::default(),
            own: Standing::default(),
            clients: Vec::new(),
            entries: Vec::new(),
            members: 0,
        }
    }
}
