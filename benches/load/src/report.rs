// SPDX-License-Identifier: Apache-2.0

//! What came out: figures and percentiles, for people and as JSON.

use std::{fs, io::Write, path::Path};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::{
    histogram::Histogram,
    scenario::{Bound, Scenario},
};

/// The percentiles that are shown.
const PERCENTILES: [(&str, f64); 4] =
    [("p50", 50.0), ("p90", 90.0), ("p99", 99.0), ("p99.9", 99.9)];

/// The results of one scenario, in the order they were found.
#[derive(Default)]
pub struct Report {
    figures: Vec<(String, f64)>,
    histograms: Vec<(String, Histogram)>,
}

impl Report {
    /// Adds one number; its unit is the last word of its name.
    pub fn figure(&mut self, name: impl Into<String>, value: f64) {
        self.figures.push((name.into(), value));
    }

    /// Adds durations, and their median and p99 as figures.
    pub fn durations(&mut self, name: &str, histogram: Histogram) {
        for (label, percent) in [("p50", 50.0), ("p99", 99.0)] {
            let ms = histogram.percentile(percent).as_secs_f64() * 1e3;
            self.figure(format!("{name}_{label}_ms"), ms);
        }
        self.histograms.push((name.to_owned(), histogram));
    }

    /// Shows everything, with what was to be reached.
    pub fn print(&self, scenario: &Scenario) -> Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "\n{}", scenario.name)?;
        for (name, value) in &self.figures {
            let mut line = format!("  {name:<36} {:>14}", shown(*value));
            if let Some(bound) = scenario.reach.get(name) {
                let (sign, limit) = match bound {
                    Bound::AtMost(limit) => ("<=", limit),
                    Bound::AtLeast(limit) => (">=", limit),
                };
                let verdict = if bound.holds(*value) { "reached" } else { "MISSED" };
                line.push_str(&format!("   {sign} {} {verdict}", shown(*limit)));
            }
            if let Some(apache) = scenario.apache.get(name) {
                line.push_str(&format!("   (Apache Mesos 1.11.0: {})", shown(*apache)));
            }
            writeln!(out, "{line}")?;
        }
        for (name, histogram) in &self.histograms {
            let mut line = format!("  {name:<24} {:>9} times", histogram.count());
            for (label, percent) in PERCENTILES {
                line.push_str(&format!("  {label} {:.3?}", histogram.percentile(percent)));
            }
            writeln!(out, "{line}  max {:.3?}", histogram.max())?;
        }
        Ok(())
    }

    /// Writes `<folder>/<scenario>.json`.
    pub fn write(&self, scenario: &Scenario, folder: &Path, machine: Value) -> Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        let mut figures = Map::new();
        for (name, value) in &self.figures {
            let reached = scenario.reach.get(name).map(|bound| bound.holds(*value));
            let apache = scenario.apache.get(name);
            figures.insert(
                name.clone(),
                json!({"value": value, "reached": reached, "apache_1_11_0": apache}),
            );
        }
        let mut durations = Map::new();
        for (name, histogram) in &self.histograms {
            let mut row = Map::new();
            row.insert("count".to_owned(), histogram.count().into());
            for (label, percent) in PERCENTILES {
                let ms = histogram.percentile(percent).as_secs_f64() * 1e3;
                row.insert(format!("{label}_ms"), ms.into());
            }
            row.insert("max_ms".to_owned(), (histogram.max().as_secs_f64() * 1e3).into());
            durations.insert(name.clone(), row.into());
        }
        let document = json!({
            "scenario": scenario.name, "parameters": scenario.parameters, "machine": machine,
            "figures": figures, "durations": durations,
        });
        let path = folder.join(format!("{}.json", scenario.name.replace('/', "_")));
        fs::write(&path, format!("{document:#}\n"))
            .with_context(|| format!("writing {}", path.display()))
    }
}

/// A number with as many digits as it deserves.
fn shown(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}
