// SPDX-License-Identifier: Apache-2.0

//! Times instead of instructions: for documents and plots, not for comparing.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

use crate::chores::target;

/// Each group is run so often; the shortest time counts, as what disturbs only
/// ever adds.
const RUNS: usize = 3;

/// Measures these groups and writes `target/bench/times.json`: by group, each
/// figure in microseconds for each unit (`…_us`) and for all units together
/// (`…_total_us`). What other groups have there stays.
pub fn measure(program: &Path, groups: &[String]) -> Result<()> {
    let path = target().join("bench/times.json");
    let mut document: Map<String, Value> = match fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).context("reading the last times")?,
        Err(_) => Map::new(),
    };
    for group in groups {
        let mut best: BTreeMap<String, f64> = BTreeMap::new();
        for _ in 0..RUNS {
            for (name, micros) in run(program, group)? {
                let least = best.entry(name).or_insert(micros);
                *least = least.min(micros);
            }
        }
        eprintln!("{group}");
        for (name, micros) in best.iter().filter(|(name, _)| !name.ends_with("_total_us")) {
            eprintln!("  {name:<36} {micros:>12.3}");
        }
        document.insert(group.clone(), json!(best));
    }
    fs::create_dir_all(path.parent().context("the file lies in a folder")?)?;
    fs::write(&path, format!("{:#}\n", Value::Object(document)))?;
    Ok(())
}

fn run(program: &Path, group: &str) -> Result<Vec<(String, f64)>> {
    let mut all = Vec::new();
    let output = Command::new(program).arg(group).output()?;
    ensure!(output.status.success(), "{group}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    let figure = |line: &str| -> Option<(String, f64, f64)> {
        let mut words = line.strip_prefix(group)?.strip_prefix('.')?.split('\t');
        let name = words.next()?.to_owned();
        let units: f64 = words.next()?.parse().ok()?;
        let nanos: f64 = words.next()?.parse().ok()?;
        Some((name, nanos / 1e3, units))
    };
    for line in text.lines() {
        let (name, micros, units) = figure(line).with_context(|| format!("'{line}'"))?;
        all.push((format!("{name}_us"), micros / units));
        all.push((format!("{name}_total_us"), micros));
    }
    Ok(all)
}
