// SPDX-License-Identifier: Apache-2.0

//! What readers see: the cluster as of the last batch of changes.
//!
//! A task of its own applies the engine's changes to a [`Cluster`] of shared
//! records. A reader asks it for a [`Snapshot`], which costs one reference per
//! agent and framework, and renders that on a thread of its own. So readers
//! make neither the engine nor each other wait (design D4).
//!
//! Rendered agents and tasks are kept in chunks, and sent from where they are kept;
//! the last whole `/state` is given to everyone who asked before it was begun.

mod activity;
mod chunks;
mod cluster;
mod entries;
pub mod lists;
pub mod state;
mod tasks;

use std::sync::Arc;

use bytes::Bytes;
use mesos_master_state::Change;
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    time::Instant,
};

pub use self::{
    activity::{Activity, Note},
    chunks::Chunks,
    cluster::{Bounds, Cluster, Snapshot},
    entries::{AgentView, FrameworkView, OfferView},
    lists::TaskFilter,
    state::Static,
};
use crate::engine::Closed;

/// What the views' task is told.
enum Message {
    Changed { notes: Vec<Note>, changes: Vec<Change> },
    Snapshot(oneshot::Sender<Snapshot>),
}

/// Where the engine puts changes; never waits.
#[derive(Clone)]
pub struct Feed(mpsc::UnboundedSender<Message>);

impl Feed {
    /// Hands over what was said, and then what changed, in order.
    pub fn changed(&self, notes: Vec<Note>, changes: Vec<Change>) {
        if notes.is_empty() && changes.is_empty() {
            return;
        }
        // The task outlives the engine, except when the process ends.
        let _ = self.0.send(Message::Changed { notes, changes });
    }
}

/// Where readers ask; cheap to clone.
#[derive(Clone)]
pub struct Views {
    messages: mpsc::UnboundedSender<Message>,
    fixed: Arc<Static>,
    state: Arc<Mutex<Option<Rendered>>>,
}

/// The last `/state`.
struct Rendered {
    begun: Instant,
    version: u64,
    json: Vec<Bytes>,
}

/// Starts the task that keeps the views.
pub fn start(fixed: Static, bounds: Bounds) -> (Feed, Views) {
    let (messages, waiting) = mpsc::unbounded_channel();
    tokio::spawn(keep(Cluster::new(bounds), waiting));
    let views = Views { messages: messages.clone(), fixed: Arc::new(fixed), state: Arc::default() };
    (Feed(messages), views)
}

async fn keep(mut cluster: Cluster, mut messages: mpsc::UnboundedReceiver<Message>) {
    while let Some(message) = messages.recv().await {
        match message {
            Message::Changed { notes, changes } => {
                notes.into_iter().for_each(|note| cluster.note(note));
                changes.into_iter().for_each(|change| cluster.apply(change));
            }
            Message::Snapshot(answer) => {
                // The reader may have gone.
                let _ = answer.send(cluster.snapshot());
            }
        }
    }
}

impl Views {
    /// The cluster as it is now.
    pub async fn snapshot(&self) -> Result<Snapshot, Closed> {
        let (answer, waiting) = oneshot::channel();
        self.messages.send(Message::Snapshot(answer)).map_err(|_| Closed)?;
        waiting.await.map_err(|_| Closed)
    }

    /// What does not change while the master runs.
    pub fn fixed(&self) -> &Static {
        &self.fixed
    }

    /// The body of `/state`, in pieces.
    pub async fn state(&self) -> Result<Vec<Bytes>, Closed> {
        let asked = Instant::now();
        let mut rendered = self.state.lock().await;
        if let Some(last) = &*rendered
            && last.begun >= asked
        {
            return Ok(last.json.clone());
        }
        let begun = Instant::now();
        let snapshot = self.snapshot().await?;
        let version = snapshot.version;
        if let Some(last) = &*rendered
            && last.version == version
        {
            return Ok(last.json.clone());
        }
        let fixed = self.fixed.clone();
        let json = mesos_net::background::handle()
            .spawn_blocking(move || state::render(&fixed, &snapshot));
        let json = json.await.map_err(|_| Closed)?;
        *rendered = Some(Rendered { begun, version, json: json.clone() });
        Ok(json)
    }
}

#[cfg(test)]
mod tests;
