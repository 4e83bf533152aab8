// SPDX-License-Identifier: Apache-2.0

//! A re-registration is taken apart twice: whole, and only where a master decides
//! on it ([`mesos_proto::partial`]). Both must see the same, or refuse alike.

use bytes::Bytes;
use mesos_proto::{
    decode,
    internal::ReregisterSlaveMessage,
    partial::{Reregistration, StatusParts, TaskParts},
    v1::{Task, TaskStatus},
};

/// Reads it both ways; gives what the master takes.
pub fn read(body: &[u8]) -> Option<Reregistration> {
    let whole = decode::<ReregisterSlaveMessage>(body);
    let partial = Reregistration::read(Bytes::copy_from_slice(body));
    let (whole, partial) = match (whole, partial) {
        (Ok(whole), Ok(partial)) => (whole, partial),
        (Err(_), Err(_)) => return None,
        (Ok(whole), Err(error)) => panic!("refused although it is right: {error}: {whole:?}"),
        (Err(error), Ok(partial)) => panic!("taken although it is wrong: {error}: {partial:?}"),
    };
    assert_eq!(format!("{:?}", whole.agent), format!("{:?}", partial.agent));
    check_tasks(&whole.tasks, &partial.tasks);
    assert_eq!(whole.completed_frameworks.len(), partial.completed_frameworks.len());
    for (whole, partial) in whole.completed_frameworks.iter().zip(&partial.completed_frameworks) {
        check_tasks(&whole.tasks, &partial.tasks);
    }
    Some(partial)
}

fn check_tasks(whole: &[Task], partial: &[Bytes]) {
    assert_eq!(whole.len(), partial.len(), "the number of tasks");
    for (task, bytes) in whole.iter().zip(partial) {
        let parts = TaskParts::of(bytes);
        assert_eq!(parts.task_id, task.task_id.value);
        assert_eq!(parts.framework_id, task.framework_id.value);
        assert_eq!(parts.agent_id, task.agent_id.value);
        assert_eq!(parts.executor_id, task.executor_id.as_ref().map(|id| id.value.as_str()));
        assert_eq!(parts.state, task.state());
        assert_eq!(parts.status_update_uuid, task.status_update_uuid.as_deref());
        let resources = format!("{:?}", task.resources);
        assert_eq!(format!("{:?}", parts.decode_resources()), resources);
        let statuses: Vec<&[u8]> = parts.statuses.messages().collect();
        assert_eq!(statuses.len(), task.statuses.len(), "the number of statuses");
        statuses.iter().zip(&task.statuses).for_each(|(bytes, status)| check_status(status, bytes));
    }
}

fn check_status(status: &TaskStatus, bytes: &[u8]) {
    let parts = StatusParts::of(bytes);
    assert_eq!(parts.state, status.state());
    assert_eq!(parts.executor_id, status.executor_id.as_ref().map(|id| id.value.as_str()));
}
