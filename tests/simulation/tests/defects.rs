// SPDX-License-Identifier: Apache-2.0

//! The simulation is tested itself: with a mistake built into one of the state
//! machines it has to complain, and soon.

use std::{sync::Mutex, thread};

use mesos_core::trial::{self, Defect};
use mesos_simulation::run;

/// A mistake has to be found within so many seeds.
const SEEDS_MAX: u64 = 1000;

/// So many mistakes are found, or a check has been lost.
const DEFECTS_MIN: usize = 30;

/// Where a defect was found, and what was complained of.
fn find(defect: Defect) -> Option<(u64, String)> {
    trial::introduce(Some(defect));
    let found = (0..SEEDS_MAX).find_map(|seed| Some((seed, run(seed, false).err()?.what)));
    trial::introduce(None);
    found
}

#[test]
fn every_defect_is_found_and_without_it_the_same_seeds_are_clean() {
    assert!(Defect::ALL.len() >= DEFECTS_MIN);
    // Broken invariants of the code itself are found as panics, and need not be told twice.
    std::panic::set_hook(Box::new(|_| {}));
    let waiting = Mutex::new(Defect::ALL.to_vec());
    let results = Mutex::new(Vec::new());
    let worker = || {
        // Results are taken one by one, so that two cores are busy to the end.
        while let Some(defect) = waiting.lock().expect("nobody panics with it").pop() {
            let found = find(defect);
            results.lock().expect("nobody panics with it").push((defect, found));
        }
    };
    thread::scope(|scope| {
        scope.spawn(worker);
        scope.spawn(worker);
    });
    let mut results = results.into_inner().expect("nobody panicked with it");
    results.sort();
    for (defect, found) in &results {
        match found {
            Some((seed, what)) => println!("{defect:?}: seed {seed}: {what}"),
            None => println!("{defect:?}: not found"),
        }
    }
    let missed: Vec<_> = results.iter().filter(|it| it.1.is_none()).map(|it| it.0).collect();
    assert!(missed.is_empty(), "not found in {SEEDS_MAX} seeds: {missed:?}");

    let last = results.iter().filter_map(|(_, found)| found.as_ref()).map(|(seed, _)| *seed).max();
    for seed in 0..=last.unwrap_or(0) {
        if let Err(failure) = run(seed, false) {
            panic!("without a defect: {failure}");
        }
    }
}
