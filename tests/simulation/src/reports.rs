// SPDX-License-Identifier: Apache-2.0

//! What a framework hears of a task is what its executor has made known, in that order.
//!
//! Executors number the updates of a task, in `data`. One may come again, but none that
//! is new comes after a later one; and none is missing between two that are heard, but
//! before the end of the task: where an agent has no room, the end goes ahead. What an
//! executor has made last may be lost with it, or with its agent; when it stops, it
//! does not wait for room.

use std::collections::BTreeMap;

use bytes::Bytes;
use mesos_proto::v1::TaskStatus;

use crate::observer::is_terminal;

/// A framework and a task of it.
type TaskName = (String, String);

#[derive(Debug, Default)]
struct Report {
    /// How many updates the executor has made.
    made: u64,
    /// Which of them was heard last for the first time.
    heard: u64,
    /// Those that were left out before the end.
    missing: Vec<u64>,
    /// The executor has stopped.
    stopped: bool,
}

/// Of all tasks.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    of_task: BTreeMap<TaskName, Report>,
}

impl Reports {
    /// An executor makes an update: what distinguishes it.
    pub(crate) fn made(&mut self, name: TaskName) -> Bytes {
        let report = self.of_task.entry(name).or_default();
        report.made += 1;
        report.made.to_string().into()
    }

    /// An executor with this task stops.
    pub(crate) fn stops(&mut self, name: &TaskName) {
        if let Some(report) = self.of_task.get_mut(name) {
            report.stopped = true;
        }
    }

    /// A scheduler of the framework hears a status.
    pub(crate) fn heard(&mut self, name: &TaskName, status: &TaskStatus) -> Result<(), String> {
        let text = status.data.as_deref().and_then(|data| std::str::from_utf8(data).ok());
        let Some(number) = text.and_then(|text| text.parse::<u64>().ok()) else { return Ok(()) };
        let task = &name.1;
        let Some(report) = self.of_task.get_mut(name).filter(|report| number <= report.made) else {
            return Err(format!("update {number} of task {task} was never made"));
        };
        if report.missing.contains(&number) {
            return Err(format!("update {number} of task {task} comes after a later one"));
        }
        if number <= report.heard {
            return Ok(());
        }
        let first = report.heard + 1;
        report.heard = number;
        if first < number && !is_terminal(status.state()) && !report.stopped {
            let last = number - 1;
            return Err(format!("updates {first} to {last} of task {task} are left out"));
        }
        report.missing.extend(first..number);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use mesos_proto::v1::TaskState;

    use super::*;

    #[test]
    fn updates_are_heard_in_order_and_only_an_end_leaves_some_out() {
        let name = ("f".to_owned(), "t".to_owned());
        let mut reports = Reports::default();
        let status = |data: &[u8], state: TaskState| TaskStatus {
            data: Some(Bytes::copy_from_slice(data)),
            state: state as i32,
            ..Default::default()
        };
        for _ in 0..5 {
            reports.made(name.clone());
        }
        let mut heard = |data: &[u8], state| reports.heard(&name, &status(data, state));
        let (running, finished) = (TaskState::TaskRunning, TaskState::TaskFinished);
        assert_eq!(heard(b"1", running), Ok(()));
        assert_eq!(heard(b"2", running), Ok(()));
        assert_eq!(heard(b"1", running), Ok(()));
        assert!(heard(b"6", running).is_err());
        assert_eq!(heard(b"5", finished), Ok(()));
        assert!(heard(b"3", running).is_err());
        let other = ("f".to_owned(), "u".to_owned());
        reports.made(other.clone());
        reports.made(other.clone());
        assert!(reports.heard(&other, &status(b"2", running)).is_err());
        let third = ("f".to_owned(), "v".to_owned());
        reports.made(third.clone());
        reports.made(third.clone());
        reports.stops(&third);
        assert_eq!(reports.heard(&third, &status(b"2", running)), Ok(()));
    }
}
