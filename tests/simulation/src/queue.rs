// SPDX-License-Identifier: Apache-2.0

//! What will happen, in the order in which it will.

use std::collections::BTreeMap;

use mesos_core::time::Time;

/// Events by time; those of one time in the order in which they were put in.
#[derive(Debug)]
pub(crate) struct Queue<E> {
    events: BTreeMap<(Time, u64), E>,
    next: u64,
}

impl<E> Queue<E> {
    pub(crate) fn new() -> Self {
        Queue { events: BTreeMap::new(), next: 0 }
    }

    pub(crate) fn push(&mut self, at: Time, event: E) {
        self.events.insert((at, self.next), event);
        self.next += 1;
    }

    pub(crate) fn pop(&mut self) -> Option<(Time, E)> {
        self.events.pop_first().map(|((at, _), event)| (at, event))
    }
}
