// SPDX-License-Identifier: Apache-2.0

//! Most tasks of a framework are alike: the same labels, container, resources.
//! What is alike is kept once.

use std::{collections::VecDeque, sync::Arc};

use mesos_core::resources::Resources;

/// How many shapes a framework may use in turn before they are kept anew.
const REMEMBERED: usize = 8;

/// The shapes that a framework's tasks had lately.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    details: VecDeque<Arc<[u8]>>,
    resources: VecDeque<Resources>,
}

impl Shapes {
    /// The same details, shared with another task if one had them lately.
    pub(crate) fn share_details(&mut self, details: Vec<u8>) -> Arc<[u8]> {
        match self.details.iter().find(|known| ***known == details) {
            Some(known) => known.clone(),
            None => remember(&mut self.details, details.into()),
        }
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
        let first = shapes.share_details(vec![1]);
        assert!(Arc::ptr_eq(&first, &shapes.share_details(vec![1])));
        for other in 2..2 + REMEMBERED as u8 {
            shapes.share_details(vec![other]);
        }
        assert!(!Arc::ptr_eq(&first, &shapes.share_details(vec![1])));
        assert_eq!(shapes.details.len(), REMEMBERED);
    }
}
