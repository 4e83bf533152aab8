// SPDX-License-Identifier: Apache-2.0

//! The tables of a document, brought up to date in place.
//!
//! A row whose last cell names a figure in backquotes (`register.one_more_p50_ms`)
//! has five cells before it: what, the figure, the goal, whether it is reached,
//! and Apache's figure. The second and the fourth are written here, the rest is
//! the author's. A figure that was not measured stays.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::chores::root;

use super::{amount::Amount, results::Results};

const CELLS: usize = 6;
const MACHINE: &str = "Measured: ";

/// The document with the figures that there are, and the rows that have one.
pub fn with_figures(text: &str, results: &Results) -> Result<(String, Vec<String>)> {
    let mut lines = Vec::new();
    let mut rows = Vec::new();
    for line in text.lines() {
        if line.starts_with(MACHINE)
            && let Some(measured) = measured(results)
        {
            lines.push(measured);
            continue;
        }
        match row(line, results)? {
            Some(row) => {
                rows.push(row.clone());
                lines.push(row);
            }
            None => lines.push(line.to_owned()),
        }
    }
    lines.push(String::new());
    Ok((lines.join("\n"), rows))
}

fn row(line: &str, results: &Results) -> Result<Option<String>> {
    let Some(inside) = line.strip_prefix('|').and_then(|rest| rest.strip_suffix('|')) else {
        return Ok(None);
    };
    let mut cells: Vec<String> = inside.split('|').map(|cell| cell.trim().to_owned()).collect();
    let key = cells.last().and_then(|it| it.strip_prefix('`')?.strip_suffix('`'));
    let Some(key) = key.map(str::to_owned) else { return Ok(None) };
    let Some(value) = results.value(&key) else { return Ok(None) };
    ensure!(cells.len() == CELLS, "the row of {key} has {} cells, not {CELLS}", cells.len());
    let amount = Amount::of_figure(&key, value);
    let goal = Amount::parse(&cells[2]);
    cells[1] = amount.show(goal.map(|(_, unit)| unit));
    cells[3] = match goal {
        Some((goal, _)) if amount.reaches(goal) => "reached".to_owned(),
        Some(_) => "**missed**".to_owned(),
        None => String::new(),
    };
    Ok(Some(format!("| {} |", cells.join(" | "))))
}

fn measured(results: &Results) -> Option<String> {
    let machine = results.machine()?;
    let word = |key: &str| machine.get(key).and_then(|it| it.as_str()).unwrap_or("?").to_owned();
    let cores = machine.get("cores").and_then(serde_json::Value::as_u64)?;
    Some(format!(
        "{MACHINE}{} on {} at commit {} (release build), {cores} cores ({}), kernel {}.",
        word("date"),
        word("master"),
        commit(),
        word("cpu"),
        word("kernel")
    ))
}

/// The commit that is checked out.
fn commit() -> String {
    let mut command = Command::new("git");
    let output = command.args(["rev-parse", "--short", "HEAD"]).current_dir(root()).output();
    output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_without_a_figure_stay_as_they_are() {
        let text = "# T\n\n| a | b |\n|---|---|\n| x | 1 s | 2 s | | 3 s | `none.such_s` |\n";
        let (new, rows) = with_figures(text, &Results::default()).expect("well-formed");
        assert_eq!((new.as_str(), rows.len()), (text, 0));
    }
}
