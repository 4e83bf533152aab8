// SPDX-License-Identifier: Apache-2.0

//! Decides when old sandboxes and checkpoints are removed.
//!
//! | a path is | schedule | unschedule | its time comes, or prune | removed or not |
//! |---|---|---|---|---|
//! | unknown | scheduled | true | – | – |
//! | scheduled | new time | unknown, true | being removed | – |
//! | being removed | – | false | – | unknown |
//!
//! In Mesos: `src/slave/gc.cpp`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use mesos_core::{time::Time, trial};

/// All paths that wait for their removal.
#[derive(Debug, Default)]
pub(crate) struct Gc {
    times: BTreeMap<Arc<str>, Time>,
    queue: BTreeSet<(Time, Arc<str>)>,
    removing: BTreeSet<String>,
}

impl Gc {
    /// Wants `path` removed at this time.
    pub(crate) fn schedule(&mut self, path: String, at: Time) {
        if self.removing.contains(&path) {
            return;
        }
        let known = self.times.contains_key(path.as_str());
        trial::reached(
            "garbage",
            ["unknown | schedule", "scheduled | schedule"][usize::from(known)],
        );
        // There may be millions of them: the path is held once.
        let path: Arc<str> = path.into();
        if let Some(old) = self.times.insert(path.clone(), at) {
            self.queue.remove(&(old, path.clone()));
        }
        self.queue.insert((at, path));
    }

    /// Wants `path` kept. False if it is being removed already.
    pub(crate) fn unschedule(&mut self, path: &str) -> bool {
        if self.removing.contains(path) {
            trial::reached("garbage", "being removed | unschedule");
            return false;
        }
        let known = self.times.contains_key(path);
        trial::reached(
            "garbage",
            ["unknown | unschedule", "scheduled | unschedule"][usize::from(known)],
        );
        if let Some((path, at)) = self.times.remove_entry(path) {
            self.queue.remove(&(at, path));
        }
        true
    }

    /// The next path to remove now, among those due at or before `until`.
    pub(crate) fn pop_due(&mut self, until: Time) -> Option<String> {
        if self.queue.first()?.0 > until {
            return None;
        }
        let (_, path) = self.queue.pop_first()?;
        trial::reached("garbage", "scheduled | its time comes, or prune");
        self.times.remove(&path);
        let path = path.to_string();
        self.removing.insert(path.clone());
        Some(path)
    }

    /// A removal has ended, one way or the other.
    pub(crate) fn finished(&mut self, path: &str) {
        trial::reached("garbage", "being removed | removed or not");
        self.removing.remove(path);
    }

    /// When the next path is due.
    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// How many paths wait.
    pub(crate) fn pending(&self) -> u64 {
        self.queue.len() as u64
    }
}

/// How old a sandbox may get when this share of the disk is used.
pub(crate) fn max_allowed_age(delay: Duration, headroom: f64, used: f64) -> Duration {
    let share = 1.0 - headroom - used;
    if share > 0.0 { delay.mul_f64(share.min(1.0)) } else { Duration::ZERO }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Time::from_nanos(seconds * 1_000_000_000)
    }

    #[test]
    fn a_path_is_removed_when_its_time_comes() {
        let mut gc = Gc::default();
        gc.schedule("/a".into(), at(10));
        gc.schedule("/b".into(), at(5));
        gc.schedule("/a".into(), at(20));
        assert_eq!(gc.poll_timeout(), Some(at(5)));
        assert_eq!(gc.pop_due(at(10)).as_deref(), Some("/b"));
        assert_eq!(gc.pop_due(at(10)), None);
        assert_eq!(gc.pop_due(at(20)).as_deref(), Some("/a"));
        assert_eq!(gc.pending(), 0);
    }

    #[test]
    fn a_path_being_removed_cannot_be_kept() {
        let mut gc = Gc::default();
        gc.schedule("/a".into(), at(1));
        gc.schedule("/b".into(), at(9));
        assert!(gc.unschedule("/b"));
        assert!(gc.unschedule("/never-seen"));
        assert_eq!(gc.pop_due(at(9)).as_deref(), Some("/a"));
        assert!(!gc.unschedule("/a"));
        gc.finished("/a");
        assert!(gc.unschedule("/a"));
    }

    #[test]
    fn a_full_disk_lets_nothing_get_old() {
        let week = Duration::from_secs(604_800);
        assert_eq!(max_allowed_age(week, 0.1, 0.0), week.mul_f64(0.9));
        assert_eq!(max_allowed_age(week, 0.1, 0.9), Duration::ZERO);
        assert_eq!(max_allowed_age(week, 0.1, 1.0), Duration::ZERO);
        assert_eq!(max_allowed_age(week, f64::NAN, 0.5), Duration::ZERO);
    }
}
