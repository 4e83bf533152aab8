// SPDX-License-Identifier: Apache-2.0

//! What is made of results: the tables of `docs/benchmarks.md` and the plots in
//! `docs/plots`. Nothing is measured here.

mod amount;
mod document;
mod plots;
mod points;
mod results;
mod svg;

use std::fs;

use anyhow::{Context, Result};

use crate::chores::root;
use results::Results;

const TABLES: &str = "docs/benchmarks.md";

/// Writes the figures that were found into the tables of `docs/benchmarks.md`.
pub fn write_tables() -> Result<()> {
    let (text, rows) = tables()?;
    fs::write(root().join(TABLES), text)?;
    eprintln!("  {} rows of {TABLES} are as measured", rows.len());
    Ok(())
}

/// Shows the rows of those tables with the figures that were found.
pub fn show_tables() -> Result<()> {
    let (_, rows) = tables()?;
    rows.iter().for_each(|row| eprintln!("{row}"));
    eprintln!("  cargo xtask load --table writes these rows into {TABLES}");
    Ok(())
}

fn tables() -> Result<(String, Vec<String>)> {
    let text = fs::read_to_string(root().join(TABLES));
    let text = text.with_context(|| format!("reading {TABLES}"))?;
    document::with_figures(&text, &Results::read()?)
}

/// Draws every plot from the results that are there, and from those that were
/// there before.
pub fn write_plots() -> Result<()> {
    let folder = root().join("docs/plots");
    fs::create_dir_all(&folder)?;
    let points = points::gathered(&folder.join("points.json"), &Results::read()?)?;
    for plot in plots::all() {
        let (drawing, notes) = svg::draw(&plot, &points);
        fs::write(folder.join(format!("{}.svg", plot.name)), drawing)?;
        eprintln!("  docs/plots/{}.svg", plot.name);
        notes.iter().for_each(|note| eprintln!("    {note}"));
    }
    Ok(())
}
