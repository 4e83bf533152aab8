// SPDX-License-Identifier: Apache-2.0

//! What the cores cost: counted in instructions and compared with what they
//! cost before, or timed.
//!
//! Instructions hardly depend on the machine and on what else runs there, so
//! a regression shows on a busy one. They do depend on the compiler, on the C
//! library and on valgrind, so a baseline says what it was counted with; with
//! anything else the comparison is loose and says so.

mod baseline;
mod count;
mod times;

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

use crate::chores::{cargo, root, succeed, target};
use baseline::Baseline;
use count::Figure;

const HELP: &str = "\
cargo xtask bench                     counts the groups of benches/baseline.toml and compares
cargo xtask bench GROUP...            counts these
cargo xtask bench --update [GROUP...] counts, and writes down what was found
cargo xtask bench --profile FIGURE    shows where the instructions of one figure go
cargo xtask bench --times [GROUP...]  measures time instead, into target/bench/times.json
cargo xtask bench --list              every group there is
";

/// Runs one of the above.
pub fn bench(options: &[&str]) -> Result<()> {
    match options {
        ["--list"] => {
            groups()?.iter().for_each(|group| eprintln!("{group}"));
            Ok(())
        }
        ["--update", groups @ ..] => update(groups),
        ["--profile", figure] => count::profile(&build()?, figure),
        ["--times", groups @ ..] => times::measure(&build()?, &chosen(groups, self::groups)?),
        [option, ..] if option.starts_with('-') => bail!("unknown option '{option}'\n\n{HELP}"),
        groups => compare(groups),
    }
}

/// Counts what the baseline has, and fails when something costs more or less
/// than it says.
pub fn check() -> Result<()> {
    compare(&[])
}

fn compare(groups: &[&str]) -> Result<()> {
    let path = baseline_path();
    let baseline = Baseline::read(&path)?;
    let groups = chosen(groups, || Ok(baseline.groups()))?;
    let figures = count::count(&build()?, &groups)?;
    let report = baseline.compare(&count::tools()?, &figures);
    report.lines.iter().for_each(|line| eprintln!("{line}"));
    ensure!(
        report.parted == 0,
        "{} of {} figures part from {}; if that is meant, run: cargo xtask bench --update",
        report.parted,
        figures.len(),
        path.display()
    );
    eprintln!("  {} figures are as in {} ({})", figures.len(), path.display(), report.tolerance);
    Ok(())
}

fn update(groups: &[&str]) -> Result<()> {
    let path = baseline_path();
    let mut baseline = if path.exists() { Baseline::read(&path)? } else { Baseline::default() };
    let groups = chosen(groups, || Ok(baseline.groups()))?;
    let figures = count::count(&build()?, &groups)?;
    let tools = count::tools()?;
    baseline.compare(&tools, &figures).lines.iter().for_each(|line| eprintln!("{line}"));
    baseline.replace(tools, &groups, &figures);
    baseline.write(&path)
}

/// The groups given, or all; each must be one.
fn chosen(given: &[&str], all: impl Fn() -> Result<Vec<String>>) -> Result<Vec<String>> {
    if given.is_empty() {
        return all();
    }
    let known = groups()?;
    let chosen = given.iter().map(|name| {
        let known = known.iter().find(|group| group == name).cloned();
        known.with_context(|| format!("there is no group '{name}'; --list names them"))
    });
    chosen.collect()
}

fn groups() -> Result<Vec<String>> {
    let output = std::process::Command::new(build()?).arg("--list").output()?;
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}

fn build() -> Result<PathBuf> {
    succeed(cargo(&["build", "--quiet", "--release", "--package", "mesos-bench"]))?;
    Ok(target().join("release/mesos-bench"))
}

fn baseline_path() -> PathBuf {
    root().join("benches/baseline.toml")
}
