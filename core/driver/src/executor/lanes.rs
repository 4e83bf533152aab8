// SPDX-License-Identifier: Apache-2.0

//! In which order updates leave: those of one task one after the other, so that one that the
//! agent has no room for is not overtaken by a later one.
//!
//! | lane of a task | input | next | what is done |
//! |---|---|---|---|
//! | – | an update | under way | it is sent |
//! | under way, pausing | an update | same | it waits at the end |
//! | under way | answer: taken, or wrong | under way, or – | the next one is sent, if there is one |
//! | under way | answer: no room | pausing | for 100 ms, then twice as long each time up to 10 s |
//! | pausing | its time comes | under way | the first one is sent (again) |
//! | pausing | the first one is acknowledged | under way, pausing, or – | the next one is sent, unless it waits for an acknowledgement too |
//! | pausing | the end of its task is to go ahead, or is acknowledged | under way, or – | what is before it is dropped |
//!
//! What a SUBSCRIBE has carried begins by pausing for its acknowledgement, for 1 s.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use mesos_core::{
    time::Time,
    trial::{self, Defect},
};

use super::unacknowledged::Number;
use crate::CallKey;

const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// How long what a SUBSCRIBE has carried may stay without acknowledgement.
const ACKNOWLEDGEMENT_PAUSE: Duration = Duration::from_secs(1);

/// An update that waits for its answer, or for those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) number: Number,
    /// Of the call that made it, until that is answered: at the latest when the agent has no room.
    pub(super) key: Option<CallKey>,
}

#[derive(Debug)]
struct Lane {
    entries: VecDeque<Entry>,
    /// Unset while the first entry is under way.
    until: Option<Time>,
    /// Whether it pauses for room, and not for an acknowledgement.
    for_room: bool,
    /// How often the first entry was refused in a row.
    refusals: u32,
}

impl Lane {
    /// Why its first entry is taken out.
    fn row_of_removal(&self) -> &'static str {
        match (self.until, self.for_room) {
            (None, _) => "under way | answer: taken, or wrong",
            (Some(_), false) => "pausing | the first one is acknowledged",
            (Some(_), true) => "pausing | the end of its task is to go ahead, or is acknowledged",
        }
    }
}

/// All lanes, by task id; none is empty.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    lanes: BTreeMap<String, Lane>,
    due: BTreeSet<(Time, String)>,
    entries: usize,
}

impl Lanes {
    pub(super) fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// How many updates are not under way.
    pub(super) fn waiting(&self) -> usize {
        self.entries - (self.lanes.len() - self.due.len())
    }

    /// How many updates of a task wait, that under way included.
    pub(super) fn waiting_of(&self, task_id: &str) -> usize {
        self.lanes.get(task_id).map_or(0, |lane| lane.entries.len())
    }

    /// When a pause is over.
    pub(super) fn next_due(&self) -> Option<Time> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Adds an update; whether it is to be sent now.
    pub(super) fn push(&mut self, task_id: &str, entry: Entry) -> bool {
        self.entries += 1;
        if let Some(lane) = self.lanes.get_mut(task_id) {
            trial::reached("lanes", "under way, pausing | an update");
            lane.entries.push_back(entry);
            return false;
        }
        trial::reached("lanes", "– | an update");
        let entries = VecDeque::from([entry]);
        let lane = Lane { entries, until: None, for_room: false, refusals: 0 };
        self.lanes.insert(task_id.to_owned(), lane);
        true
    }

    /// Lets a lane wait for the acknowledgement of its first entry.
    pub(super) fn await_acknowledgement(&mut self, now: Time, task_id: &str) {
        self.pause(task_id, now + ACKNOWLEDGEMENT_PAUSE, false);
    }

    /// The agent has no room for the first entry: how often it has said so in a row.
    pub(super) fn refused(&mut self, now: Time, task_id: &str) -> u32 {
        let Some(lane) = self.lanes.get_mut(task_id) else { return 0 };
        trial::reached("lanes", "under way | answer: no room");
        if trial::has(Defect::RefusedUpdateOvertaken)
            && lane.refusals == 0
            && lane.entries.len() > 1
        {
            lane.entries.swap(0, 1);
        }
        let pause = PAUSE_FIRST.saturating_mul(1 << lane.refusals.min(16)).min(PAUSE_MAX);
        lane.refusals = lane.refusals.saturating_add(1);
        let refusals = lane.refusals;
        self.pause(task_id, now + pause, true);
        refusals
    }

    fn pause(&mut self, task_id: &str, until: Time, for_room: bool) {
        if let Some(lane) = self.lanes.get_mut(task_id) {
            lane.for_room = for_room;
            if let Some(old) = lane.until.replace(until) {
                self.due.remove(&(old, task_id.to_owned()));
            }
            self.due.insert((until, task_id.to_owned()));
        }
    }

    /// Ends a pause: the entry to send now.
    pub(super) fn resume(&mut self, task_id: &str) -> Option<Number> {
        let lane = self.lanes.get_mut(task_id)?;
        let until = lane.until.take()?;
        self.due.remove(&(until, task_id.to_owned()));
        lane.entries.front().map(|entry| entry.number)
    }

    /// A task whose pause is over.
    pub(super) fn due(&self, now: Time) -> Option<String> {
        let (_, task_id) = self.due.first().filter(|(at, _)| *at <= now)?;
        trial::reached("lanes", "pausing | its time comes");
        Some(task_id.clone())
    }

    pub(super) fn pausing(&self) -> Vec<String> {
        self.due.iter().map(|(_, task_id)| task_id.clone()).collect()
    }

    pub(super) fn is_pausing(&self, task_id: &str) -> bool {
        self.lanes.get(task_id).is_some_and(|lane| lane.until.is_some())
    }

    /// How often in a row the agent had no room for the first entry.
    pub(super) fn refusals(&self, task_id: &str) -> u32 {
        self.lanes.get(task_id).map_or(0, |lane| lane.refusals)
    }

    /// The calls that wait for entries of a lane; they are to be answered now.
    pub(super) fn take_keys(&mut self, task_id: &str) -> Vec<CallKey> {
        let entries = self.lanes.get_mut(task_id).map(|lane| lane.entries.iter_mut());
        entries.into_iter().flatten().filter_map(|entry| entry.key.take()).collect()
    }

    /// Whether it pauses since the agent has no room.
    pub(super) fn is_refused(&self, task_id: &str) -> bool {
        self.lanes.get(task_id).is_some_and(|lane| lane.until.is_some() && lane.refusals > 0)
    }

    pub(super) fn first(&self, task_id: &str) -> Option<Number> {
        self.lanes.get(task_id)?.entries.front().map(|entry| entry.number)
    }

    /// The entries of a lane, in order.
    pub(super) fn entries(&self, task_id: &str) -> impl Iterator<Item = Entry> {
        self.lanes.get(task_id).into_iter().flat_map(|lane| lane.entries.iter().copied())
    }

    /// Takes an entry out. The next one has not been refused yet.
    pub(super) fn remove(&mut self, task_id: &str, number: Number) -> Option<Entry> {
        let lane = self.lanes.get_mut(task_id)?;
        let index = lane.entries.iter().position(|entry| entry.number == number)?;
        let entry = lane.entries.remove(index)?;
        self.entries -= 1;
        if index == 0 {
            lane.refusals = 0;
            trial::reached("lanes", lane.row_of_removal());
            if trial::has(Defect::LaneNotResumed)
                && let Some(until) = lane.until.take_if(|_| !lane.for_room)
            {
                self.due.remove(&(until, task_id.to_owned()));
            }
        }
        if lane.entries.is_empty() {
            if let Some(until) = lane.until {
                self.due.remove(&(until, task_id.to_owned()));
            }
            self.lanes.remove(task_id);
        }
        Some(entry)
    }

    /// Empties all lanes; what was in them, in the order in which it was made.
    pub(super) fn clear(&mut self) -> Vec<Entry> {
        let lanes = std::mem::take(self).lanes;
        let mut entries: Vec<Entry> = lanes.into_values().flat_map(|lane| lane.entries).collect();
        entries.sort_by_key(|entry| entry.number);
        entries
    }
}
