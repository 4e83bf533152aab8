// SPDX-License-Identifier: Apache-2.0

//! What happens to frameworks: they come, go, change roles, want offers or not.
//!
//! | command | filters | offers |
//! |---|---|---|
//! | `add_framework`, `activate_framework` | | considered for every agent |
//! | `deactivate_framework` | dropped | none any more |
//! | `suppress` | kept | none in the roles |
//! | `revive` | dropped in the roles | considered for every agent |
//! | `update_framework` | dropped in roles left or unsuppressed | considered, if that may change anything |

use std::{collections::BTreeSet, sync::Arc};

use mesos_core::trial::{self, Defect};

use crate::{
    allocator::{Allocator, Framework},
    spec::{AgentKey, FrameworkKey, FrameworkSpec},
    tree::ClientIndex,
};

impl Allocator {
    /// Adds a framework. What it uses comes with the agents, before or after.
    ///
    /// # Panics
    /// When the key is taken.
    pub fn add_framework(&mut self, key: FrameworkKey, spec: FrameworkSpec, active: bool) {
        trial::reached("allocator", "add_framework");
        let at = key.0 as usize;
        if at >= self.frameworks.len() {
            self.frameworks.resize_with(at + 1, || None);
        }
        assert!(self.frameworks[at].is_none(), "framework {key:?} is already there");
        self.with_minimum += usize::from(!spec.min_allocatable.is_empty());
        let roles = spec.roles.clone();
        self.frameworks[at] = Some(Framework { spec, active, clients: Default::default() });
        for role in &roles {
            self.client_made(key, role);
        }
        self.activate_clients(key);
    }

    /// Removes a framework with everything it still holds.
    pub fn remove_framework(&mut self, key: FrameworkKey) {
        let framework = self.framework_mut(key);
        framework.spec.roles.clear();
        let clients: Vec<ClientIndex> = framework.clients.values().copied().collect();
        for client in clients {
            self.tree.set_active(client, false);
            self.drop_filters(client);
            if self.holds_anything(client) {
                self.release_everywhere(client);
            } else {
                self.remove_client_if_unused(client);
            }
        }
        let framework = self.frameworks[key.0 as usize].take().expect("it was there above");
        self.with_minimum -= usize::from(!framework.spec.min_allocatable.is_empty());
    }

    /// Changes a framework's roles, suppressed roles, capabilities, minimums and
    /// constraints.
    pub fn update_framework(&mut self, key: FrameworkKey, spec: FrameworkSpec) {
        trial::reached("allocator", "update_framework");
        self.with_minimum += usize::from(!spec.min_allocatable.is_empty());
        let framework = self.framework_mut(key);
        let old = std::mem::replace(&mut framework.spec, spec.clone());
        self.with_minimum -= usize::from(!old.min_allocatable.is_empty());
        for role in &spec.roles {
            self.client_made(key, role);
        }
        let other_wishes = old.capabilities != spec.capabilities
            || old.min_allocatable != spec.min_allocatable
            || !Arc::ptr_eq(&old.constraints, &spec.constraints);
        let clients = self.framework(key).clients.clone();
        for (role, client) in clients {
            let wants = |spec: &FrameworkSpec| {
                spec.roles.contains(&*role) && !spec.suppressed.contains(&*role)
            };
            if !spec.roles.contains(&*role) || (wants(&spec) && !wants(&old)) {
                self.drop_filters(client);
            }
            if other_wishes {
                self.forget_blocks(client);
                self.dirty_clients.insert(client.0);
            }
            if !wants(&spec) {
                self.tree.set_active(client, false);
            }
            self.remove_client_if_unused(client);
        }
        self.activate_clients(key);
    }

    /// Lets a framework have offers again.
    pub fn activate_framework(&mut self, key: FrameworkKey) {
        trial::reached("allocator", "activate_framework");
        self.framework_mut(key).active = true;
        self.activate_clients(key);
    }

    /// Keeps a framework from offers. Its suppressed roles stay, its filters go.
    pub fn deactivate_framework(&mut self, key: FrameworkKey) {
        let framework = self.framework_mut(key);
        trial::reached("allocator", "deactivate_framework");
        framework.active = false;
        let clients: Vec<ClientIndex> = framework.clients.values().copied().collect();
        for client in clients {
            self.tree.set_active(client, false);
            self.drop_filters(client);
        }
    }

    /// Keeps a framework from offers in some of its roles; in all when none is named.
    /// Roles that are not its own are ignored.
    pub fn suppress(&mut self, key: FrameworkKey, roles: &BTreeSet<String>) {
        trial::reached("allocator", "suppress");
        if trial::has(Defect::SuppressedOffered) {
            return;
        }
        for role in self.own_roles(key, roles) {
            let framework = self.framework_mut(key);
            let client = framework.clients[role.as_str()];
            framework.spec.suppressed.insert(role);
            self.tree.set_active(client, false);
        }
    }

    /// Undoes [`Allocator::suppress`] for some or all of a framework's roles, and
    /// drops what it refused there.
    pub fn revive(&mut self, key: FrameworkKey, roles: &BTreeSet<String>) {
        trial::reached("allocator", "revive");
        if trial::has(Defect::ReviveIgnored) {
            return;
        }
        for role in self.own_roles(key, roles) {
            let framework = self.framework_mut(key);
            let client = framework.clients[role.as_str()];
            framework.spec.suppressed.remove(&role);
            let had_filters = self.refusals[client.0 as usize].filters > 0;
            self.drop_filters(client);
            // A client that was active and refused nothing has already been
            // considered for everything: reviving it again and again is free.
            if had_filters {
                self.dirty_clients.insert(client.0);
            }
        }
        self.activate_clients(key);
    }

    fn own_roles(&self, key: FrameworkKey, roles: &BTreeSet<String>) -> Vec<String> {
        let own = self.framework(key).spec.roles.iter();
        own.filter(|role| roles.is_empty() || roles.contains(*role)).cloned().collect()
    }

    /// Puts the clients that may have offers into the order.
    fn activate_clients(&mut self, key: FrameworkKey) {
        let framework = self.framework(key);
        if !framework.active {
            return;
        }
        let spec = &framework.spec;
        let wanted = framework.clients.iter().filter(|(role, _)| {
            spec.roles.contains(&***role) && !spec.suppressed.contains(&***role)
        });
        let wanted: Vec<ClientIndex> = wanted.map(|(_, client)| *client).collect();
        for client in wanted {
            if !self.tree.is_active(client) {
                self.tree.set_active(client, true);
                self.dirty_clients.insert(client.0);
            }
        }
    }

    /// The client of a framework in a role, made where missing.
    pub(crate) fn client_made(&mut self, key: FrameworkKey, role: &str) -> ClientIndex {
        let framework = self.framework(key);
        if let Some(client) = framework.clients.get(role) {
            return *client;
        }
        let id = framework.spec.id.clone();
        let client = self.tree.add_client(key, id, role);
        self.framework_mut(key).clients.insert(role.into(), client);
        let at = client.0 as usize;
        if at >= self.refusals.len() {
            self.refusals.resize_with(at + 1, Default::default);
        }
        client
    }

    /// Removes a client whose framework left the role, once it holds nothing.
    pub(crate) fn remove_client_if_unused(&mut self, index: ClientIndex) {
        let client = self.tree.client(index);
        let role = client.path.clone();
        let framework = client.framework;
        let needed = self.framework(framework).spec.roles.contains(&*role);
        if needed || self.holds_anything(index) {
            return;
        }
        self.drop_filters(index);
        self.dirty_clients.remove(index.0);
        for agent in self.agents.iter_mut().flatten() {
            agent.blocked.remove(index.0);
            agent.woken.retain(|woken| *woken != index);
        }
        self.framework_mut(framework).clients.remove(&*role);
        self.tree.remove_client(index);
    }

    /// Whether a client holds anything anywhere; what is not a scalar has no quantity.
    fn holds_anything(&self, client: ClientIndex) -> bool {
        !self.tree.client(client).standing.allocated.is_empty()
            || self
                .agents
                .iter()
                .flatten()
                .any(|agent| agent.holdings().iter().any(|holding| holding.client == client))
    }

    fn release_everywhere(&mut self, client: ClientIndex) {
        for at in 0..self.agents.len() {
            let Some(agent) = &self.agents[at] else { continue };
            if agent.holdings().iter().any(|holding| holding.client == client) {
                self.release_all(AgentKey(at as u32), client);
            }
        }
    }
}
