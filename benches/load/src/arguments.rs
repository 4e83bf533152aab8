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
  --set KEY=VALUE       changes a parameter of the scenario; its results are then
                        named after it too (failover@agents=1000.json)
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
        arguments.scenarios.push(find(&folder, &name)?);
    }
    ensure!(!arguments.scenarios.is_empty(), "which scenario?\n\n{HELP}");
    Ok(arguments)
}

/// A scenario by its name or as a file.
fn find(folder: &Path, name: &str) -> Result<PathBuf> {
    let file = folder.join(format!("{name}.toml"));
    if file.exists() {
        return Ok(file);
    }
    if Path::new(name).exists() {
        return Ok(name.into());
    }
    let known = every_scenario(folder)?;
    let known: Vec<_> = known.iter().filter_map(|it| it.file_stem()?.to_str()).collect();
    bail!("there is no scenario '{name}'; there are {}", known.join(", "))
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
        "master": version.unwrap_or_default(), "date": today(),
    })
}

/// The date, as `date` writes it.
fn today() -> String {
    let output = Command::new("date").arg("+%Y-%m-%d").output();
    output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The command line, looking for names where they are.
    fn parsed(line: &str) -> Result<Arguments> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
        let words = ["--scenarios", folder].into_iter().chain(line.split_whitespace());
        parse(words.map(str::to_owned))
    }

    #[test]
    fn a_command_line_names_scenarios_and_changes() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/launch.toml");
        let line = format!("register --set agents=7 {file} --master-binary /x");
        let arguments = parsed(&line).expect("well-formed");
        assert!(arguments.scenarios[0].ends_with("scenarios/register.toml"));
        assert_eq!(arguments.scenarios[1], PathBuf::from(file));
        assert_eq!(arguments.changes, [("agents".to_owned(), "7".to_owned())]);
        assert_eq!(arguments.master_binary, PathBuf::from("/x"));
    }

    #[test]
    fn nothing_to_do_and_unknown_options_are_refused() {
        for line in ["", "--al", "register --set agents", "register --results"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn an_unknown_scenario_is_refused_with_those_there_are() {
        let error = parsed("regster").expect_err("there is no such scenario").to_string();
        assert!(error.contains("'regster'") && error.contains("register"), "{error}");
    }
}
