// SPDX-License-Identifier: Apache-2.0

//! What Java objects have instead of pointers.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Things by number; no number is given out twice, and 0 never.
pub(crate) struct Handles<T> {
    things: Mutex<(i64, BTreeMap<i64, T>)>,
}

impl<T: Clone> Handles<T> {
    pub(crate) const fn new() -> Self {
        Handles { things: Mutex::new((0, BTreeMap::new())) }
    }

    /// Nothing but the map is touched under the lock, so poison means nothing.
    fn lock(&self) -> MutexGuard<'_, (i64, BTreeMap<i64, T>)> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn insert(&self, thing: T) -> i64 {
        let mut things = self.lock();
        things.0 += 1;
        let handle = things.0;
        things.1.insert(handle, thing);
        handle
    }

    pub(crate) fn get(&self, handle: i64) -> Option<T> {
        self.lock().1.get(&handle).cloned()
    }

    /// Takes it out; it is dropped by the caller, not under the lock.
    pub(crate) fn remove(&self, handle: i64) -> Option<T> {
        self.lock().1.remove(&handle)
    }
}
