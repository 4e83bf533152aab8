// SPDX-License-Identifier: Apache-2.0

//! The statuses that a task went through, in as few bytes as they go.
//!
//! They are kept as the `statuses` of an encoded [`v1::Task`], one for each run
//! of equal states, without what the task says itself: the ids of task, agent
//! and executor. `data` is for the scheduler alone and not kept at all. Of a task whose states
//! change without end the newest are kept, as many as its agent keeps; Mesos keeps all.

use mesos_proto::{
    partial::{StatusParts, TaskParts, messages_in},
    v1::{self, TaskState},
};
use prost::{
    Message,
    encoding::{WireType, encode_key, encode_varint, encoded_len_varint, int32, key_len},
};

use super::TaskSpec;

/// The field `statuses` of a task.
const STATUSES: u32 = 8;
/// The field `state` of a status.
const STATE: u32 = 2;
/// The field `executor_id` of a status.
const EXECUTOR_ID: u32 = 7;
/// The field `value` of an id.
const VALUE: u32 = 1;
/// So many statuses of a task are kept, the newest: a task that is well has three or four.
const STATUSES_MAX: usize = 64;

/// The statuses of a task, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct History(Box<[u8]>);

impl History {
    /// The statuses that an agent reports; `executor_id` is what they need not repeat.
    pub(super) fn reported(task: &TaskParts<'_>, executor_id: &str) -> Self {
        let mut bytes = Vec::with_capacity(task.statuses.len());
        let surplus = task.statuses.messages().count().saturating_sub(STATUSES_MAX);
        for status in task.statuses.messages().skip(surplus) {
            append(&mut bytes, &StatusParts::of(status), executor_id);
        }
        History(bytes.into_boxed_slice())
    }

    /// Adds a status, which replaces the newest one if that has the same state.
    pub(super) fn add(&mut self, status: &v1::TaskStatus, executor_id: &str) {
        let encoded = status.encode_to_vec();
        let parts = StatusParts::of(&encoded);
        let (mut begin, mut end) = (0, self.0.len());
        match self.newest() {
            Some((newest, state)) if state == parts.state => end = newest,
            Some(_) if messages_in(&self.0).count() >= STATUSES_MAX => begin = self.second(),
            Some(_) | None => {}
        }
        let mut bytes = Vec::with_capacity(end - begin + encoded.len());
        bytes.extend_from_slice(&self.0[begin..end]);
        append(&mut bytes, &parts, executor_id);
        self.0 = bytes.into_boxed_slice();
    }

    /// Where the newest status begins, and its state.
    fn newest(&self) -> Option<(usize, TaskState)> {
        let newest = messages_in(&self.0).last()?;
        Some((self.0.len() - field_len(newest), StatusParts::of(newest).state))
    }

    /// Where the second status begins, if there is one.
    fn second(&self) -> usize {
        messages_in(&self.0).next().map_or(0, field_len)
    }

    /// The statuses, oldest first.
    pub(super) fn iter<'a>(
        &'a self,
        spec: &'a TaskSpec,
    ) -> impl Iterator<Item = v1::TaskStatus> + 'a {
        self.encoded().map(|status| full(status, spec))
    }

    /// The statuses as they are kept, oldest first.
    pub(super) fn encoded(&self) -> impl Iterator<Item = &[u8]> {
        messages_in(&self.0)
    }

    /// What the statuses say of the task's condition, newest first.
    pub(super) fn conditions(&self) -> impl Iterator<Item = Condition> + '_ {
        let all: smallvec::SmallVec<[&[u8]; 8]> = messages_in(&self.0).collect();
        all.into_iter().rev().map(super::record::decode)
    }
}

/// The fields of a [`v1::TaskStatus`] that an answer to RECONCILE repeats; read without the rest.
#[derive(Clone, PartialEq, Message)]
pub struct Condition {
    /// As in the status.
    #[prost(bool, optional, tag = "8")]
    pub healthy: Option<bool>,
    /// As in the status.
    #[prost(message, optional, tag = "13")]
    pub container_status: Option<v1::ContainerStatus>,
    /// As in the status.
    #[prost(message, optional, tag = "15")]
    pub check_status: Option<v1::CheckStatusInfo>,
}

/// What a status takes with its key and its length.
fn field_len(status: &[u8]) -> usize {
    key_len(STATUSES) + encoded_len_varint(status.len() as u64) + status.len()
}

fn append(bytes: &mut Vec<u8>, status: &StatusParts<'_>, executor_id: &str) {
    // An executor that is the task's own is kept without its id.
    let other = status.executor_id.filter(|id| *id != executor_id);
    let name = other.map_or(0, |id| 1 + encoded_len_varint(id.len() as u64) + id.len());
    let executor = status.executor_id.map(|_| encoded_len_varint(name as u64) + name);
    let state = i32::from(status.state);
    let length = int32::encoded_len(STATE, &state)
        + executor.map_or(0, |length| key_len(EXECUTOR_ID) + length)
        + status.rest.len();
    encode_key(STATUSES, WireType::LengthDelimited, bytes);
    encode_varint(length as u64, bytes);
    int32::encode(STATE, &state, bytes);
    if executor.is_some() {
        encode_key(EXECUTOR_ID, WireType::LengthDelimited, bytes);
        encode_varint(name as u64, bytes);
        if let Some(id) = other {
            encode_key(VALUE, WireType::LengthDelimited, bytes);
            encode_varint(id.len() as u64, bytes);
            bytes.extend_from_slice(id.as_bytes());
        }
    }
    status.rest.append_to(bytes);
}

/// A kept status with what its task says.
fn full(status: &[u8], spec: &TaskSpec) -> v1::TaskStatus {
    let mut status: v1::TaskStatus = super::record::decode(status);
    status.task_id.value = spec.task_id.to_string();
    status.agent_id = Some(v1::AgentId { value: spec.agent_id.to_string() });
    if let Some(id) = status.executor_id.as_mut().filter(|id| id.value.is_empty()) {
        id.value = spec.executor_name().to_owned();
    }
    status
}
