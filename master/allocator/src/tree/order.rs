// SPDX-License-Identifier: Apache-2.0

//! Keeping the orders of the tree, and reading them.

use std::cmp::Ordering;

use mesos_core::resources::Quantities;

use super::{ClientIndex, Entry, ROOT, RoleIndex, Standing, Tree};

/// A change of what a client has allocated.
#[derive(Clone, Copy)]
enum Charge {
    /// One allocation more.
    Grant,
    Release,
}

impl Tree {
    /// Adds an allocation to a client and moves it to its new places.
    pub(crate) fn grant(&mut self, client: ClientIndex, quantities: &Quantities) {
        self.charge(client, quantities, Charge::Grant);
    }

    /// Takes from what a client has allocated and moves it to its new places.
    pub(crate) fn release(&mut self, client: ClientIndex, quantities: &Quantities) {
        self.charge(client, quantities, Charge::Release);
    }

    /// Makes a client part of the orders, or not.
    pub(crate) fn set_active(&mut self, index: ClientIndex, active: bool) {
        let client = self.client_mut(index);
        if client.active == active {
            return;
        }
        client.active = active;
        let role = client.role;
        if active {
            self.update_share(index);
            self.active.insert(index.0);
            let at = self.client_place(role, index);
            self.role_mut(role).clients.insert(at, index);
            self.enter(role);
        } else {
            self.active.remove(index.0);
            let clients = &mut self.role_mut(role).clients;
            clients.retain(|other| *other != index);
            if clients.is_empty() {
                self.leave(role);
            }
        }
    }

    /// Sorts a stale tree.
    pub(crate) fn refresh(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        self.noticed = self.total.clone();
        self.counted = self.total.clone();
        for name in &self.excluded {
            self.counted.set(&name.as_str().into(), Default::default());
        }
        for at in 0..self.clients.len() {
            if self.clients[at].is_some() {
                self.update_share(ClientIndex(at as u32));
            }
        }
        for at in 0..self.roles.len() {
            let Some(role) = &self.roles[at] else { continue };
            let (share, own) =
                (self.share(&role.standing, role.weight), self.share(&role.own, 1.0));
            let role = self.role_mut(RoleIndex(at as u32));
            (role.standing.share, role.own.share) = (share, own);
        }
        for at in 0..self.roles.len() {
            let Some(role) = &mut self.roles[at] else { continue };
            let mut clients = std::mem::take(&mut role.clients);
            let mut entries = std::mem::take(&mut role.entries);
            let index = RoleIndex(at as u32);
            clients.sort_by(|a, b| self.compare_clients(*a, *b));
            entries.sort_by(|a, b| self.compare_entries(index, *a, *b));
            let role = self.role_mut(index);
            (role.clients, role.entries) = (clients, entries);
        }
    }

    /// The first active client, in order, that `wanted` takes.
    pub(crate) fn find<T>(
        &self,
        mut wanted: impl FnMut(ClientIndex) -> Option<T>,
    ) -> Option<(ClientIndex, T)> {
        let mut open = vec![(ROOT, 0)];
        while let Some((index, at)) = open.last_mut() {
            let role = self.role(*index);
            let Some(entry) = role.entries.get(*at) else {
                open.pop();
                continue;
            };
            *at += 1;
            match entry {
                Entry::Own => {
                    for client in &role.clients {
                        if let Some(found) = wanted(*client) {
                            return Some((*client, found));
                        }
                    }
                }
                Entry::Child(child) => open.push((*child, 0)),
            }
        }
        None
    }

    /// Which of two different active clients comes first.
    pub(crate) fn compare(&self, a: ClientIndex, b: ClientIndex) -> Ordering {
        let (role_a, role_b) = (self.client(a).role, self.client(b).role);
        if role_a == role_b {
            return self.compare_clients(a, b);
        }
        let (line_a, line_b) = (self.line(role_a), self.line(role_b));
        let common = line_a.iter().zip(&line_b).take_while(|(a, b)| a == b).count();
        let entry = |line: &[RoleIndex]| line.get(common).map_or(Entry::Own, |r| Entry::Child(*r));
        self.compare_entries(line_a[common - 1], entry(&line_a), entry(&line_b))
    }

    /// Fails if an order is not what sorting from scratch would give.
    #[cfg(test)]
    pub(crate) fn check(&self) {
        if self.stale {
            return;
        }
        let ranks: Vec<u64> = self.ids.values().map(|(rank, _)| *rank).collect();
        assert!(ranks.is_sorted_by(|a, b| a < b));
        for (at, role) in self.roles.iter().enumerate() {
            let Some(role) = role else { continue };
            let index = RoleIndex(at as u32);
            assert_eq!(role.standing.share, self.share(&role.standing, role.weight));
            assert_eq!(role.own.share, self.share(&role.own, 1.0));
            assert!(role.clients.is_sorted_by(|a, b| self.compare_clients(*a, *b).is_lt()));
            assert!(role.entries.is_sorted_by(|a, b| self.compare_entries(index, *a, *b).is_lt()));
            assert_eq!(role.entries.contains(&Entry::Own), !role.clients.is_empty());
        }
    }

    /// The roles from the root down to `role`.
    fn line(&self, mut role: RoleIndex) -> Vec<RoleIndex> {
        let mut line = vec![role];
        while role != ROOT {
            role = self.role(role).parent;
            line.push(role);
        }
        line.reverse();
        line
    }

    fn charge(&mut self, index: ClientIndex, quantities: &Quantities, charge: Charge) {
        let client = self.client(index);
        let (role, in_order) = (client.role, client.active && !self.stale);
        let place = in_order.then(|| self.client_place(role, index));
        charge_standing(&mut self.client_mut(index).standing, quantities, charge);
        self.update_share(index);
        if let Some(place) = place {
            let mut clients = std::mem::take(&mut self.role_mut(role).clients);
            settle(&mut clients, place, |a, b| self.compare_clients(*a, *b));
            self.role_mut(role).clients = clients;
        }
        self.charge_entry(role, Entry::Own, quantities, charge);
        let mut index = role;
        while index != ROOT {
            let parent = self.role(index).parent;
            self.charge_entry(parent, Entry::Child(index), quantities, charge);
            index = parent;
        }
    }

    /// Computes what a client is sorted by.
    fn update_share(&mut self, index: ClientIndex) {
        let client = self.client(index);
        let (share, grants) = (self.share(&client.standing, 1.0), client.standing.grants);
        self.client_mut(index).standing.share = share;
        let key = &mut self.keys[index.0 as usize];
        (key.share, key.grants) = (share, grants);
    }

    /// Changes one entry of a role and moves it, if it is in the order.
    fn charge_entry(&mut self, at: RoleIndex, entry: Entry, by: &Quantities, charge: Charge) {
        let sorted = !self.stale && self.role(at).entries.len() > 1;
        let place = match sorted {
            true => self.entry_place(at, entry),
            false => None,
        };
        charge_standing(self.standing_mut(at, entry), by, charge);
        let weight = self.weight(entry);
        let share = self.share(self.standing(at, entry), weight);
        self.standing_mut(at, entry).share = share;
        if let Some(place) = place {
            let mut entries = std::mem::take(&mut self.role_mut(at).entries);
            settle(&mut entries, place, |a, b| self.compare_entries(at, *a, *b));
            self.role_mut(at).entries = entries;
        }
    }

    /// Where an entry is in the order of its role, if it is.
    fn entry_place(&self, at: RoleIndex, entry: Entry) -> Option<usize> {
        let entries = &self.role(at).entries;
        let place =
            entries.partition_point(|other| self.compare_entries(at, *other, entry).is_lt());
        (entries.get(place) == Some(&entry)).then_some(place)
    }

    fn standing(&self, at: RoleIndex, entry: Entry) -> &Standing {
        match entry {
            Entry::Own => &self.role(at).own,
            Entry::Child(child) => &self.role(child).standing,
        }
    }

    fn standing_mut(&mut self, at: RoleIndex, entry: Entry) -> &mut Standing {
        match entry {
            Entry::Own => &mut self.role_mut(at).own,
            Entry::Child(child) => &mut self.role_mut(child).standing,
        }
    }

    fn weight(&self, entry: Entry) -> f64 {
        match entry {
            Entry::Own => 1.0,
            Entry::Child(child) => self.role(child).weight,
        }
    }

    /// Puts a role that got its first active client, and its ancestors, into their orders.
    fn enter(&mut self, role: RoleIndex) {
        let (mut at, mut entry) = (role, Entry::Own);
        while !self.role(at).entries.contains(&entry) {
            let weight = self.weight(entry);
            let share = self.share(self.standing(at, entry), weight);
            self.standing_mut(at, entry).share = share;
            let entries = &self.role(at).entries;
            let place =
                entries.partition_point(|other| self.compare_entries(at, *other, entry).is_lt());
            self.role_mut(at).entries.insert(place, entry);
            if at == ROOT {
                return;
            }
            (at, entry) = (self.role(at).parent, Entry::Child(at));
        }
    }

    /// Takes a role without active clients, and ancestors left empty, out of their orders.
    fn leave(&mut self, role: RoleIndex) {
        let (mut at, mut entry) = (role, Entry::Own);
        loop {
            let entries = &mut self.role_mut(at).entries;
            entries.retain(|other| *other != entry);
            if !entries.is_empty() || at == ROOT {
                return;
            }
            (at, entry) = (self.role(at).parent, Entry::Child(at));
        }
    }

    /// Where a client is in the order of its role, or belongs.
    fn client_place(&self, role: RoleIndex, client: ClientIndex) -> usize {
        let clients = &self.role(role).clients;
        if clients.first() == Some(&client) {
            return 0; // The one that has just been chosen, more often than not.
        }
        clients.partition_point(|other| self.compare_clients(*other, client).is_lt())
    }

    fn compare_clients(&self, a: ClientIndex, b: ClientIndex) -> Ordering {
        let (a, b) = (&self.keys[a.0 as usize], &self.keys[b.0 as usize]);
        a.share.total_cmp(&b.share).then(a.grants.cmp(&b.grants)).then(a.rank.cmp(&b.rank))
    }

    fn compare_entries(&self, at: RoleIndex, a: Entry, b: Entry) -> Ordering {
        let name = |entry| match entry {
            Entry::Own => ".",
            Entry::Child(child) => &self.role(child).name,
        };
        let (standing_a, standing_b) = (self.standing(at, a), self.standing(at, b));
        let shares = standing_a.share.total_cmp(&standing_b.share);
        shares.then(standing_a.grants.cmp(&standing_b.grants)).then_with(|| name(a).cmp(name(b)))
    }
}

fn charge_standing(standing: &mut Standing, quantities: &Quantities, charge: Charge) {
    match charge {
        Charge::Grant => {
            standing.allocated += quantities;
            standing.grants += 1;
        }
        Charge::Release => standing.allocated -= quantities,
    }
}

/// Moves the element at `place`, the only one out of order, to where it belongs.
fn settle<T>(order: &mut [T], place: usize, compare: impl Fn(&T, &T) -> Ordering) {
    let moved = &order[place];
    let before = order[..place].partition_point(|other| compare(other, moved).is_lt());
    if before < place {
        order[before..=place].rotate_right(1);
        return;
    }
    let after = order[place + 1..].partition_point(|other| compare(other, moved).is_lt());
    if after > 0 {
        order[place..=place + after].rotate_left(1);
    }
}
