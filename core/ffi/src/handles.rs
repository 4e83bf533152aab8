// SPDX-License-Identifier: Apache-2.0

//! Which handle stands for what.
//!
//! Numbers are never given out twice, so one that was freed is known as such.
//! Making an object may take long (a cluster of its own): only who wants that
//! very object waits for it.

use std::{
    collections::BTreeMap,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::error::Fault;

/// The objects of one kind that are alive.
pub(crate) struct Handles<T> {
    what: &'static str,
    /// Unset for those that are being made.
    alive: Mutex<BTreeMap<u64, Option<T>>>,
    made: Condvar,
}

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A number for an object that is to be made.
pub(crate) fn reserve() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl<T: Clone> Handles<T> {
    /// None; `what` names the kind in errors.
    pub(crate) const fn new(what: &'static str) -> Self {
        Handles { what, alive: Mutex::new(BTreeMap::new()), made: Condvar::new() }
    }

    /// `id` stands for `object` from now on.
    pub(crate) fn insert(&self, id: u64, object: T) {
        self.lock().insert(id, Some(object));
    }

    /// `id` stands for what `make` gives from now on. Who looks for it meanwhile waits.
    pub(crate) fn insert_with(
        &self,
        id: u64,
        make: impl FnOnce() -> Result<T, Fault>,
    ) -> Result<(), Fault> {
        /// Forgets the object if it is never made, also when a panic is the reason.
        struct Making<'a, T>(&'a Handles<T>, u64);

        impl<T> Drop for Making<'_, T> {
            fn drop(&mut self) {
                let mut alive = self.0.alive.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(None) = alive.get(&self.1) {
                    alive.remove(&self.1);
                }
                self.0.made.notify_all();
            }
        }

        self.lock().insert(id, None);
        let _making = Making(self, id);
        let object = make()?;
        self.insert(id, object);
        Ok(())
    }

    /// What `id` stands for.
    pub(crate) fn get(&self, id: u64) -> Result<T, Fault> {
        self.settled(id).get(&id).cloned().flatten().ok_or_else(|| {
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
        self.settled(id).remove(&id).flatten()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Option<T>>> {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is alive, once the object of `id` is not being made.
    fn settled(&self, id: u64) -> MutexGuard<'_, BTreeMap<u64, Option<T>>> {
        self.made
            .wait_while(self.lock(), |alive| matches!(alive.get(&id), Some(None)))
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use super::*;

    static THINGS: Handles<u32> = Handles::new("thing");

    #[test]
    fn only_who_wants_an_object_waits_until_it_is_made() {
        let (slow, other) = (reserve(), reserve());
        THINGS.insert(other, 1);
        let (begun, begins) = mpsc::channel();
        let (finish, finished) = mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                THINGS.insert_with(slow, || {
                    begun.send(()).unwrap();
                    finished.recv().unwrap();
                    Ok(2)
                })
            });
            begins.recv().unwrap();
            assert_eq!(THINGS.get(other).ok(), Some(1));
            assert_eq!(THINGS.remove(other), Some(1));
            let (found, wanted) = mpsc::channel();
            scope.spawn(move || found.send(THINGS.get(slow).ok()).unwrap());
            assert!(wanted.recv_timeout(Duration::from_millis(100)).is_err(), "it is not made");
            finish.send(()).unwrap();
            assert_eq!(wanted.recv().unwrap(), Some(2));
        });
    }

    #[test]
    fn an_object_that_could_not_be_made_is_unknown() {
        let id = reserve();
        let failed = THINGS.insert_with(id, || Err(Fault::argument("no".to_owned())));
        assert!(failed.is_err() && THINGS.get(id).is_err() && THINGS.remove(id).is_none());
    }
}
