// SPDX-License-Identifier: Apache-2.0

//! What frameworks refused on one agent, and until when.
//!
//! A filter belongs to a client (framework and role) and an agent, and keeps
//! from the client every offer that is a subset of what it refused.
//!
//! Invariants: sorted by client; per client no filter is implied by another
//! (same or more refused, same or longer), and at most [`PER_CLIENT`] are kept:
//! past that the one that ends first goes, which only means an offer too early.
//!
//! Source in Mesos: `RefusedOfferFilter` in `src/master/allocator/mesos/hierarchical.cpp`.

use mesos_core::{resources::Resources, time::Time};

use crate::tree::ClientIndex;

/// The most filters of one client on one agent.
const PER_CLIENT: usize = 8;

#[derive(Clone, Debug)]
struct Filter {
    client: ClientIndex,
    expires: Time,
    /// Without allocation info.
    refused: Resources,
}

/// The live filters on one agent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filters(Vec<Filter>);

impl Filters {
    pub(crate) fn add(&mut self, client: ClientIndex, refused: Resources, expires: Time) {
        let range = self.range(client);
        let implies = |filter: &Filter| filter.expires >= expires;
        if self.0[range.clone()].iter().any(|f| implies(f) && f.refused.contains(&refused)) {
            return;
        }
        let start = range.start;
        let mut end = range.end;
        let mut at = start;
        while at < end {
            if self.0[at].expires <= expires && refused.contains(&self.0[at].refused) {
                self.0.remove(at);
                end -= 1;
            } else {
                at += 1;
            }
        }
        if end - start == PER_CLIENT {
            let first = (start..end).min_by_key(|at| self.0[*at].expires);
            self.0.remove(first.expect("the range is not empty"));
        }
        self.0.insert(start, Filter { client, expires, refused });
    }

    /// Until when `client` does not want `offered`; `None` when it may have it.
    pub(crate) fn refused_until(&self, client: ClientIndex, offered: &Resources) -> Option<Time> {
        let filters = self.0[self.range(client)].iter();
        filters.filter(|f| f.refused.contains(offered)).map(|f| f.expires).max()
    }

    /// How many filters `client` has here.
    pub(crate) fn count(&self, client: ClientIndex) -> usize {
        self.range(client).len()
    }

    /// Drops the filters of `client`.
    pub(crate) fn remove(&mut self, client: ClientIndex) {
        let range = self.range(client);
        self.0.drain(range);
    }

    /// Drops what has expired at `now` and names the clients concerned.
    pub(crate) fn expire(&mut self, now: Time, mut expired: impl FnMut(ClientIndex)) {
        self.0.retain(|filter| {
            let live = filter.expires > now;
            if !live {
                expired(filter.client);
            }
            live
        });
        if self.0.capacity() > 64 && self.0.len() * 4 < self.0.capacity() {
            self.0.shrink_to_fit();
        }
    }

    pub(crate) fn next_expiry(&self) -> Option<Time> {
        self.0.iter().map(|filter| filter.expires).min()
    }

    /// The clients of the filters, one entry for each filter.
    pub(crate) fn clients(&self) -> impl Iterator<Item = ClientIndex> + '_ {
        self.0.iter().map(|filter| filter.client)
    }

    fn range(&self, client: ClientIndex) -> std::ops::Range<usize> {
        let start = self.0.partition_point(|filter| filter.client < client);
        let length = self.0[start..].iter().take_while(|f| f.client == client).count();
        start..start + length
    }
}
