// SPDX-License-Identifier: Apache-2.0

//! A registry that ends with the process.

use mesos_master_state::{RegistryChange, RegistrySnapshot};

use super::{Store, StoreError};

/// Forgets everything: every start is the first.
#[derive(Debug, Default)]
pub struct MemoryStore;

impl Store for MemoryStore {
    fn load(&mut self) -> Result<RegistrySnapshot, StoreError> {
        Ok(RegistrySnapshot::default())
    }

    fn apply(&mut self, _changes: &[&RegistryChange]) -> Result<(), StoreError> {
        Ok(())
    }
}
