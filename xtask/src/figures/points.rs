// SPDX-License-Identifier: Apache-2.0

//! The points of every plot, kept in `docs/plots/points.json` so that plots can
//! be drawn again without measuring again, and one size measured again alone.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use serde_json::json;

use super::{
    plots::{self, Source},
    results::Results,
};

/// `plot/series` to its points, by x.
pub type Points = BTreeMap<String, Vec<(f64, f64)>>;

/// The name of a series among all.
pub fn key(plot: &str, series: &str) -> String {
    format!("{plot}/{series}")
}

/// What was kept, with what was found since; and keeps that.
pub fn gathered(path: &Path, results: &Results) -> Result<Points> {
    let mut points: Points = match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str::<BTreeMap<String, Vec<[f64; 2]>>>(&text)
            .with_context(|| format!("reading {}", path.display()))?
            .into_iter()
            .map(|(key, points)| (key, points.into_iter().map(|[x, y]| (x, y)).collect()))
            .collect(),
        Err(_) => Points::new(),
    };
    for plot in plots::all() {
        for series in plot.series {
            let found = match &series.source {
                Source::Runs { scenarios, parameter, figure } => {
                    results.over(scenarios, parameter, figure)
                }
                Source::Times(figures) => {
                    figures.iter().filter_map(|(x, key)| Some((*x, results.value(key)?))).collect()
                }
                Source::Known(points) => points.to_vec(),
            };
            let kept = points.entry(key(plot.name, series.name)).or_default();
            for (x, y) in found {
                let (x, y) = (x * series.x_factor, y * series.y_factor);
                kept.retain(|(other, _)| *other != x);
                kept.push((x, y));
            }
            kept.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
    }
    points.retain(|_, points| !points.is_empty());
    fs::write(path, format!("{:#}\n", json!(points)))?;
    Ok(points)
}
