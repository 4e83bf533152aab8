// SPDX-License-Identifier: Apache-2.0

//! What a framework did and was told, counted for its metrics.

use std::{collections::BTreeMap, sync::Arc};

use mesos_proto::v1::{
    TaskState,
    offer::operation,
    scheduler::{self, call, event},
};

/// Something between a framework and the master.
#[derive(Clone, Debug)]
pub enum Note {
    /// The framework made a call.
    Called {
        /// The framework's id, as it says.
        framework_id: String,
        /// The call's type.
        call: call::Type,
        /// Offers that it accepts.
        accepted: Vec<String>,
        /// Offers that it declines.
        declined: Vec<String>,
        /// Operations that it wants.
        operations: Vec<operation::Type>,
    },
    /// The framework was sent events.
    Sent {
        /// The framework's id.
        framework_id: Arc<str>,
        /// Their type.
        event: event::Type,
        /// How many in a row.
        count: u64,
    },
}

/// How often what happened; only what did has an entry.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    /// Calls by type.
    pub calls: BTreeMap<i32, u64>,
    /// Events by type.
    pub events: BTreeMap<i32, u64>,
    /// Operations by type.
    pub operations: BTreeMap<i32, u64>,
    /// Tasks that ended, by state.
    pub terminal: BTreeMap<i32, u64>,
    /// Offers made.
    pub offers_sent: u64,
    /// Offers used.
    pub offers_accepted: u64,
    /// Offers refused.
    pub offers_declined: u64,
    /// Offers taken back.
    pub offers_rescinded: u64,
}

impl Note {
    /// Takes an event in that follows on those that this note counts.
    pub fn counts_too(&mut self, framework: &Arc<str>, sent: event::Type) -> bool {
        match self {
            Note::Sent { framework_id, event, count }
                if *event == sent && Arc::ptr_eq(framework_id, framework) =>
            {
                *count += 1;
                true
            }
            Note::Sent { .. } | Note::Called { .. } => false,
        }
    }

    /// What a call is counted as.
    pub fn of_call(call: &scheduler::Call) -> Self {
        let ids = |ids: &[mesos_proto::v1::OfferId]| {
            ids.iter().map(|id| id.value.clone()).collect::<Vec<_>>()
        };
        let accept = call.accept.as_ref();
        Note::Called {
            framework_id: call.framework_id.as_ref().map(|id| id.value.clone()).unwrap_or_default(),
            call: call.r#type(),
            accepted: accept.map(|accept| ids(&accept.offer_ids)).unwrap_or_default(),
            declined: call.decline.as_ref().map(|part| ids(&part.offer_ids)).unwrap_or_default(),
            operations: accept
                .map(|accept| accept.operations.iter().map(|one| one.r#type()).collect())
                .unwrap_or_default(),
        }
    }
}

impl Activity {
    /// Counts a call; `is_offer` says whether the framework has an offer.
    pub(super) fn called(
        &mut self,
        call: call::Type,
        accepted: &[String],
        declined: &[String],
        operations: &[operation::Type],
        is_offer: impl Fn(&str) -> bool,
    ) {
        *self.calls.entry(call.into()).or_default() += 1;
        let count = |ids: &[String]| ids.iter().filter(|id| is_offer(id)).count() as u64;
        self.offers_accepted += count(accepted);
        self.offers_declined += count(declined);
        for operation in operations {
            *self.operations.entry((*operation).into()).or_default() += 1;
        }
    }

    /// Counts events. SUBSCRIBED stands for the SUBSCRIBE before it too, whose
    /// framework may have had no id.
    pub(super) fn sent(&mut self, event: event::Type, count: u64) {
        *self.events.entry(event.into()).or_default() += count;
        if event == event::Type::Subscribed {
            *self.calls.entry(call::Type::Subscribe.into()).or_default() += count;
        }
        if event == event::Type::Rescind {
            self.offers_rescinded += count;
        }
    }

    /// Counts the end of a task.
    pub(super) fn ended(&mut self, state: TaskState) {
        *self.terminal.entry(state.into()).or_default() += 1;
    }
}
