// SPDX-License-Identifier: Apache-2.0

//! Where the registry is kept.
//!
//! A [`Store`] loads everything once and then makes changes durable, one record
//! per change. [`start`] runs it on a thread of its own, which takes all waiting
//! writes as one transaction: under load, many admissions share one sync.

mod disk;
mod memory;
mod record;
mod writer;

use std::path::PathBuf;

use mesos_master_state::{RegistryChange, RegistrySnapshot};

pub use disk::DiskStore;
pub use memory::MemoryStore;
pub use writer::{Outcome, Writer, start};

/// Keeps the registry.
pub trait Store: Send {
    /// Reads everything. Called once, before any change.
    fn load(&mut self) -> Result<RegistrySnapshot, StoreError>;

    /// Makes changes durable, in order, all or nothing.
    fn apply(&mut self, changes: &[&RegistryChange]) -> Result<(), StoreError>;
}

/// Why the registry cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be created or opened.
    #[error("cannot open the registry '{}': {reason}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The error, and what to do about it.
        reason: String,
    },
    /// The file is damaged.
    #[error(
        "the registry '{}' is damaged: {reason}; restore it from a copy, or move it away to \
         start with an empty one (agents will join under new ids)",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file was written by a version that keeps other records.
    #[error(
        "the registry '{}' has format {found}, this version reads format {expected}",
        path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// What it has.
        found: u64,
        /// What is understood.
        expected: u64,
    },
    /// A change could not be made durable.
    #[error("cannot write to the registry: {0}")]
    Write(String),
}

#[cfg(test)]
mod tests;
