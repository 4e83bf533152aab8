// SPDX-License-Identifier: Apache-2.0

//! The network between the processes.
//!
//! What TCP promises is kept: on one connection messages arrive once, in order,
//! after some time, or the connection breaks and what was under way is lost.
//! Everything else is left to chance: how long it takes, when connections break,
//! and whether the two directions between two hosts work at all. While a direction
//! is blocked its messages are held; when it heals they arrive, or it turns out
//! that the connection broke. Nobody need be told that it did.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use mesos_core::{rng::Rng, time::Time};
use mesos_master_state::StreamKey;

use crate::packet::Packet;

/// A machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Host {
    Master(usize),
    Agent(usize),
    Scheduler(usize),
}

/// One direction of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Route {
    /// Messages of the Mesos wire.
    Wire { from: Host, to: Host },
    /// Calls of a scheduler to a master.
    Calls { scheduler: usize, master: usize },
    /// Their answers.
    Answers { scheduler: usize, master: usize },
    /// The events of one subscription.
    Stream { stream: StreamKey, master: usize, scheduler: usize },
}

impl Route {
    pub(crate) fn from(self) -> Host {
        match self {
            Route::Wire { from, .. } => from,
            Route::Calls { scheduler, .. } => Host::Scheduler(scheduler),
            Route::Answers { master, .. } | Route::Stream { master, .. } => Host::Master(master),
        }
    }

    pub(crate) fn to(self) -> Host {
        match self {
            Route::Wire { to, .. } => to,
            Route::Calls { master, .. } => Host::Master(master),
            Route::Answers { scheduler, .. } | Route::Stream { scheduler, .. } => {
                Host::Scheduler(scheduler)
            }
        }
    }
}

#[derive(Debug, Default)]
struct Channel {
    /// Counts the connections there were; what belongs to an older one is lost.
    epoch: u64,
    /// When the last message under way arrives.
    busy_until: Time,
    held: VecDeque<Packet>,
    /// Nobody was there when it was opened: what is sent before it is opened again is lost.
    refused: bool,
}

/// The connection that was never there.
const NO_EPOCH: u64 = u64::MAX;

/// All connections.
#[derive(Debug, Default)]
pub(crate) struct Network {
    channels: BTreeMap<Route, Channel>,
    blocked: BTreeSet<(Host, Host)>,
}

impl Network {
    /// Sends a packet: says when it arrives on which connection.
    pub(crate) fn send(&mut self, now: Time, rng: &mut Rng, route: Route) -> (Time, u64) {
        let channel = self.channels.entry(route).or_default();
        let at = (now + latency(rng)).max(channel.busy_until + Duration::from_nanos(1));
        channel.busy_until = at;
        (at, if channel.refused { NO_EPOCH } else { channel.epoch })
    }

    /// Opens a connection: whether somebody is there.
    pub(crate) fn open(&mut self, route: Route, is_there: bool) {
        self.channels.entry(route).or_default().refused = !is_there;
    }

    /// What becomes of a packet whose time has come: delivered, lost or held.
    pub(crate) fn arrive(&mut self, route: Route, epoch: u64, packet: Packet) -> Option<Packet> {
        let blocked = self.blocked.contains(&(route.from(), route.to()));
        let channel = self.channels.entry(route).or_default();
        if channel.epoch != epoch {
            return None;
        }
        if blocked {
            channel.held.push_back(packet);
            return None;
        }
        Some(packet)
    }

    /// Breaks a connection: what was under way is lost. Says whether anything was.
    pub(crate) fn break_route(&mut self, now: Time, route: Route) -> bool {
        let channel = self.channels.entry(route).or_default();
        let lost = channel.busy_until >= now || !channel.held.is_empty();
        channel.epoch += 1;
        channel.held.clear();
        channel.busy_until = Time::EPOCH;
        lost
    }

    /// Every connection between two hosts, in this direction.
    pub(crate) fn routes(&self, from: Host, to: Host) -> Vec<Route> {
        let routes = self.channels.keys().copied();
        routes.filter(|route| route.from() == from && route.to() == to).collect()
    }

    pub(crate) fn block(&mut self, from: Host, to: Host) {
        self.blocked.insert((from, to));
    }

    pub(crate) fn is_blocked(&self, from: Host, to: Host) -> bool {
        self.blocked.contains(&(from, to))
    }

    /// Ends a partition and says which connections hold something.
    pub(crate) fn heal(&mut self, from: Host, to: Host) -> Vec<Route> {
        self.blocked.remove(&(from, to));
        let mut routes = self.routes(from, to);
        routes.retain(|route| !self.channels[route].held.is_empty());
        routes
    }

    pub(crate) fn partitions(&self) -> Vec<(Host, Host)> {
        self.blocked.iter().copied().collect()
    }

    /// What was held on a connection, to be delivered before anything else.
    pub(crate) fn take_held(&mut self, route: Route) -> VecDeque<Packet> {
        std::mem::take(&mut self.channels.entry(route).or_default().held)
    }
}

/// Mostly short, sometimes very long.
fn latency(rng: &mut Rng) -> Duration {
    match rng.below(100) {
        0 => Duration::from_millis(200 + rng.below(3000)),
        1..10 => Duration::from_millis(5 + rng.below(100)),
        _ => Duration::from_micros(100 + rng.below(3000)),
    }
}
