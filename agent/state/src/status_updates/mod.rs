// SPDX-License-Identifier: Apache-2.0

//! Delivers task status updates to schedulers at least once, and in order.
//!
//! Every task has a stream. An update enters at its end; only the first one is on its way to the
//! scheduler, again and again (after 10 s, then twice as long each time up to 10 min) until the
//! scheduler acknowledges it. A stream ends with the acknowledgement of a terminal update.
//!
//! | stream is | update | stored | acknowledged (first) | retry time | paused | resumed |
//! |---|---|---|---|---|---|---|
//! | empty | wait for disk, or forward | – | ignore | – | – | – |
//! | waiting for disk | queue | forward | ignore | – | – | – |
//! | in flight | queue | – | drop it, forward the next | forward again | no retries | forward |
//!
//! An update whose uuid the stream has had already is a duplicate and changes nothing. Bounded are
//! the streams, in all and of each executor, the updates that wait in one, the bytes of those that wait for one framework (a
//! terminal one is always taken: executors are kept from making it up in
//! [`crate::executor_calls`]), and the acknowledged uuids that a stream remembers.
//!
//! In Mesos: `src/slave/task_status_update_manager.cpp`.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use bytes::Bytes;
use mesos_core::{
    time::Time,
    trial::{self, Defect},
};
use mesos_proto::internal::StatusUpdate;
use prost::Message;

use crate::task_state;

#[cfg(test)]
mod tests;

/// The first pause before an update is sent again.
pub(crate) const RETRY_INTERVAL_MIN: Duration = Duration::from_secs(10);
/// The longest pause before an update is sent again.
pub(crate) const RETRY_INTERVAL_MAX: Duration = Duration::from_secs(600);
/// Acknowledged uuids remembered per task, to recognize late duplicates.
const ACKNOWLEDGED_MAX: usize = 256;
/// Updates that may wait in one stream, unless the configuration says otherwise; schedulers that
/// are away for long and checks that never rest come to this.
pub(crate) const PENDING_MAX: usize = 1024;
/// Streams at one time.
pub(crate) const STREAMS_MAX: usize = 100_000;
/// Those of one executor; one that makes up task ids comes to this, and leaves the rest to others.
pub(crate) const EXECUTOR_STREAMS_MAX: usize = 10_000;
/// Bytes of updates that may wait for one framework's acknowledgements.
pub(crate) const FRAMEWORK_BYTES_MAX: usize = 32 << 20;

/// A framework's id and a task's id.
pub(crate) type StreamKey = (String, String);

/// What became of an update.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is new, and must be on disk (at this path) before [`StatusUpdates::stored`] is called.
    Store(String),
    /// It is new, and on its way or queued.
    Queued,
    /// The stream has had it.
    Duplicate,
    /// The stream has it, but it is not on disk yet.
    DuplicateNotStored,
    /// There is no room for it; its executor may send it again.
    Full,
}

/// Whether one more update can wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// It can.
    Enough,
    /// Its stream is full.
    StreamFull,
    /// Its framework has too many bytes waiting.
    FrameworkFull,
    /// It would begin a stream, and there are too many.
    TooManyStreams,
    /// It would begin a stream, and its executor has too many.
    ExecutorFull,
}

/// What became of an acknowledgement.
#[derive(Debug, PartialEq)]
pub(crate) enum Acknowledged {
    /// The first update is done with.
    Done {
        /// The update.
        update: Box<StatusUpdate>,
        /// Where the stream is on disk.
        path: Option<String>,
        /// Whether the stream has ended with it.
        ended: bool,
    },
    /// It does not belong to the update on its way, for this reason.
    Ignored(&'static str),
}

#[derive(Debug)]
struct Pending {
    update: StatusUpdate,
    stored: bool,
    bytes: usize,
}

impl Pending {
    fn new(update: StatusUpdate, stored: bool) -> Self {
        Pending { bytes: update.encoded_len(), update, stored }
    }
}

#[derive(Debug, Default)]
struct Stream {
    path: Option<String>,
    /// The executor that began it; empty for the agent itself.
    executor_id: String,
    pending: VecDeque<Pending>,
    acknowledged: VecDeque<Bytes>,
    /// Set while the first update is in flight: when to send it again, and the pause so far.
    retry: Option<(Time, Duration)>,
}

/// All streams.
#[derive(Debug, Default)]
pub(crate) struct StatusUpdates {
    streams: BTreeMap<StreamKey, Stream>,
    due: BTreeSet<(Time, StreamKey)>,
    /// Updates that may wait in one stream.
    pending_max: usize,
    paused: bool,
    forwards: VecDeque<StatusUpdate>,
    /// What waits for each framework's acknowledgements; none for one that has caught up.
    bytes: BTreeMap<String, usize>,
    /// How many streams each executor has begun: the framework's id and its own.
    of_executor: BTreeMap<(String, String), usize>,
}

impl StatusUpdates {
    /// No streams, and paused until [`StatusUpdates::resume`]; in each, `pending_max` may wait.
    pub(crate) fn new(pending_max: usize) -> Self {
        StatusUpdates { pending_max, paused: true, ..StatusUpdates::default() }
    }

    /// Whether the stream has had an update of this uuid, and whether it is stored.
    pub(crate) fn knows(&self, key: &StreamKey, uuid: &Bytes) -> Option<Taken> {
        let stream = self.streams.get(key)?;
        if trial::has(Defect::DuplicateUpdateTaken) {
            return None;
        }
        if stream.acknowledged.contains(uuid) {
            return Some(Taken::Duplicate);
        }
        let known = stream.pending.iter().find(|known| uuid_of(&known.update) == *uuid)?;
        Some(if known.stored { Taken::Duplicate } else { Taken::DuplicateNotStored })
    }

    /// Takes an update, which must have a uuid. `path` is where the stream is kept on disk, if it
    /// is.
    pub(crate) fn update(
        &mut self,
        now: Time,
        update: StatusUpdate,
        path: Option<String>,
    ) -> Taken {
        let key = key_of(&update);
        let uuid = uuid_of(&update);
        if let Some(known) = self.knows(&key, &uuid) {
            return known;
        }
        let terminal = task_state::is_terminal(update.status.state());
        let executor_id = executor_of(&update).to_owned();
        let pending = Pending::new(update, false);
        if self.room(&key, &executor_id, pending.bytes) != Room::Enough && !terminal {
            return Taken::Full;
        }
        *self.bytes.entry(key.0.clone()).or_default() += pending.bytes;
        let stream = self.stream(key.clone(), executor_id);
        note(stream, ["empty | update", "waiting for disk | update", "in flight | update"]);
        if stream.path.is_none() && stream.pending.is_empty() {
            stream.path = path;
        }
        let store = stream.path.clone();
        let stored = store.is_none() || trial::has(Defect::UpdateSentBeforeStored);
        stream.pending.push_back(Pending { stored, ..pending });
        let last = stream.pending.len() - 1;
        if trial::has(Defect::UpdatesReordered) && last > 1 {
            stream.pending.swap(last, last - 1);
        }
        match store {
            Some(path) => {
                if trial::has(Defect::UpdateSentBeforeStored) {
                    self.forward_first(now, &key);
                }
                Taken::Store(path)
            }
            None => {
                self.forward_first(now, &key);
                Taken::Queued
            }
        }
    }

    /// A task's stream, begun by an executor if there is none.
    fn stream(&mut self, key: StreamKey, executor_id: String) -> &mut Stream {
        let executor = (key.0.clone(), executor_id);
        self.streams.entry(key).or_insert_with(|| {
            let executor_id = executor.1.clone();
            *self.of_executor.entry(executor).or_default() += 1;
            Stream { executor_id, ..Stream::default() }
        })
    }

    /// Whether an update of so many bytes by an executor can wait in a stream.
    pub(crate) fn room(&self, key: &StreamKey, executor_id: &str, bytes: usize) -> Room {
        let waiting = self.bytes.get(&key.0).copied().unwrap_or(0);
        let begun = || {
            let executor = (key.0.clone(), executor_id.to_owned());
            self.of_executor.get(&executor).copied().unwrap_or(0)
        };
        match self.streams.get(key) {
            Some(stream) if stream.pending.len() >= self.pending_max => Room::StreamFull,
            None if self.streams.len() >= STREAMS_MAX => Room::TooManyStreams,
            None if begun() >= EXECUTOR_STREAMS_MAX => Room::ExecutorFull,
            // The first one may be of any size: it could never go otherwise.
            _ if waiting > 0 && waiting + bytes > FRAMEWORK_BYTES_MAX => Room::FrameworkFull,
            _ => Room::Enough,
        }
    }

    /// So many bytes do not wait any more.
    fn release(&mut self, framework_id: &str, bytes: usize) {
        if let Some(waiting) = self.bytes.get_mut(framework_id) {
            *waiting = waiting.saturating_sub(bytes);
            if *waiting == 0 {
                self.bytes.remove(framework_id);
            }
        }
    }

    /// An update has reached the disk.
    pub(crate) fn stored(&mut self, now: Time, key: &StreamKey, uuid: &Bytes) {
        let Some(stream) = self.streams.get_mut(key) else { return };
        if let Some(pending) =
            stream.pending.iter_mut().find(|pending| uuid_of(&pending.update) == *uuid)
        {
            if !pending.stored {
                trial::reached("status updates", "waiting for disk | stored");
            }
            pending.stored = true;
        }
        self.forward_first(now, key);
    }

    /// Takes the scheduler's acknowledgement.
    pub(crate) fn acknowledge(&mut self, now: Time, key: &StreamKey, uuid: &Bytes) -> Acknowledged {
        let Some(stream) = self.streams.get_mut(key) else {
            return Acknowledged::Ignored("there is no update of this task to acknowledge");
        };
        note(
            stream,
            [
                "empty | acknowledged (first)",
                "waiting for disk | acknowledged (first)",
                "in flight | acknowledged (first)",
            ],
        );
        let any = trial::has(Defect::AnyAcknowledgementTaken);
        if stream.acknowledged.contains(uuid) && !any {
            return Acknowledged::Ignored("the update is acknowledged already");
        }
        let Some(first) = stream.pending.front() else {
            return Acknowledged::Ignored("there is no update of this task to acknowledge");
        };
        if uuid_of(&first.update) != *uuid && !any {
            return Acknowledged::Ignored("another update of this task is on its way");
        }
        let Pending { update, bytes, .. } = stream.pending.pop_front().expect("just looked at");
        if stream.acknowledged.len() == ACKNOWLEDGED_MAX {
            stream.acknowledged.pop_front();
        }
        stream.acknowledged.push_back(uuid.clone());
        let path = stream.path.clone();
        self.release(&key.0, bytes);
        self.cancel_retry(key);
        let ended = task_state::is_terminal(update.status.state());
        if ended {
            self.remove(key);
        } else {
            self.forward_first(now, key);
        }
        Acknowledged::Done { update: Box::new(update), path, ended }
    }

    /// Puts back what an earlier life of the agent had stored and not seen acknowledged.
    pub(crate) fn recover(
        &mut self,
        key: StreamKey,
        path: Option<String>,
        pending: Vec<StatusUpdate>,
        acknowledged: Vec<Bytes>,
    ) {
        let pending: VecDeque<Pending> =
            pending.into_iter().map(|update| Pending::new(update, true)).collect();
        let bytes: usize = pending.iter().map(|pending| pending.bytes).sum();
        if bytes > 0 {
            *self.bytes.entry(key.0.clone()).or_default() += bytes;
        }
        let executor_id = pending.front().map_or("", |first| executor_of(&first.update)).to_owned();
        let stream = self.stream(key, executor_id);
        stream.path = path;
        stream.pending = pending;
        let skip = acknowledged.len().saturating_sub(ACKNOWLEDGED_MAX);
        stream.acknowledged = acknowledged.into_iter().skip(skip).collect();
    }

    /// Sends nothing until [`StatusUpdates::resume`].
    pub(crate) fn pause(&mut self) {
        self.paused = true;
        self.due.clear();
        for stream in self.streams.values_mut() {
            if stream.retry.is_some() {
                trial::reached("status updates", "in flight | paused");
            }
            stream.retry = None;
        }
    }

    /// Sends the first update of every stream, now and from now on.
    pub(crate) fn resume(&mut self, now: Time) {
        self.paused = false;
        self.due.clear();
        let keys: Vec<StreamKey> = self.streams.keys().cloned().collect();
        for key in keys {
            if let Some(stream) = self.streams.get_mut(&key) {
                if !stream.pending.is_empty() {
                    trial::reached("status updates", "in flight | resumed");
                }
                stream.retry = None;
            }
            self.forward_first(now, &key);
        }
    }

    /// Sends again what is due.
    pub(crate) fn wake(&mut self, now: Time) {
        while let Some((at, key)) = self.due.first().cloned() {
            if at > now {
                break;
            }
            self.due.pop_first();
            let Some(stream) = self.streams.get_mut(&key) else { continue };
            let (Some(first), Some((_, interval))) = (stream.pending.front(), stream.retry) else {
                continue;
            };
            trial::reached("status updates", "in flight | retry time");
            if trial::has(Defect::UpdateNotRetried) {
                continue;
            }
            self.forwards.push_back(first.update.clone());
            let interval = (interval * 2).min(RETRY_INTERVAL_MAX);
            stream.retry = Some((now + interval, interval));
            self.due.insert((now + interval, key));
        }
    }

    /// The next update to send.
    pub(crate) fn poll_forward(&mut self) -> Option<StatusUpdate> {
        self.forwards.pop_front()
    }

    /// When [`StatusUpdates::wake`] has something to do.
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.due.first().map(|(at, _)| *at)
    }

    #[cfg(test)]
    /// Whether an update of the task waits for its acknowledgement.
    pub(crate) fn has_pending(&self, key: &StreamKey) -> bool {
        self.streams.get(key).is_some_and(|stream| !stream.pending.is_empty())
    }

    /// Forgets all streams of a framework.
    pub(crate) fn forget_framework(&mut self, framework_id: &str) {
        let keys: Vec<StreamKey> = self
            .streams
            .range((framework_id.to_owned(), String::new())..)
            .map(|(key, _)| key.clone())
            .take_while(|key| key.0 == framework_id)
            .collect();
        for key in keys {
            self.cancel_retry(&key);
            self.remove(&key);
        }
    }

    fn remove(&mut self, key: &StreamKey) {
        let Some(stream) = self.streams.remove(key) else { return };
        let executor = (key.0.clone(), stream.executor_id);
        if let Some(begun) = self.of_executor.get_mut(&executor) {
            *begun -= 1;
            if *begun == 0 {
                self.of_executor.remove(&executor);
            }
        }
        self.release(&key.0, stream.pending.iter().map(|pending| pending.bytes).sum());
    }

    /// Sends the first update, if it may go and is not on its way yet.
    fn forward_first(&mut self, now: Time, key: &StreamKey) {
        if self.paused {
            return;
        }
        let Some(stream) = self.streams.get_mut(key) else { return };
        let Some(first) = stream.pending.front() else { return };
        if stream.retry.is_some() || !first.stored {
            return;
        }
        self.forwards.push_back(first.update.clone());
        let at = now + RETRY_INTERVAL_MIN;
        stream.retry = Some((at, RETRY_INTERVAL_MIN));
        self.due.insert((at, key.clone()));
    }

    fn cancel_retry(&mut self, key: &StreamKey) {
        if let Some(stream) = self.streams.get_mut(key)
            && let Some((at, _)) = stream.retry.take()
        {
            self.due.remove(&(at, key.clone()));
        }
    }
}

/// Notes which row of the table a stream is in, for the columns of one event.
fn note(stream: &Stream, rows: [&'static str; 3]) {
    let row = match stream.pending.front() {
        None => 0,
        Some(first) => 1 + usize::from(first.stored),
    };
    trial::reached("status updates", rows[row]);
}

/// The stream an update belongs to.
pub(crate) fn key_of(update: &StatusUpdate) -> StreamKey {
    (update.framework_id.value.clone(), update.status.task_id.value.clone())
}

/// The executor that an update is of; empty if it is the agent's own.
fn executor_of(update: &StatusUpdate) -> &str {
    update.executor_id.as_ref().map_or("", |id| id.value.as_str())
}

/// An update's uuid; empty if it has none.
pub(crate) fn uuid_of(update: &StatusUpdate) -> Bytes {
    update.uuid.clone().unwrap_or_default()
}
