// SPDX-License-Identifier: Apache-2.0

use mesos_proto::v1::{ExecutorId, FrameworkId, TaskId, TaskState, TaskStatus};

use super::*;

fn at(seconds: u64) -> Time {
    Time::from_nanos(seconds * 1_000_000_000)
}

fn update(number: u8, state: TaskState) -> StatusUpdate {
    let uuid = Bytes::from(vec![number; 16]);
    StatusUpdate {
        framework_id: FrameworkId { value: "f".into() },
        status: TaskStatus {
            task_id: TaskId { value: "t".into() },
            state: state.into(),
            ..TaskStatus::default()
        },
        uuid: Some(uuid),
        ..StatusUpdate::default()
    }
}

fn sent(updates: &mut StatusUpdates) -> Vec<u8> {
    std::iter::from_fn(|| updates.poll_forward()).map(|update| uuid_of(&update)[0]).collect()
}

fn key() -> StreamKey {
    ("f".into(), "t".into())
}

fn uuid(number: u8) -> Bytes {
    Bytes::from(vec![number; 16])
}

fn running() -> StatusUpdates {
    let mut updates = StatusUpdates::new(PENDING_MAX);
    updates.resume(at(0));
    updates
}

#[test]
fn only_the_first_update_is_on_its_way() {
    let mut updates = running();
    assert_eq!(updates.update(at(0), update(1, TaskState::TaskStarting), None), Taken::Queued);
    assert_eq!(updates.update(at(0), update(2, TaskState::TaskRunning), None), Taken::Queued);
    assert_eq!(sent(&mut updates), [1]);
    assert!(matches!(
        updates.acknowledge(at(1), &key(), &uuid(1)),
        Acknowledged::Done { ended: false, .. }
    ));
    assert_eq!(sent(&mut updates), [2]);
}

#[test]
fn an_update_is_sent_again_with_growing_pauses() {
    let mut updates = running();
    updates.update(at(0), update(1, TaskState::TaskRunning), None);
    assert_eq!(sent(&mut updates), [1]);
    for seconds in [10, 30, 70, 150, 310, 630, 1230, 1830] {
        assert_eq!(updates.poll_timeout(), Some(at(seconds)));
        updates.wake(at(seconds - 1));
        assert!(sent(&mut updates).is_empty());
        updates.wake(at(seconds));
        assert_eq!(sent(&mut updates), [1]);
    }
}

#[test]
fn a_duplicate_changes_nothing_before_and_after_its_acknowledgement() {
    let mut updates = running();
    updates.update(at(0), update(1, TaskState::TaskRunning), None);
    assert_eq!(updates.update(at(0), update(1, TaskState::TaskRunning), None), Taken::Duplicate);
    updates.acknowledge(at(1), &key(), &uuid(1));
    assert_eq!(updates.update(at(2), update(1, TaskState::TaskRunning), None), Taken::Duplicate);
    assert_eq!(sent(&mut updates), [1]);
    assert_eq!(updates.poll_timeout(), None);
}

#[test]
fn an_acknowledgement_of_another_update_is_ignored() {
    let mut updates = running();
    updates.update(at(0), update(1, TaskState::TaskStarting), None);
    updates.update(at(0), update(2, TaskState::TaskRunning), None);
    for number in [2, 9] {
        assert!(matches!(
            updates.acknowledge(at(1), &key(), &uuid(number)),
            Acknowledged::Ignored(_)
        ));
    }
    assert_eq!(sent(&mut updates), [1]);
}

#[test]
fn the_acknowledgement_of_a_terminal_update_ends_the_stream() {
    let mut updates = running();
    updates.update(at(0), update(1, TaskState::TaskFinished), None);
    assert!(updates.has_pending(&key()));
    assert!(matches!(
        updates.acknowledge(at(1), &key(), &uuid(1)),
        Acknowledged::Done { ended: true, .. }
    ));
    assert!(!updates.has_pending(&key()));
    assert_eq!(updates.poll_timeout(), None);
}

#[test]
fn a_checkpointed_update_waits_for_the_disk() {
    let mut updates = running();
    let path = Some("/p".to_owned());
    let first = update(1, TaskState::TaskRunning);
    assert_eq!(updates.update(at(0), first.clone(), path.clone()), Taken::Store("/p".into()));
    assert_eq!(updates.update(at(0), first, path), Taken::DuplicateNotStored);
    assert!(sent(&mut updates).is_empty());
    updates.stored(at(1), &key(), &uuid(1));
    assert_eq!(sent(&mut updates), [1]);
    updates.stored(at(2), &key(), &uuid(1));
    assert!(sent(&mut updates).is_empty());
}

#[test]
fn nothing_is_sent_while_paused_and_everything_first_after() {
    let mut updates = running();
    updates.update(at(0), update(1, TaskState::TaskRunning), None);
    assert_eq!(sent(&mut updates), [1]);
    updates.pause();
    assert_eq!(updates.poll_timeout(), None);
    updates.update(at(5), update(2, TaskState::TaskFinished), None);
    updates.wake(at(500));
    assert!(sent(&mut updates).is_empty());
    updates.resume(at(501));
    assert_eq!(sent(&mut updates), [1]);
    assert_eq!(updates.poll_timeout(), Some(at(511)));
}

#[test]
fn a_stream_takes_no_more_than_its_bound_but_always_the_end() {
    let mut updates = running();
    let numbered = |number: usize, state| {
        let mut uuid = [0; 16];
        uuid[..8].copy_from_slice(&(number as u64).to_be_bytes());
        StatusUpdate { uuid: Some(Bytes::copy_from_slice(&uuid)), ..update(0, state) }
    };
    for number in 0..PENDING_MAX {
        let taken = updates.update(at(0), numbered(number, TaskState::TaskRunning), None);
        assert_eq!(taken, Taken::Queued);
    }
    let one_more = numbered(PENDING_MAX, TaskState::TaskRunning);
    assert_eq!(updates.update(at(0), one_more, None), Taken::Full);
    let end = numbered(PENDING_MAX, TaskState::TaskFinished);
    assert_eq!(updates.update(at(0), end, None), Taken::Queued);
}

#[test]
fn a_framework_that_does_not_acknowledge_takes_only_its_own_room() {
    let mut updates = running();
    let large = |task: &str, uuid: u8| {
        let mut large = update(uuid, TaskState::TaskRunning);
        large.status.task_id.value = task.to_owned();
        large.status.data = Some(Bytes::from(vec![0; FRAMEWORK_BYTES_MAX / 3]));
        large
    };
    for uuid in 1..=2 {
        let taken = updates.update(at(0), large(&format!("t{uuid}"), uuid), None);
        assert_eq!(taken, Taken::Queued);
    }
    assert_eq!(updates.update(at(0), large("t3", 3), None), Taken::Full);
    let mut others = large("t3", 3);
    others.framework_id.value = "g".to_owned();
    assert_eq!(updates.update(at(0), others, None), Taken::Queued);
    let first = ("f".to_owned(), "t1".to_owned());
    updates.acknowledge(at(0), &first, &Bytes::from(vec![1; 16]));
    assert_eq!(updates.update(at(0), large("t3", 3), None), Taken::Queued);
    updates.forget_framework("f");
    updates.forget_framework("g");
    assert!(updates.bytes.is_empty(), "nothing waits, nothing is counted");
}

#[test]
fn a_forgotten_framework_leaves_no_retries() {
    let mut updates = running();
    updates.update(at(0), update(1, TaskState::TaskRunning), None);
    updates.forget_framework("f");
    assert_eq!(updates.poll_timeout(), None);
    assert!(!updates.has_pending(&key()));
}

#[test]
fn one_executor_leaves_streams_to_others() {
    let mut updates = running();
    let of = |executor: &str, task: usize, state: TaskState| {
        let mut update = update(1, state);
        update.status.task_id.value = format!("{executor}-{task}");
        update.executor_id = Some(ExecutorId { value: executor.to_owned() });
        update
    };
    let key = |executor: &str, task: usize| ("f".to_owned(), format!("{executor}-{task}"));
    for task in 0..EXECUTOR_STREAMS_MAX {
        let taken = updates.update(at(0), of("a", task, TaskState::TaskRunning), None);
        assert_eq!(taken, Taken::Queued);
    }
    let more = of("a", EXECUTOR_STREAMS_MAX, TaskState::TaskRunning);
    assert_eq!(updates.update(at(0), more.clone(), None), Taken::Full);
    assert_eq!(updates.room(&key("a", EXECUTOR_STREAMS_MAX), "a", 1), Room::ExecutorFull);
    let other = of("b", 0, TaskState::TaskRunning);
    assert_eq!(updates.update(at(0), other, None), Taken::Queued);
    // A stream that is over makes room.
    let mut end = of("a", 0, TaskState::TaskFinished);
    end.uuid = Some(uuid(2));
    assert_eq!(updates.update(at(0), end, None), Taken::Queued);
    updates.acknowledge(at(0), &key("a", 0), &uuid(1));
    updates.acknowledge(at(0), &key("a", 0), &uuid(2));
    assert_eq!(updates.update(at(0), more, None), Taken::Queued);
}
