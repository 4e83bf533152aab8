// SPDX-License-Identifier: Apache-2.0

//! The registry that all masters share, and who of them leads.
//!
//! Writes are fenced: once another master has been elected, those of the former
//! one fail, as they do with the versioned writes of a real store. Whoever still
//! believes that it leads finds out by that, or when its session ends.

use mesos_master_state::{RegistryChange, RegistrySnapshot};

/// What is durable, and who may change it.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    pub(crate) snapshot: RegistrySnapshot,
    /// The elected master, which need not be up.
    pub(crate) leader: Option<usize>,
    /// The end of a framework was told and is not known any more: it comes back with
    /// its agents, and nobody speaks for it.
    pub(crate) forgot_an_end: bool,
}

impl Registry {
    /// Makes changes durable; false if the writer does not lead.
    pub(crate) fn write(&mut self, master: usize, changes: &[RegistryChange]) -> bool {
        let leads = self.leader == Some(master);
        if leads {
            changes.iter().for_each(|change| self.snapshot.apply(change));
        }
        leads
    }

    /// Loses changes that were to be made.
    pub(crate) fn lose(&mut self, changes: &[RegistryChange]) {
        let ends =
            |change: &RegistryChange| matches!(change, RegistryChange::CompleteFramework { .. });
        self.forgot_an_end |= changes.iter().any(ends);
    }

    /// Loses everything.
    pub(crate) fn lose_all(&mut self) {
        self.forgot_an_end |= !self.snapshot.completed.is_empty();
        self.snapshot = RegistrySnapshot::default();
    }

    /// Whether an agent belongs to the cluster, for good.
    pub(crate) fn admits(&self, agent_id: &str) -> bool {
        self.snapshot.admitted.contains_key(agent_id) && !self.snapshot.gone.contains_key(agent_id)
    }
}
