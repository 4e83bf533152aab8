// SPDX-License-Identifier: Apache-2.0

//! Builds the fuzz targets with the stable compiler and lets them run, two at a time.
//!
//! Each target first runs the inputs of `fuzz/corpus` and `fuzz/regressions`, then
//! makes up its own. What is new goes to `target/fuzz/corpus`, what fails to
//! `target/fuzz/artifacts`, what libFuzzer says to `target/fuzz/logs`.

use crate::chores::{cargo, root, succeed, target};
use anyhow::{Context, Result, bail, ensure};
use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    thread,
};

/// How long each target runs unless told otherwise.
const SECONDS: u32 = 60;
/// Targets that run at the same time.
const SIDE_BY_SIDE: usize = 2;
/// One input may take this long, and a target so much memory.
const LIMITS: [&str; 3] = ["-timeout=30", "-rss_limit_mb=2048", "-max_len=4096"];
/// Targets whose inputs are conversations: short ones lead nowhere, so do not begin with them.
const CONVERSATIONS: [&str; 2] = ["scheduler_calls", "agent_calls"];

/// What makes libFuzzer see which code an input reaches. These are the flags of
/// `cargo fuzz build --sanitizer none`; none of them needs a nightly compiler.
const FLAGS: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cllvm-args=-simplifycfg-branch-fold-threshold=0 \
    --cfg fuzzing";

/// The fuzz step of all tests: one minute for each target, which in a clean
/// checkout makes up the same inputs each time, so that the tests of two people
/// agree; what is new is for [`fuzz`] to find.
pub fn test() -> Result<()> {
    succeed(cargo(&["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"]))?;
    run(&targets()?, SECONDS, Some(1))
}

/// Runs one target or all, as the options say.
pub fn fuzz(options: &[&str]) -> Result<()> {
    let mut chosen = targets()?;
    let mut seconds = SECONDS;
    let mut options = options.iter();
    while let Some(option) = options.next() {
        if *option == "--seconds" {
            let text = options.next().context("--seconds needs a number")?;
            seconds = text.parse().with_context(|| format!("'{text}' is no number of seconds"))?;
        } else if chosen.iter().any(|name| name == option) {
            chosen = vec![(*option).to_owned()];
        } else {
            bail!("there is no fuzz target '{option}'; there are {}", targets()?.join(", "));
        }
    }
    run(&chosen, seconds, None)
}

/// The targets: one file each.
fn targets() -> Result<Vec<String>> {
    let folder = root().join("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("reading {folder:?}"))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

fn run(names: &[String], seconds: u32, seed: Option<u32>) -> Result<()> {
    let programs = build(names)?;
    let waiting = Mutex::new(names.iter().collect::<VecDeque<_>>());
    let faults = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some(name) = take(&waiting) {
                    if let Err(error) = run_one(&programs, name, seconds, seed) {
                        eprintln!("fuzz: {name}: {error:#}");
                        faults.lock().expect("no thread panics with it").push(name.as_str());
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().expect("no thread panics with it");
    ensure!(faults.is_empty(), "something is wrong with {}", faults.join(", "));
    Ok(())
}

fn take<'a>(waiting: &Mutex<VecDeque<&'a String>>) -> Option<&'a String> {
    waiting.lock().expect("no thread panics with it").pop_front()
}

/// Where what belongs to fuzzing lies.
fn folder() -> PathBuf {
    target().join("fuzz")
}

/// Builds targets; gives the folder of the programs.
fn build(names: &[String]) -> Result<PathBuf> {
    let host = host()?;
    let mut command = cargo(&["build", "--quiet", "--release", "--target", &host]);
    command.args(["--manifest-path", "fuzz/Cargo.toml"]).arg("--target-dir").arg(folder());
    for name in names {
        command.args(["--bin", name]);
    }
    // `--target` keeps the flags from build scripts and macros.
    command.env_remove("CARGO_ENCODED_RUSTFLAGS").env("RUSTFLAGS", FLAGS);
    succeed(command)?;
    Ok(folder().join(host).join("release"))
}

/// The name of this machine's kind, as the compiler knows it.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("running rustc")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say what its host is")?.to_owned())
}

/// Runs a target and says in one line how it went.
fn run_one(programs: &Path, name: &str, seconds: u32, seed: Option<u32>) -> Result<()> {
    let found = folder().join("corpus").join(name);
    let artifacts = folder().join("artifacts").join(name);
    let logs = folder().join("logs");
    for needed in [&found, &artifacts, &logs] {
        fs::create_dir_all(needed).with_context(|| format!("making {needed:?}"))?;
    }
    let log = logs.join(format!("{name}.log"));
    let mut command = Command::new(programs.join(name));
    command.args(LIMITS).arg("-print_final_stats=1").arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.args(seed.map(|seed| format!("-seed={seed}")));
    if CONVERSATIONS.contains(&name) {
        command.arg("-len_control=0");
    }
    let kept = |what: &str| root().join("fuzz").join(what);
    let words = kept(&format!("dictionaries/{name}.dict"));
    if words.exists() {
        command.arg(format!("-dict={}", words.display()));
    }
    command.arg(found);
    let inputs = [kept("corpus").join(name), kept("regressions").join(name)];
    command.args(inputs.iter().filter(|folder| folder.exists()));
    let file = fs::File::create(&log).with_context(|| format!("making {log:?}"))?;
    let status = command.stdout(file.try_clone()?).stderr(file).status()?;
    let said = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    if !status.success() {
        let end: Vec<&str> = said.lines().rev().filter(|line| line.len() < 1000).take(40).collect();
        end.iter().rev().for_each(|line| eprintln!("  {line}"));
        bail!(
            "an input fails; it is in {}. Mend the code and keep the input in fuzz/regressions/{name}",
            artifacts.display()
        );
    }
    eprintln!("fuzz: {name}: {}", summary(&said));
    Ok(())
}

/// Executions, coverage and new inputs, from what libFuzzer said.
fn summary(said: &str) -> String {
    let number = |mark: &str| {
        let (_, rest) = said.rsplit_once(mark)?;
        rest.split_whitespace().next().map(str::to_owned)
    };
    let shown = |mark| number(mark).unwrap_or_else(|| "?".to_owned());
    format!(
        "{} executions, {} a second, coverage {}, {} new inputs, {} MB",
        shown("stat::number_of_executed_units:"),
        shown("stat::average_exec_per_sec:"),
        shown(" cov: "),
        shown("stat::new_units_added:"),
        shown("stat::peak_rss_mb:"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libfuzzer_says_is_summed_up_in_one_line() {
        let said = "#2\tINITED cov: 5 ft: 6\n#90\tDONE   cov: 12 ft: 40 corp: 7/1Kb\n\
            stat::number_of_executed_units: 90\nstat::average_exec_per_sec:     45\n\
            stat::new_units_added:          7\nstat::slowest_unit_time_sec:    0\n\
            stat::peak_rss_mb:              38\n";
        let expected = "90 executions, 45 a second, coverage 12, 7 new inputs, 38 MB";
        assert_eq!(summary(said), expected);
        assert!(summary("").starts_with("? executions"));
    }

    #[test]
    fn every_target_has_a_program_and_a_corpus() {
        let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).expect("a manifest");
        for name in targets().expect("targets") {
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not built");
            let corpus = root().join("fuzz/corpus").join(&name);
            let mut inputs = fs::read_dir(corpus).expect("a corpus");
            assert!(inputs.next().is_some(), "the corpus of {name} is empty");
        }
    }
}
