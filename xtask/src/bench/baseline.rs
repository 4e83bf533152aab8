// SPDX-License-Identifier: Apache-2.0

//! `benches/baseline.toml`: what everything cost when it was last looked at.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, ensure};

use super::Figure;

/// How far a figure may be from the baseline, in percent: hash maps are seeded
/// anew in each process, and memory is not always where it was.
const TOLERANCE_PERCENT: f64 = 5.0;
/// The same when it was counted with another compiler, library or valgrind.
const LOOSE_TOLERANCE_PERCENT: f64 = 40.0;
/// A difference of so many instructions is none.
const NOTHING: u64 = 10;

const HEAD: &str = "\
# Instructions that each piece of work takes, as counted by callgrind. Written by
# `cargo xtask bench --update`; `cargo xtask test` fails where one is off by more
# than 5 % either way, so that what became cheaper stays so.
";

/// Figures by group and name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    counted_with: String,
    groups: BTreeMap<String, BTreeMap<String, u64>>,
}

/// How figures compare.
pub struct Report {
    /// One for each that is worth one.
    pub lines: Vec<String>,
    /// How many are too far off, or on one side only.
    pub parted: usize,
    /// How close they had to be.
    pub tolerance: String,
}

impl Baseline {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()));
        parse(&text?).with_context(|| format!("in {}", path.display()))
    }

    /// Writes the file.
    pub fn write(&self, path: &Path) -> Result<()> {
        let mut text = format!("{HEAD}counted_with = \"{}\"\n", self.counted_with);
        for (group, figures) in &self.groups {
            text.push_str(&format!("\n[{group}]\n"));
            for (name, instructions) in figures {
                text.push_str(&format!("{name} = {instructions}\n"));
            }
        }
        fs::write(path, text).with_context(|| format!("writing {}", path.display()))
    }

    /// The names of all groups.
    pub fn groups(&self) -> Vec<String> {
        self.groups.keys().cloned().collect()
    }

    /// Takes new figures for whole groups.
    pub fn replace(&mut self, counted_with: String, groups: &[String], figures: &[Figure]) {
        self.counted_with = counted_with;
        groups.iter().for_each(|group| drop(self.groups.remove(group)));
        for figure in figures {
            let group = self.groups.entry(figure.group.clone()).or_default();
            group.insert(figure.name.clone(), figure.instructions);
        }
    }

    /// Holds figures against those of the file.
    pub fn compare(&self, counted_with: &str, figures: &[Figure]) -> Report {
        let same_tools = counted_with == self.counted_with;
        let percent = if same_tools { TOLERANCE_PERCENT } else { LOOSE_TOLERANCE_PERCENT };
        let mut report =
            Report { lines: Vec::new(), parted: 0, tolerance: format!("within {percent} %") };
        if !same_tools {
            report.lines.push(format!(
                "  the baseline was counted with {}, this is {counted_with}: within {percent} % \
                 is good enough",
                self.counted_with
            ));
        }
        for figure in figures {
            let before = self.groups.get(&figure.group).and_then(|it| it.get(&figure.name));
            let Some(line) = difference(figure, before.copied(), percent) else { continue };
            report.lines.push(line);
            report.parted += 1;
        }
        for (group, name) in self.missing(figures) {
            report.lines.push(format!("  {group}.{name} is no longer counted"));
            report.parted += 1;
        }
        report
    }

    /// What the file has of the groups that were counted, and they have not.
    fn missing<'a>(&'a self, figures: &'a [Figure]) -> impl Iterator<Item = (&'a str, &'a str)> {
        let counted = |group: &str| figures.iter().any(|figure| figure.group == group);
        let known = |group: &str, name: &str| {
            figures.iter().any(|figure| figure.group == group && figure.name == name)
        };
        let groups = self.groups.iter().filter(move |(group, _)| counted(group));
        groups
            .flat_map(|(group, names)| {
                names.keys().map(move |name| (group.as_str(), name.as_str()))
            })
            .filter(move |(group, name)| !known(group, name))
    }
}

fn difference(figure: &Figure, before: Option<u64>, percent: f64) -> Option<String> {
    let Figure { group, name, instructions: now } = figure;
    let Some(before) = before else { return Some(format!("  {group}.{name} = {now} is new")) };
    let change = (*now as f64 / before.max(1) as f64 - 1.0) * 100.0;
    let difference = now.abs_diff(before);
    let is_close = difference <= NOTHING || difference as f64 * 100.0 <= before as f64 * percent;
    (!is_close).then(|| {
        let word = if change > 0.0 { "MORE" } else { "less" };
        format!("  {group}.{name}: {now} instructions instead of {before}, {change:+.1} % ({word})")
    })
}

fn parse(text: &str) -> Result<Baseline> {
    let mut baseline = Baseline::default();
    let mut current: Option<&mut BTreeMap<String, u64>> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            current = Some(baseline.groups.entry(name.to_owned()).or_default());
            continue;
        }
        let pair = line.split_once(" = ");
        let (key, value) = pair.with_context(|| format!("line {}: no ' = '", index + 1))?;
        match &mut current {
            None => {
                ensure!(key == "counted_with", "line {}: unknown key '{key}'", index + 1);
                baseline.counted_with = value.trim_matches('"').to_owned();
            }
            Some(group) => {
                let value = value.parse().with_context(|| format!("line {}", index + 1))?;
                group.insert(key.to_owned(), value);
            }
        }
    }
    Ok(baseline)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "counted_with = \"these tools\"\n\n[group]\na = 1000\nb = 5\n";

    fn figure(name: &str, instructions: u64) -> Figure {
        Figure { group: "group".to_owned(), name: name.to_owned(), instructions }
    }

    fn parted(tools: &str, figures: &[Figure]) -> usize {
        parse(TEXT).expect("well-formed").compare(tools, figures).parted
    }

    #[test]
    fn a_figure_may_be_off_by_five_percent_either_way() {
        for (now, expected) in [(1000, 0), (1050, 0), (950, 0), (1060, 1), (940, 1)] {
            assert_eq!(parted("these tools", &[figure("a", now), figure("b", 9)]), expected);
        }
    }

    #[test]
    fn other_tools_count_otherwise() {
        assert_eq!(parted("others", &[figure("a", 1300), figure("b", 5)]), 0);
        assert_eq!(parted("others", &[figure("a", 1500), figure("b", 5)]), 1);
    }

    #[test]
    fn new_and_missing_figures_part() {
        assert_eq!(parted("these tools", &[figure("a", 1000)]), 1);
        let all = [figure("a", 1000), figure("b", 5), figure("c", 1)];
        assert_eq!(parted("these tools", &all), 1);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = std::env::temp_dir().join(format!("xtask-baseline-{}", std::process::id()));
        let baseline = parse(TEXT).expect("well-formed");
        baseline.write(&folder).expect("the folder for temporary files can be written");
        let read = Baseline::read(&folder);
        fs::remove_file(&folder).expect("it is there");
        assert_eq!(read.expect("it was just written"), baseline);
    }

    #[test]
    fn a_malformed_line_is_refused() {
        for text in ["x = 1", "[group]\na = b", "[group]\na"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
