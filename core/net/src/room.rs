// SPDX-License-Identifier: Apache-2.0

//! Room for the bodies of all requests together.
//!
//! What a body takes is counted as it arrives, beyond a first part that is free,
//! and given back when its request is answered. Who finds no room waits a
//! little, without reading, and is then refused; one address can take half of
//! the room at most, so that it alone cannot keep others waiting.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

use crate::{Settings, limits::FREE_BODY_BYTES};

/// What permits stand for: they are counted in 32 bits.
const UNIT: usize = 1 << 10;

/// There is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "The bodies of all requests together, or those from your address, already take all the memory \
     set aside for them ({max} bytes, {max_per_source} from one address); try again later"
)]
pub(crate) struct NoRoom {
    max: usize,
    max_per_source: usize,
}

/// All the room of a server.
#[derive(Debug)]
pub(crate) struct Room {
    settings: Settings,
    all: Arc<Semaphore>,
    /// Of the addresses that take some; only looked up and pruned.
    sources: std::sync::Mutex<HashMap<IpAddr, Weak<Semaphore>>>,
}

impl Room {
    pub(crate) fn new(settings: Settings) -> Self {
        let all = Arc::new(Semaphore::new(settings.max_bodies_bytes / UNIT));
        Room { settings, all, sources: std::sync::Mutex::default() }
    }

    /// The part of one body, empty so far.
    pub(crate) fn part(self: &Arc<Self>, source: IpAddr) -> Part {
        Part {
            patience: self.settings.room_timeout,
            room: self.clone(),
            source,
            taken: 0,
            permits: None,
        }
    }

    fn of_source(&self, source: IpAddr) -> Arc<Semaphore> {
        let mut sources = self.sources.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = sources.get(&source).and_then(Weak::upgrade) {
            return known;
        }
        sources.retain(|_, semaphore| semaphore.strong_count() > 0);
        let new = Arc::new(Semaphore::new(self.settings.max_bodies_bytes_per_source / UNIT));
        sources.insert(source, Arc::downgrade(&new));
        new
    }

    fn refusal(&self) -> NoRoom {
        NoRoom {
            max: self.settings.max_bodies_bytes,
            max_per_source: self.settings.max_bodies_bytes_per_source,
        }
    }
}

/// What one body takes; given back when dropped.
#[derive(Debug)]
pub(crate) struct Part {
    room: Arc<Room>,
    source: IpAddr,
    taken: usize,
    permits: Option<Permits>,
    /// How long it may still wait, in all: those who wait together are refused
    /// together, and not one after the other.
    patience: Duration,
}

#[derive(Debug)]
struct Permits {
    of_source: OwnedSemaphorePermit,
    of_all: OwnedSemaphorePermit,
    source: Arc<Semaphore>,
}

impl Part {
    /// Makes it `bytes` large at least; waits for room, but not for long.
    pub(crate) async fn grow(&mut self, bytes: usize) -> Result<(), NoRoom> {
        let Some(units) = self.missing(bytes) else { return Ok(()) };
        let source = self.source();
        let all = self.room.all.clone();
        let waiting = async {
            let of_source = source.clone().acquire_many_owned(units).await.ok()?;
            let of_all = all.acquire_many_owned(units).await.ok()?;
            Some((of_source, of_all))
        };
        let begun = Instant::now();
        let taken = timeout(self.patience, waiting).await.ok().flatten();
        self.patience = self.patience.saturating_sub(begun.elapsed());
        let (of_source, of_all) = taken.ok_or_else(|| self.room.refusal())?;
        self.add(units, source, of_source, of_all);
        Ok(())
    }

    /// The same, without waiting.
    pub(crate) fn try_grow(&mut self, bytes: usize) -> Result<(), NoRoom> {
        let Some(units) = self.missing(bytes) else { return Ok(()) };
        let refusal = |_| self.room.refusal();
        let source = self.source();
        let of_source = source.clone().try_acquire_many_owned(units).map_err(refusal)?;
        let of_all = self.room.all.clone().try_acquire_many_owned(units).map_err(refusal)?;
        self.add(units, source, of_source, of_all);
        Ok(())
    }

    /// How many units more `bytes` take.
    fn missing(&self, bytes: usize) -> Option<u32> {
        let counted = bytes.saturating_sub(FREE_BODY_BYTES).div_ceil(UNIT);
        let missing = counted.saturating_sub(self.taken);
        (missing > 0).then(|| u32::try_from(missing).unwrap_or(u32::MAX))
    }

    fn source(&self) -> Arc<Semaphore> {
        let known = self.permits.as_ref().map(|permits| permits.source.clone());
        known.unwrap_or_else(|| self.room.of_source(self.source))
    }

    fn add(
        &mut self,
        units: u32,
        source: Arc<Semaphore>,
        of_source: OwnedSemaphorePermit,
        of_all: OwnedSemaphorePermit,
    ) {
        self.taken += units as usize;
        match &mut self.permits {
            Some(permits) => {
                permits.of_source.merge(of_source);
                permits.of_all.merge(of_all);
            }
            None => self.permits = Some(Permits { of_source, of_all, source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(all: usize, per_source: usize) -> Arc<Room> {
        let settings = Settings {
            max_bodies_bytes: all,
            max_bodies_bytes_per_source: per_source,
            room_timeout: Duration::from_millis(10),
            ..Settings::default()
        };
        Arc::new(Room::new(settings))
    }

    fn source(last: u8) -> IpAddr {
        [127, 0, 0, last].into()
    }

    #[tokio::test]
    async fn small_bodies_find_room_when_there_is_none() {
        let room = room(2 * UNIT, 2 * UNIT);
        let mut large = room.part(source(1));
        large.grow(FREE_BODY_BYTES + 2 * UNIT).await.expect("room");
        room.part(source(1)).grow(FREE_BODY_BYTES).await.expect("free");
        let refused = room.part(source(2)).grow(FREE_BODY_BYTES + 1).await;
        assert!(refused.is_err());
        drop(large);
        room.part(source(2)).grow(FREE_BODY_BYTES + 1).await.expect("room again");
    }

    #[tokio::test]
    async fn one_address_leaves_room_for_others() {
        let room = room(4 * UNIT, 2 * UNIT);
        let mut first = room.part(source(1));
        first.grow(FREE_BODY_BYTES + UNIT).await.expect("room");
        first.try_grow(FREE_BODY_BYTES + 2 * UNIT).expect("room");
        assert!(room.part(source(1)).try_grow(FREE_BODY_BYTES + 1).is_err());
        assert!(first.grow(FREE_BODY_BYTES + 3 * UNIT).await.is_err());
        room.part(source(2)).try_grow(FREE_BODY_BYTES + 2 * UNIT).expect("room");
    }

    #[tokio::test]
    async fn who_waits_gets_the_room_that_becomes_free() {
        let room = Arc::new(Room::new(Settings {
            max_bodies_bytes: UNIT,
            max_bodies_bytes_per_source: UNIT,
            room_timeout: Duration::from_secs(60),
            ..Settings::default()
        }));
        let mut first = room.part(source(1));
        first.grow(FREE_BODY_BYTES + 1).await.expect("room");
        let mut second = room.part(source(1));
        let waiting = second.grow(FREE_BODY_BYTES + 1);
        tokio::pin!(waiting);
        assert!(timeout(Duration::from_millis(5), &mut waiting).await.is_err());
        drop(first);
        waiting.await.expect("room");
    }

    #[tokio::test]
    async fn addresses_that_take_nothing_are_forgotten() {
        let room = room(1 << 20, 1 << 20);
        for last in 0..200 {
            let mut part = room.part(source(last));
            part.grow(FREE_BODY_BYTES + 1).await.expect("room");
        }
        assert_eq!(room.sources.lock().expect("sound").len(), 1);
    }
}
