// SPDX-License-Identifier: Apache-2.0

//! Messages that are taken apart only where a master decides on them.
//!
//! After a failover every agent reports every task it has. Of a task a master
//! looks at ids, state and resources; its labels, container and statuses it
//! only keeps, encoded, for whoever asks. Decoding those to encode them again
//! costs many times what the rest does, so here they stay as they came.
//!
//! [`Reregistration`] has the bytes of [`ReregisterSlaveMessage`], and
//! [`Reregistration::read`] refuses what decoding that would refuse.
//! [`TaskParts`], [`StatusParts`] and those of [`shown`](crate::shown) look into an
//! encoded task or status; they never fail: what cannot be read is as if it were
//! not there.

use std::ops::Range;

use bytes::Bytes;
use prost::Message;
use smallvec::SmallVec;

use crate::{
    DecodeError, Described, decode,
    internal::ReregisterSlaveMessage,
    plain::is_plain,
    v1, weight,
    wire::{Fields, Raw},
};

/// A [`ReregisterSlaveMessage`] whose tasks are still encoded.
#[derive(Clone, PartialEq, Message)]
pub struct Reregistration {
    /// Who it is.
    #[prost(message, required, tag = "2")]
    pub agent: v1::AgentInfo,
    /// Its tasks, each an encoded [`v1::Task`].
    #[prost(bytes = "bytes", repeated, tag = "3")]
    pub tasks: Vec<Bytes>,
    /// Its executors that were named by tasks.
    #[prost(message, repeated, tag = "4")]
    pub executor_infos: Vec<v1::ExecutorInfo>,
    /// History.
    #[prost(message, repeated, tag = "5")]
    pub completed_frameworks: Vec<CompletedFramework>,
    /// Its version.
    #[prost(string, optional, tag = "6")]
    pub version: Option<String>,
    /// What it has checkpointed.
    #[prost(message, repeated, tag = "7")]
    pub checkpointed_resources: Vec<v1::Resource>,
    /// Frameworks that run on it.
    #[prost(message, repeated, tag = "8")]
    pub frameworks: Vec<v1::FrameworkInfo>,
    /// What it can do.
    #[prost(message, repeated, tag = "9")]
    pub agent_capabilities: Vec<v1::agent_info::Capability>,
    /// The version of its resources.
    #[prost(message, optional, tag = "10")]
    pub resource_version_uuid: Option<v1::Uuid>,
}

/// A framework that ended on an agent, whose tasks are still encoded.
#[derive(Clone, PartialEq, Message)]
pub struct CompletedFramework {
    /// Which.
    #[prost(message, required, tag = "1")]
    pub framework_info: v1::FrameworkInfo,
    /// Its last tasks, each an encoded [`v1::Task`].
    #[prost(bytes = "bytes", repeated, tag = "3")]
    pub tasks: Vec<Bytes>,
}

impl Reregistration {
    /// Reads a message and checks that it is complete.
    ///
    /// # Errors
    /// Whenever [`decode`] of a [`ReregisterSlaveMessage`] would fail.
    pub fn read(body: Bytes) -> Result<Self, DecodeError> {
        let descriptor = ReregisterSlaveMessage::descriptor();
        let tasks = descriptor.field_named("tasks").map(|field| field.number);
        if weight::check_but(descriptor, &body, tasks).is_ok()
            && is_plain(descriptor, &body)
            && let Ok(message) = Self::decode(body.clone())
        {
            return Ok(message);
        }
        // What is not plain may still be right: fields in pieces, for one. What is
        // too heavy is not.
        Ok(decode::<ReregisterSlaveMessage>(&body)?.into())
    }
}

impl From<ReregisterSlaveMessage> for Reregistration {
    fn from(message: ReregisterSlaveMessage) -> Self {
        let encode = |tasks: Vec<v1::Task>| -> Vec<Bytes> {
            tasks.iter().map(|task| task.encode_to_vec().into()).collect()
        };
        let completed = message.completed_frameworks.into_iter();
        Self {
            agent: message.agent,
            tasks: encode(message.tasks),
            executor_infos: message.executor_infos,
            completed_frameworks: completed
                .map(|framework| CompletedFramework {
                    framework_info: framework.framework_info,
                    tasks: encode(framework.tasks),
                })
                .collect(),
            version: message.version,
            checkpointed_resources: message.checkpointed_resources,
            frameworks: message.frameworks,
            agent_capabilities: message.agent_capabilities,
            resource_version_uuid: message.resource_version_uuid,
        }
    }
}

/// What a master looks at in an encoded [`v1::Task`].
#[derive(Clone, Debug)]
pub struct TaskParts<'a> {
    /// Its id.
    pub task_id: &'a str,
    /// Its framework.
    pub framework_id: &'a str,
    /// Its executor.
    pub executor_id: Option<&'a str>,
    /// Its agent.
    pub agent_id: &'a str,
    /// Its state.
    pub state: v1::TaskState,
    /// The state of the update that is being delivered.
    pub status_update_state: Option<v1::TaskState>,
    /// The uuid of that update.
    pub status_update_uuid: Option<&'a [u8]>,
    /// Its `resources`, still as fields of a task.
    pub resources: Pieces<'a>,
    /// Its `statuses`, still as fields of a task.
    pub statuses: Pieces<'a>,
    /// All other fields that a task has.
    pub details: Pieces<'a>,
}

impl<'a> TaskParts<'a> {
    /// Looks into an encoded task.
    #[must_use]
    pub fn of(task: &'a [u8]) -> Self {
        let mut parts = TaskParts {
            task_id: "",
            framework_id: "",
            executor_id: None,
            agent_id: "",
            state: v1::Task::default().state(),
            status_update_state: None,
            status_update_uuid: None,
            resources: Pieces::new(task),
            statuses: Pieces::new(task),
            details: Pieces::new(task),
        };
        each_field(task, |number, raw, range| match (number, raw) {
            (2, Raw::Bytes(id)) => parts.task_id = value_of(id),
            (3, Raw::Bytes(id)) => parts.framework_id = value_of(id),
            (4, Raw::Bytes(id)) => parts.executor_id = Some(value_of(id)),
            (5, Raw::Bytes(id)) => parts.agent_id = value_of(id),
            (6, Raw::Varint(value)) => parts.state = state_of(value).unwrap_or(parts.state),
            (7, Raw::Bytes(_)) => parts.resources.push(range),
            (8, Raw::Bytes(_)) => parts.statuses.push(range),
            (9, Raw::Varint(value)) => parts.status_update_state = state_of(value),
            (10, Raw::Bytes(uuid)) => parts.status_update_uuid = Some(uuid),
            (1 | 11..=17, Raw::Varint(_) | Raw::Fixed64(_) | Raw::Bytes(_)) => {
                parts.details.push(range);
            }
            (_, Raw::Varint(_) | Raw::Fixed64(_) | Raw::Bytes(_) | Raw::Other) => {}
        });
        parts
    }

    /// The resources.
    #[must_use]
    pub fn decode_resources(&self) -> Vec<v1::Resource> {
        v1::Task::decode(&*self.resources.to_vec()).map(|task| task.resources).unwrap_or_default()
    }
}

/// The name that an encoded [`v1::Task`] has, and all its other fields.
#[must_use]
pub fn name_and_rest(task: &[u8]) -> (&str, Pieces<'_>) {
    let (mut name, mut rest) = ("", Pieces::new(task));
    each_field(task, |number, raw, range| match (number, raw) {
        (1, Raw::Bytes(text)) => name = text_of(text),
        (_, Raw::Varint(_) | Raw::Fixed64(_) | Raw::Bytes(_) | Raw::Other) => rest.push(range),
    });
    (name, rest)
}

/// What a master looks at in an encoded [`v1::TaskStatus`].
#[derive(Clone, Debug)]
pub struct StatusParts<'a> {
    /// The state.
    pub state: v1::TaskState,
    /// The executor it is about.
    pub executor_id: Option<&'a str>,
    /// All other fields but the ids of task and agent, the state and `data`.
    pub rest: Pieces<'a>,
}

impl<'a> StatusParts<'a> {
    /// Looks into an encoded status.
    #[must_use]
    pub fn of(status: &'a [u8]) -> Self {
        let mut parts = StatusParts {
            state: v1::TaskStatus::default().state(),
            executor_id: None,
            rest: Pieces::new(status),
        };
        each_field(status, |number, raw, range| match (number, raw) {
            (2, Raw::Varint(value)) => parts.state = state_of(value).unwrap_or(parts.state),
            (7, Raw::Bytes(id)) => parts.executor_id = Some(value_of(id)),
            (4 | 6 | 8..=16, Raw::Varint(_) | Raw::Fixed64(_) | Raw::Bytes(_)) => {
                parts.rest.push(range);
            }
            (_, Raw::Varint(_) | Raw::Fixed64(_) | Raw::Bytes(_) | Raw::Other) => {}
        });
        parts
    }
}

/// Some fields of one encoded message, in their order, as few pieces of its bytes.
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    message: &'a [u8],
    ranges: SmallVec<[Range<usize>; 2]>,
}

impl<'a> Pieces<'a> {
    fn new(message: &'a [u8]) -> Self {
        Pieces { message, ranges: SmallVec::new() }
    }

    fn push(&mut self, range: Range<usize>) {
        match self.ranges.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            Some(_) | None => self.ranges.push(range),
        }
    }

    /// The pieces.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + '_ {
        self.ranges.iter().map(|range| &self.message[range.clone()])
    }

    /// How many bytes they have.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ranges.iter().map(|range| range.len()).sum()
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether the pieces together are `bytes`.
    #[must_use]
    pub fn is(&self, mut bytes: &[u8]) -> bool {
        self.len() == bytes.len()
            && self.iter().all(|piece| {
                let (head, tail) = bytes.split_at(piece.len());
                bytes = tail;
                head == piece
            })
    }

    /// The pieces in one.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len());
        self.append_to(&mut bytes);
        bytes
    }

    /// Appends the pieces.
    pub fn append_to(&self, bytes: &mut Vec<u8>) {
        self.iter().for_each(|piece| bytes.extend_from_slice(piece));
    }

    /// The messages that the fields hold, such as the statuses of a task.
    pub fn messages(&self) -> impl Iterator<Item = &'a [u8]> + '_ {
        self.iter().flat_map(messages_in)
    }
}

/// The messages in the fields of an encoded message, whatever their numbers.
pub fn messages_in(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut fields = Fields::new(bytes);
    std::iter::from_fn(move || {
        loop {
            match fields.next() {
                Ok(Some((_, Raw::Bytes(content)))) => return Some(content),
                Ok(Some((_, Raw::Varint(_) | Raw::Fixed64(_) | Raw::Other))) => {}
                Ok(None) | Err(_) => return None,
            }
        }
    })
}

/// Shows each field with where its bytes are, up to the first that is malformed.
pub(crate) fn each_field<'a>(message: &'a [u8], mut show: impl FnMut(u32, Raw<'a>, Range<usize>)) {
    let mut fields = Fields::new(message);
    let mut begin = 0;
    while let Ok(Some((number, raw))) = fields.next() {
        let end = message.len() - fields.rest().len();
        show(number, raw, begin..end);
        begin = end;
    }
}

/// The value of an encoded id: all of Mesos's have it as field 1.
fn value_of(id: &[u8]) -> &str {
    let mut value = "";
    each_field(id, |number, raw, _| {
        if let (1, Raw::Bytes(text)) = (number, raw) {
            value = text_of(text);
        }
    });
    value
}

/// What is plainly a message has no string that is not UTF-8.
pub(crate) fn text_of(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

pub(crate) fn state_of(value: u64) -> Option<v1::TaskState> {
    v1::TaskState::try_from(value as i32).ok()
}
