// SPDX-License-Identifier: Apache-2.0

//! How much memory a message will take, before it is taken.
//!
//! An element of a list may be two bytes long and take thousands in memory: a
//! body of a few megabytes could become one of gigabytes. So the elements are
//! counted first, each with the size of its type. A message that is wrong in
//! any other way is left to the decoder to refuse.

use crate::{
    descriptor::{Kind, Label, Message},
    wire::{Fields, Raw},
};

/// The most that the elements of all lists in one message may take.
pub const DECODED_BYTES_MAX: usize = 256 << 20;

/// What they may take however short the message is.
const DECODED_BYTES_FREE: usize = 4 << 20;

/// Beyond that, so many times the message's length: three times what the shortest
/// tasks take that mean something (a test measures them). Else many short
/// messages, which need not wait for room, could take gigabytes together.
const DECODED_FACTOR: usize = 256;

/// Shorter messages are not weighed: what they could become is bounded by their length.
const UNWEIGHED: usize = 1 << 10;

/// Deeper messages are refused by the decoder.
const DEPTH_MAX: usize = 100;

/// What a text or some bytes take, besides their content.
const TEXT_SIZE: usize = 32;

/// A message that would take too much memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the elements of its lists would take more than the {room} bytes of memory that one message \
     of its length may take; send them in several"
)]
pub(crate) struct TooHeavy {
    room: usize,
}

/// Refuses a message whose lists are too long for its size.
pub(crate) fn check(message: &'static Message, bytes: &[u8]) -> Result<(), TooHeavy> {
    check_but(message, bytes, None)
}

/// The same, where the elements of the list with this number stay encoded.
pub(crate) fn check_but(
    message: &'static Message,
    bytes: &[u8],
    encoded: Option<u32>,
) -> Result<(), TooHeavy> {
    if bytes.len() <= UNWEIGHED {
        return Ok(());
    }
    let room = room_of(bytes.len());
    let mut left = room;
    weigh(message, bytes, &mut left, DEPTH_MAX, encoded).ok_or(TooHeavy { room })
}

/// What the elements of all lists may take in a message of so many bytes.
fn room_of(length: usize) -> usize {
    let grown = length.saturating_mul(DECODED_FACTOR).saturating_add(DECODED_BYTES_FREE);
    grown.min(DECODED_BYTES_MAX)
}

/// Takes what a message's lists need from `room`; none if it is not enough.
fn weigh(
    message: &'static Message,
    bytes: &[u8],
    room: &mut usize,
    depth: usize,
    encoded: Option<u32>,
) -> Option<()> {
    let Some(depth) = depth.checked_sub(1) else { return Some(()) };
    let mut fields = Fields::new(bytes);
    while let Ok(Some((number, raw))) = fields.next() {
        if Some(number) == encoded {
            *room = room.checked_sub(TEXT_SIZE)?;
            continue;
        }
        let Some(index) = message.index_of(number) else { continue };
        let field = &message.fields[usize::from(index)];
        let listed = matches!(field.label, Label::Repeated | Label::Map);
        let size = match field.kind {
            Kind::Message(inner) => {
                if let Raw::Bytes(content) = raw {
                    weigh(inner, content, room, depth, None)?;
                }
                inner.size
            }
            Kind::String | Kind::Bytes => TEXT_SIZE,
            Kind::Bool
            | Kind::Int32
            | Kind::Int64
            | Kind::Uint32
            | Kind::Uint64
            | Kind::Double
            | Kind::Enum(_) => match raw {
                // Many numbers may come in one piece.
                Raw::Bytes(content) => content.len() * 8,
                Raw::Varint(_) | Raw::Fixed64(_) | Raw::Other => 8,
            },
        };
        if listed {
            *room = room.checked_sub(size)?;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        DecodeError, Described, decode, internal::ReregisterSlaveMessage, json, v1,
        v1::scheduler::Call,
    };

    /// ACCEPT with so many empty operations: two bytes each.
    fn accept(operations: usize) -> Vec<u8> {
        let inner = [0x12_u8, 0x00].repeat(operations);
        let mut bytes = vec![0x10, 0x02];
        crate::wire::put_bytes_field(&mut bytes, field_of(Call::descriptor(), "accept"), &inner);
        bytes
    }

    fn field_of(message: &Message, name: &str) -> u32 {
        message.field_named(name).expect("a field").number
    }

    #[test]
    fn a_small_body_cannot_become_a_huge_message() {
        let accept_table = crate::v1::scheduler::call::Accept::descriptor();
        assert_eq!(field_of(accept_table, "operations"), 2);
        decode::<Call>(&accept(500)).expect("small enough");
        let refused = decode::<Call>(&accept(1_000_000)).expect_err("too heavy");
        let DecodeError::Malformed { reason, .. } = refused else { panic!("{refused}") };
        assert!(reason.contains("more than the 268435456 bytes of memory"), "{reason}");
    }

    #[test]
    fn nor_can_a_body_that_needs_no_room_of_its_own() {
        let body = accept(5_000);
        assert!(body.len() < 16 << 10);
        let refused = decode::<Call>(&body).expect_err("too heavy");
        assert!(refused.to_string().contains(&room_of(body.len()).to_string()), "{refused}");
    }

    /// What the lists of a message take, for each of its bytes.
    fn factor<M: Described>(message: &M) -> usize {
        let bytes = message.encode_to_vec();
        let mut left = usize::MAX;
        weigh(M::descriptor(), &bytes, &mut left, DEPTH_MAX, None).expect("room enough");
        (usize::MAX - left) / bytes.len()
    }

    #[test]
    fn the_shortest_messages_that_mean_something_have_room_to_spare() {
        let id = "1";
        let cpus = v1::Resource {
            name: "cpus".to_owned(),
            r#type: v1::value::Type::Scalar.into(),
            scalar: Some(v1::value::Scalar { value: 0.1 }),
            ..v1::Resource::default()
        };
        let info = v1::TaskInfo {
            name: id.to_owned(),
            task_id: v1::TaskId { value: id.to_owned() },
            agent_id: v1::AgentId { value: id.to_owned() },
            resources: vec![cpus.clone(); 2],
            command: Some(v1::CommandInfo::default()),
            ..v1::TaskInfo::default()
        };
        let launch = v1::offer::Operation {
            r#type: Some(v1::offer::operation::Type::Launch.into()),
            launch: Some(v1::offer::operation::Launch { task_infos: vec![info; 1000] }),
            ..v1::offer::Operation::default()
        };
        let accept = v1::scheduler::call::Accept {
            operations: vec![launch],
            ..v1::scheduler::call::Accept::default()
        };
        let reconcile = v1::scheduler::call::reconcile::Task {
            task_id: v1::TaskId { value: id.to_owned() },
            agent_id: None,
        };
        let reconcile = v1::scheduler::call::Reconcile { tasks: vec![reconcile; 1000] };
        let offer_id = v1::OfferId { value: id.to_owned() };
        let decline = v1::scheduler::call::Decline {
            offer_ids: vec![offer_id; 1000],
            ..v1::scheduler::call::Decline::default()
        };
        let status = v1::TaskStatus {
            task_id: v1::TaskId { value: id.to_owned() },
            state: v1::TaskState::TaskRunning.into(),
            ..v1::TaskStatus::default()
        };
        let task = v1::Task {
            name: id.to_owned(),
            task_id: v1::TaskId { value: id.to_owned() },
            framework_id: v1::FrameworkId { value: id.to_owned() },
            agent_id: v1::AgentId { value: id.to_owned() },
            resources: vec![cpus; 2],
            statuses: vec![status; 2],
            ..v1::Task::default()
        };
        let reregister =
            ReregisterSlaveMessage { tasks: vec![task; 1000], ..ReregisterSlaveMessage::default() };
        let factors = [
            factor(&Call { accept: Some(accept), ..Call::default() }),
            factor(&Call { reconcile: Some(reconcile), ..Call::default() }),
            factor(&Call { decline: Some(decline), ..Call::default() }),
            factor(&reregister),
        ];
        assert!(factors.iter().all(|factor| factor * 2 < DECODED_FACTOR), "{factors:?}");
    }

    #[test]
    fn nor_can_its_json() {
        let operations = "{},".repeat(1_000_000);
        let text = format!(
            r#"{{"type":"ACCEPT","accept":{{"operations":[{}]}}}}"#,
            &operations[..2_999_999]
        );
        let refused = json::from_json::<Call>(text.as_bytes()).expect_err("too heavy");
        assert!(refused.to_string().contains("268435456 bytes of memory"), "{refused}");
    }
}
