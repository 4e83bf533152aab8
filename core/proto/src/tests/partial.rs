// SPDX-License-Identifier: Apache-2.0

//! What is read in part is what would have been read as a whole.

use bytes::Bytes;
use proptest::prelude::*;
use prost::Message;

use super::random::Random;
use crate::{
    Described, decode,
    descriptor::{MESSAGES, for_every_message},
    internal::ReregisterSlaveMessage,
    partial::{Reregistration, StatusParts, TaskParts, messages_in},
    plain::is_plain,
    v1::{Task, TaskStatus},
    wire::{put_bytes_field, put_varint_field},
};

fn report(seed: u64) -> Vec<u8> {
    Random::new(seed).message(ReregisterSlaveMessage::descriptor(), 6)
}

#[test]
fn complete_messages_are_plain() {
    for (seed, message) in MESSAGES.iter().enumerate() {
        let bytes = Random::new(seed as u64).message(message, 5);
        assert!(is_plain(message, &bytes), "{}", message.name);
    }
}

macro_rules! decodable_when_plain {
    ($($message:ty,)*) => {
        fn decodes(name: &str, bytes: &[u8]) -> bool {
            $(if <$message>::descriptor().name == name {
                return decode::<$message>(bytes).is_ok();
            })*
            panic!("no such message: {name}");
        }
    };
}
for_every_message!(decodable_when_plain);

#[test]
fn what_is_plain_decodes_however_it_was_damaged() {
    for (seed, message) in MESSAGES.iter().enumerate() {
        let bytes = Random::new(seed as u64).message(message, 4);
        for position in 0..bytes.len().min(400) {
            for damage in [1, 0x07, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[position] ^= damage;
                if is_plain(message, &bytes) {
                    assert!(decodes(message.name, &bytes), "{} {position} {damage}", message.name);
                }
            }
        }
    }
}

#[test]
fn a_message_in_pieces_is_not_plain_but_read() {
    let mut bytes = report(1);
    let mut piece = Vec::new();
    put_bytes_field(&mut piece, 1, b"host");
    put_bytes_field(&mut bytes, 2, &piece);
    assert!(!is_plain(ReregisterSlaveMessage::descriptor(), &bytes));
    let whole = decode::<ReregisterSlaveMessage>(&bytes).unwrap();
    assert_eq!(whole.agent.hostname, "host");
    assert_eq!(Reregistration::read(bytes.into()).unwrap(), whole.into());
}

#[test]
fn an_incomplete_report_is_refused_with_the_same_words() {
    let mut bytes = report(2);
    put_bytes_field(&mut bytes, 3, &[]);
    let refused = Reregistration::read(bytes.clone().into()).unwrap_err();
    assert_eq!(refused, decode::<ReregisterSlaveMessage>(&bytes).unwrap_err());
}

#[test]
fn a_task_that_is_no_task_has_no_parts() {
    let mut bytes = Vec::new();
    put_varint_field(&mut bytes, 2, 7);
    bytes.extend([0xff; 20]);
    let parts = TaskParts::of(&bytes);
    assert_eq!((parts.task_id, parts.resources.is_empty()), ("", true));
}

proptest! {
    #[test]
    fn a_report_read_in_part_has_the_same_tasks(seed in any::<u64>()) {
        let bytes = report(seed);
        let whole = decode::<ReregisterSlaveMessage>(&bytes).unwrap();
        let partial = Reregistration::read(bytes.into()).unwrap();
        let tasks: Vec<_> =
            partial.tasks.iter().map(|task| Task::decode(task.clone()).unwrap()).collect();
        prop_assert_eq!(&tasks, &whole.tasks);
        prop_assert_eq!(&partial.agent, &whole.agent);
        prop_assert_eq!(&partial.frameworks, &whole.frameworks);
        for (bytes, task) in partial.tasks.iter().zip(tasks) {
            let parts = TaskParts::of(bytes);
            prop_assert_eq!(parts.task_id, &task.task_id.value);
            prop_assert_eq!(parts.framework_id, &task.framework_id.value);
            prop_assert_eq!(parts.agent_id, &task.agent_id.value);
            let executor_id = task.executor_id.as_ref().map(|id| id.value.as_str());
            prop_assert_eq!(parts.executor_id, executor_id);
            prop_assert_eq!(parts.state, task.state());
            let uuid = task.status_update_uuid.as_deref();
            prop_assert_eq!(parts.status_update_uuid, uuid);
            let state = task.status_update_state.map(|_| task.status_update_state());
            prop_assert_eq!(parts.status_update_state, state);
            prop_assert_eq!(&parts.decode_resources(), &task.resources);
            let statuses: Vec<_> = parts
                .statuses
                .messages()
                .map(|status| TaskStatus::decode(status).unwrap())
                .collect();
            prop_assert_eq!(&statuses, &task.statuses);
            let details = Task::decode(&*parts.details.to_vec()).unwrap();
            prop_assert_eq!(details.labels, task.labels);
            prop_assert_eq!(details.limits, task.limits);
            prop_assert_eq!(details.user, task.user);
            prop_assert_eq!(details.task_id.value, "");
        }
    }

    #[test]
    fn a_status_read_in_part_lacks_its_ids_state_and_data(seed in any::<u64>()) {
        let bytes = Random::new(seed).message(TaskStatus::descriptor(), 5);
        let mut status = TaskStatus::decode(&*bytes).unwrap();
        let parts = StatusParts::of(&bytes);
        prop_assert_eq!(parts.state, status.state());
        let executor_id = status.executor_id.take().map(|id| id.value);
        prop_assert_eq!(parts.executor_id, executor_id.as_deref());
        status.task_id = Default::default();
        status.state = TaskStatus::default().state;
        status.agent_id = None;
        status.data = None;
        let rest = TaskStatus::decode(&*parts.rest.to_vec()).unwrap();
        prop_assert_eq!(rest, status);
    }

    #[test]
    fn any_bytes_are_taken_apart(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = TaskParts::of(&bytes);
        let _ = StatusParts::of(&bytes);
        messages_in(&bytes).count();
        let whole = decode::<ReregisterSlaveMessage>(&bytes).is_ok();
        prop_assert_eq!(Reregistration::read(Bytes::from(bytes)).is_ok(), whole);
    }
}
