// SPDX-License-Identifier: Apache-2.0

//! What is told to the scheduler of a `V0Mesos`, and when.
//!
//! | what | when |
//! |---|---|
//! | `connected` | at once |
//! | an event | once SUBSCRIBE has been sent, in the order of the driver's callbacks |
//! | HEARTBEAT | every 15 s after SUBSCRIBE |
//! | `disconnected` | at once; events that still wait are dropped, as Mesos does |
//!
//! An offer that is rescinded before SUBSCRIBE is not told at all.
//!
//! One thread tells; the driver's own thread only leaves what there is to tell,
//! so that news of a lost master do not wait for a SUBSCRIBE that does not come.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use mesos_client::v0::CallbackResult;
use mesos_proto::v1::{
    OfferId,
    scheduler::{Event, event},
};

use super::plain;
use crate::v1_mesos::JavaPeer;

/// How often a subscribed scheduler is told that its master is there.
pub(super) const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(15);

/// How much may wait to be told; beyond it, the driver's callbacks wait, and what would wait for a
/// SUBSCRIBE is dropped.
const UNTOLD_MAX: usize = 1024;

/// One call of the scheduler.
enum News {
    Connected,
    Disconnected,
    Event(Box<Event>),
}

/// What the threads of one adapter share.
pub(super) struct Gate {
    peer: JavaPeer,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// `connected` is told or will be, and `disconnected` is not to come after it.
    connected: bool,
    /// The time of the next heartbeat, once SUBSCRIBE has been sent.
    heartbeat: Option<Instant>,
    untold: VecDeque<News>,
    /// Events have been dropped since the last SUBSCRIBE or lost master.
    dropping: bool,
    closed: bool,
}

impl State {
    /// What can be told at the time `now`.
    fn next(&mut self, now: Instant) -> Option<News> {
        let can_be_told = self.untold.front().is_some_and(|it| match it {
            News::Connected | News::Disconnected => true,
            News::Event(_) => self.heartbeat.is_some(),
        });
        if can_be_told {
            return self.untold.pop_front();
        }
        if !self.connected {
            return None;
        }
        let due = self.heartbeat.as_mut().filter(|due| **due <= now)?;
        *due = now + HEARTBEAT_INTERVAL;
        Some(News::Event(Box::new(plain(event::Type::Heartbeat))))
    }

    /// Takes back an offer that nobody has been told of.
    fn retract(&mut self, offer: &OfferId) {
        self.untold.retain_mut(|news| match news {
            News::Event(event) => match &mut event.offers {
                Some(told) => {
                    told.offers.retain(|it| it.id != *offer);
                    !told.offers.is_empty()
                }
                None => true,
            },
            News::Connected | News::Disconnected => true,
        });
    }
}

impl Gate {
    pub(super) fn new(peer: JavaPeer) -> Self {
        Gate { peer, state: Mutex::default(), changed: Condvar::new() }
    }

    /// No code of a framework runs under the lock, so poison means nothing.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    /// A master is there: SUBSCRIBE may come, and after it, `events`.
    pub(super) fn connected(&self, events: impl IntoIterator<Item = Event>) {
        self.change(|state| {
            state.connected = true;
            state.untold.push_back(News::Connected);
            state.untold.extend(events.into_iter().map(|event| News::Event(Box::new(event))));
        });
    }

    /// The master is lost, and with it what was not told of it.
    pub(super) fn disconnected(&self) {
        self.change(|state| {
            state.connected = false;
            (state.heartbeat, state.dropping) = (None, false);
            state.untold.retain(|it| !matches!(it, News::Event(_)));
            state.untold.push_back(News::Disconnected);
        });
    }

    /// Leaves an event to be told; waits for room, but not for a SUBSCRIBE.
    pub(super) fn event(&self, event: Event) {
        let is_full = |state: &State| state.untold.len() >= UNTOLD_MAX;
        let waits =
            |state: &mut State| is_full(state) && !state.closed && state.heartbeat.is_some();
        let state = self.changed.wait_while(self.lock(), waits);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return;
        }
        if state.heartbeat.is_none()
            && let Some(rescind) = &event.rescind
        {
            return state.retract(&rescind.offer_id);
        }
        if is_full(&state) && event.r#type() != event::Type::Error {
            if !std::mem::replace(&mut state.dropping, true) {
                tracing::warn!("{UNTOLD_MAX} events wait for a SUBSCRIBE; dropping all others");
            }
            return;
        }
        state.untold.push_back(News::Event(Box::new(event)));
        self.changed.notify_all();
    }

    /// The driver cannot go on. A scheduler that has no connection is told of one first, as it
    /// hears nothing without.
    pub(super) fn error(&self, event: Event) {
        if self.lock().connected { self.event(event) } else { self.connected([event]) }
    }

    /// SUBSCRIBE was sent.
    pub(super) fn subscribe(&self) {
        self.change(|state| {
            state.heartbeat.get_or_insert(Instant::now() + HEARTBEAT_INTERVAL);
            state.dropping = false;
        });
    }

    /// Nothing more is told.
    pub(super) fn close(&self) {
        self.change(|state| state.closed = true);
    }

    /// Tells the scheduler, until it is closed.
    ///
    /// # Errors
    /// The scheduler has thrown.
    pub(super) fn tell(&self) -> CallbackResult {
        let mut state = self.lock();
        while !state.closed {
            let now = Instant::now();
            if let Some(news) = state.next(now) {
                if matches!(news, News::Disconnected) {
                    // A SUBSCRIBE that came before was for the connection that is lost.
                    state.heartbeat = None;
                }
                drop(state);
                self.changed.notify_all();
                match news {
                    News::Connected => self.peer.connected()?,
                    News::Disconnected => self.peer.disconnected()?,
                    News::Event(event) => self.peer.received(&event)?,
                }
                state = self.lock();
                continue;
            }
            let due = state.heartbeat.filter(|_| state.connected);
            let patience = due.map_or(HEARTBEAT_INTERVAL, |due| due - now);
            let waited = self.changed.wait_timeout(state, patience);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use mesos_proto::v1::Offer;

    use super::*;

    fn id(value: &str) -> OfferId {
        OfferId { value: value.to_owned() }
    }

    fn offers(ids: &[&str]) -> News {
        let offers = ids.iter().map(|it| Offer { id: id(it), ..Default::default() }).collect();
        let offers = Some(event::Offers { offers });
        News::Event(Box::new(Event { offers, ..plain(event::Type::Offers) }))
    }

    #[test]
    fn an_offer_that_is_rescinded_before_it_was_told_is_not_told() {
        let untold = [News::Connected, offers(&["a", "b"]), offers(&["c"])].into();
        let mut state = State { untold, ..State::default() };
        state.retract(&id("c"));
        state.retract(&id("a"));
        state.retract(&id("unknown"));
        assert_eq!(state.untold.len(), 2);
        let Some(News::Event(event)) = state.untold.pop_back() else {
            panic!("the offers are gone")
        };
        let left: Vec<_> = event.offers.unwrap().offers.into_iter().map(|it| it.id).collect();
        assert_eq!(left, [id("b")]);
    }
}
