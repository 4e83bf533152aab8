// SPDX-License-Identifier: Apache-2.0

//! Replays every recorded case; see the crate's documentation.
//!
//! `MESOS_CASE=area/name` runs the cases whose name contains that text and
//! prints all that is unequal in them.

use mesos_conformance::{case::Case, known, replay::replay};
use std::{collections::BTreeMap, env, path::Path, sync::Mutex, thread};

const AREAS: [&str; 7] = [
    "scheduler-api",
    "executor-api",
    "status-reasons",
    "wire",
    "endpoints",
    "metrics",
    "operator-api-master",
];
/// Cases wait more than they work.
const AT_ONCE: usize = 8;
/// How often a case that surprises is played again.
const RETRIES: usize = 2;
/// Lines shown for a case that differs.
const SHOWN: usize = 12;

fn run(cases: Vec<Case>) -> BTreeMap<String, Vec<String>> {
    let queue = Mutex::new(cases);
    let results = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(case) = queue.lock().expect("no worker panics").pop() else { return };
                    let found = replay(&case)
                        .unwrap_or_else(|e| vec![format!("not run: {e:#}"), String::new()]);
                    results.lock().expect("no worker panics").insert(case.name, found);
                }
            });
        }
    });
    results.into_inner().expect("no worker panics")
}

/// What in one case is neither as recorded nor as listed.
fn judge(known: &known::Known, name: &str, found: &[String], wanted: &str) -> Vec<String> {
    let (found, logs) = found.split_at(found.len().saturating_sub(1));
    let (unexplained, idle) = known::judge(known.get(name).map_or(&[], Vec::as_slice), found);
    let mut surprises: Vec<String> = idle
        .into_iter()
        .map(|d| format!("{name}: '{}' does not differ any more: remove it", d.place))
        .collect();
    if !unexplained.is_empty() {
        let (shown, logs) = if wanted.is_empty() { (SHOWN, &[][..]) } else { (usize::MAX, logs) };
        let lines = unexplained.into_iter().chain(logs).take(shown);
        let lines: Vec<_> = lines.map(|l| format!("    {l}")).collect();
        surprises.push(format!("{name} differs:\n{}", lines.join("\n")));
    }
    surprises
}

#[test]
fn every_recorded_case_is_answered_as_recorded_or_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let known = known::read(&root.join("../../docs/differences-from-mesos.md"))
        .expect("the list of differences");
    let wanted = env::var("MESOS_CASE").unwrap_or_default();
    let mut cases = Vec::new();
    for area in AREAS {
        cases.extend(Case::read_area(&root.join("goldens"), area).expect("the recorded cases"));
    }
    cases.retain(|c| c.name.contains(&wanted));
    let total = cases.len();
    let judged = |name: &str, found: &[String]| judge(&known, name, found, &wanted);
    let mut results = run(cases);
    // Some cases turn on milliseconds. One that surprises on a busy machine gets another
    // chance, alone; what is really different differs each time.
    for _ in 0..RETRIES {
        let again: Vec<String> = results
            .iter()
            .filter(|(n, f)| !judged(n, f).is_empty())
            .map(|(n, _)| n.clone())
            .collect();
        for name in again {
            let (area, _) = name.split_once('/').expect("a case has an area");
            let area = Case::read_area(&root.join("goldens"), area).expect("the recorded cases");
            results.extend(run(area.into_iter().filter(|c| c.name == name).collect()));
        }
    }
    let equal = results.values().filter(|found| found.is_empty()).count();
    let mut surprises: Vec<String> = results.iter().flat_map(|(n, f)| judged(n, f)).collect();
    if wanted.is_empty() {
        for name in known.keys().filter(|n| AREAS.iter().any(|a| n.starts_with(a))) {
            if !results.contains_key(name) {
                surprises.push(format!("{name} is listed, but no such case is recorded"));
            }
        }
    }
    println!("{equal} of {total} recorded cases are answered as recorded");
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}
