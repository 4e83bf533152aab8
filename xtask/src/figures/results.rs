// SPDX-License-Identifier: Apache-2.0

//! The results of the load generator and of `cargo xtask bench --times`.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::chores::target;

/// Changes of a scenario that make it shorter and not another one.
const SHORTENING: [&str; 5] = ["", "tasks", "ends", "more", "completed"];

/// Everything that was found, by scenario or group.
#[derive(Default)]
pub struct Results {
    runs: BTreeMap<String, Value>,
    times: BTreeMap<String, Value>,
}

impl Results {
    /// Reads what is there; nothing is no mistake.
    pub fn read() -> Result<Self> {
        let mut results = Results::default();
        if let Ok(entries) = fs::read_dir(target().join("load")) {
            for entry in entries {
                let path = entry?.path();
                let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
                if let Some(name) = name.strip_suffix(".json") {
                    results.runs.insert(name.to_owned(), read(&path)?);
                }
            }
        }
        let path = target().join("bench/times.json");
        if path.exists()
            && let Value::Object(groups) = read(&path)?
        {
            results.times = groups.into_iter().collect();
        }
        Ok(results)
    }

    /// `scenario.figure` or `group.figure`, in the unit that its name ends with.
    pub fn value(&self, key: &str) -> Option<f64> {
        let (source, name) = key.split_once('.')?;
        match self.runs.get(source) {
            Some(run) => figure(run, name),
            None => self.times.get(source)?.get(name)?.as_f64(),
        }
    }

    /// A figure over a parameter: of the runs of these scenarios in which, if
    /// anything was changed, it was this parameter.
    pub fn over(&self, scenarios: &[&str], parameter: &str, name: &str) -> Vec<(f64, f64)> {
        let mut points = Vec::new();
        for (run, document) in &self.runs {
            let (scenario, changes) = run.split_once('@').unwrap_or((run, ""));
            let is_other = changes.split(',').any(|change| {
                let (key, _) = change.split_once('=').unwrap_or(("", ""));
                !SHORTENING.contains(&key) && key != parameter
            });
            let x = document.get("parameters").and_then(|it| it.get(parameter)?.as_f64());
            if let (Some(x), Some(y)) = (x, figure(document, name))
                && scenarios.contains(&scenario)
                && !is_other
            {
                points.push((x, y));
            }
        }
        points
    }

    /// What the machine and the master were, as of some run.
    pub fn machine(&self) -> Option<&Value> {
        self.runs.values().find_map(|run| run.get("machine"))
    }
}

fn figure(run: &Value, name: &str) -> Option<f64> {
    run.get("figures")?.get(name)?.get("value")?.as_f64()
}

fn read(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path)?;
    serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))
}
