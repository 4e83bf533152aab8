// SPDX-License-Identifier: Apache-2.0

//! The thread that owns the store.

use std::{
    io,
    sync::mpsc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use mesos_master_state::{RegistryChange, WriteKey};

use super::Store;

/// How many writes become one transaction at most.
const BATCH: usize = 4096;

/// A write and its records.
type Write = (WriteKey, Vec<RegistryChange>);

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is durable.
    Stored {
        /// The write.
        write: WriteKey,
        /// How long its transaction took.
        took: Duration,
    },
    /// It is not, nor are the ones after it.
    Failed {
        /// The write.
        write: WriteKey,
        /// What the store says.
        reason: String,
    },
}

/// Hands writes to the thread; dropping it ends the thread after them.
#[derive(Clone, Debug)]
pub struct Writer {
    writes: mpsc::Sender<Write>,
}

impl Writer {
    /// Queues a write; its outcome is reported in order.
    pub fn store(&self, write: WriteKey, changes: Vec<RegistryChange>) {
        // The thread only ends with the last writer.
        let _ = self.writes.send((write, changes));
    }
}

/// Starts the thread; `report` is called on it, and returns whether to go on.
/// Joining it, after the writer is dropped, waits for what is queued.
pub fn start(
    mut store: impl Store + 'static,
    mut report: impl FnMut(Outcome) -> bool + Send + 'static,
) -> io::Result<(Writer, JoinHandle<()>)> {
    let (writes, waiting) = mpsc::channel::<Write>();
    let thread = thread::Builder::new().name("registry".to_owned()).spawn(move || {
        while let Ok(first) = waiting.recv() {
            let mut batch = vec![first];
            batch.extend(waiting.try_iter().take(BATCH - 1));
            let changes: Vec<&RegistryChange> =
                batch.iter().flat_map(|(_, changes)| changes).collect();
            let begun = Instant::now();
            let result = store.apply(&changes);
            let took = begun.elapsed();
            for (write, _) in &batch {
                let outcome = match &result {
                    Ok(()) => Outcome::Stored { write: *write, took },
                    Err(error) => Outcome::Failed { write: *write, reason: error.to_string() },
                };
                if !report(outcome) {
                    return;
                }
            }
        }
    })?;
    Ok((Writer { writes }, thread))
}
