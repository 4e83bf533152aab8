// SPDX-License-Identifier: Apache-2.0

//! What an agent finds of its former life, and how it is read from the checkpoints.

use std::collections::BTreeMap;

use mesos_proto::v1::{AgentInfo, DrainConfig, Resource};

use crate::{input::ContainerExit, key::ContainerId};

/// What was found; [`RecoveredState::default`] is an agent's first start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecoveredState {
    /// The agent's former description, with its id.
    pub agent: Option<AgentInfo>,
    /// Whether the machine was started anew since: no container survived.
    pub rebooted: bool,
    /// Reservations and volumes.
    pub checkpointed_resources: Vec<Resource>,
    /// Set if the agent was draining.
    pub drain: Option<DrainConfig>,
    /// Files that could not be read; each left something out.
    pub errors: Vec<String>,
    /// Every container the launcher still knows, from the runtime directory. Those that no
    /// recovered executor claims are destroyed.
    pub containers: BTreeMap<ContainerId, RecoveredContainer>,
}

/// A container that was there when the agent came back.
#[derive(Clone, Debug, PartialEq)]
pub enum RecoveredContainer {
    /// It runs on. Its end will be reported with `ContainerExited`.
    Running {
        /// The process at the top of its tree.
        pid: u32,
    },
    /// It ended while the agent was away.
    Exited(ContainerExit),
}

mod resume;
