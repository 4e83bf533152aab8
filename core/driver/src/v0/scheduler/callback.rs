// SPDX-License-Identifier: Apache-2.0

//! The callbacks of `mesos::Scheduler`, as a closed enum.

use bytes::Bytes;
use mesos_proto::v1::{AgentId, ExecutorId, FrameworkId, MasterInfo, Offer, OfferId, TaskStatus};

/// One callback of a scheduler.
#[derive(Clone, Debug, PartialEq)]
pub enum Callback {
    /// Subscribed for the first time in the life of this driver.
    Registered {
        /// The id of the framework.
        framework_id: FrameworkId,
        /// The master that leads.
        master: Box<MasterInfo>,
    },
    /// Subscribed again, after `Disconnected`.
    Reregistered(Box<MasterInfo>),
    /// There is no master now; offers in hand are void.
    Disconnected,
    /// At least one offer.
    ResourceOffers(Vec<Offer>),
    /// An offer is no longer good.
    OfferRescinded(OfferId),
    /// A task changed its state.
    StatusUpdate(Box<TaskStatus>),
    /// An executor sent a message.
    FrameworkMessage {
        /// Which executor.
        executor_id: ExecutorId,
        /// Where it runs.
        agent_id: AgentId,
        /// What it said.
        data: Bytes,
    },
    /// An agent was removed from the cluster.
    AgentLost(AgentId),
    /// An executor ended.
    ExecutorLost {
        /// Which executor.
        executor_id: ExecutorId,
        /// Where it ran.
        agent_id: AgentId,
        /// Its wait status, as from `waitpid`; -1 when unknown.
        status: i32,
    },
    /// The driver cannot go on. The shell aborts it before it calls this.
    Error(String),
}
