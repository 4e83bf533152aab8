// SPDX-License-Identifier: Apache-2.0

//! How the simulation tests itself: mistakes that can be built into the state
//! machines, and the rows of their transition tables that a run has reached.
//!
//! Without the feature `seeded-defects` nothing of it exists: [`has`] is always
//! false and [`reached`] does nothing, so both leave no trace in a daemon. With
//! it, each thread has its own defect and its own count of rows, and nothing else
//! may depend on them.

/// A mistake that the simulation has to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    // The master.
    /// An acknowledgement does not get to the agent.
    AcknowledgementDropped,
    /// The master keeps a task whose end is acknowledged.
    AcknowledgedTaskKept,
    /// Offers of an agent that disconnects are not rescinded.
    OfferNotRescinded,
    /// A rescinded offer's framework is not told.
    RescindNotTold,
    /// The end of a task frees its resources again when it is acknowledged.
    ResourcesFreedTwice,
    /// The end of a task does not free its resources.
    ResourcesNeverFreed,
    /// What an ACCEPT leaves of its offers is not given back.
    RestOfOfferLost,
    /// A task is launched under the id of one that is active.
    DuplicateTaskAccepted,
    /// A returning agent's tasks are forgotten.
    ReturnForgetsTask,
    /// An executor that a returning agent reports is not counted.
    ReturnForgetsExecutor,
    /// A KILL is not passed on.
    KillForgotten,
    /// A KILL is not repeated when the agent is back.
    KillNotRepeated,
    /// A framework that does not come back stays for ever.
    FailoverTimeoutIgnored,
    /// The older subscription of a framework goes on.
    OldStreamKept,
    /// A call is taken with the id of an older stream.
    OldStreamIdAccepted,
    /// An agent that is gone may register again.
    GoneAgentAccepted,
    /// A completed framework may subscribe again.
    CompletedFrameworkAccepted,
    /// An agent is told of its admission before the registry knows.
    AdmittedBeforeStored,
    /// A framework's end does not get into the registry.
    CompletionNotStored,
    /// An agent that misses its pings stays.
    PingsNotCounted,
    /// A pong does not save an agent.
    PongIgnored,
    /// An agent that was given up is not told about the tasks it no longer has.
    MissingTaskNotAsked,
    /// An unreachable agent's tasks go without a word.
    UnreachableNotTold,
    /// A task leaves a terminal state.
    TerminalStateLeft,
    /// The end of an executor does not free its resources.
    ExecutorNeverFreed,
    /// TEARDOWN does not get to the agents.
    TeardownNotTold,
    /// A task that an unreachable agent brings back is not announced.
    ReconciliationOfKnownSkipped,

    // The allocator.
    /// A filter never ends.
    FilterNeverEnds,
    /// A declined offer leaves no filter.
    FilterForgotten,
    /// A suppressed role goes on getting offers.
    SuppressedOffered,
    /// REVIVE does nothing.
    ReviveIgnored,
    /// What is on offer is offered again.
    OfferedTwice,
    /// What is given back is not offered again before something else happens.
    RecoveredNotReoffered,
    /// A disconnected agent goes on being offered.
    InactiveAgentOffered,
    /// Offer constraints are not looked at.
    ConstraintsIgnored,

    // The agent.
    /// An update is sent before it is on disk.
    UpdateSentBeforeStored,
    /// An executor's update is acknowledged before it is on disk.
    UpdateAcknowledgedBeforeStored,
    /// An update that is not acknowledged is not sent again.
    UpdateNotRetried,
    /// The next update overtakes the one that is not acknowledged.
    UpdatesReordered,
    /// An update that was handled already is taken for a new one.
    DuplicateUpdateTaken,
    /// An acknowledgement ends whatever is on its way.
    AnyAcknowledgementTaken,
    /// An acknowledgement is not stored.
    AcknowledgementNotStored,
    /// A restarted agent forgets what was not acknowledged.
    RecoveryForgetsUpdates,
    /// A restarted agent does not know a task any more.
    RecoveryForgetsTask,
    /// A message of a former master is obeyed.
    FormerMasterObeyed,
    /// A second terminal update of a task is taken.
    SecondEndTaken,
    /// A queued task that is killed runs all the same.
    QueuedKillIgnored,
    /// A task that ignores SIGTERM is left alone.
    GracePeriodIgnored,
    /// The end of a custom executor is not told.
    ExitedExecutorNotTold,
    /// Tasks left in an ended container are forgotten.
    LeftTasksForgotten,
    /// ShutdownFramework does nothing.
    ShutdownFrameworkIgnored,
    /// A lost master is not noticed.
    MissingPingsIgnored,

    // The drivers.
    /// The scheduler's driver acknowledges nothing.
    DriverDoesNotAcknowledge,
    /// The scheduler's driver forgets its framework id.
    DriverForgetsId,
    /// The scheduler's driver forgets what is suppressed.
    DriverForgetsSuppressed,
    /// The scheduler's driver does not notice that heartbeats stop.
    DriverIgnoresMissedHeartbeats,
    /// The scheduler's driver does not try again.
    DriverDoesNotRetry,
    /// The executor's driver forgets updates that are not acknowledged.
    ExecutorForgetsUpdates,
    /// A later update overtakes one that the agent had no room for.
    RefusedUpdateOvertaken,
    /// The updates behind one that is acknowledged are not sent.
    LaneNotResumed,
}

impl Defect {
    /// All of them.
    pub const ALL: [Defect; 60] = {
        use Defect::*;
        [
            AcknowledgementDropped,
            AcknowledgedTaskKept,
            OfferNotRescinded,
            RescindNotTold,
            ResourcesFreedTwice,
            ResourcesNeverFreed,
            RestOfOfferLost,
            DuplicateTaskAccepted,
            ReturnForgetsTask,
            ReturnForgetsExecutor,
            KillForgotten,
            KillNotRepeated,
            FailoverTimeoutIgnored,
            OldStreamKept,
            OldStreamIdAccepted,
            GoneAgentAccepted,
            CompletedFrameworkAccepted,
            AdmittedBeforeStored,
            CompletionNotStored,
            PingsNotCounted,
            PongIgnored,
            MissingTaskNotAsked,
            UnreachableNotTold,
            TerminalStateLeft,
            ExecutorNeverFreed,
            TeardownNotTold,
            ReconciliationOfKnownSkipped,
            FilterNeverEnds,
            FilterForgotten,
            SuppressedOffered,
            ReviveIgnored,
            OfferedTwice,
            RecoveredNotReoffered,
            InactiveAgentOffered,
            ConstraintsIgnored,
            UpdateSentBeforeStored,
            UpdateAcknowledgedBeforeStored,
            UpdateNotRetried,
            UpdatesReordered,
            DuplicateUpdateTaken,
            AnyAcknowledgementTaken,
            AcknowledgementNotStored,
            RecoveryForgetsUpdates,
            RecoveryForgetsTask,
            FormerMasterObeyed,
            SecondEndTaken,
            QueuedKillIgnored,
            GracePeriodIgnored,
            ExitedExecutorNotTold,
            LeftTasksForgotten,
            ShutdownFrameworkIgnored,
            MissingPingsIgnored,
            DriverDoesNotAcknowledge,
            DriverForgetsId,
            DriverForgetsSuppressed,
            DriverIgnoresMissedHeartbeats,
            DriverDoesNotRetry,
            ExecutorForgetsUpdates,
            RefusedUpdateOvertaken,
            LaneNotResumed,
        ]
    };
}

/// Whether this thread runs with a defect.
#[cfg(not(feature = "seeded-defects"))]
#[inline(always)]
pub const fn has(_defect: Defect) -> bool {
    false
}

/// Notes that a transition happened: the first cells of its row, as they stand in
/// the table of that name.
#[cfg(not(feature = "seeded-defects"))]
#[inline(always)]
pub const fn reached(_table: &'static str, _row: &'static str) {}

#[cfg(feature = "seeded-defects")]
pub use enabled::*;

#[cfg(feature = "seeded-defects")]
mod enabled {
    use std::{
        cell::{Cell, RefCell},
        collections::BTreeMap,
    };

    use super::Defect;

    /// How often each row of each table was reached.
    pub type Rows = BTreeMap<(&'static str, &'static str), u64>;

    thread_local! {
        static PRESENT: Cell<Option<Defect>> = const { Cell::new(None) };
        static ROWS: RefCell<Rows> = const { RefCell::new(BTreeMap::new()) };
    }

    /// Whether this thread runs with a defect.
    pub fn has(defect: Defect) -> bool {
        PRESENT.get() == Some(defect)
    }

    /// Lets this thread run with a defect, or with none, from now on.
    pub fn introduce(defect: Option<Defect>) {
        PRESENT.set(defect);
    }

    /// Notes that a transition happened: the first cells of its row, as they stand
    /// in the table of that name.
    pub fn reached(table: &'static str, row: &'static str) {
        ROWS.with_borrow_mut(|rows| *rows.entry((table, row)).or_default() += 1);
    }

    /// What this thread has reached since the last time.
    pub fn take_rows() -> Rows {
        ROWS.take()
    }
}
