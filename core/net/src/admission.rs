// SPDX-License-Identifier: Apache-2.0

//! How many connections there may be, in all and from one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use crate::Settings;

/// One connection too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TooMany {
    /// In all.
    #[error(
        "There are already {0} connections, as many as are served at a time; try again later, or \
         allow the server more open files"
    )]
    InAll(usize),
    /// From the same address.
    #[error(
        "There are already {0} connections from your address, as many as are served at a time; \
         close some, or allow the server more open files"
    )]
    FromOne(usize),
}

/// Counts the connections.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    max: usize,
    max_per_source: usize,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    /// Of the addresses that have some; only looked up.
    sources: HashMap<IpAddr, usize>,
}

/// A connection that is counted until this is dropped.
#[derive(Debug)]
pub(crate) struct Admitted {
    counts: Arc<Mutex<Counts>>,
    source: IpAddr,
}

impl Admission {
    pub(crate) fn new(settings: &Settings) -> Self {
        Admission {
            max: settings.max_connections,
            max_per_source: settings.max_connections_per_source,
            counts: Arc::default(),
        }
    }

    /// Counts one more, unless that is one too many.
    pub(crate) fn admit(&self, source: IpAddr) -> Result<Admitted, TooMany> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.all >= self.max {
            return Err(TooMany::InAll(self.max));
        }
        let of_source = counts.sources.entry(source).or_default();
        if *of_source >= self.max_per_source {
            return Err(TooMany::FromOne(self.max_per_source));
        }
        *of_source += 1;
        counts.all += 1;
        Ok(Admitted { counts: self.counts.clone(), source })
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all -= 1;
        if let Some(count) = counts.sources.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                counts.sources.remove(&self.source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_leaves_connections_for_others() {
        let settings =
            Settings { max_connections: 3, max_connections_per_source: 2, ..Settings::default() };
        let admission = Admission::new(&settings);
        let [first, second] = [1, 2].map(|last| IpAddr::from([127, 0, 0, last]));
        let kept: Vec<_> = (0..2).map(|_| admission.admit(first).expect("admitted")).collect();
        assert_eq!(admission.admit(first).expect_err("refused"), TooMany::FromOne(2));
        let other = admission.admit(second).expect("admitted");
        assert_eq!(admission.admit(second).expect_err("refused"), TooMany::InAll(3));
        drop((kept, other));
        assert!(admission.counts.lock().expect("sound").sources.is_empty());
        admission.admit(first).expect("admitted again");
    }
}
