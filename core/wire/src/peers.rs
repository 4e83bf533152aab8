// SPDX-License-Identifier: Apache-2.0

//! All outgoing connections of one daemon.
//!
//! | event | effect |
//! |---|---|
//! | send, not connected | connects; the message waits in the peer's queue |
//! | send, queue over its bound | the connection is broken on purpose: a gap in the order would be worse; until it is over nothing more is taken |
//! | connect fails, write fails, peer closes | queue dropped, every link reported broken once |
//! | send after that | connects anew |
//! | idle without a link | closed silently |
//!
//! Sending never waits and never fails for reasons of the network.

use std::{
    collections::{BTreeSet, HashMap},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Notify, mpsc};

use crate::{Upid, WireMessage, encode, peer};

/// Bounds and times of the connections.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// A peer that has this many bytes waiting is too slow; its connection is broken.
    pub max_queued_bytes: usize,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// After this long without a message a connection without a link is closed.
    pub idle_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            max_queued_bytes: 64 << 20,
            connect_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(60),
        }
    }
}

/// A connection that was asked for with [`Peers::link`] is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkBroken {
    /// The process at its other end.
    pub peer: Upid,
    /// What happened.
    pub reason: String,
}

/// Why a message was not even queued.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SendError {
    /// Too many bytes are waiting; the connection was broken.
    #[error(
        "{peer} does not read what it is sent: {queued} bytes are waiting; its connection is closed"
    )]
    TooSlow {
        /// The receiver.
        peer: SocketAddr,
        /// The bytes that were waiting.
        queued: usize,
    },
}

/// What the map and a connection's task share.
pub(crate) struct Shared {
    /// Bytes handed to the task and not yet written.
    pub(crate) queued: AtomicUsize,
    /// Told when the connection shall end.
    pub(crate) stop: Notify,
    /// The processes whose links are to be reported, and whether it is over.
    pub(crate) links: parking_lot::Mutex<Links>,
}

/// The links on one connection.
#[derive(Default)]
pub(crate) struct Links {
    pub(crate) linked: BTreeSet<String>,
    /// A message was refused, so none may follow it on this connection.
    overflowed: bool,
    pub(crate) ended: bool,
}

struct Handle {
    queue: mpsc::UnboundedSender<Vec<u8>>,
    shared: Arc<Shared>,
}

/// The outgoing connections; cheap to clone.
#[derive(Clone)]
pub struct Peers {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    broken: mpsc::Sender<LinkBroken>,
    /// Only looked up, never iterated.
    peers: parking_lot::Mutex<HashMap<SocketAddr, Handle>>,
}

impl Peers {
    /// No connections yet; broken links are reported to `broken`.
    pub fn new(settings: Settings, broken: mpsc::Sender<LinkBroken>) -> Self {
        Peers { inner: Arc::new(Inner { settings, broken, peers: parking_lot::Mutex::default() }) }
    }

    /// Queues a message; must be called within a tokio runtime.
    pub fn send<M: WireMessage>(
        &self,
        from: &Upid,
        to: &Upid,
        message: &M,
    ) -> Result<(), SendError> {
        let mut bytes = Vec::new();
        encode(from, to, message, &mut bytes);
        self.with_peer(to.address, |handle, links| {
            let queued = handle.shared.queued.load(Ordering::Relaxed);
            links.overflowed |= queued > self.inner.settings.max_queued_bytes;
            if links.overflowed {
                handle.shared.stop.notify_one();
                return Err(SendError::TooSlow { peer: to.address, queued });
            }
            handle.shared.queued.fetch_add(bytes.len(), Ordering::Relaxed);
            // A failure means the task has just ended: lost like any message
            // on a connection that breaks.
            let _ = handle.queue.send(bytes);
            Ok(())
        })
    }

    /// The bytes that wait to be written to a process's address.
    pub fn queued(&self, to: &Upid) -> usize {
        let peers = self.inner.peers.lock();
        peers.get(&to.address).map_or(0, |handle| handle.shared.queued.load(Ordering::Relaxed))
    }

    /// Connects to a process unless connected, and reports when that ends.
    pub fn link(&self, to: &Upid) {
        self.with_peer(to.address, |_, links| {
            links.linked.insert(to.id.clone());
        });
    }

    /// Forgets a link; nothing is reported about it any more.
    pub fn unlink(&self, to: &Upid) {
        if let Some(handle) = self.inner.peers.lock().get(&to.address) {
            handle.shared.links.lock().linked.remove(&to.id);
        }
    }

    /// Runs `action` on a peer whose connection has not ended, opening one if needed.
    ///
    /// The links stay locked meanwhile, so the connection cannot decide to end
    /// between the look and the action.
    fn with_peer<R>(
        &self,
        address: SocketAddr,
        action: impl FnOnce(&Handle, &mut Links) -> R,
    ) -> R {
        let mut peers = self.inner.peers.lock();
        let handle = peers.entry(address).or_insert_with(|| self.connect(address));
        loop {
            let shared = handle.shared.clone();
            let mut links = shared.links.lock();
            if !links.ended {
                return action(handle, &mut links);
            }
            drop(links);
            *handle = self.connect(address);
        }
    }

    fn connect(&self, address: SocketAddr) -> Handle {
        let (queue, messages) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            queued: AtomicUsize::new(0),
            stop: Notify::new(),
            links: parking_lot::Mutex::default(),
        });
        let peers = self.clone();
        let (settings, task_shared) = (self.inner.settings, shared.clone());
        tokio::spawn(async move {
            let reason = peer::run(address, settings, messages, &task_shared).await;
            peers.ended(address, &task_shared, reason).await;
        });
        Handle { queue, shared }
    }

    /// Takes an ended connection out of the map and reports its links.
    async fn ended(&self, address: SocketAddr, shared: &Arc<Shared>, reason: String) {
        let linked = {
            let mut peers = self.inner.peers.lock();
            if peers.get(&address).is_some_and(|handle| Arc::ptr_eq(&handle.shared, shared)) {
                peers.remove(&address);
            }
            let mut links = shared.links.lock();
            links.ended = true;
            std::mem::take(&mut links.linked)
        };
        tracing::debug!(peer = %address, reason, "connection ended");
        for id in linked {
            let broken = LinkBroken { peer: Upid::new(id, address), reason: reason.clone() };
            if self.inner.broken.send(broken).await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use mesos_proto::internal::PingSlaveMessage;

    use super::*;

    #[tokio::test]
    async fn after_a_refused_message_none_is_taken_on_the_same_connection() {
        let (broken, _reports) = mpsc::channel(1);
        let peers = Peers::new(Settings { max_queued_bytes: 0, ..Settings::default() }, broken);
        let agent: Upid = "slave(1)@127.0.0.1:1".parse().expect("a process address");
        let send = || peers.send(&agent, &agent, &PingSlaveMessage { connected: true });
        assert_eq!(send(), Ok(()));
        assert!(send().is_err());
        // The connection drains before it learns that it shall end.
        peers.inner.peers.lock()[&agent.address].shared.queued.store(0, Ordering::Relaxed);
        assert!(send().is_err());
    }
}
