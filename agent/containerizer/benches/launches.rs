// SPDX-License-Identifier: Apache-2.0

//! How fast containers that run `true` come and go.
//!
//! `cargo bench -p mesos-containerizer [-- <containers> <at once>]`. The figure to reach on two
//! cores is 300 a second, each running within 10 ms of its launch.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a program for developers"
)]

#[path = "../tests/harness/mod.rs"]
mod harness;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use mesos_agent_state::Input;

#[tokio::main]
async fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|text| text.parse().ok()).collect();
    let (total, at_once) = match numbers[..] {
        [total, at_once] => (total, at_once),
        _ => (2000, 2),
    };
    let mut agent = harness::Agent::new();
    let mut started = BTreeMap::new();
    let mut latencies: Vec<Duration> = Vec::with_capacity(total);
    let begin = Instant::now();
    let (mut next, mut ended) = (0, 0);
    while ended < total {
        while next < total && next - ended < at_once {
            let container = agent.launch(&format!("c{next}"), harness::shell("true"));
            started.insert(container, Instant::now());
            next += 1;
        }
        match agent.inputs.recv().await.unwrap() {
            Input::ContainerLaunched { container, .. } => {
                latencies.push(started[&container].elapsed());
            }
            Input::ContainerExited { container, .. } => {
                agent.containerizer.forget(&container);
                ended += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    let rate = total as f64 / begin.elapsed().as_secs_f64();
    latencies.sort();
    let at = |share: f64| latencies[((total - 1) as f64 * share) as usize];
    println!("{total} containers, {at_once} at once: {rate:.0}/s");
    println!("launch to running: p50 {:?}, p99 {:?}, max {:?}", at(0.5), at(0.99), at(1.0));
}
