// SPDX-License-Identifier: Apache-2.0

//! Which handle stands for what.
//!
//! Numbers are never given out twice, so one that was freed is known as such.

use std::{
    collections::BTreeMap,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::error::Fault;

/// The objects of one kind that are alive.
pub(crate) struct Handles<T> {
    what: &'static str,
    alive: RwLock<BTreeMap<u64, T>>,
}

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A number for an object that is to be made.
pub(crate) fn reserve() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl<T: Clone> Handles<T> {
    /// None; `what` names the kind in errors.
    pub(crate) const fn new(what: &'static str) -> Self {
        Handles { what, alive: RwLock::new(BTreeMap::new()) }
    }

    /// `id` stands for `object` from now on.
    pub(crate) fn insert(&self, id: u64, object: T) {
        self.alive.write().unwrap_or_else(PoisonError::into_inner).insert(id, object);
    }

    /// `id` stands for what `make` gives from now on. Who looks for it meanwhile waits.
    pub(crate) fn insert_with(
        &self,
        id: u64,
        make: impl FnOnce() -> Result<T, Fault>,
    ) -> Result<(), Fault> {
        let mut alive = self.alive.write().unwrap_or_else(PoisonError::into_inner);
        alive.insert(id, make()?);
        Ok(())
    }

    /// What `id` stands for.
    pub(crate) fn get(&self, id: u64) -> Result<T, Fault> {
        let alive = self.alive.read().unwrap_or_else(PoisonError::into_inner);
        alive.get(&id).cloned().ok_or_else(|| {
            let what = self.what;
            Fault::argument(if id == 0 || id >= NEXT.load(Ordering::Relaxed) {
                format!("there never was a {what} with the handle {id}")
            } else {
                format!("the {what} with the handle {id} has been freed")
            })
        })
    }

    /// `id` stands for nothing any more.
    pub(crate) fn remove(&self, id: u64) -> Option<T> {
        self.alive.write().unwrap_or_else(PoisonError::into_inner).remove(&id)
    }
}
