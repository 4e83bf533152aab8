// SPDX-License-Identifier: Apache-2.0

//! The scenario files: a flat subset of TOML.
//!
//! ```toml
//! scenario = "register"        # which program; its parameters follow
//! agents = 10000
//! [reach]                      # what its figures should be
//! all_admitted_s = "<= 0.2"
//! [apache]                     # what Apache Mesos 1.11.0 was seen to do
//! all_admitted_s = 3.8
//! ```
//!
//! A line is empty, a comment, `[section]`, or `key = value` with a number, a
//! quoted string, `true` or `false`. What a scenario does not know is refused.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::scenarios::Program;

/// What one file says.
#[derive(Debug)]
pub struct Scenario {
    /// The name of the file, and what was changed: `failover@agents=1000`.
    pub name: String,
    /// All that decides what is done, as in the file or changed.
    pub parameters: Map<String, Value>,
    /// What to do and how much of it.
    pub program: Program,
    /// Further flags of the master.
    pub master_flags: Vec<String>,
    /// The bounds of the figures.
    pub reach: BTreeMap<String, Bound>,
    /// The figures of Apache Mesos 1.11.0 on the same kind of machine.
    pub apache: BTreeMap<String, f64>,
}

/// What a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
}

impl Bound {
    /// Whether a figure keeps to it.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Bound::AtMost(limit) => value <= limit,
            Bound::AtLeast(limit) => value >= limit,
        }
    }
}

/// Reads one file; `changes` (`agents=100`) replace what it says.
pub fn read(path: &Path, changes: &[(String, String)]) -> Result<Scenario> {
    let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("scenario");
    parse(name, &text, changes).with_context(|| format!("in {}", path.display()))
}

fn parse(name: &str, text: &str, changes: &[(String, String)]) -> Result<Scenario> {
    let mut sections = sections(text)?;
    let mut top = sections.remove("").unwrap_or_default();
    for (key, value) in changes {
        // A shell takes the quotes away, so text comes without them here.
        let value = scalar(value).unwrap_or_else(|_| Value::String(value.clone()));
        top.insert(key.clone(), value);
    }
    let parameters = top.clone();
    let master_flags = match top.remove("master_flags") {
        Some(Value::String(flags)) => flags.split_whitespace().map(str::to_owned).collect(),
        Some(other) => bail!("master_flags = {other}: expected a string of flags"),
        None => Vec::new(),
    };
    let mut reach = BTreeMap::new();
    for (key, value) in sections.remove("reach").unwrap_or_default() {
        reach.insert(key, bound(&value)?);
    }
    let mut apache = BTreeMap::new();
    for (key, value) in sections.remove("apache").unwrap_or_default() {
        apache.insert(key, value.as_f64().context("[apache] holds only numbers")?);
    }
    if let Some(unknown) = sections.keys().next() {
        bail!("unknown section [{unknown}]; there are [reach] and [apache]");
    }
    let program = serde_json::from_value(Value::Object(top))?;
    let mut name = name.to_owned();
    for (number, (key, value)) in changes.iter().enumerate() {
        let mark = if number == 0 { '@' } else { ',' };
        name.push_str(&format!("{mark}{key}={value}"));
    }
    // What was found and hoped for is of the size that the file says.
    if !changes.is_empty() {
        (reach, apache) = (BTreeMap::new(), BTreeMap::new());
    }
    Ok(Scenario { name, parameters, program, master_flags, reach, apache })
}

fn sections(text: &str) -> Result<BTreeMap<String, Map<String, Value>>> {
    let mut sections: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    let mut current = String::new();
    for (number, line) in text.lines().enumerate() {
        let line = without_comment(line).trim();
        if line.is_empty() {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            current = name.trim().to_owned();
            continue;
        }
        let (key, value) = line
            .split_once('=')
            .with_context(|| format!("line {}: expected 'key = value'", number + 1))?;
        let value = scalar(value.trim()).with_context(|| format!("line {}", number + 1))?;
        let replaced =
            sections.entry(current.clone()).or_default().insert(key.trim().to_owned(), value);
        ensure!(replaced.is_none(), "line {}: '{}' is given twice", number + 1, key.trim());
    }
    Ok(sections)
}

fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    for (at, letter) in line.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '#' if !quoted => return &line[..at],
            _ => {}
        }
    }
    line
}

fn scalar(text: &str) -> Result<Value> {
    let plain = text.replace('_', "");
    if let Some(string) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return Ok(Value::String(string.to_owned()));
    }
    match text {
        "true" => return Ok(Value::Bool(true)),
        "false" => return Ok(Value::Bool(false)),
        _ => {}
    }
    if let Ok(whole) = plain.parse::<u64>() {
        return Ok(Value::from(whole));
    }
    match plain.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Value::from(number)),
        Ok(_) | Err(_) => bail!("'{text}': expected a number, a quoted string, true or false"),
    }
}

fn bound(value: &Value) -> Result<Bound> {
    let text = value.as_str().context("a bound is a string such as \"<= 0.2\"")?;
    let number = |text: &str| text.trim().parse().with_context(|| format!("the bound '{text}'"));
    if let Some(limit) = text.strip_prefix("<=") {
        return Ok(Bound::AtMost(number(limit)?));
    }
    match text.strip_prefix(">=") {
        Some(limit) => Ok(Bound::AtLeast(number(limit)?)),
        None => bail!("the bound '{text}' starts with neither <= nor >="),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
scenario = \"register\" # the program
agents = 1_000
more = 3
master_flags = \"--registry=in_memory --quiet\"
[reach]
all_admitted_s = \"<= 0.2\"
[apache]
all_admitted_s = 3.8
";

    #[test]
    fn a_file_names_its_program_and_bounds() {
        let scenario = parse("x", TEXT, &[]).expect("the text is well-formed");
        assert!(matches!(&scenario.program, Program::Register(it) if it.agents == 1000));
        assert_eq!(scenario.master_flags, ["--registry=in_memory", "--quiet"]);
        assert_eq!(scenario.reach["all_admitted_s"], Bound::AtMost(0.2));
        assert_eq!(scenario.apache["all_admitted_s"], 3.8);
    }

    #[test]
    fn the_command_line_changes_what_the_file_says() {
        let changes = [("agents".to_owned(), "7".to_owned())];
        let scenario = parse("x", TEXT, &changes).expect("the text is well-formed");
        assert!(matches!(&scenario.program, Program::Register(it) if it.agents == 7));
        assert_eq!(scenario.name, "x@agents=7");
        assert!(scenario.reach.is_empty(), "the bounds are for another size");
    }

    #[test]
    fn what_nobody_knows_is_refused() {
        for (text, complaint) in [
            ("scenario = \"register\"\nagnts = 5", "agnts"),
            ("scenario = \"rgister\"", "rgister"),
            ("scenario = \"register\"\n[other]\nx = 1", "[other]"),
            ("scenario = \"register\"\nagents = 1\nagents = 2", "twice"),
            ("scenario = register", "quoted"),
            ("scenario", "key = value"),
            ("scenario = \"register\"\n[reach]\nx = \"= 5\"", "bound"),
        ] {
            let error = format!("{:#}", parse("x", text, &[]).expect_err(text));
            assert!(error.contains(complaint), "{error}");
        }
    }
}
