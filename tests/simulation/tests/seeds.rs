// SPDX-License-Identifier: Apache-2.0

//! Two hundred clusters, each through its own troubles.

use mesos_simulation::{kept_seeds, run_and_explain};

const SEEDS: u64 = 200;

#[test]
fn every_seed_keeps_the_promises_of_mesos() {
    for seed in kept_seeds().into_iter().chain(0..SEEDS) {
        if let Err(failure) = run_and_explain(seed) {
            let story = failure.trace.len().saturating_sub(200);
            let story = failure.trace[story..].join("\n");
            panic!("{story}\n{failure}\nrun it again with: cargo xtask sim --seed {seed}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let (first, second) = (run_and_explain(1), run_and_explain(1));
    let text =
        |run: Result<mesos_simulation::Summary, mesos_simulation::Failure>| format!("{run:?}");
    assert_eq!(text(first), text(second));
}
