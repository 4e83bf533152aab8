// SPDX-License-Identifier: Apache-2.0

//! Which rows of the transition tables the seeds of the tests reach, and which not:
//! the latter stand in `docs/reliability.md`, each with its reason.

use std::collections::{BTreeMap, BTreeSet};

use mesos_core::trial;
use mesos_simulation::{coverage, kept_seeds, run};

/// So many seeds, beside the kept ones.
const SEEDS: u64 = 300;
/// A row that they reach more often is not a rare one.
const RARE_MAX: u64 = 50;

#[test]
fn every_row_is_reached_or_listed_with_its_reason() {
    for seed in kept_seeds().into_iter().chain(0..SEEDS) {
        run(seed, false).expect("the seed is clean");
    }
    let counts = trial::take_rows();
    let reached = counts.keys().map(|(table, row)| ((*table).to_owned(), (*row).to_owned()));
    let reached: BTreeSet<coverage::Row> = reached.collect();
    let all: BTreeSet<coverage::Row> = coverage::rows().into_iter().collect();
    let unknown: Vec<_> = reached.difference(&all).collect();
    assert!(unknown.is_empty(), "rows are noted that stand in no table: {unknown:#?}");

    let missed: BTreeSet<coverage::Row> = all.difference(&reached).cloned().collect();
    let listed = coverage::listed(coverage::NOT_REACHED, false);
    let rare = coverage::listed(coverage::NOT_REACHED, true);
    let new: Vec<_> =
        missed.iter().filter(|row| !listed.contains(row) && !rare.contains(row)).collect();
    assert!(new.is_empty(), "not reached, and not explained in docs/reliability.md: {new:#?}");
    let old: BTreeMap<_, _> =
        listed.difference(&missed).map(|row| (row, counts_of(&counts, row))).collect();
    assert!(old.is_empty(), "listed in docs/reliability.md as not reached, but reached: {old:#?}");
    let common: Vec<_> = rare.iter().filter(|row| counts_of(&counts, row) > RARE_MAX).collect();
    assert!(common.is_empty(), "said to be rarely reached, but reached often: {common:#?}");
}

fn counts_of(counts: &trial::Rows, row: &coverage::Row) -> u64 {
    let mut matching =
        counts.iter().filter(|((table, name), _)| (*table, *name) == (&row.0, &row.1));
    matching.next().map_or(0, |(_, count)| *count)
}
