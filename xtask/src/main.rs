// SPDX-License-Identifier: Apache-2.0

//! The project's own chores, run as `cargo xtask <chore>`.

mod bench;
mod bindings;
mod chores;
mod demo;
mod dist;
mod figures;
mod fuzz;
mod hostile;
mod load;
mod measure;
mod packages;
mod tidy;
mod workspace;

use anyhow::{Result, bail};
use std::{env, process::ExitCode};

const HELP: &str = "\
cargo xtask <chore>

  demo            builds everything, starts a master and an agent on loopback, runs the
                  test-frameworks and leaves the cluster up until Ctrl-C
  demo --once     the same, but ends when the test-frameworks have ended
  test            runs every check and every test
  tidy            checks sizes, purity, licences and documents
  bindings [NAME] builds and tests what other languages get: all, or one
  sim --seeds N   runs N simulated clusters (--seed S: only that one)
  fuzz [TARGET]   makes up what anyone may send, one minute for each target (--seconds N)
  hostile [PART]  lets clients that mean harm loose on a master; shows what others feel
  load SCENARIO   puts load on a master, as a file in benches/load/scenarios says
  load --all      every scenario, one after the other (--master-binary PATH: another master)
  load --series   the scenarios whose costs grow, at sizes up to 50,000 agents
  load --table    writes what was measured into the tables of docs/benchmarks.md
  plot            draws what was measured, into docs/plots
  bench           counts the instructions of what the cores do and compares them with
                  benches/baseline.toml (--update, --profile FIGURE, --times: docs/benchmarks.md)
  measure         all of load --all, load --series and bench, and brings the baseline, the
                  tables and the plots up to date: about 20 minutes of a quiet machine
  dist [PART]     makes what people install, in target/dist: docs/packaging.md
  notices [CRATE] prints what the crates that are linked into the packages ask to be told
  image           builds the container image of what dist made and runs a cluster of it
                  (--compile: of the sources)
  nix             lets Nix build the flake with the compilers of this machine (--evaluate:
                  only reads it)
  help            this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["demo"] => demo::demo(demo::End::OnInterrupt),
        ["demo", "--once"] => demo::demo(demo::End::WithFrameworks),
        ["test"] => chores::test(),
        ["tidy"] => tidy::tidy(&chores::root()),
        ["bindings"] => bindings::test(None),
        ["bindings", name] => bindings::test(Some(name)),
        ["sim", options @ ..] => chores::simulate(options),
        ["fuzz", options @ ..] => fuzz::fuzz(options),
        ["hostile", wanted @ ..] => hostile::hostile(wanted),
        ["dist", parts @ ..] => dist::dist(parts),
        ["notices", names @ ..] => dist::notices::print(names),
        ["image"] => dist::image::image(dist::image::Programs::Packed),
        ["image", "--compile"] => dist::image::image(dist::image::Programs::Compiled),
        ["nix"] => dist::nix::build(),
        ["nix", "--evaluate"] => dist::nix::evaluate(),
        ["measure"] => measure::measure(),
        ["plot"] => figures::write_plots(),
        ["bench", options @ ..] => bench::bench(options),
        ["load", options @ ..] => load::load(options),
        [] | ["help" | "--help" | "-h", ..] => {
            eprint!("{HELP}");
            Ok(())
        }
        [other, ..] => bail!("there is no chore '{other}'\n\n{HELP}"),
    }
}
