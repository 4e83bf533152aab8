// SPDX-License-Identifier: Apache-2.0

//! Registry writes under way, and what happens when they are stored.

use std::{collections::BTreeMap, sync::Arc};

use mesos_core::time::Time;
use mesos_proto::{internal::RegisterSlaveMessage, partial::Reregistration};

use crate::{
    input::RequestKey,
    master::Master,
    output::Output,
    registry::{RegistryChange, WriteKey},
};

/// What happens when a write is stored.
#[derive(Debug)]
pub(crate) enum Continuation {
    /// A new agent is admitted.
    Register { pid: String, message: Box<RegisterSlaveMessage> },
    /// An agent is back.
    Reregister { pid: String, message: Box<Reregistration> },
    /// An agent leaves.
    Remove { agent_id: Arc<str>, removal: AgentRemoval },
    /// An agent is unreachable.
    Unreachable { agent_id: Arc<str>, since: Time, message: String },
    /// An agent never comes back.
    Gone { agent_id: Arc<str>, since: Time, request: Option<RequestKey> },
    /// Old agents are forgotten.
    Prune { unreachable: Vec<Arc<str>>, gone: Vec<Arc<str>> },
    /// A request is answered, without a text.
    Answer { request: RequestKey, status: u16 },
    /// Nothing waits for it.
    Nothing,
}

/// Why an agent leaves, which is not for being unreachable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AgentRemoval {
    /// It said so.
    Unregistered,
    /// Another agent is at its address.
    Replaced,
}

impl AgentRemoval {
    /// As in the message of TASK_LOST.
    pub(crate) fn cause(self) -> &'static str {
        match self {
            AgentRemoval::Unregistered => "the agent unregistered",
            AgentRemoval::Replaced => "a new agent registered at the same address",
        }
    }
}

/// The writes under way.
#[derive(Debug, Default)]
pub(crate) struct Writes {
    waiting: BTreeMap<WriteKey, Continuation>,
    last: u64,
}

impl Master {
    /// Changes the registry, then goes on with `continuation`. Says which write it is.
    pub(crate) fn store(
        &mut self,
        changes: Vec<RegistryChange>,
        continuation: Continuation,
    ) -> WriteKey {
        self.writes.last += 1;
        let write = WriteKey(self.writes.last);
        self.writes.waiting.insert(write, continuation);
        self.outputs.push_back(Output::Store { write, changes });
        write
    }

    /// What waits for a write under way, to be replaced by something newer.
    pub(crate) fn waiting_for(&mut self, write: WriteKey) -> Option<&mut Continuation> {
        self.writes.waiting.get_mut(&write)
    }

    /// Input: a write is durable. One that is not known is ignored.
    pub(crate) fn registry_stored(&mut self, write: WriteKey) {
        let Some(continuation) = self.writes.waiting.remove(&write) else {
            return;
        };
        self.go_on(continuation);
    }

    /// Does what waited for a write.
    pub(crate) fn go_on(&mut self, continuation: Continuation) {
        match continuation {
            Continuation::Register { pid, message } => self.agent_admitted(pid, *message),
            Continuation::Reregister { pid, message } => self.agent_readmitted(pid, *message),
            Continuation::Remove { agent_id, removal } => self.agent_left(&agent_id, removal),
            Continuation::Unreachable { agent_id, since, message } => {
                self.agent_unreachable(&agent_id, since, &message)
            }
            Continuation::Gone { agent_id, since, request } => {
                self.agent_gone(&agent_id, since, request)
            }
            Continuation::Prune { unreachable, gone } => self.agents_pruned(unreachable, gone),
            Continuation::Answer { request, status } => self.answer(request, status, ""),
            Continuation::Nothing => {}
        }
    }

    /// Input: a write failed. Going on would let the master forget what it told others.
    pub(crate) fn registry_failed(&mut self, write: WriteKey, reason: &str) {
        self.fatal(format!(
            "Failed to store write {} of the registry: {reason}. The master stops, so that \
             another one, or this one after a restart, goes on from what was stored.",
            write.0
        ));
    }
}
