// SPDX-License-Identifier: Apache-2.0

//! What a master must not forget, as single records.
//!
//! The state machine never reads the registry: it starts from a
//! [`RegistrySnapshot`] and says which records change. A change names one
//! record, so its cost does not depend on the size of the cluster.

use std::{collections::BTreeMap, sync::Arc};

use mesos_core::time::Time;
use mesos_proto::v1;

/// The name of one write, counted up from 1 for each run of a master.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteKey(pub u64);

/// One changed record.
#[derive(Clone, Debug, PartialEq)]
pub enum RegistryChange {
    /// An agent joined; its id was never used before.
    AdmitAgent {
        /// The agent; its id is set.
        info: Arc<v1::AgentInfo>,
    },
    /// An admitted agent came back with other resources, attributes or domain.
    UpdateAgent {
        /// The agent as it is now.
        info: Arc<v1::AgentInfo>,
    },
    /// An admitted agent cannot be reached: it moves to the unreachable ones.
    MarkUnreachable {
        /// The agent.
        agent_id: String,
        /// Since when, as told to schedulers.
        since: Time,
    },
    /// An unreachable or forgotten agent is back: it moves to the admitted ones.
    MarkReachable {
        /// The agent as it is now.
        info: Arc<v1::AgentInfo>,
    },
    /// An operator said that an agent never comes back: it moves to the gone ones.
    MarkGone {
        /// The agent.
        agent_id: String,
        /// Since when.
        since: Time,
    },
    /// An admitted agent left, or was replaced.
    RemoveAgent {
        /// The agent.
        agent_id: String,
    },
    /// Unreachable and gone agents that are too old or too many are forgotten.
    Prune {
        /// Among the unreachable ones.
        unreachable: Vec<String>,
        /// Among the gone ones.
        gone: Vec<String>,
    },
    /// A framework subscribed, changed, or lost its connection.
    PutFramework {
        /// The record, replacing the one with its id.
        framework: Arc<FrameworkEntry>,
    },
    /// A framework ended; its id is refused from now on.
    CompleteFramework {
        /// The framework.
        framework_id: String,
        /// When.
        since: Time,
    },
    /// Completed frameworks beyond the bound are forgotten.
    PruneFrameworks {
        /// Their ids.
        framework_ids: Vec<String>,
    },
}

/// What the registry knows about a framework.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameworkEntry {
    /// The framework; its id is set.
    pub info: v1::FrameworkInfo,
    /// When it is torn down unless it comes back; `None` while it is connected.
    pub failover_deadline: Option<Time>,
}

/// What the registry holds when a master starts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegistrySnapshot {
    /// Agents that belong to the cluster, by id.
    pub admitted: BTreeMap<String, Arc<v1::AgentInfo>>,
    /// Agents that cannot be reached, by id, with the time since when.
    pub unreachable: BTreeMap<String, Time>,
    /// Agents that never come back, by id, with the time since when.
    pub gone: BTreeMap<String, Time>,
    /// Frameworks that have not ended, by id.
    pub frameworks: BTreeMap<String, Arc<FrameworkEntry>>,
    /// Frameworks that have ended, by id, with the time when.
    pub completed: BTreeMap<String, Time>,
}

impl RegistrySnapshot {
    /// Applies one change; what every store does with its records.
    ///
    /// A change about a record that is not there is not an error: marking an
    /// unknown agent gone or unreachable creates the record.
    pub fn apply(&mut self, change: &RegistryChange) {
        match change {
            RegistryChange::AdmitAgent { info } | RegistryChange::UpdateAgent { info } => {
                self.admitted.insert(agent_id(info), info.clone());
            }
            RegistryChange::MarkReachable { info } => {
                self.unreachable.remove(&agent_id(info));
                self.admitted.insert(agent_id(info), info.clone());
            }
            RegistryChange::MarkUnreachable { agent_id, since } => {
                self.admitted.remove(agent_id);
                self.unreachable.insert(agent_id.clone(), *since);
            }
            RegistryChange::MarkGone { agent_id, since } => {
                self.admitted.remove(agent_id);
                self.unreachable.remove(agent_id);
                self.gone.insert(agent_id.clone(), *since);
            }
            RegistryChange::RemoveAgent { agent_id } => {
                self.admitted.remove(agent_id);
            }
            RegistryChange::Prune { unreachable, gone } => {
                for id in unreachable {
                    self.unreachable.remove(id);
                }
                for id in gone {
                    self.gone.remove(id);
                }
            }
            RegistryChange::PutFramework { framework } => {
                let id = framework.info.id.as_ref().map(|id| id.value.clone());
                self.frameworks.insert(id.unwrap_or_default(), framework.clone());
            }
            RegistryChange::CompleteFramework { framework_id, since } => {
                self.frameworks.remove(framework_id);
                self.completed.insert(framework_id.clone(), *since);
            }
            RegistryChange::PruneFrameworks { framework_ids } => {
                for id in framework_ids {
                    self.completed.remove(id);
                }
            }
        }
    }
}

fn agent_id(info: &v1::AgentInfo) -> String {
    info.id.as_ref().map(|id| id.value.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_in_one_list_at_a_time() {
        let info = Arc::new(v1::AgentInfo {
            id: Some(v1::AgentId { value: "S0".into() }),
            ..Default::default()
        });
        let mut registry = RegistrySnapshot::default();
        registry.apply(&RegistryChange::AdmitAgent { info: info.clone() });
        assert_eq!(registry.admitted.len(), 1);
        registry.apply(&RegistryChange::MarkUnreachable {
            agent_id: "S0".into(),
            since: Time::from_nanos(5),
        });
        assert_eq!((registry.admitted.len(), registry.unreachable.len()), (0, 1));
        registry.apply(&RegistryChange::MarkReachable { info });
        assert_eq!((registry.admitted.len(), registry.unreachable.len()), (1, 0));
        registry
            .apply(&RegistryChange::MarkGone { agent_id: "S0".into(), since: Time::from_nanos(6) });
        assert_eq!((registry.admitted.len(), registry.gone.len()), (0, 1));
        registry.apply(&RegistryChange::Prune { unreachable: vec![], gone: vec!["S0".into()] });
        assert_eq!(registry, RegistrySnapshot::default());
    }
}
