// SPDX-License-Identifier: Apache-2.0

//! Most tasks of a framework are alike: the same labels, container, resources.
//! What is alike is kept once.

use std::{collections::VecDeque, sync::Arc};

use mesos_core::resources::Resources;
use mesos_proto::partial::Pieces;

/// Room that is kept from task to task; one whose details are longer leaves none behind.
const SCRATCH_MAX: usize = 64 << 10;

/// How many shapes a framework may use in turn before they are kept anew.
const REMEMBERED: usize = 8;

/// The shapes that a framework's tasks had lately.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    details: VecDeque<Arc<[u8]>>,
    resources: VecDeque<Resources>,
    reported: VecDeque<Reported>,
    /// Room to put details together, kept from task to task.
    scratch: Vec<u8>,
}

/// Resources as an agent reported them, and what they are.
#[derive(Clone, Debug)]
pub(crate) struct Reported {
    encoded: Arc<[u8]>,
    /// What they are.
    pub(crate) resources: Resources,
    /// The role that they say they are allocated to.
    pub(crate) role: Arc<str>,
    /// The sum of all their amounts, whatever they are of.
    pub(crate) sum: f64,
}

impl Shapes {
    /// The details that `write` appends, shared with another task if one had them lately.
    pub(crate) fn share_details(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Arc<[u8]> {
        self.scratch.clear();
        write(&mut self.scratch);
        let shared = match self.details.iter().find(|known| ***known == self.scratch) {
            Some(known) => known.clone(),
            None => remember(&mut self.details, self.scratch.as_slice().into()),
        };
        if self.scratch.capacity() > SCRATCH_MAX {
            self.scratch = Vec::new();
        }
        shared
    }

    /// What the valid resources of a reported task are, if another had the same lately.
    pub(crate) fn reported(&self, encoded: &Pieces<'_>) -> Option<&Reported> {
        self.reported.iter().find(|known| encoded.is(&known.encoded))
    }

    /// Remembers what the valid resources of a reported task are.
    pub(crate) fn remember_reported(
        &mut self,
        encoded: &Pieces<'_>,
        resources: Resources,
        role: Arc<str>,
        sum: f64,
    ) -> Reported {
        let resources = self.share_resources(resources);
        let encoded = encoded.to_vec().into();
        remember(&mut self.reported, Reported { encoded, resources, role, sum })
    }

    /// The same resources, shared with another task if one had them lately.
    pub(crate) fn share_resources(&mut self, resources: Resources) -> Resources {
        match self.resources.iter().find(|known| **known == resources) {
            Some(known) => known.clone(),
            None => remember(&mut self.resources, resources),
        }
    }
}

fn remember<T: Clone>(queue: &mut VecDeque<T>, item: T) -> T {
    if queue.len() == REMEMBERED {
        queue.pop_front();
    }
    queue.push_back(item.clone());
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_details_are_kept_once_and_old_ones_forgotten() {
        let mut shapes = Shapes::default();
        let mut share = |number| shapes.share_details(|bytes| bytes.push(number));
        let first = share(1);
        assert!(Arc::ptr_eq(&first, &share(1)));
        for other in 2..2 + REMEMBERED as u8 {
            share(other);
        }
        assert!(!Arc::ptr_eq(&first, &share(1)));
        assert_eq!(shapes.details.len(), REMEMBERED);
    }

    #[test]
    fn a_task_with_long_details_leaves_no_room_behind() {
        let mut shapes = Shapes::default();
        shapes.share_details(|bytes| bytes.resize(1 << 20, 7));
        assert!(shapes.scratch.capacity() <= SCRATCH_MAX, "{}", shapes.scratch.capacity());
    }
}
