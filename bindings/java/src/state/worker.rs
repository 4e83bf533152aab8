// SPDX-License-Identifier: Apache-2.0

//! The thread that has a store, and the futures of what it is asked for.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::Duration,
};

use super::{entry::Entry, local::LocalStore, zookeeper::ZooKeeperStore};

/// What a state is kept in.
pub(super) enum Store {
    Local(LocalStore),
    ZooKeeper(Box<ZooKeeperStore>),
}

/// What can be asked of a store.
pub(super) enum Request {
    Fetch(String),
    /// The new value of a variable, with the uuid that it was fetched with.
    Store(Entry),
    Expunge(Entry),
    Names,
}

/// What comes of it.
#[derive(Clone)]
pub(super) enum Outcome {
    /// `None` when somebody else has stored the variable meanwhile.
    Variable(Option<Arc<Entry>>),
    Expunged(bool),
    Names(Vec<String>),
}

impl Store {
    fn carry_out(&mut self, request: Request) -> Result<Outcome, String> {
        match request {
            Request::Fetch(name) => {
                let found = match self {
                    Store::Local(store) => store.get(&name)?,
                    Store::ZooKeeper(store) => store.get(&name)?,
                };
                let entry = found.unwrap_or_else(|| Entry::empty(name));
                Ok(Outcome::Variable(Some(Arc::new(entry))))
            }
            Request::Store(entry) => {
                let renewed = entry.renewed();
                let stored = match self {
                    Store::Local(store) => {
                        let current = store.get(&entry.name)?;
                        let same = current.is_none_or(|it| it.uuid == entry.uuid);
                        if same {
                            store.put(&renewed)?;
                        }
                        same
                    }
                    Store::ZooKeeper(store) => store.put(&renewed, &entry.uuid)?,
                };
                Ok(Outcome::Variable(stored.then(|| Arc::new(renewed))))
            }
            Request::Expunge(entry) => {
                let expunged = match self {
                    Store::Local(store) => {
                        let same = store.get(&entry.name)?.is_some_and(|it| it.uuid == entry.uuid);
                        if same {
                            store.remove(&entry.name)?;
                        }
                        same
                    }
                    Store::ZooKeeper(store) => store.remove(&entry.name, &entry.uuid)?,
                };
                Ok(Outcome::Expunged(expunged))
            }
            Request::Names => Ok(Outcome::Names(match self {
                Store::Local(store) => store.names()?,
                Store::ZooKeeper(store) => store.names()?,
            })),
        }
    }
}

/// Carries out requests one after the other, until it is dropped; what was asked before is still
/// done then.
pub(super) struct Worker(mpsc::Sender<(Request, Arc<Promise>)>);

impl Worker {
    pub(super) fn start(mut store: Store) -> Result<Self, String> {
        let (requests, asked) = mpsc::channel::<(Request, Arc<Promise>)>();
        thread::Builder::new()
            .name("mesos-state".to_owned())
            .spawn(move || {
                for (request, promise) in asked {
                    if promise.begin() {
                        promise.fulfil(store.carry_out(request));
                    }
                }
            })
            .map_err(|error| format!("cannot start a thread: {error}"))?;
        Ok(Worker(requests))
    }

    pub(super) fn ask(&self, request: Request) -> Arc<Promise> {
        let promise = Arc::new(Promise::default());
        if self.0.send((request, Arc::clone(&promise))).is_err() {
            promise.fulfil(Err("the state has a defect; see what it printed".to_owned()));
        }
        promise
    }
}

/// How far a request is.
#[derive(Default)]
pub(super) enum Progress {
    #[default]
    Waiting,
    Cancelled,
    Done(Result<Outcome, String>),
}

/// A request's outcome, when it is there.
#[derive(Default)]
pub(super) struct Promise {
    progress: Mutex<Progress>,
    changed: Condvar,
}

impl Promise {
    /// Nothing that can panic is done under the lock.
    pub(super) fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self) -> bool {
        matches!(*self.lock(), Progress::Waiting)
    }

    fn fulfil(&self, result: Result<Outcome, String>) {
        let mut progress = self.lock();
        if matches!(*progress, Progress::Waiting) {
            *progress = Progress::Done(result);
        }
        drop(progress);
        self.changed.notify_all();
    }

    /// `false` when it is over already. What has begun is done nevertheless.
    pub(super) fn cancel(&self) -> bool {
        let mut progress = self.lock();
        let waiting = matches!(*progress, Progress::Waiting);
        if waiting {
            *progress = Progress::Cancelled;
            drop(progress);
            self.changed.notify_all();
        }
        waiting
    }

    pub(super) fn is_cancelled(&self) -> bool {
        matches!(*self.lock(), Progress::Cancelled)
    }

    pub(super) fn is_over(&self) -> bool {
        !matches!(*self.lock(), Progress::Waiting)
    }

    /// Waits a while; whether it is over.
    pub(super) fn wait(&self, patience: Duration) -> bool {
        let waiting = |progress: &mut Progress| matches!(progress, Progress::Waiting);
        let waited = self.changed.wait_timeout_while(self.lock(), patience, waiting);
        let (progress, _) = waited.unwrap_or_else(PoisonError::into_inner);
        !matches!(*progress, Progress::Waiting)
    }
}
