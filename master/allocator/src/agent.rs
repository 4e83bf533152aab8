// SPDX-License-Identifier: Apache-2.0

//! One agent's books: what it has, who holds what, what is left.
//!
//! Invariants:
//! - what is available is what the agent has, without its shared resources and
//!   without what is held; nothing is ever negative. When the agent shrank below
//!   what is held, or says that a port is used twice, it is *overcommitted*, and
//!   the books are made anew on every change until that is over;
//! - shared resources are never used up: each offer may carry a copy of them;
//! - `blocked` names clients that nothing here is for, however little of it is
//!   left: it may be learned only while nothing is on offer, since what is on
//!   offer may come back, and is forgotten whenever the agent gets more to give.

use std::sync::Arc;

use mesos_core::{
    resources::{Name, Quantities, Resource, Resources},
    time::Time,
    trial::{self, Defect},
};
use smallvec::SmallVec;

use crate::{
    bitset::BitSet,
    filters::Filters,
    spec::{AgentSpec, Capabilities},
    tree::ClientIndex,
};

/// What a client has of an agent.
#[derive(Clone, Debug)]
pub(crate) struct Holding {
    pub(crate) client: ClientIndex,
    /// By tasks, executors and operations.
    pub(crate) used: Resources,
    pub(crate) offered: Resources,
}

impl Holding {
    fn all(&self) -> Resources {
        &self.used + &self.offered
    }
}

/// Which half of a holding is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Used,
    Offered,
}

/// Available resources that go to the same roles and frameworks.
#[derive(Clone, Debug)]
pub(crate) struct Portion {
    reserved: Option<Arc<str>>,
    refined: bool,
    revocable: bool,
    quantities: Quantities,
}

impl Portion {
    fn admits(&self, resource: &Resource) -> bool {
        self.reserved.as_deref() == resource.reservation_role()
            && self.refined == resource.has_refined_reservations()
            && self.revocable == resource.is_revocable()
    }
}

/// What an agent could give to a client: exactly, and as quantities.
pub(crate) struct Share {
    pub(crate) resources: Resources,
    pub(crate) quantities: Quantities,
}

#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) spec: AgentSpec,
    pub(crate) active: bool,
    pub(crate) whitelisted: bool,
    /// In another region than the master.
    pub(crate) remote: bool,
    total: Resources,
    has_gpus: bool,
    available: Resources,
    shared: Resources,
    /// Sorted by client.
    holdings: SmallVec<[Holding; 1]>,
    overcommitted: bool,
    /// `available`, summed up.
    portions: SmallVec<[Portion; 1]>,
    pub(crate) filters: Filters,
    /// When the allocator looks for expired filters here.
    pub(crate) expiry: Option<Time>,
    pub(crate) blocked: BitSet,
    /// Everyone has to be considered for it.
    pub(crate) dirty: bool,
    /// These have to be considered for it.
    pub(crate) woken: Vec<ClientIndex>,
    /// Listed for the next pass.
    pub(crate) listed: bool,
}

impl Agent {
    pub(crate) fn new(spec: AgentSpec, total: Resources, active: bool) -> Self {
        let mut agent = Agent {
            spec,
            active,
            whitelisted: true,
            remote: false,
            total: Resources::new(),
            has_gpus: false,
            available: Resources::new(),
            shared: Resources::new(),
            holdings: SmallVec::new(),
            overcommitted: false,
            portions: SmallVec::new(),
            filters: Filters::default(),
            expiry: None,
            blocked: BitSet::default(),
            dirty: false,
            woken: Vec::new(),
            listed: false,
        };
        agent.set_total(total);
        agent
    }

    pub(crate) fn total(&self) -> &Resources {
        &self.total
    }

    /// What is not held, without shared resources.
    pub(crate) fn available(&self) -> &Resources {
        &self.available
    }

    pub(crate) fn has_shared(&self) -> bool {
        !self.shared.is_empty()
    }

    pub(crate) fn holdings(&self) -> &[Holding] {
        &self.holdings
    }

    pub(crate) fn has_gpus(&self) -> bool {
        self.has_gpus
    }

    /// Whether anything is on offer.
    pub(crate) fn is_on_offer(&self) -> bool {
        self.holdings.iter().any(|holding| !holding.offered.is_empty())
    }

    pub(crate) fn set_total(&mut self, total: Resources) {
        self.total = total.unallocated();
        self.has_gpus = self.total.iter().any(|resource| *resource.name() == Name::Gpus);
        self.shared = self.total.shared();
        self.recount();
        self.blocked.clear();
    }

    /// Gives `resources`, without allocation info, to a client; says what that
    /// adds to the client's allocation.
    pub(crate) fn hold(
        &mut self,
        client: ClientIndex,
        resources: &Resources,
        held: Held,
    ) -> Quantities {
        let at = self.holding_made(client);
        let before = self.counted_shared(at);
        let holding = &mut self.holdings[at];
        *half(holding, held) += resources;
        let charge = match before {
            None => resources.quantities(),
            Some(before) => holding.all().quantities() - &before,
        };
        self.take(resources);
        charge
    }

    /// Puts what a client could have on offer to it; says what that adds to the
    /// client's allocation.
    pub(crate) fn offer(&mut self, client: ClientIndex, share: &Share) -> Quantities {
        if self.has_shared() {
            return self.hold(client, &share.resources, Held::Offered);
        }
        let at = self.holding_made(client);
        self.holdings[at].offered += &share.resources;
        if trial::has(Defect::OfferedTwice) {
            return share.quantities.clone();
        }
        self.take(&share.resources);
        share.quantities.clone()
    }

    /// Takes back `resources`, without allocation info, from a client; says what
    /// that takes from the client's allocation.
    pub(crate) fn release(
        &mut self,
        client: ClientIndex,
        resources: &Resources,
        held: Held,
    ) -> Quantities {
        let host = &self.spec.info.hostname;
        let Some(at) = self.holding(client) else {
            assert!(is_countless(resources), "{resources} of {host} cannot be given back twice");
            return Quantities::new();
        };
        let before = self.counted_shared(at);
        let holding = &mut self.holdings[at];
        let held_resources = half(holding, held);
        assert!(
            held_resources.contains(resources)
                || (held == Held::Used && held_resources.contains(&resources.scalars())),
            "{resources} cannot be given back: of {host} {held:?} are {held_resources}"
        );
        *held_resources -= resources;
        let credit = match before {
            None => resources.quantities(),
            Some(before) => before - &holding.all().quantities(),
        };
        if holding.used.is_empty() && holding.offered.is_empty() {
            self.holdings.remove(at);
        }
        self.give(resources);
        if held == Held::Used {
            self.blocked.clear();
        }
        credit
    }

    /// Moves offered resources, without allocation info, to the used ones.
    pub(crate) fn settle(&mut self, client: ClientIndex, resources: &Resources) {
        let at = self.holding(client).expect("only a client with an offer accepts it");
        let holding = &mut self.holdings[at];
        assert!(
            holding.offered.contains(resources),
            "{resources} cannot be used: of {} {} are on offer",
            self.spec.info.hostname,
            holding.offered
        );
        holding.offered -= resources;
        holding.used += resources;
    }

    /// Replaces a part of what a client has been offered, and of what there is.
    /// Says what the client had and has now.
    pub(crate) fn convert(
        &mut self,
        client: ClientIndex,
        from: &Resources,
        to: &Resources,
    ) -> (Quantities, Quantities) {
        let at = self.holding(client).expect("only what is on offer is converted");
        let holding = &mut self.holdings[at];
        assert!(holding.offered.contains(from), "{from} is not on offer and cannot be converted");
        let before = holding.all().quantities();
        holding.offered -= from;
        holding.offered += to;
        let after = holding.all().quantities();
        self.set_total(&self.total - from + to);
        (before, after)
    }

    /// What `role` and a framework with these capabilities could have; `None` when
    /// there is nothing.
    pub(crate) fn share(&self, role: &str, capabilities: Capabilities) -> Option<Share> {
        let portions = &self.portions;
        let mut quantities = Quantities::new();
        let mut taken = 0;
        for portion in portions {
            if portion.is_for(role, capabilities) {
                quantities += &portion.quantities;
                taken += 1;
            }
        }
        if taken == 0 {
            return None;
        }
        let mut resources = self.available.clone();
        if taken < portions.len() {
            resources = resources.filter(|r| is_for(r, role, capabilities));
        }
        if capabilities.shared && self.has_shared() {
            let shared = self.shared.filter(|r| is_for(r, role, capabilities));
            quantities += &shared.quantities();
            resources += &shared;
        }
        Some(Share { resources, quantities })
    }

    /// The sum of what is available, whoever it is for.
    pub(crate) fn available_quantities(&self) -> Quantities {
        self.portions.iter().fold(Quantities::new(), |sum, portion| sum + &portion.quantities)
    }

    /// Brings the short form of what is available up to date. Done with each change,
    /// when what is summed up is at hand, rather than in the pass.
    fn sum_up(&mut self) {
        let mut portions = std::mem::take(&mut self.portions);
        portions.clear();
        for resource in &self.available {
            let at = portions.iter().position(|portion| portion.admits(resource));
            let at = at.unwrap_or_else(|| {
                portions.push(Portion {
                    reserved: resource.reservation_role().map(Arc::from),
                    refined: resource.has_refined_reservations(),
                    revocable: resource.is_revocable(),
                    quantities: Quantities::new(),
                });
                portions.len() - 1
            });
            if let Some(amount) = resource.value().as_scalar() {
                portions[at].quantities.increase(resource.name(), amount);
            }
        }
        self.portions = portions;
    }

    /// Fails if the books do not add up.
    #[cfg(test)]
    pub(crate) fn check(&self) {
        let mut held = Resources::new();
        for holding in &self.holdings {
            held += &holding.all().non_shared();
        }
        let total = self.total.non_shared();
        assert!(self.overcommitted || total.contains(&held), "{held} of {total} held");
        assert_eq!(self.available, total - &held);
    }

    fn recount(&mut self) {
        let (mut held, mut held_twice) = (Resources::new(), false);
        for half in self.holdings.iter().flat_map(|holding| [&holding.used, &holding.offered]) {
            let half = half.non_shared();
            held_twice |= has_countless_in_common(&held, &half);
            held += &half;
        }
        let total = self.total.non_shared();
        self.overcommitted = held_twice || !total.contains(&held);
        self.available = total - &held;
        self.sum_up();
    }

    fn take(&mut self, resources: &Resources) {
        if self.available.is_identical(resources) {
            self.available = Resources::new();
            self.portions.clear();
            return;
        }
        if self.overcommitted || self.has_shared() || !self.available.contains(resources) {
            self.recount();
            return;
        }
        self.available -= resources;
        self.sum_up();
    }

    fn give(&mut self, resources: &Resources) {
        if self.overcommitted || self.has_shared() {
            self.recount();
            return;
        }
        self.available += resources;
        self.sum_up();
    }

    /// What a client holds, for agents where the sum is less than its parts.
    fn counted_shared(&self, at: usize) -> Option<Quantities> {
        self.has_shared().then(|| self.holdings[at].all().quantities())
    }

    fn holding(&self, client: ClientIndex) -> Option<usize> {
        self.holdings.binary_search_by_key(&client, |holding| holding.client).ok()
    }

    fn holding_made(&mut self, client: ClientIndex) -> usize {
        match self.holdings.binary_search_by_key(&client, |holding| holding.client) {
            Ok(at) => at,
            Err(at) => {
                let (used, offered) = (Resources::new(), Resources::new());
                self.holdings.insert(at, Holding { client, used, offered });
                at
            }
        }
    }
}

impl Portion {
    fn is_for(&self, role: &str, capabilities: Capabilities) -> bool {
        (capabilities.revocable || !self.revocable)
            && (capabilities.refinement || !self.refined)
            && self.reserved.as_deref().is_none_or(|reserved| {
                reserved == role || mesos_core::roles::is_strict_subrole_of(role, reserved)
            })
    }
}

fn is_for(resource: &Resource, role: &str, capabilities: Capabilities) -> bool {
    (capabilities.revocable || !resource.is_revocable())
        && (capabilities.refinement || !resource.has_refined_reservations())
        && resource.is_allocatable_to(role)
}

/// Whether there are only numbers and words, of which a task can use what another
/// one uses too, as far as their agent is to be believed.
fn is_countless(resources: &Resources) -> bool {
    !resources.iter().any(Resource::is_scalar)
}

fn has_countless_in_common(left: &Resources, right: &Resources) -> bool {
    let right = right.filter(|resource| !resource.is_scalar());
    !right.is_empty() && &right - left != right
}

fn half(holding: &mut Holding, held: Held) -> &mut Resources {
    match held {
        Held::Used => &mut holding.used,
        Held::Offered => &mut holding.offered,
    }
}

impl Share {
    /// Whether it has at least `minimum`, in which numbers and words may be counted.
    pub(crate) fn contains(&self, minimum: &Quantities) -> bool {
        self.quantities.contains(minimum)
            || (!minimum.others().is_empty() && self.resources.contains_quantities(minimum))
    }
}
