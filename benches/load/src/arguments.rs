// SPDX-License-Identifier: Apache-2.0

//! The command line, and what is said about the machine in the results.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

const HELP: &str = "\
mesos-load [options] SCENARIO...

  SCENARIO              a scenario's name or file
  --scenarios FOLDER    where the names are looked for (benches/load/scenarios)
  --all                 every scenario of that folder
  --master-binary PATH  the master to measure (target/release/mesos-master)
  --set KEY=VALUE       changes a parameter of the scenario
  --results FOLDER      where the JSON results go (target/load)
";

/// What to do.
#[derive(Debug, PartialEq)]
pub struct Arguments {
    /// The files.
    pub scenarios: Vec<PathBuf>,
    /// The master.
    pub master_binary: PathBuf,
    /// Parameters that replace those of the files.
    pub changes: Vec<(String, String)>,
    /// Where the results go.
    pub results: PathBuf,
}

/// Reads the command line.
pub fn parse(words: impl Iterator<Item = String>) -> Result<Arguments> {
    let mut names = Vec::new();
    let mut all = false;
    let mut folder = PathBuf::from("benches/load/scenarios");
    let mut arguments = Arguments {
        scenarios: Vec::new(),
        master_binary: "target/release/mesos-master".into(),
        changes: Vec::new(),
        results: "target/load".into(),
    };
    let mut words = words;
    while let Some(word) = words.next() {
        let mut value = || words.next().with_context(|| format!("{word} needs a value"));
        match word.as_str() {
            "--all" => all = true,
            "--scenarios" => folder = value()?.into(),
            "--master-binary" => arguments.master_binary = value()?.into(),
            "--results" => arguments.results = value()?.into(),
            "--set" => {
                let change = value()?;
                let (key, value) = change.split_once('=').context("--set needs KEY=VALUE")?;
                arguments.changes.push((key.to_owned(), value.to_owned()));
            }
            "--help" | "-h" => bail!("\n{HELP}"),
            option if option.starts_with('-') => bail!("unknown option '{option}'\n\n{HELP}"),
            _ => names.push(word),
        }
    }
    if all {
        arguments.scenarios = every_scenario(&folder)?;
    }
    for name in names {
        let file = folder.join(format!("{name}.toml"));
        arguments.scenarios.push(if file.exists() { file } else { name.into() });
    }
    ensure!(!arguments.scenarios.is_empty(), "which scenario?\n\n{HELP}");
    Ok(arguments)
}

fn every_scenario(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut paths: Vec<PathBuf> =
        entries.map(|it| it.map(|it| it.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|it| it == "toml"));
    paths.sort();
    Ok(paths)
}

/// What the figures depend on.
pub fn machine(master_binary: &Path) -> Value {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let version = Command::new(master_binary).arg("--version").output();
    let version = version.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned());
    json!({
        "cpu": model.map(|(_, model)| model), "cores": cores, "kernel": kernel.trim(),
        "master": version.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Arguments> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_command_line_names_scenarios_and_changes() {
        let arguments =
            parsed("a --set agents=7 b/c.toml --master-binary /x").expect("well-formed");
        assert_eq!(arguments.scenarios, [PathBuf::from("a"), PathBuf::from("b/c.toml")]);
        assert_eq!(arguments.changes, [("agents".to_owned(), "7".to_owned())]);
        assert_eq!(arguments.master_binary, PathBuf::from("/x"));
    }

    #[test]
    fn nothing_to_do_and_unknown_options_are_refused() {
        for line in ["", "--al", "--set agents", "a --results"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
